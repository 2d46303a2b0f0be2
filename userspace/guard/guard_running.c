/* SPDX-License-Identifier: GPL-2.0-only */
#include "guard_running.h"

#include <errno.h>
#include <fnmatch.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "alive.h"
#include "conf.h"
#include "guard_look.h"
#include "identity/identity.h"
#include "policy/catalog.h"
#include "policy/policy_packages.h"
#include "progress.h"
#include "running/running.h"

/* Enough to see who it is. */
#define NAMED_MAX 5

struct hit {
	const struct running_file *file;
	struct guard_finding found;
	bool vendors; /* a package of the rule's vendor owns the file */
};

/* A process, and the first of its files that is hit. */
struct struck {
	pid_t pid;
	const struct hit *hit;
};

struct work {
	image_t *image, *held; /* held: in force, or NULL */
	const struct policy *policy;
	struct hit *v;
	size_t n, capacity;
	struct struck *struck; /* by process */
	size_t struck_count;
};

/* ---- which files --------------------------------------------------------------------------- */

static int add_hit(struct work *w, const struct running_file *file,
		   const struct guard_finding *found)
{
	size_t capacity = w->capacity ? 2 * w->capacity : 16;
	struct hit *v;

	if (w->n == w->capacity) {
		v = reallocarray(w->v, capacity, sizeof(*v));
		if (!v)
			return -ENOMEM;
		w->v = v;
		w->capacity = capacity;
	}
	w->v[w->n++] = (struct hit){.file = file, .found = *found};
	return 0;
}

/* What is asked for of a program or library of this size; a driver's name is nothing to it. */
static unsigned int kinds_of(image_t *image, uint64_t size)
{
	return image_kinds_wanted(image, size) & ~KIND_BIT(FINGERPRINT_MODULE_NAME);
}

static void look_at_all(struct guard_finding *found, image_t *image,
			const struct identity *identity)
{
	guard_look(found, image, identity->fingerprints, identity->count);
}

static int look_at_content(struct guard_finding *found, image_t *image, const char *reference,
			   unsigned int want)
{
	struct known known;
	int err = identity_of_kinds(&known, reference, want);

	if (!err) {
		look_at_all(found, image, &known.file.identity);
		look_at_all(found, image, &known.plain.identity);
	}
	known_free(&known);
	return err;
}

/* Return: 1 when @image would deny it, 0, or -ENOMEM. */
static int look(struct guard_finding *found, image_t *image, const struct running_file *f)
{
	unsigned int want = kinds_of(image, f->size);
	const char *place = running_place(f);
	char reference[PATH_MAX];
	int err = 0;

	/* What lies elsewhere, or has ended or grown meanwhile, is not what was found. */
	if (want & ~KIND_BIT(FINGERPRINT_PATH)) {
		if (!running_way(reference, f))
			return 0;
		err = look_at_content(found, image, reference, want);
	}
	if (err)
		return err == -ENOMEM ? err : 0;
	if (place && want & KIND_BIT(FINGERPRINT_PATH))
		guard_look_names(found, image, place);
	return found->deny && !found->allow;
}

static int look_at(struct work *w, const struct running_file *f)
{
	struct guard_finding found = {}, before = {};
	int rc = look(&found, w->image, f), held;

	if (rc <= 0 || !w->held)
		return rc > 0 ? add_hit(w, f, &found) : rc;
	held = look(&before, w->held, f);
	if (held < 0)
		return held;
	return held ? 0 : add_hit(w, f, &found);
}

static int find_hits(struct work *w, const struct running *running)
{
	struct progress progress;
	size_t i;
	int err = 0;

	progress_start(&progress, "looking at what runs", running->n);
	for (i = 0; i < running->n && !err; i++) {
		err = look_at(w, running->v[i]);
		alive();
		progress_add(&progress, 1);
	}
	progress_end(&progress);
	return err;
}

/* ---- which processes ----------------------------------------------------------------------- */

static int compare_struck(const void *a, const void *b)
{
	const struct struck *x = a, *y = b;

	if (x->pid != y->pid)
		return x->pid < y->pid ? -1 : 1;
	return (x->hit > y->hit) - (x->hit < y->hit);
}

static size_t count_uses(const struct work *w)
{
	size_t i, n = 0;

	for (i = 0; i < w->n; i++)
		n += w->v[i].file->use_count;
	return n;
}

/* Each process once, whatever it has of what is hit. */
static int find_struck(struct work *w)
{
	struct struck *v = calloc(count_uses(w) + 1, sizeof(*v));
	size_t i, k, n = 0;

	if (!v)
		return -ENOMEM;
	for (i = 0; i < w->n; i++)
		for (k = 0; !w->v[i].vendors && k < w->v[i].file->use_count; k++)
			v[n++] = (struct struck){w->v[i].file->uses[k].pid, &w->v[i]};
	qsort(v, n, sizeof(*v), compare_struck);
	for (i = k = 0; i < n; i++)
		if (!k || v[k - 1].pid != v[i].pid)
			v[k++] = v[i];
	free(w->struck);
	w->struck = v;
	w->struck_count = k;
	return 0;
}

/* ---- whose packages ------------------------------------------------------------------------ */

struct owning {
	struct work *w;
	const struct catalog *catalog;
	struct packages *db;
	const struct package *p;
};

