/* SPDX-License-Identifier: GPL-2.0-only */
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/local.h"
#include "cli/output.h"
#include "conf.h"
#include "hash.h"

#define NAMES_TRIED 100

/* ---- what there is already ------------------------------------------------------------------- */

static bool says_the_same(const struct section *s, const struct denial *x)
{
	return s->effect == RULE_DENY && s->vendor && !strcmp(s->vendor, x->vendor) &&
	       s->mode == x->mode && s->from == x->from && s->until == x->until;
}

/* A digest that is listed without its size would match too; to name the size is news. */
static bool covers(const struct digest *listed, const struct digest *wanted)
{
	return !memcmp(listed->value, wanted->value, sizeof(wanted->value)) &&
	       (listed->size == wanted->size || wanted->size == SIZE_UNKNOWN);
}

static bool section_covers(const struct section *s, const struct digest *wanted)
{
	size_t i, k;

	for (i = 0; i < s->list_count; i++)
		for (k = 0; k < s->lists[i].digests.n; k++)
			if (covers(&s->lists[i].digests.v[k], wanted))
				return true;
	return false;
}

static bool is_denied(const struct apply *a, const struct denial *x, const struct digest *wanted)
{
	size_t i;

	for (i = 0; i < a->policy.section_count; i++)
		if (says_the_same(a->policy.sections[i], x) &&
		    section_covers(a->policy.sections[i], wanted))
			return true;
	return false;
}

static bool list_is_denied(const struct apply *a, const struct denial *x, const char *name)
{
	const struct section *s;
	size_t i, k;

	for (i = 0; i < a->policy.section_count; i++) {
		s = a->policy.sections[i];
		if (!says_the_same(s, x) || !apply_is_staged(a, s->file))
			continue;
		for (k = 0; k < s->list_count; k++)
			if (s->lists[k].name && !strcmp(s->lists[k].name, name))
				return true;
	}
	return false;
}

static bool section_names(const struct section *s, const struct fingerprint *f)
{
	size_t i;

	for (i = 0; i < s->named_count; i++)
		if (local_is_named_by(&s->named[i], f))
			return true;
	return false;
}

static bool fingerprint_is_denied(const struct apply *a, const struct denial *x,
				  const struct fingerprint *f)
{
	const struct section *s;
	size_t i;

	for (i = 0; i < a->policy.section_count; i++) {
		s = a->policy.sections[i];
		if (says_the_same(s, x) && section_names(s, f) &&
		    (s->signature == x->signature || !(KINDS_SIGNER & KIND_BIT(f->kind))))
			return true;
	}
	return false;
}

static bool name_is_denied(const struct apply *a, const struct denial *x,
			   const struct denial_name *name)
{
	size_t i;

	for (i = 0; i < name->n; i++)
		if (!fingerprint_is_denied(a, x, &name->v[i]))
			return false;
	return true;
}

/* The section of 90-local.policy that new lines belong in, or NULL. */
static const struct section *find_section(const struct apply *a, const struct denial *x)
{
	const struct section *s;
	size_t i;

	for (i = 0; i < a->policy.section_count; i++) {
		s = a->policy.sections[i];
		if (says_the_same(s, x) && s->signature == x->signature &&
		    apply_is_staged(a, s->file) && !strcmp(s->file->name, LOCAL_POLICY))
			return s;
	}
	return NULL;
}

/* ---- lists and certificates ------------------------------------------------------------------ */

/*
 * The name that @path gets, tried the @turn-th time: its own, or @plain where that could not stand
 * in a policy.
 */
static void name_file(char name[NAME_MAX], const char *path, const char *plain, const char *vendor,
		      int turn)
{
	const char *slash = strrchr(path, '/'), *base = slash ? slash + 1 : path;
	size_t len = strlen(base), suffix = strlen(POLICY_SUFFIX);
	char *escaped = output_escape(base);
	bool odd = !escaped || strcmp(escaped, base) || *base == '.' || *base == ' ' ||
		   strpbrk(base, "=\\") || !policy_is_file(base) || len > NAME_MAX - 64 ||
		   (len >= suffix && !strcmp(base + len - suffix, POLICY_SUFFIX));

	free(escaped);
	if (odd)
		base = plain;
	if (!turn && !odd)
		snprintf(name, NAME_MAX, "%s", base);
	else if (turn <= 1)
		snprintf(name, NAME_MAX, "%s-%s", vendor, base);
	else
		snprintf(name, NAME_MAX, "%s-%d-%s", vendor, turn, base);
}

static bool same_content(const char *a, const char *b)
{
	struct digest x, y;

	return !hash_file(&x, a) && !hash_file(&y, b) && x.size == y.size &&
	       !memcmp(x.value, y.value, sizeof(x.value));
}

/* Put @path into the stage beside what is there; a file of other content keeps its name. */
static int put_file(struct apply *a, const struct denial *x, const char *path, const char *plain,
		    char name[NAME_MAX])
{
	char staged[PATH_MAX];
	int turn;

	for (turn = 0; turn < NAMES_TRIED; turn++) {
		name_file(name, path, plain, x->vendor, turn);
		snprintf(staged, sizeof(staged), "%s/%s", a->stage.dir, name);
		if (access(staged, F_OK)) {
			apply_show_as(a, name, path);
			return stage_put_file(&a->stage, path, name, &a->d);
		}
		if (same_content(staged, path))
			return 0;
	}
	diag_error(&a->d, path, 0, "too many files of this name: give it another");
	return -EEXIST;
}

