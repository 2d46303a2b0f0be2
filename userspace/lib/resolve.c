/* SPDX-License-Identifier: GPL-2.0-only */
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "clock.h"
#include "policy_packages.h"
#include "resolve.h"

#define NS_PER_S    1000000000ULL
#define THREADS_MAX 8
#define NAMED_MAX   10
/* A stamp that is younger may stay the same through another change. */
#define SETTLED_NS 100000000ULL

/* A file of a package that the policy names. */
struct owned {
	size_t package; /* its place in the databases */
	char *path;
	bool there; /* a regular file */
	int err;
	bool hashed; /* now, and not known before */
	bool settled;
	struct hashed_file file;
	const struct package *sharer; /* of the vendor at hand: who else owns it */
};

struct work {
	struct policy *policy;
	struct packages *db;
	struct diag *d;
	struct resolution *r;
	const struct hashed_files *known;
	struct owned *v; /* by package */
	size_t n, capacity;
	atomic_size_t next;
	size_t named; /* warnings so far */
};

/* ---- which files --------------------------------------------------------------------------- */

struct adding {
	struct work *w;
	size_t package;
};

static int add_file(void *context, const struct package_file *file)
{
	struct adding *a = context;
	struct work *w = a->w;
	size_t capacity = w->capacity ? 2 * w->capacity : 256;
	struct owned *v;

	if (w->n == w->capacity) {
		v = reallocarray(w->v, capacity, sizeof(*v));
		if (!v)
			return -ENOMEM;
		w->v = v;
		w->capacity = capacity;
	}
	v = &w->v[w->n];
	*v = (struct owned){.package = a->package, .path = strdup(file->path)};
	if (!v->path)
		return -ENOMEM;
	w->n++;
	return 0;
}

static bool is_named(const struct policy *policy, const struct package *p, const char *vendor)
{
	const struct section *s;
	size_t i;

	for (i = 0; i < policy->section_count; i++) {
		s = policy->sections[i];
		if ((!vendor || !strcmp(s->vendor, vendor)) && policy_names_package(s, p))
			return true;
	}
	return false;
}

static int list_files(struct work *w)
{
	struct adding a = {.w = w};
	const struct package *p;
	int err = 0;

	for (a.package = 0; !err && (p = packages_get(w->db, a.package)); a.package++) {
		if (!is_named(w->policy, p, NULL))
			continue;
		w->r->packages++;
		err = packages_files(w->db, p, add_file, &a);
		if (err && err != -ENOMEM) {
			diag_warning(w->d, NULL, 0,
				     "package %s: its files are not known: %s: dpkg or rpm may be "
				     "about to write them",
				     p->name, strerror(-err));
			w->r->missing++;
			err = 0;
		}
	}
	return err;
}

/* ---- what they are ------------------------------------------------------------------------- */

static uint64_t ns_of(const struct timespec *t)
{
	return (uint64_t)t->tv_sec * NS_PER_S + t->tv_nsec;
}

static int compare_files(const void *a, const void *b)
{
	const struct hashed_file *x = a, *y = b;

	if (x->device != y->device)
		return x->device < y->device ? -1 : 1;
	return (x->inode > y->inode) - (x->inode < y->inode);
}

static void stamp(struct hashed_file *f, const struct stat *st)
{
	f->device = st->st_dev;
	f->inode = st->st_ino;
	f->size = st->st_size;
	f->modified = ns_of(&st->st_mtim);
	f->changed = ns_of(&st->st_ctim);
}

static bool same_stamp(const struct hashed_file *a, const struct hashed_file *b)
{
	return a->device == b->device && a->inode == b->inode && a->size == b->size &&
	       a->modified == b->modified && a->changed == b->changed;
}

static bool look_up(const struct work *w, struct hashed_file *f)
{
	const struct hashed_file *found;

	if (!w->known || !w->known->n)
		return false;
	found = bsearch(f, w->known->v, w->known->n, sizeof(*found), compare_files);
	if (!found || !same_stamp(found, f))
		return false;
	*f = *found;
	return true;
}

