/* SPDX-License-Identifier: GPL-2.0-only */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "apart.h"
#include "clock.h"
#include "daemon.h"
#include "earlier.h"
#include "audit/location.h"
#include "process.h"
#include "running.h"

#define FOUND_MAX 1000 /* records of one look */

/* A process that has a file. */
struct had {
	uint64_t inode, start_time;
	uint32_t device, pid;
};

struct earlier {
	struct daemon *daemon;
	struct apart *looking; /* or NULL */
	bool once_more;
	struct had *v; /* what the last look has found: it is on record */
	size_t n;
};

/* ---- in the child -------------------------------------------------------------------------- */

struct search {
	FILE *out;
	const struct image_header *header;
	size_t found;
};

static void describe_place(struct location *l, pid_t pid, const char *link)
{
	char *path = process_link(pid, link);

	if (path)
		location_set(l, path);
	free(path);
}

/* "0::/user.slice/…": of the one hierarchy that cgroup v2 has, cgroups(7). */
static void describe_control_group(struct event *e, pid_t pid)
{
	char line[1024];

	process_line(line, sizeof(line), pid, "cgroup");
	line[strcspn(line, "\n")] = 0;
	if (!strncmp(line, "0::", 3))
		location_set(&e->control_group, line + 3);
}

static void describe_ancestors(struct event *e, pid_t pid)
{
	struct process p;
	int i;

	for (i = 0; i < ANCESTORS && process_read(&p, pid) && p.parent; i++) {
		pid = p.parent;
		process_read(&p, pid);
		e->ancestors[i].pid = pid;
		e->ancestors[i].start_time = p.start_time;
		running_name(e->ancestors[i].comm, pid);
	}
}

static void describe_process(struct event *e, pid_t pid)
{
	struct process p;
	char path[64];
	struct stat st;

	process_read(&p, pid);
	e->pid = e->tid = pid;
	e->start_time = p.start_time;
	e->login_uid = process_number(pid, "loginuid", LOGIN_UID_UNSET);
	e->session = process_number(pid, "sessionid", LOGIN_UID_UNSET);
	running_name(e->comm, pid);
	describe_ancestors(e, pid);
	describe_place(&e->executable, pid, "exe");
	describe_place(&e->directory, pid, "cwd");
	describe_control_group(e, pid);
	snprintf(path, sizeof(path), "/proc/%d", (int)pid);
	if (!stat(path, &st)) {
		e->uid = st.st_uid;
		e->gid = st.st_gid;
	}
}

static void describe_file(struct event *e, const struct running_file *f)
{
	e->inode = f->inode;
	e->size = f->size;
	e->device = major(f->device) << 20 | minor(f->device);
	if (!f->path || strlen(f->path) >= sizeof(e->path)) {
		e->flags |= EVENT_PATH_UNKNOWN;
		return;
	}
	strcpy(e->path, f->path);
	e->path_len = strlen(f->path) + 1;
}

static void put(struct search *s, const struct running_match *m, const struct running_use *use)
{
	struct event *e = calloc(1, sizeof(*e));

	if (!e)
		return;
	e->time = clock_ns(CLOCK_BOOTTIME);
	e->generation = s->header->generation;
	e->hook = use->end ? HOOK_MMAP : HOOK_EXEC;
	e->reason = REASON_RUNNING;
	e->rule_flags = m->rule->flags;
	e->rule_version = m->rule->version;
	memcpy(e->vendor, m->rule->vendor, sizeof(e->vendor));
	memcpy(e->policy, m->rule->policy, sizeof(e->policy));
	e->matched = m->matched;
	e->signature = m->matched.signature;
	describe_file(e, m->file);
	describe_process(e, use->pid);
	fwrite(e, sizeof(*e), 1, s->out);
	free(e);
}

static int take(void *context, const struct running_match *m)
{
	struct search *s = context;
	size_t i;

	if (m->verdict.allow || m->rule->flags & RULE_CANARY)
		return 0;
	for (i = 0; i < m->file->use_count && s->found < FOUND_MAX; i++, s->found++)
		put(s, m, &m->file->uses[i]);
	return 0;
}

/* The result: an event for each file that a process has. */
static int look(FILE *out, void *userdata)
{
	struct search s = {.out = out};
	struct running_search search = {.found = take, .context = &s};
	struct running running;
	struct image image = {};
	int err = image_map(&image, IMAGE_FILE);

	if (err)
		return err;
	s.header = image_header(&image);
	search.image = &image;
	search.now = clock_ns(CLOCK_REALTIME);
	err = running_read(&running);
	if (!err)
		err = running_find(&running, &search);
	return err ? err : ferror(out) ? -EIO : 0;
}

/* ---- and back ------------------------------------------------------------------------------ */

static void complain(const char *why)
{
	fprintf(stderr, "interdictd: what runs already could not be looked at: %s\n", why);
}

static bool is_on_record(const struct earlier *x, const struct had *had)
{
	size_t i;

	for (i = 0; i < x->n; i++)
		if (!memcmp(&x->v[i], had, sizeof(*had)))
			return true;
	return false;
}

static void record_new(struct earlier *x, const struct event *v, size_t n)
{
	struct had *had = calloc(n ? n : 1, sizeof(*had));
	size_t i;

	for (i = 0; had && i < n; i++) {
		had[i] = (struct had){v[i].inode, v[i].start_time, v[i].device, v[i].pid};
		if (!is_on_record(x, &had[i]))
			events_record(x->daemon->events, &v[i]);
	}
	if (!had)
		return;
	free(x->v);
	x->v = had;
	x->n = n;
}

static void on_end(void *userdata, const char *result, size_t len)
{
	struct earlier *x = userdata;
	bool once_more = x->once_more;

	if (result && len % sizeof(struct event) == 0)
		record_new(x, (const struct event *)result, len / sizeof(struct event));
	else
		complain("it was interrupted");
	x->looking = NULL;
	x->once_more = false;
	if (once_more)
		earlier_look(x);
}

/* ---- outside ------------------------------------------------------------------------------- */

struct earlier *earlier_new(struct daemon *daemon)
{
	struct earlier *x = calloc(1, sizeof(*x));

	if (x)
		x->daemon = daemon;
	return x;
}

void earlier_look(struct earlier *x)
{
	if (x->looking) {
		x->once_more = true;
		return;
	}
	x->looking = apart_begin(x->daemon->loop, look, on_end, x);
	if (!x->looking)
		complain(strerror(errno));
}

void earlier_free(struct earlier *x)
{
	if (!x)
		return;
	apart_cancel(x->looking);
	free(x->v);
	free(x);
}
