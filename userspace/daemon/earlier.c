/* SPDX-License-Identifier: GPL-2.0-only */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "apart.h"
#include "audit/ecs.h"
#include "audit/location.h"
#include "clock.h"
#include "daemon.h"
#include "earlier.h"
#include "ender.h"
#include "ender_facts.h"
#include "mounts.h"
#include "running/process.h"
#include "running/running.h"

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
	uint64_t more;		/* what it has found besides, and has no record */
	sd_event_source *begin; /* of the next rule that ends what runs; or NULL */
};

/* The result: this, and what was found. */
struct result {
	uint64_t more;
	uint64_t begin;			 /* when the next rule that ends what runs begins; or 0 */
	uint8_t digest[FINGERPRINT_LEN]; /* of the policy */
};

/* ---- in the child -------------------------------------------------------------------------- */

struct search {
	const struct image_header *header;
	struct ender_facts facts;
	struct mounts mounts; /* of the last process */
	struct found *v;
	size_t n;
	uint64_t more;
	int err;
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

/* By what is mounted: the file system itself is not asked, it may be one that never answers. */
static void describe_filesystem(struct event *e, struct search *s, dev_t device, pid_t pid)
{
	const struct mount *mount =
		mounts_read(&s->mounts, pid) ? NULL : mounts_find(&s->mounts, device);

	if (mount)
		e->filesystem = ecs_filesystem_magic(mount->type);
}

static void describe(struct event *e, struct search *s, const struct running_match *m,
		     const struct running_use *use)
{
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
	describe_filesystem(e, s, m->file->device, use->pid);
	describe_process(e, use->pid);
}

/* Full at every power of two. */
static struct found *next_of(struct search *s)
{
	struct found *v = s->v;

	if (!(s->n & (s->n - 1)))
		v = reallocarray(v, s->n ? 2 * s->n : 1, sizeof(*v));
	if (!v)
		return NULL;
	s->v = v;
	v[s->n] = (struct found){};
	return &v[s->n++];
}

/* Who is to be ended is looked at more closely. */
static int look_closer(struct search *s, struct found *f, const struct running_match *m,
		       const struct running_use *use)
{
	struct suspect suspect = {.pid = use->pid, .start_time = f->event.start_time};

	stop_take_verdict(&f->facts, &m->verdict, m->rule);
	f->facts.has_file = true;
	f->grace = m->rule->grace;
	return f->facts.kills ? ender_facts_of(&s->facts, &f->facts, &suspect) : 0;
}

static int put(struct search *s, const struct running_match *m, const struct running_use *use)
{
	struct found *f;

	/* What interdictd has mapped this child has, too: it is there once. */
	if (use->pid == getpid())
		return 0;
	if (s->n == FOUND_MAX) {
		s->more++;
		return 0;
	}
	f = next_of(s);
	if (!f)
		return -ENOMEM;
	describe(&f->event, s, m, use);
	return look_closer(s, f, m, use);
}

static int take(void *context, const struct running_match *m)
{
	struct search *s = context;
	size_t i;
	int err = 0;

	if (m->verdict.allow || m->rule->flags & RULE_CANARY)
		return 0;
	for (i = 0; i < m->file->use_count && !err; i++)
		err = put(s, m, &m->file->uses[i]);
	return err;
}

/* The first From= ahead of a rule that ends what runs, ns since 1970 UTC; 0: there is none. */
static uint64_t next_begin(image_t *image)
{
	uint64_t now = ender_time(), next = 0;
	const struct rule *rule;
	uint32_t i;

	for (i = 1; (rule = image_rule(image, i)); i++)
		if (rule->flags & RULE_KILL && rule->from > now && (!next || rule->from < next))
			next = rule->from;
	return next;
}

static int search_all(struct search *s, image_t *image)
{
	struct running_search search = {
		.image = image, .now = ender_time(), .found = take, .context = s};
	struct running running;
	int err;

	s->header = image_header(image);
	ender_facts_begin(&s->facts);
	err = running_read(&running);
	if (!err)
		err = running_find(&running, &search);
	ender_facts_end(&s->facts);
	mounts_free(&s->mounts);
	running_free(&running);
	return err;
}

static int look(FILE *out, void *userdata)
{
	struct search s = {};
	struct result result;
	struct image image = {};
	int err = image_map(&image, IMAGE_FILE);

	if (!err)
		err = search_all(&s, &image);
	if (err)
		return err;
	result.more = s.more;
	result.begin = next_begin(&image);
	memcpy(result.digest, s.header->digest, sizeof(result.digest));
	fwrite(&result, sizeof(result), 1, out);
	fwrite(s.v, sizeof(*s.v), s.n, out);
	free(s.v);
	image_free(&image);
	return ferror(out) ? -EIO : 0;
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

static void record_new(struct earlier *x, const struct found *v, size_t n)
{
	struct had *had = calloc(n ? n : 1, sizeof(*had));
	const struct event *e;
	size_t i;

	for (i = 0; had && i < n; i++) {
		e = &v[i].event;
		had[i] = (struct had){e->inode, e->start_time, e->device, e->pid};
		if (!is_on_record(x, &had[i]))
			events_record(x->daemon->events, e);
	}
	if (!had)
		return;
	free(x->v);
	x->v = had;
	x->n = n;
}

static void record_more(struct earlier *x, uint64_t more)
{
	if (more && more != x->more)
		events_stopped(x->daemon->events,
			       &(struct stopped){.action = STOPPED_MORE,
						 .generation = x->daemon->applied.header.generation,
						 .count = more});
	x->more = more;
}

static int on_begin(sd_event_source *source, uint64_t usec, void *userdata)
{
	earlier_look(userdata);
	return 0;
}

/* By the machine's clock, which may be set: the timer follows it. */
static void wait_for_begin(struct earlier *x, uint64_t when)
{
	x->begin = sd_event_source_disable_unref(x->begin);
	if (when && sd_event_add_time(x->daemon->loop, &x->begin, CLOCK_REALTIME, when / 1000 + 1,
				      0, on_begin, x) < 0)
		x->begin = NULL;
}

/* By another policy than the one in force by now nobody is ended: that one is looked at, too. */
static void take_result(struct earlier *x, const char *bytes, size_t len)
{
	const struct found *v = (const struct found *)(bytes + sizeof(struct result));
	size_t n = (len - sizeof(struct result)) / sizeof(*v);
	struct result result;

	memcpy(&result, bytes, sizeof(result));
	record_new(x, v, n);
	record_more(x, result.more);
	wait_for_begin(x, result.begin);
	if (!memcmp(result.digest, x->daemon->applied.header.digest, sizeof(result.digest)))
		ender_take(x->daemon, v, n, !result.more);
}

static void on_end(void *userdata, const char *result, size_t len)
{
	struct earlier *x = userdata;
	bool once_more = x->once_more;

	x->looking = NULL;
	x->once_more = false;
	if (result && len >= sizeof(struct result) &&
	    (len - sizeof(struct result)) % sizeof(struct found) == 0)
		take_result(x, result, len);
	else
		complain("it was interrupted");
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
	if (!x)
		return;
	if (x->looking) {
		x->once_more = true;
		return;
	}
	x->looking = apart_begin(x->daemon->loop, look, on_end, x);
	if (!x->looking)
		complain(strerror(errno));
}

void earlier_look_for_more(struct earlier *x)
{
	if (x && x->more)
		earlier_look(x);
}

void earlier_free(struct earlier *x)
{
	if (!x)
		return;
	apart_cancel(x->looking);
	sd_event_source_disable_unref(x->begin);
	free(x->v);
	free(x);
}