static int take_content(struct hashed_file *f, int fd)
{
	struct content content;
	int err = content_read_fd_md5(&content, fd);

	if (err)
		return err;
	f->kind = content.kind;
	f->has_md5 = content.md5.known;
	memcpy(f->sha256, content.digest.value, sizeof(f->sha256));
	memcpy(f->md5, content.md5.value, sizeof(f->md5));
	if (content.kind == CONTENT_DRIVER_PACKED && !content.broken) {
		f->has_plain = 1;
		memcpy(f->plain, content.plain.value, sizeof(f->plain));
		f->plain_size = content.plain.size;
	}
	return 0;
}

static int hash(struct owned *o, int fd)
{
	struct hashed_file after = {};
	uint64_t now = clock_ns(CLOCK_REALTIME);
	struct stat st;
	int err = take_content(&o->file, fd);

	if (err)
		return err;
	if (fstat(fd, &st))
		return -errno;
	stamp(&after, &st);
	o->hashed = true;
	o->settled = same_stamp(&after, &o->file) && now > o->file.changed + SETTLED_NS;
	/* A change that goes on ends in another event of dpkg's or rpm's, or is not theirs. */
	return 0;
}

static void look_at(const struct work *w, struct owned *o)
{
	int fd = packages_open_path(w->db, o->path);
	struct stat st;

	o->err = fd < 0 ? fd : 0;
	if (fd < 0)
		return;
	if (fstat(fd, &st))
		o->err = -errno;
	o->there = !o->err && st.st_size;
	if (o->there) {
		stamp(&o->file, &st);
		o->settled = look_up(w, &o->file);
		if (!o->settled)
			o->err = hash(o, fd);
	}
	close(fd);
}

static void *look_at_some(void *context)
{
	struct work *w = context;
	size_t i;

	while ((i = atomic_fetch_add(&w->next, 1)) < w->n)
		look_at(w, &w->v[i]);
	return NULL;
}

/* The caller works too: with no thread at all everything is done, only later. */
static void look_at_all(struct work *w)
{
	pthread_t threads[THREADS_MAX];
	unsigned int wanted = 1, n = 0;
	cpu_set_t cpus;

	if (!sched_getaffinity(0, sizeof(cpus), &cpus))
		wanted = CPU_COUNT(&cpus);
	while (n + 1 < wanted && n < THREADS_MAX && n + 1 < w->n &&
	       !pthread_create(&threads[n], NULL, look_at_some, w))
		n++;
	look_at_some(w);
	while (n)
		pthread_join(threads[--n], NULL);
}

/* Links and directories are listed, too, and so is what was removed by hand. */
static bool is_no_file(int err)
{
	return err == -ELOOP || err == -EISDIR || err == -ENOTSUP || err == -ENOENT ||
	       err == -ENOTDIR;
}

static bool can_run(const struct owned *o)
{
	return o->there && !o->err && content_is_component(o->file.kind);
}

static int count_files(struct work *w)
{
	struct owned *o;
	size_t i;

	for (i = 0; i < w->n; i++) {
		o = &w->v[i];
		if (o->err == -ENOMEM)
			return -ENOMEM;
		if (o->err && !is_no_file(o->err)) {
			w->r->missing++;
			if (w->named++ < NAMED_MAX)
				diag_warning(w->d, o->path, 0, "package %s: cannot be read: %s",
					     packages_get(w->db, o->package)->name,
					     strerror(-o->err));
		}
		w->r->files += can_run(o);
		w->r->hashed += o->hashed;
	}
	return 0;
}

static int remember(const struct work *w, struct hashed_files *known)
{
	struct hashed_file *v = calloc(w->n ? w->n : 1, sizeof(*v));
	size_t i, n = 0;

	if (!v)
		return -ENOMEM;
	for (i = 0; i < w->n; i++)
		if (w->v[i].there && !w->v[i].err && w->v[i].settled)
			v[n++] = w->v[i].file;
	qsort(v, n, sizeof(*v), compare_files);
	free(known->v);
	known->v = v;
	known->n = n;
	return 0;
}

/* ---- what others own too ------------------------------------------------------------------- */

