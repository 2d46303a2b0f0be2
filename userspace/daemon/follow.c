/* SPDX-License-Identifier: GPL-2.0-only */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/mman.h>

#include "apart.h"
#include "clock.h"
#include "daemon.h"
#include "earlier.h"
#include "follow.h"
#include "loaded.h"

/*
 * dpkg and rpm change several files at a time. So long nothing may have changed before it is looked
 * at; and so long after the first change it is in any case, since they may run for hours.
 */
#define QUIET_US 150000
#define MOST_US	 500000
/* After what did not work, or was being written all the time. */
#define AGAIN_US 1000000

#define EVENTS (IN_CLOSE_WRITE | IN_MODIFY | IN_MOVED_TO | IN_CREATE | IN_DELETE | IN_ONLYDIR)

/* ---- what is watched ----------------------------------------------------------------------- */

static bool ends_in(const char *name, const char *suffix)
{
	size_t len = strlen(name), n = strlen(suffix);

	return len >= n && !strcmp(name + len - n, suffix);
}

static bool is_status(const char *name)
{
	return !strcmp(name, "status") || !strcmp(name, "diversions") || !strcmp(name, "info") ||
	       !strcmp(name, "updates");
}

static bool is_update(const char *name)
{
	return isdigit((unsigned char)*name);
}

static bool is_list(const char *name)
{
	return ends_in(name, ".list");
}

static bool is_rpm(const char *name)
{
	return !strcmp(name, "Packages") || !strcmp(name, "Packages.db") ||
	       !strcmp(name, "rpmdb.sqlite") || !strcmp(name, "rpmdb.sqlite-wal");
}

/* A directory that may come to be watched. */
static bool is_database(const char *name)
{
	return !strcmp(name, "dpkg") || !strcmp(name, "rpm") || !strcmp(name, ".rpmdb") ||
	       !strcmp(name, "sysimage");
}

static const struct place {
	const char *path;
	bool (*counts)(const char *name);
} places[] = {
	{"/var/lib/dpkg", is_status},	    {"/var/lib/dpkg/updates", is_update},
	{"/var/lib/dpkg/info", is_list},    {"/var/lib/rpm", is_rpm},
	{"/usr/lib/sysimage/rpm", is_rpm},  {"/root/.rpmdb", is_rpm},
	{"/var/lib", is_database},	    {"/usr/lib", is_database},
	{"/usr/lib/sysimage", is_database}, {"/root", is_database},
};

#define PLACES (sizeof(places) / sizeof(places[0]))

struct follow {
	struct daemon *daemon;
	struct watch {
		struct follow *follow;
		const struct place *place;
		sd_event_source *source; /* NULL: it is not there */
	} watches[PLACES];
	sd_event_source *timer;
	uint64_t first;		 /* change that is not answered: us, CLOCK_MONOTONIC; 0: none */
	struct apart *resolving; /* or NULL */
	bool once_more;		 /* something changed meanwhile */
};

static bool follows(const struct follow *f)
{
	return f->daemon->applied.policy.section_count;
}

/* ---- when ---------------------------------------------------------------------------------- */

static uint64_t now_us(void)
{
	return clock_ns(CLOCK_MONOTONIC) / 1000;
}

static void resolve_at(struct follow *f, uint64_t when)
{
	sd_event_source_set_time(f->timer, when);
	sd_event_source_set_enabled(f->timer, SD_EVENT_ONESHOT);
}

static void note_change(struct follow *f)
{
	uint64_t now = now_us(), when = now + QUIET_US;

	if (!f->first)
		f->first = now;
	if (when > f->first + MOST_US)
		when = f->first + MOST_US;
	resolve_at(f, when);
}

static int on_change(sd_event_source *source, const struct inotify_event *event, void *userdata)
{
	struct watch *w = userdata;

	/* The directory itself is gone: another may take its place. */
	if (event->mask & IN_IGNORED)
		w->source = sd_event_source_disable_unref(w->source);
	if (!follows(w->follow))
		return 0;
	if (event->mask & (IN_IGNORED | IN_Q_OVERFLOW) ||
	    (event->len && w->place->counts(event->name)))
		note_change(w->follow);
	return 0;
}