static bool catalog_names(const struct catalog *c, const char *vendor, const char *package)
{
	const struct catalog_vendor *v = catalog_find(c, vendor);
	const struct fact *f;

	for (f = v ? v->facts : NULL; f && f < v->facts + v->fact_count; f++)
		if (f->kind == FACT_PACKAGE && !fnmatch(f->value, package, 0))
			return true;
	return false;
}

/* Whether the package is known for the vendor of @rule. */
static bool is_vendors(const struct owning *o, const struct rule *rule)
{
	const struct policy *policy = o->w->policy;
	const struct section *s;
	size_t i;

	for (i = 0; i < policy->section_count; i++) {
		s = policy->sections[i];
		if (s->vendor && !strcmp(s->vendor, rule->vendor) && policy_names_package(s, o->p))
			return true;
	}
	return catalog_names(o->catalog, rule->vendor, o->p->name);
}

/* Of a program that was upgraded while it runs, only the name is left; where /usr is merged, lists
 * have "/lib/x" for what is /usr/lib/x. */
static bool has_name(const struct running_file *f, const char *path)
{
	if (!f->deleted)
		return false;
	return !strcmp(f->path, path) ||
	       (!strncmp(f->path, "/usr/", 5) && !strcmp(f->path + strlen("/usr"), path));
}

static int take_owned(void *context, const struct package_file *file)
{
	struct owning *o = context;
	int fd = packages_open_path(o->db, file->path);
	struct stat st;
	struct hit *h;

	if (fd < 0 || fstat(fd, &st))
		st = (struct stat){};
	if (fd >= 0)
		close(fd);
	for (h = o->w->v; h < o->w->v + o->w->n; h++)
		if (((fd >= 0 && h->file->device == st.st_dev && h->file->inode == st.st_ino) ||
		     has_name(h->file, file->path)) &&
		    is_vendors(o, h->found.deny))
			h->vendors = true;
	return 0;
}

static bool is_anyones(const struct owning *o)
{
	const struct hit *h;

	for (h = o->w->v; h < o->w->v + o->w->n; h++)
		if (is_vendors(o, h->found.deny))
			return true;
	return false;
}

/* What cannot be told to be a vendor's own is not; others say what is wrong there. */
static int find_owners(struct work *w, const char *dir)
{
	struct catalog catalog;
	struct owning o = {.w = w, .catalog = &catalog};
	struct diag unsaid = {};
	int err = catalog_read(&catalog, dir, &unsaid);
	size_t i;

	if (err != -ENOMEM)
		err = packages_open(&o.db, "/", &unsaid);
	for (i = 0; !err && i < packages_count(o.db); i++) {
		o.p = packages_get(o.db, i);
		if (is_anyones(&o) && packages_files(o.db, o.p, take_owned, &o) == -ENOMEM)
			err = -ENOMEM;
		alive();
	}
	packages_close(o.db);
	catalog_free(&catalog);
	diag_free(&unsaid);
	return err == -ENOMEM ? err : 0;
}

/* ---- what is said -------------------------------------------------------------------------- */

static void report_one(const struct struck *s, struct diag *d)
{
	const struct rule *rule = s->hit->found.deny;
	char id[RULE_ID_LEN], name[RUNNING_NAME_LEN];

	rule_id(id, rule->vendor, &s->hit->found.denied);
	diag_error(d, rule->policy, rule->line, "rule %s would deny %s, which process %d (%s) runs",
		   id, s->hit->file->path, (int)s->pid, running_name(name, s->pid));
}

static int report(const struct work *w, uint64_t max, struct digests *denied, struct diag *d)
{
	const struct hit *h;
	size_t i;

	diag_error(d, NULL, 0,
		   "%zu running process%s outside the vendors' packages would be hit, and "
		   "MaxRunningMatches= is %llu: take out what names them, raise it in " CONF_FILE
		   ", or --force",
		   w->struck_count, w->struck_count == 1 ? "" : "es", (unsigned long long)max);
	for (i = 0; i < w->struck_count && i < NAMED_MAX; i++)
		report_one(&w->struck[i], d);
	for (h = w->v; denied && h < w->v + w->n; h++)
		if (!h->vendors && h->found.denied.kind == FINGERPRINT_SHA256 &&
		    digests_add(denied, h->found.denied.value, SIZE_UNKNOWN))
			return -ENOMEM;
	return -EBUSY;
}

static int judge(struct work *w, const struct running_limit *limit, struct digests *denied,
		 struct diag *d)
{
	int err = find_struck(w);

	if (!err && w->struck_count > limit->max) {
		err = find_owners(w, limit->catalog);
		if (!err)
			err = find_struck(w);
	}
	if (!err && w->struck_count > limit->max)
		err = report(w, limit->max, denied, d);
	return err;
}

int guard_running(image_t *image, const struct policy *policy, const struct running_limit *limit,
		  struct digests *denied, struct diag *d)
{
	struct work w = {.image = image, .held = limit->held, .policy = policy};
	struct running running;
	int err;

	if (!image_header(image)->denies || limit->max == RUNNING_MATCHES_UNLIMITED)
		return 0;
	err = running_read(&running);
	if (!err)
		err = find_hits(&w, &running);
	if (!err)
		err = judge(&w, limit, denied, d);
	free(w.struck);
	free(w.v);
	running_free(&running);
	return err;
}