struct vendor_at_hand {
	const struct work *w;
	const char *vendor;
};

static bool is_mine(void *context, const struct package *p)
{
	const struct vendor_at_hand *at = context;

	return is_named(at->w->policy, p, at->vendor);
}

static void take_sharers(struct work *w, const struct section *s, struct owned **of,
			 struct shared *v, size_t n)
{
	size_t i, left_out = 0;

	for (i = 0; i < n; i++) {
		of[i]->sharer = v[i].owner;
		left_out += !!v[i].owner;
		if (v[i].owner && left_out <= NAMED_MAX)
			diag_warning(w->d, s->file->path, s->packages[0].line,
				     "%s of package %s is left out: %s of package %s is the same",
				     of[i]->path, packages_get(w->db, of[i]->package)->name,
				     v[i].path, v[i].owner->name);
		free(v[i].path);
	}
	if (left_out > NAMED_MAX)
		diag_warning(w->d, s->file->path, s->packages[0].line,
			     "%zu more files are left out: other packages have them too",
			     left_out - NAMED_MAX);
	w->r->shared += left_out;
}

/* Find out which files of the vendor of @s others own too. */
static int find_sharers(struct work *w, const struct section *s)
{
	struct vendor_at_hand at = {.w = w, .vendor = s->vendor};
	struct shared *v = calloc(w->n, sizeof(*v));
	struct owned **of = calloc(w->n, sizeof(*of));
	size_t i, n = 0;
	int err = v && of ? 0 : -ENOMEM;

	for (i = 0; !err && i < w->n; i++) {
		w->v[i].sharer = NULL;
		if (!can_run(&w->v[i]) || !is_mine(&at, packages_get(w->db, w->v[i].package)))
			continue;
		of[n] = &w->v[i];
		v[n].digest.size = w->v[i].file.size;
		v[n].md5.known = w->v[i].file.has_md5;
		memcpy(v[n].digest.value, w->v[i].file.sha256, FINGERPRINT_LEN);
		memcpy(v[n++].md5.value, w->v[i].file.md5, CONTENT_MD5_LEN);
	}
	if (!err)
		err = packages_shared(w->db, v, n, is_mine, &at);
	take_sharers(w, s, of, v, err ? 0 : n);
	free(v);
	free(of);
	return err;
}

/* ---- into the sections --------------------------------------------------------------------- */

/* Digests on their way into a section, each with the line of its package. */
struct lined {
	struct digest digest;
	unsigned long line;
};

struct filling {
	struct lined *v;
	size_t n;
};

static int compare_digests(const void *a, const void *b)
{
	return memcmp(((const struct lined *)a)->digest.value,
		      ((const struct lined *)b)->digest.value, FINGERPRINT_LEN);
}

static int compare_lined(const void *a, const void *b)
{
	const struct lined *x = a, *y = b;
	int order = compare_digests(a, b);

	return order ? order : (x->line > y->line) - (x->line < y->line);
}

static void fill(struct filling *f, const uint8_t *value, uint64_t size, unsigned long line)
{
	struct lined *l = &f->v[f->n++];

	l->digest.size = size;
	l->line = line;
	memcpy(l->digest.value, value, FINGERPRINT_LEN);
}

/* There is room for what the section has, and for each file twice. */
static void collect(struct filling *f, const struct work *w, const struct section *s)
{
	const struct package_pattern *named;
	const struct owned *o;
	size_t i;

	/* Of a database that cannot be read now, what it said the last time still holds. */
	for (i = 0; w->r->unread && i < s->resolved.n; i++)
		fill(f, s->resolved.v[i].value, s->resolved.v[i].size, s->resolved_lines[i]);
	for (i = 0; i < w->n; i++) {
		o = &w->v[i];
		if (!can_run(o) || o->sharer)
			continue;
		named = policy_find_package(s, packages_get(w->db, o->package));
		if (named)
			fill(f, o->file.sha256, o->file.size, named->line);
		if (named && o->file.has_plain)
			fill(f, o->file.plain, o->file.plain_size, named->line);
	}
}

