/* SPDX-License-Identifier: GPL-2.0-only */
/* Which of what runs a policy names. */
#include <errno.h>
#include <string.h>
#include <sys/sysmacros.h>

#include "image/names.h"
#include "progress.h"
#include "running_walk.h"

/* Nothing but the kinds that count: an identity may hold more than was asked for. */
static void narrow(struct identity *identity, unsigned int kinds)
{
	size_t i, n = 0;

	for (i = 0; i < identity->count; i++)
		if (kinds & KIND_BIT(identity->fingerprints[i].kind))
			identity->fingerprints[n++] = identity->fingerprints[i];
	identity->count = n;
}

/* What its content is worth. */
static bool judge(struct running_match *match, const struct running_search *s,
		  struct identity *identity, unsigned int kinds)
{
	narrow(identity, kinds);
	match->verdict = evaluate(s->image, image_header(s->image), identity, s->now);
	if (!match->verdict.rule)
		return false;
	match->matched = identity->fingerprints[match->verdict.fingerprint];
	return true;
}

static int judge_content(struct running_match *match, const struct running_search *s,
			 const char *path, unsigned int want, unsigned int kinds)
{
	struct known known;
	int err;

	/* Only a whole look checks signatures against certificates. */
	if (s->trusted && s->trusted->n && want & KINDS_SIGNER)
		err = identity_of_file(&known, path, s->trusted);
	else
		err = identity_of_kinds(&known, path, want);
	if (!err && !judge(match, s, &known.file.identity, kinds))
		judge(match, s, &known.plain.identity, kinds);
	known_free(&known);
	return err;
}

/* A name is weighed beside the content. */
static void judge_name(struct running_match *match, const struct running_search *s,
		       const char *place)
{
	struct fingerprint name = names_evaluate(&match->verdict, s->image, place, s->now);

	if (name.kind)
		match->matched = name;
}

int running_judge(struct running_match *match, const struct running_search *s, const char *path,
		  const char *place, uint64_t size)
{
	unsigned int kinds = s->kinds ? s->kinds : UINT32_MAX;
	unsigned int want = image_kinds_wanted(s->image, size) & kinds;
	int err = 0;

	match->verdict = (struct verdict){};
	/* Of a file that is asked for nothing but its name nothing is read. */
	if (want & ~KIND_BIT(FINGERPRINT_PATH))
		err = judge_content(match, s, path, want, kinds);
	if (err)
		return err;
	if (place && want & KIND_BIT(FINGERPRINT_PATH))
		judge_name(match, s, place);
	if (!match->verdict.rule)
		return 0;
	match->rule = image_rule(s->image, match->verdict.rule);
	return 1;
}

/* What is in memory alone is shown by a name that its maker chose, and has no directories. */
const char *running_place(const struct running_file *f)
{
	return f->deleted && !strncmp(f->path, "/memfd:", 7) ? NULL : f->path;
}

static bool reach(char reference[PATH_MAX], struct statx *st, const struct running_file *f,
		  size_t use)
{
	return running_reach(reference, st, &f->uses[use], f->path, f->inode) &&
	       st->stx_ino == f->inode &&
	       makedev(st->stx_dev_major, st->stx_dev_minor) == f->device;
}

bool running_way(char reference[PATH_MAX], const struct running_file *f)
{
	struct statx st;
	size_t i;

	for (i = 0; i < f->use_count; i++)
		if (reach(reference, &st, f, i))
			return true;
	return false;
}

/* Through the first process that still has it. */
static int judge_running(struct running_match *match, const struct running_search *s,
			 const struct running_file *f)
{
	char reference[PATH_MAX];
	struct statx st;
	size_t i;
	int rc = -ENOENT;

	for (i = 0; i < f->use_count && rc == -ENOENT; i++)
		if (reach(reference, &st, f, i))
			rc = running_judge(match, s, reference, running_place(f), st.stx_size);
	return rc;
}

/* What has ended meanwhile runs no more; the rest of what cannot be read is counted. */
static int look_at(struct running_search *s, const struct running_file *f)
{
	struct running_match match = {.file = f};
	int rc = judge_running(&match, s, f);

	if (rc == -ENOMEM)
		return rc;
	if (rc < 0)
		s->unread += rc != -ENOENT;
	return rc > 0 ? s->found(s->context, &match) : 0;
}

int running_find(const struct running *r, struct running_search *s)
{
	struct progress progress;
	size_t i;
	int err = 0;

	progress_start(&progress, "looking at what runs", r->n);
	for (i = 0; i < r->n && !err; i++) {
		err = look_at(s, r->v[i]);
		progress_add(&progress, 1);
	}
	progress_end(&progress);
	return err;
}
