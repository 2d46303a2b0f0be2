/* SPDX-License-Identifier: GPL-2.0-only */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "alive.h"
#include "closure.h"
#include "guard.h"
#include "guard_look.h"
#include "identity/identity.h"
#include "image/names.h"
#include "needed.h"

/* ---- what the policy says of it -------------------------------------------------------------- */

static uint64_t end_of(const struct rule *rule)
{
	return rule->until ? rule->until : UINT64_MAX;
}

static bool lasts_longer(const struct rule *rule, const struct rule *best)
{
	return !best || end_of(rule) > end_of(best);
}

/*
 * Whether a rule could ask for this state. A signature that is verified here today is only claimed
 * where nobody can check it, and valid once the policy's certificate has gone: all of them count.
 */
static bool state_fits(const struct rule *rule, const struct fingerprint *f)
{
	if (rule->signature >= SIGNATURE_CLAIMED)
		return f->signature >= SIGNATURE_CLAIMED;
	return !rule->signature || rule->signature == f->signature;
}

static bool denies(const struct rule *rule, const struct fingerprint *f)
{
	return rule->effect == RULE_DENY && rule->mode == MODE_ENFORCE &&
	       !(rule->flags & RULE_CANARY) && state_fits(rule, f);
}

/* evaluate() with every date open: a rule that waits today bites on a day when nobody looks. */
static void look_up(struct guard_finding *found, image_t *image, const struct fingerprint *f)
{
	const struct image_header *header = image_header(image);
	const struct rule *rule;
	uint32_t index;
	int i;

	index = image_find(image, header, f);
	for (i = 0; i < RULE_CHAIN_MAX && index; i++, index = rule->next) {
		rule = image_rule(image, index);
		if (!rule)
			break;
		if (rule->effect == RULE_ALLOW && allow_matches(image, header, index, f) &&
		    lasts_longer(rule, found->allow))
			found->allow = rule;
		if (denies(rule, f) && lasts_longer(rule, found->deny)) {
			found->deny = rule;
			found->denied = *f;
		}
	}
}

void guard_look(struct guard_finding *found, image_t *image, const struct fingerprint *v,
		unsigned int n)
{
	unsigned int i;

	for (i = 0; i < n; i++)
		look_up(found, image, &v[i]);
}

/* A deny of its content is what is named, where there is one. */
void guard_look_names(struct guard_finding *found, image_t *image, const char *path)
{
	struct name_walk w;
	struct fingerprint f;
	unsigned int i;

	if (found->deny)
		return;
	names_of_path(&w, image, path);
	for (i = 0; i < names_noted(&w); i++) {
		f = names_fingerprint(&w, i);
		look_up(found, image, &f);
	}
}

/* " (loaded by /usr/bin/bash)" for what the machine does not need for itself. */
static void describe_user(char text[PATH_MAX + 16], const struct closure_file *file)
{
	const struct closure_file *root = file;

	*text = 0;
	while (root->by)
		root = root->by;
	if (root != file)
		snprintf(text, PATH_MAX + 16, " (loaded by %s)", root->path);
}

static const char *remedy(const struct guard_finding *found)
{
	if (found->denied.kind == FINGERPRINT_SHA256)
		return "take the digest out of the list";
	if (found->denied.kind == FINGERPRINT_PATH)
		return "name the vendor's own directory";
	return "take out what names it, and name the vendor's files more narrowly";
}

static void warn_of_end(const struct guard_finding *found, const char *id, const char *path,
			const char *user, struct diag *d)
{
	time_t end = found->allow->until / 1000000000;
	char date[32] = "?";
	struct tm tm;

	if (end_of(found->allow) >= end_of(found->deny))
		return;
	if (gmtime_r(&end, &tm))
		strftime(date, sizeof(date), "%Y-%m-%d", &tm);
	diag_warning(d, found->deny->policy, found->deny->line,
		     "rule %s will deny %s, which this machine needs%s, once the exception of "
		     "%s:%u ends on %s: %s",
		     id, path, user, found->allow->policy, found->allow->line, date, remedy(found));
}

