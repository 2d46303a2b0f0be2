/* SPDX-License-Identifier: GPL-2.0-only */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "audit/metrics.h"
#include "clock.h"
#include "conf.h"
#include "daemon.h"
#include "file.h"
#include "kernel/kernel.h"
#include "metrics.h"

#define MODE	   0644 /* node_exporter is not root */
#define NS	   1000000000ULL
#define MINUTE_NS  (60 * NS)
#define METRICS_US (METRICS_SECONDS * 1000000ULL)

static void take_canary(struct metrics *m, const struct canary *c)
{
	m->canary_tried = c->tried;
	m->canary_denied = c->denied;
	m->canary_failures = c->failures;
	m->canary_period = c->minutes * MINUTE_NS;
	m->canary_holds = c->tried && !*c->error;
}

static void collect(struct metrics *m, struct daemon *daemon)
{
	uint64_t now = clock_ns(CLOCK_REALTIME), since_boot = clock_ns(CLOCK_BOOTTIME);

	m->version = VERSION;
	if (kernel_read_state(&m->state))
		m->state.loaded = false;
	if (m->state.control.disabled_until > since_boot)
		m->disabled_until = now + (m->state.control.disabled_until - since_boot);
	m->last_good = daemon->applied.last_good;
	m->ring_size = program_ring_size(&daemon->program);
	m->accounted =
		!events_count(daemon->events, &daemon->program, &m->account, &m->state.counters);
	events_verdicts(daemon->events, m->verdicts);
	take_canary(m, &daemon->canary);
	m->write_failures = daemon->metrics.failures;
}

/* Once when it begins and once when it ends. */
static void tell(struct metrics_file *file, int err)
{
	if (err)
		file->failures++;
	if (err && !file->failing)
		fprintf(stderr,
			"interdictd: %s: cannot be written: %s: until it can be, metrics are those "
			"of before\n",
			file->path, strerror(-err));
	if (!err && file->failing)
		fprintf(stderr, "interdictd: %s: is written again\n", file->path);
	file->failing = err;
}

static int write_text(struct daemon *daemon, const struct metrics *m)
{
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);
	int err;

	if (!out)
		return -ENOMEM;
	metrics_print(out, m);
	err = fclose(out) ? -ENOMEM : file_replace(daemon->metrics.path, text, len, MODE);
	free(text);
	return err;
}

static void write_metrics(struct daemon *daemon)
{
	struct metrics *m = calloc(1, sizeof(*m));

	if (!m) {
		tell(&daemon->metrics, -ENOMEM);
		return;
	}
	collect(m, daemon);
	tell(&daemon->metrics, write_text(daemon, m));
	free(m);
}

static int on_time(sd_event_source *source, uint64_t usec, void *userdata)
{
	write_metrics(userdata);
	sd_event_source_set_time_relative(source, METRICS_US);
	return sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
}

/* Two files would say the same things twice, and one of them what was. */
static int move_to(struct metrics_file *file, const char *path)
{
	char *copy;

	if (file->path && !strcmp(file->path, path))
		return 0;
	copy = strdup(path);
	if (!copy)
		return -ENOMEM;
	if (file->path || strcmp(path, METRICS_FILE) != 0)
		unlink(file->path ? file->path : METRICS_FILE);
	free(file->path);
	file->path = copy;
	file->failing = false;
	file_remove_unfinished(path);
	return 0;
}

int metrics_watch(struct daemon *daemon, const char *path)
{
	struct metrics_file *file = &daemon->metrics;
	int err = move_to(file, path);

	if (err)
		return err;
	write_metrics(daemon);
	if (file->timer)
		return 0;
	return sd_event_add_time_relative(daemon->loop, &file->timer, CLOCK_BOOTTIME, METRICS_US, 0,
					  on_time, daemon);
}

void metrics_end(struct daemon *daemon)
{
	struct metrics_file *file = &daemon->metrics;

	if (!file->path)
		return;
	file->timer = sd_event_source_disable_unref(file->timer);
	events_drain(daemon->events);
	write_metrics(daemon);
	free(file->path);
	file->path = NULL;
}
