// SPDX-License-Identifier: GPL-2.0-only
/* What runs: every program, and every file that is mapped executable, through who has it. */
#include "running/running.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "identity/identity.h"
#include "looking.h"
#include "running/process.h"

#define SECOND 1000000000LL

/* One file, while it is looked at. */
struct reading {
	struct looking *looking;
	const struct running_file *file;
	char reference[PATH_MAX]; /* leads to it */
	unsigned int want;
	struct finding found; /* but for the process */
};

static int64_t ns(const struct timespec *t)
{
	return t->tv_sec * SECOND + t->tv_nsec;
}

/* ---- what the rules say --------------------------------------------------------------------- */

/* What the name alone can say is not read. */
static int identify(struct reading *r, struct known *k)
{
	const struct certificates *trusted = r->looking->scan->trusted;

	*k = (struct known){};
	if (!(r->want & ~KIND_BIT(FINGERPRINT_PATH)))
		return 0;
	if (trusted && trusted->n && r->want & KINDS_SIGNER)
		return identity_of_file(k, r->reference, trusted);
	return identity_of_kinds(k, r->reference, r->want);
}

/* Return: 1 when a rule names it, 0, or an error. */
static int judge(struct reading *r)
{
	const char *place = running_place(r->file);
	struct known k;
	int rc = identify(r, &k);

	if (!rc)
		rc = looking_judge(r->looking, &r->found, &k.file.identity, place) ||
		     (k.plain.identity.count &&
		      looking_judge(r->looking, &r->found, &k.plain.identity, NULL));
	known_free(&k);
	return rc;
}

/* ---- what is told --------------------------------------------------------------------------- */

/* The first fingerprint of an identity is that of the whole file. */
static int describe(struct reading *r)
{
	struct finding *f = &r->found;
	struct known k;
	struct stat st;
	int err = identity_of_file(&k, r->reference, &examine_unchecked);

	if (!err && stat(r->reference, &st))
		err = -errno;
	if (!err) {
		f->kind = k.content.kind;
		f->size = st.st_size;
		f->modified = ns(&st.st_mtim);
		f->digested = true;
		f->digest.size = st.st_size;
		memcpy(f->digest.value, k.file.identity.fingerprints[0].value, FINGERPRINT_LEN);
	}
	known_free(&k);
	f->place = FINDING_RUNNING;
	f->device = r->file->device;
	f->inode = r->file->inode;
	f->deleted = r->file->deleted;
	return err;
}

/* Who has ended meanwhile runs it no more. */
static int report(struct reading *r, const struct running_use *use)
{
	struct finding f = r->found;
	struct process p;

	if (!process_read(&p, use->pid))
		return 0;
	f.path = strdup(r->file->path);
	if (!f.path)
		return -ENOMEM;
	f.pid = use->pid;
	f.start_time = p.start_time;
	f.mapped = use->end;
	return looking_found(r->looking, &f);
}

static int report_all(struct reading *r)
{
	size_t i;
	int err = describe(r);

	for (i = 0; i < r->file->use_count && !err; i++)
		err = report(r, &r->file->uses[i]);
	return err;
}

/* ---- one file ------------------------------------------------------------------------------- */

static int look_at(struct looking *l, const struct running_file *file)
{
	struct reading r = {.looking = l, .file = file};
	int rc;

	r.want = image_kinds_wanted(l->scan->image, file->size);
	if (!r.want)
		return 0;
	if (!running_way(r.reference, file))
		return 0;
	rc = judge(&r);
	if (rc == -EBUSY)
		rc = judge(&r);
	return rc > 0 ? report_all(&r) : rc;
}

static void look_at_all(struct looking *l, const struct running *running)
{
	size_t i;
	int err;

	for (i = 0; i < running->n && !looking_is_over(l); i++) {
		err = look_at(l, running->v[i]);
		if (err)
			looking_unread(l, running->v[i]->path, err);
	}
}

/* A scan by somebody else than root is not complete. */
static void complain_of_hidden(struct looking *l, size_t hidden)
{
	char what[64];

	snprintf(what, sizeof(what), "/proc (%zu process%s)", hidden, hidden == 1 ? "" : "es");
	looking_unread(l, what, -EACCES);
}

int running_look(struct looking *l)
{
	struct running running;
	int err = running_read(&running);

	if (!err) {
		looking_add(l, COUNT_PROCESSES, running.processes);
		look_at_all(l, &running);
		if (running.hidden)
			complain_of_hidden(l, running.hidden);
	}
	running_free(&running);
	return err;
}