#define DENIED 1 /* no error of reading */

/* Where what is found goes. */
struct report {
	struct digests *denied; /* or NULL */
	struct diag *d;
};

static int judge(image_t *image, const struct closure_file *file,
		 const struct fingerprint *fingerprints, unsigned int count, struct report *r)
{
	char id[RULE_ID_LEN], user[PATH_MAX + 16];
	struct guard_finding found = {};

	guard_look(&found, image, fingerprints, count);
	guard_look_names(&found, image, file->path);
	if (!found.deny)
		return 0;
	rule_id(id, found.deny->vendor, &found.denied);
	describe_user(user, file);
	if (found.allow) {
		warn_of_end(&found, id, file->path, user, r->d);
		return 0;
	}
	diag_error(r->d, found.deny->policy, found.deny->line,
		   "rule %s would deny %s, which this machine needs%s: %s", id, file->path, user,
		   remedy(&found));
	if (r->denied && found.denied.kind == FINGERPRINT_SHA256 &&
	    digests_add(r->denied, found.denied.value, SIZE_UNKNOWN))
		return -ENOMEM;
	return DENIED;
}

static int remember(struct remembered_file *f, const struct known *known, unsigned int kinds)
{
	const struct identity *file = &known->file.identity, *plain = &known->plain.identity;
	struct fingerprint *v;

	v = calloc(file->count + plain->count + 1, sizeof(*v));
	if (!v)
		return -ENOMEM;
	memcpy(v, file->fingerprints, file->count * sizeof(*v));
	memcpy(v + file->count, plain->fingerprints, plain->count * sizeof(*v));
	free(f->fingerprints);
	f->fingerprints = v;
	f->count = file->count;
	f->unpacked = plain->count;
	f->kinds = kinds;
	return 0;
}

/* Read once more only if it has changed, or is asked for what it was not asked for before. */
static int identify(const struct closure_file *file, struct remembered_file *f, unsigned int want)
{
	struct known known;
	struct stat st;
	int err;

	if ((f->kinds & want) == want)
		return 0;
	want |= f->kinds;
	err = identity_of_kinds(&known, file->path, want);
	if (!err)
		err = remember(f, &known, want);
	known_free(&known);
	/* What was read may be another file than the one that is remembered. */
	if (!err && (stat(file->path, &st) || !remembered_is(f, &st)))
		f->settled = false;
	return err;
}

static int check_identity(image_t *image, const struct closure_file *file, struct report *r)
{
	unsigned int want = image_kinds_wanted(image, file->size);
	struct remembered_file unread = {}, *f = file->content ? file->content : &unread;
	int err = want ? identify(file, f, want) : 0;

	if (want && !err)
		err = judge(image, file, f->fingerprints, f->count, r);
	if (f->unpacked && want && !err)
		err = judge(image, file, f->fingerprints + f->count, f->unpacked, r);
	free(unread.fingerprints);
	return err;
}

static int check_file(image_t *image, const struct closure_file *file, struct report *r)
{
	int err = check_identity(image, file, r);

	if (err == DENIED)
		return -EPERM;
	if (!err || err == -ENOMEM)
		return err;
	diag_warning(r->d, file->path, 0,
		     "this machine needs it, and whether the policy would deny "
		     "it is unknown: %s",
		     strerror(-err));
	return 0;
}

int guard_find(image_t *image, const char *const *protect, struct remembered *remembered,
	       struct digests *denied, struct diag *d)
{
	struct report r = {.denied = denied, .d = d};
	struct closure needed;
	int err, result = 0;
	size_t i;

	if (!image_header(image)->denies)
		return 0;
	err = closure_init(&needed, remembered);
	if (!err)
		err = needed_add(&needed, protect);
	for (i = 0; i < needed.n && !err; i++) {
		err = check_file(image, needed.v[i], &r);
		if (err == -EPERM)
			result = err, err = 0;
		alive();
	}
	closure_free(&needed);
	return err ? err : result;
}

int guard_check(image_t *image, const char *const *protect, struct diag *d)
{
	return guard_find(image, protect, NULL, NULL, d);
}
