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
#include "running.h"

#define FOUND_MAX  1000 /* records of one look */
#define STARTED_AT 22	/* starttime in /proc/PID/stat, proc(5) */
#define NS_PER_S   1000000000ULL

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

/* A line of a file of /proc/PID: the empty string when it has ended. */
static void read_line(char line[1024], pid_t pid, const char *file)
{
	char path[64];
	FILE *in;

	snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, file);
	in = fopen(path, "re");
	if (!in || !fgets(line, 1024, in))
		*line = 0;
	if (in)
		fclose(in);
}

/* The name in the second field may have anything in it, blanks and parentheses too. */
static uint64_t start_time(pid_t pid, __u32 *parent)
{
	char line[1024], *at;
	unsigned long long ticks = 0;
	int field;

	read_line(line, pid, "stat");
	at = strrchr(line, ')');
	for (field = 2; at && field < STARTED_AT; field++) {
		at = strchr(at + 1, ' ');
		if (at && field == 3)
			*parent = strtoul(at, NULL, 10);
	}
	if (at)
		ticks = strtoull(at, NULL, 10);
	return ticks * (NS_PER_S / sysconf(_SC_CLK_TCK));
}

static __u32 read_number(pid_t pid, const char *file)
{
	char line[1024];

	read_line(line, pid, file);
	return *line ? strtoul(line, NULL, 10) : LOGIN_UID_UNSET;
}

static void describe_process(struct event *e, pid_t pid)
{
	char path[64];
	struct stat st;

	e->pid = e->tid = pid;
	e->start_time = start_time(pid, &e->parent_pid);
	e->login_uid = read_number(pid, "loginuid");
	e->session = read_number(pid, "sessionid");
	running_name(e->comm, pid);
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