/* What is not there now may be there the next time. */
static void watch(struct follow *f)
{
	struct watch *w;
	size_t i;

	for (i = 0; i < PLACES; i++) {
		w = &f->watches[i];
		w->follow = f;
		w->place = &places[i];
		if (!w->source && sd_event_add_inotify(f->daemon->loop, &w->source, w->place->path,
						       EVENTS, on_change, w) < 0)
			w->source = NULL;
	}
}

/* ---- in the child -------------------------------------------------------------------------- */

/*
 * The result: this, an image, what was hashed, what the guard has read, and lines: a level, a text
 * and a NUL each.
 */
struct result {
	struct resolution resolution;
	uint64_t image_len, hashed_count, needed_len, line_count;
};

static void put_lines(FILE *out, const struct diag *d)
{
	size_t i;

	for (i = 0; i < d->kept; i++) {
		fputc(d->lines[i].level, out);
		fwrite(d->lines[i].text, 1, strlen(d->lines[i].text) + 1, out);
	}
}

static int resolve(FILE *out, void *userdata)
{
	struct follow *f = userdata;
	struct applied *applied = &f->daemon->applied;
	struct build b = {
		.force = applied->forced,
		.known = &applied->hashed,
		.needed = &applied->needed,
		.in_force = applied->header.magic ? applied->header.digest : NULL,
	};
	struct result result = {};
	struct image image;
	struct diag d = {};
	int err = build_again(&image, &applied->policy, &b, &d);

	if (err)
		return err;
	result.resolution = b.resolution;
	result.image_len = image.len;
	result.hashed_count = applied->hashed.n;
	result.needed_len = remembered_len(&applied->needed);
	result.line_count = d.kept;
	fwrite(&result, sizeof(result), 1, out);
	fwrite(image.base, 1, image.len, out);
	fwrite(applied->hashed.v, sizeof(*applied->hashed.v), applied->hashed.n, out);
	remembered_write(&applied->needed, out);
	put_lines(out, &d);
	return ferror(out) ? -EIO : 0;
}

/* ---- and back ------------------------------------------------------------------------------ */

static const char *take(const char **at, size_t *left, uint64_t len)
{
	const char *taken = *at;

	if (len > *left)
		return NULL;
	*at += len;
	*left -= len;
	return taken;
}

static void take_lines(struct diag *d, const char *at, size_t left, uint64_t count)
{
	const char *line;
	size_t len;

	for (; count-- && left > 1; at += len, left -= len) {
		len = strnlen(at + 1, left - 1) + 2;
		if (len > left)
			return;
		line = at + 1;
		if (*at == DIAG_WARNING)
			diag_warning(d, NULL, 0, "%s", line);
		else
			diag_error(d, NULL, 0, "%s", line);
	}
}

static int remember_hashed(struct hashed_files *known, const char *files, uint64_t n)
{
	struct hashed_file *v = calloc(n ? n : 1, sizeof(*v));

	if (!v)
		return -ENOMEM;
	memcpy(v, files, n * sizeof(*v));
	free(known->v);
	known->v = v;
	known->n = n;
	return 0;
}

static int take_image(struct image *image, const char *bytes, uint64_t len)
{
	if (!len || len % IMAGE_LINE)
		return -EBADMSG;
	image->base = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (image->base == MAP_FAILED) {
		image->base = NULL;
		return -ENOMEM;
	}
	image->len = len;
	memcpy(image->base, bytes, len);
	return image_check(image);
}

static void record(struct daemon *daemon, struct change *c, const char *action)
{
	c->action = action;
	events_change(daemon->events, c);
}

/* What was suspended before and is again was said before. */
static void log_result(struct follow *f, const struct resolution *before,
		       const struct image_header *header, bool changed, const struct diag *d)
{
	const struct applied *applied = &f->daemon->applied;
	struct change c = {.before = header, .after = &applied->header};

	if (changed || before->suspended != applied->resolution.suspended)
		diag_print(d, "interdictd");
	if (applied->resolution.suspended > before->suspended)
		record(f->daemon, &c, CHANGE_SUSPEND);
	if (!changed)
		return;
	fprintf(stderr, "interdictd: generation %llu in force: packages have changed\n",
		(unsigned long long)applied->header.generation);
	record(f->daemon, &c, CHANGE_PACKAGES);
}

