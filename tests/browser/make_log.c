/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * make_log LOG DAYS RECORDS: write a log as interdictd does, by its own code, of the DAYS before
 * now and of vendors that there are not. Denials come from a fixed sequence; names are hostile now
 * and then. The older half is in LOG.1.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-journal.h>

#include "audit/change.h"
#include "audit/ecs.h"
#include "audit/install.h"
#include "audit/jsonl.h"
#include "clock.h"

#define SECOND 1000000000ULL
#define DAY    (24 * 60 * 60 * SECOND)

static const char *const vendors[] = {"kaspersky", "kaspersky", "kaspersky",
				      "acme",	   "initech",	"umbrella"};
static const char *const paths[] = {
	"/opt/kaspersky/kesl/libexec/kesl",
	"/opt/kaspersky/kesl/bin/kesl-control",
	"/var/opt/kaspersky/kesl/install_12.4.0/opt/kaspersky/kesl/lib64/libavs.so",
	"/opt/acme/agent",
	"/opt/acme/lib/plugins/very/long/path/that/goes/on/for/a/while/because/vendors/like/that/"
	"and/nobody/stops/them/libacme-telemetry-collector-extended.so.4.2.1",
	"/home/mallory/<script>alert('x')</script>&\"quote\".so",
	"/tmp/\033[31mred\033[0m\nnew\tline",
	"/srv/\xe2\x80\xae"
	"exe.fdp\xe2\x80\xac/\xff\xfe"
	"bad-utf8",
	"/home/\xd7\xa9\xd7\x9c\xd7\x95\xd7\x9d/\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e",
	"=cmd|' /C calc'!A0",
};

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* The journal of the machine that tests is not told. */
int sd_journal_send_with_location(const char *file, const char *line, const char *func,
				  const char *format, ...)
{
	return 0;
}

static unsigned int next(unsigned int below)
{
	static unsigned long long state = 88172645463325252ULL;

	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (unsigned int)((state >> 16) % below);
}

/* Work hours, and fewer on the last two of seven days. */
static uint64_t some_time(uint64_t before, uint64_t days)
{
	uint64_t day = next((unsigned int)days);

	if (day % 7 > 4 && next(4))
		day -= day % 7 - next(5);
	return before + day * DAY + next(24 * 60 * 60) * SECOND;
}

static struct event make_event(uint64_t sequence, uint64_t time)
{
	struct event e = {
		.sequence = sequence,
		.epoch = 7,
		.time = time,
		.generation = 12,
		.hook = next(10) < 6   ? HOOK_EXEC
			: next(10) < 8 ? HOOK_MMAP
				       : HOOK_DRIVER,
		.reason = REASON_RULE,
		.flags = next(9) ? EVENT_DENIED : 0,
		.matched = {.kind = next(8) ? FINGERPRINT_SHA256 : FINGERPRINT_PATH},
		.rule_version = 7,
		.inode = 4711 + next(40),
		.device = 8 << 20 | 1,
		.filesystem = 0xef53,
		.file_mode = 0100755,
		.size = 100000 + next(100000),
		.start_time = time,
		.pid = 1000 + next(30000),
		.tid = 1000,
		.ancestors = {{.pid = 1, .comm = "sshd"}},
		.uid = next(3) ? 1000 + next(4) : 0,
		.login_uid = 1000,
		.session = 3,
		.comm = "bash",
		.policy = "us-2024",
	};
	unsigned int which = next(3) ? next(4) : next(COUNT(paths));

	strcpy(e.vendor, vendors[which < 3 ? 0 : which == 3 || which == 4 ? 3 : next(6)]);
	e.matched.value[0] = (uint8_t)(which + 1);
	snprintf(e.path, sizeof(e.path), "%s", paths[which]);
	e.path_len = strlen(e.path) + 1;
	if (next(500) == 0)
		e.flags |= EVENT_PATH_UNKNOWN;
	return e;
}

static int compare_times(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

static void write_denial(struct jsonl *log, uint64_t sequence, uint64_t time)
{
	struct event e = make_event(sequence, time);
	struct repeats r = {.count = 2 + next(60),
			    .first = time,
			    .last = time + SECOND,
			    .first_sequence = sequence,
			    .last_sequence = sequence,
			    .repeats_of = sequence - 1,
			    .window = 60 * SECOND};
	json_t *record = ecs_record(&e, next(12) ? NULL : &r, NULL);

	if (!record || jsonl_write(log, record))
		exit(1);
	json_decref(record);
}

static void write_change(struct jsonl *log, const char *action, const struct actor *by,
			 uint64_t time, const struct disablement *x)
{
	const struct change c = {.action = action, .by = by, .time = time, .disablement = x};

	if (change_write(log, NULL, &c))
		exit(1);
}

/* An hour's disablement, a forced policy, packages that were followed. */
static void write_changes(struct jsonl *log, uint64_t from, uint64_t days)
{
	struct actor root = {.pid = 812, .uid = 0, .login_uid = 1000, .name = "interdict"};
	struct disablement x = {.until = from + days * DAY / 2 + DAY / 24,
				.by = root,
				.reason = "upgrade of </script>, ticket 4711"};
	struct refused_package p = {.path = "/root/kesl_12.4.0.deb",
				    .name = "kesl",
				    .version = "12.4.0-1225",
				    .sha256 = "e0befb5dbf628344ecf022259841f9e3688e86b07ce094f45ed8"
					      "71711b98fc7f",
				    .rule = "kaspersky/sha256:e0befb5dbf62",
				    .vendor = "kaspersky"};

	write_change(log, CHANGE_FORCE, &root, from + DAY, NULL);
	write_change(log, CHANGE_PACKAGES, &root, from + 2 * DAY, NULL);
	write_change(log, CHANGE_DISABLE, &root, from + days * DAY / 2, &x);
	write_change(log, CHANGE_ENABLE, &root, from + days * DAY / 2 + DAY / 48, &x);
	install_write(log, NULL, &p);
}

int main(int argc, char **argv)
{
	uint64_t days = argc > 3 ? strtoull(argv[2], NULL, 10) : 0, from;
	size_t n = argc > 3 ? strtoull(argv[3], NULL, 10) : 0, i;
	uint64_t *times = calloc(n + 1, sizeof(*times));
	struct jsonl log = {};
	char rotated[4096];

	if (!days || !times) {
		fprintf(stderr, "usage: make_log LOG DAYS RECORDS\n");
		return 2;
	}
	from = clock_ns(CLOCK_BOOTTIME) - days * DAY;
	for (i = 0; i < n; i++)
		times[i] = some_time(0, days);
	qsort(times, n, sizeof(*times), compare_times);
	jsonl_open(&log, argv[1]);
	for (i = 0; i < n; i++) {
		write_denial(&log, i + 2, from + times[i]);
		if (i != n / 2)
			continue;
		write_changes(&log, from, days);
		jsonl_close(&log);
		snprintf(rotated, sizeof(rotated), "%s.1", argv[1]);
		if (rename(argv[1], rotated))
			return 1;
		jsonl_open(&log, argv[1]);
	}
	jsonl_close(&log);
	free(times);
	return 0;
}