static int write_lists(struct apply *a, const struct denial *x, FILE *out)
{
	json_t *names = json_array();
	char name[NAME_MAX];
	size_t i;
	int err;

	apply_detail(a, "lists", names);
	for (i = 0; i < x->list_count; i++) {
		err = put_file(a, x, x->lists[i], "digests", name);
		if (err)
			return err;
		json_array_append_new(names, json_string(name));
		if (!list_is_denied(a, x, name))
			fprintf(out, "DigestList=%s\n", name);
	}
	return 0;
}

/* ---- the text -------------------------------------------------------------------------------- */

/* Whether digest @i was named before on the same command line. */
static bool is_repeated(const struct denial *x, size_t i)
{
	size_t k;

	for (k = 0; k < i; k++)
		if (covers(&x->digests.v[k], &x->digests.v[i]))
			return true;
	return false;
}

static void write_digests(const struct apply *a, const struct denial *x, FILE *out)
{
	char hex[2 * FINGERPRINT_LEN + 1];
	const struct digest *digest;
	size_t i;

	for (i = 0; i < x->digests.n; i++) {
		digest = &x->digests.v[i];
		if (is_repeated(x, i) || is_denied(a, x, digest))
			continue;
		digest_format(hex, digest->value);
		fprintf(out, "Digest=sha256:%s", hex);
		if (digest->size != SIZE_UNKNOWN)
			fprintf(out, " %" PRIu64, digest->size);
		fputc('\n', out);
	}
}

/* Whether name @i comes to nothing that was not named before on the same command line. */
static bool name_is_repeated(const struct denial *x, size_t i)
{
	size_t k;

	for (k = 0; k < i; k++)
		if (x->names[k].n == x->names[i].n &&
		    !memcmp(x->names[k].v, x->names[i].v, x->names[i].n * sizeof(*x->names[i].v)))
			return true;
	return false;
}

static int write_name(struct apply *a, const struct denial *x, const struct denial_name *name,
		      FILE *out)
{
	const char *key = policy_kind_key(name->kind);
	char plain[NAME_MAX], file[NAME_MAX];
	int err;

	if (!policy_kind_has_files(name->kind) || !policy_is_file(name->text)) {
		fprintf(out, "%s=%s\n", key, name->text);
		return 0;
	}
	snprintf(plain, sizeof(plain), "certificate%s", strrchr(name->text, '.'));
	err = put_file(a, x, name->text, plain, file);
	if (!err)
		fprintf(out, "%s=%s\n", key, file);
	return err;
}

static int write_names(struct apply *a, const struct denial *x, FILE *out)
{
	size_t i;
	int err = 0;

	for (i = 0; i < x->name_count && !err; i++)
		if (!name_is_repeated(x, i) && !name_is_denied(a, x, &x->names[i]))
			err = write_name(a, x, &x->names[i], out);
	return err;
}

static int compose_header(const struct apply *a, const struct denial *x, char **header)
{
	size_t len;
	FILE *out = open_memstream(header, &len);

	if (!out)
		return -ENOMEM;
	if (!policy_find_vendor(&a->policy, x->vendor)) {
		fprintf(out, "\n[Vendor]\nId=%s\n", x->vendor);
		if (x->name)
			fprintf(out, "Name=%s\n", x->name);
	}
	fprintf(out, "\n[Deny]\nVendor=%s\n", x->vendor);
	if (x->mode == MODE_MONITOR)
		fputs("Mode=monitor\n", out);
	if (x->from_text)
		fprintf(out, "From=%s\n", x->from_text);
	if (x->until_text)
		fprintf(out, "Until=%s\n", x->until_text);
	if (x->signature_text)
		fprintf(out, "SignatureState=%s\n", x->signature_text);
	return fclose(out) ? -ENOMEM : 0;
}

/* The lines that say what no rule says yet; "" when every one is there. */
static int compose(struct apply *a, const struct denial *x, char **lines)
{
	size_t len;
	FILE *out = open_memstream(lines, &len);
	int err;

	if (!out)
		return -ENOMEM;
	write_digests(a, x, out);
	err = write_lists(a, x, out);
	if (!err)
		err = write_names(a, x, out);
	if (fclose(out))
		return -ENOMEM;
	return err;
}

int local_deny(struct apply *a, const struct denial *x, bool *changed)
{
	const struct vendor *vendor = policy_find_vendor(&a->policy, x->vendor);
	char *lines = NULL, *header = NULL;
	int err;

	if (vendor && x->name && (!vendor->name || strcmp(vendor->name, x->name)))
		diag_warning(&a->d, vendor->file->path, vendor->line,
			     "describes %s already: --name is not used", x->vendor);
	err = compose(a, x, &lines);
	*changed = !err && *lines;
	if (*changed)
		err = compose_header(a, x, &header);
	if (*changed && !err)
		err = local_add(a, find_section(a, x), header, lines);
	free(header);
	free(lines);
	return err;
}