static int apply_result(struct follow *f, const char *at, size_t left)
{
	struct applied *applied = &f->daemon->applied;
	struct resolution before = applied->resolution;
	struct image_header header = applied->header;
	struct image image = {};
	struct result result;
	struct diag d = {};
	const char *head = take(&at, &left, sizeof(result)), *bytes, *files, *needed;
	bool changed = false;
	int err = -EBADMSG;

	if (!head)
		return err;
	memcpy(&result, head, sizeof(result));
	bytes = take(&at, &left, result.image_len);
	files = result.hashed_count > left / sizeof(struct hashed_file)
			? NULL
			: take(&at, &left, result.hashed_count * sizeof(struct hashed_file));
	needed = files ? take(&at, &left, result.needed_len) : NULL;
	if (bytes && needed)
		err = take_image(&image, bytes, result.image_len);
	take_lines(&d, at, left, result.line_count);
	if (!err)
		err = apply_image(&f->daemon->program, applied, &image, &changed, &d);
	if (!err) {
		applied->resolution = result.resolution;
		err = remember_hashed(&applied->hashed, files, result.hashed_count);
		/* What cannot be read is read of the files again. */
		remembered_read(&applied->needed, needed, result.needed_len);
		log_result(f, &before, &header, changed, &d);
	}
	if (!err && changed) {
		earlier_look(f->daemon->earlier);
		loaded_look(f->daemon->loaded);
	}
	image_free(&image);
	diag_free(&d);
	return err;
}

static void on_resolved(void *userdata, const char *data, size_t len)
{
	struct follow *f = userdata;
	int err = data ? apply_result(f, data, len) : -ECHILD;

	f->resolving = NULL;
	if (err)
		fprintf(stderr,
			"interdictd: packages could not be resolved, and are tried again: %s\n",
			strerror(-err));
	if (err || f->daemon->applied.resolution.busy)
		resolve_at(f, now_us() + AGAIN_US);
	if (f->once_more)
		note_change(f);
	f->once_more = false;
}

static int on_time(sd_event_source *source, uint64_t usec, void *userdata)
{
	struct follow *f = userdata;

	f->first = 0;
	if (!follows(f))
		return 0;
	watch(f);
	if (f->resolving) {
		f->once_more = true;
		return 0;
	}
	f->resolving = apart_begin(f->daemon->loop, resolve, on_resolved, f);
	if (!f->resolving)
		resolve_at(f, now_us() + AGAIN_US);
	return 0;
}

/* ---- outside ------------------------------------------------------------------------------- */

int follow_begin(struct daemon *daemon)
{
	struct follow *f = calloc(1, sizeof(*f));
	int err = f ? 0 : -ENOMEM;

	if (f) {
		f->daemon = daemon;
		daemon->follow = f;
		err = sd_event_add_time(daemon->loop, &f->timer, CLOCK_MONOTONIC, now_us(), 0,
					on_time, f);
	}
	if (err >= 0) {
		watch(f);
		return 0;
	}
	fprintf(stderr, "interdictd: packages are not followed: %s\n", strerror(-err));
	follow_end(daemon);
	return err;
}

void follow_policy(struct daemon *daemon)
{
	struct follow *f = daemon->follow;

	if (!f)
		return;
	apart_cancel(f->resolving);
	f->resolving = NULL;
	if (follows(f))
		note_change(f);
}

json_t *follow_status(const struct daemon *daemon)
{
	const struct resolution *r = &daemon->applied.resolution;

	if (!daemon->applied.policy.section_count)
		return NULL;
	return json_pack("{s:b, s:I, s:I, s:I, s:I, s:I, s:I}", "followed", daemon->follow != NULL,
			 "packages", (json_int_t)r->packages, "files", (json_int_t)r->files,
			 "shared", (json_int_t)r->shared, "suspended", (json_int_t)r->suspended,
			 "missing", (json_int_t)r->missing, "unread", (json_int_t)r->unread);
}

void follow_end(struct daemon *daemon)
{
	struct follow *f = daemon->follow;
	size_t i;

	if (!f)
		return;
	apart_cancel(f->resolving);
	for (i = 0; i < PLACES; i++)
		sd_event_source_disable_unref(f->watches[i].source);
	sd_event_source_disable_unref(f->timer);
	free(f);
	daemon->follow = NULL;
}