/* Each once, in an order of their own: the same packages give the same image. */
static int take(struct section *s, struct filling *f)
{
	unsigned long *lines = calloc(f->n + 1, sizeof(*lines));
	size_t i;
	int err = 0;

	if (!lines)
		return -ENOMEM;
	free(s->resolved_lines);
	s->resolved_lines = lines;
	s->resolved.n = 0;
	qsort(f->v, f->n, sizeof(*f->v), compare_lined);
	for (i = 0; !err && i < f->n; i++) {
		if (i && !compare_digests(&f->v[i - 1], &f->v[i]))
			continue;
		lines[s->resolved.n] = f->v[i].line;
		err = digests_add(&s->resolved, f->v[i].digest.value, f->v[i].digest.size);
	}
	return err;
}

static int fill_section(struct work *w, struct section *s)
{
	struct filling f = {.v = calloc(s->resolved.n + 2 * w->n + 1, sizeof(*f.v))};
	int err;

	if (!f.v)
		return -ENOMEM;
	collect(&f, w, s);
	err = take(s, &f);
	free(f.v);
	return err;
}

/* All sections of one vendor, beginning with @first, the first of them. */
static int fill_vendor(struct work *w, size_t first)
{
	const char *vendor = w->policy->sections[first]->vendor;
	struct section *s;
	size_t i;
	int err = w->n ? find_sharers(w, w->policy->sections[first]) : 0;

	for (i = first; !err && i < w->policy->section_count; i++) {
		s = w->policy->sections[i];
		if (s->package_count && !strcmp(s->vendor, vendor))
			err = fill_section(w, s);
	}
	return err;
}

static bool vendor_was_filled(const struct policy *p, size_t section)
{
	size_t i;

	for (i = 0; i < section; i++)
		if (p->sections[i]->package_count &&
		    !strcmp(p->sections[i]->vendor, p->sections[section]->vendor))
			return true;
	return false;
}

static int fill_all(struct work *w)
{
	size_t i;
	int err = 0;

	for (i = 0; !err && i < w->policy->section_count; i++)
		if (w->policy->sections[i]->package_count && !vendor_was_filled(w->policy, i))
			err = fill_vendor(w, i);
	return err;
}

/* ---- the whole ----------------------------------------------------------------------------- */

static int resolve(struct work *w, struct hashed_files *known)
{
	int err;

	w->r->unread = packages_unread(w->db);
	w->r->busy = packages_busy(w->db);
	err = list_files(w);
	if (err)
		return err;
	look_at_all(w);
	err = count_files(w);
	if (!err)
		err = fill_all(w);
	if (!err && known)
		err = remember(w, known);
	return err;
}

int resolve_packages(struct policy *p, struct hashed_files *known, const char *root,
		     struct resolution *r, struct diag *d)
{
	struct work w = {.policy = p, .d = d, .r = r, .known = known};
	size_t i;
	int err;

	*r = (struct resolution){};
	if (!policy_names_packages(p))
		return 0;
	err = packages_open(&w.db, root, d);
	if (!err)
		err = resolve(&w, known);
	for (i = 0; i < w.n; i++)
		free(w.v[i].path);
	free(w.v);
	packages_close(w.db);
	return err;
}

static bool is_among(const struct digests *digests, const struct digest *wanted)
{
	size_t i;

	for (i = 0; i < digests->n; i++)
		if (!memcmp(digests->v[i].value, wanted->value, FINGERPRINT_LEN))
			return true;
	return false;
}

static size_t drop(struct section *s, const struct digests *digests)
{
	struct digests *list = &s->resolved;
	size_t i, n = 0, gone;

	for (i = 0; i < list->n; i++) {
		if (is_among(digests, &list->v[i]))
			continue;
		s->resolved_lines[n] = s->resolved_lines[i];
		list->v[n++] = list->v[i];
	}
	gone = list->n - n;
	list->n = n;
	return gone;
}

size_t resolve_drop(struct policy *p, const struct digests *digests)
{
	size_t i, gone = 0;

	for (i = 0; i < p->section_count; i++)
		gone += drop(p->sections[i], digests);
	return gone;
}
