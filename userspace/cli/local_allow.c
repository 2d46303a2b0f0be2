/* SPDX-License-Identifier: GPL-2.0-only */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/local.h"
#include "conf.h"

/* ---- what there is already ------------------------------------------------------------------- */

static bool says_the_same(const struct section *s, const struct exception *x)
{
	return s->effect == RULE_ALLOW && s->from == x->from && s->until == x->until && s->reason &&
	       !strcmp(s->reason, x->reason) && s->approved_by &&
	       !strcmp(s->approved_by, x->approved_by);
}

static bool lists(const struct digests *list, const struct digest *wanted, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (!memcmp(list->v[i].value, wanted->value, sizeof(wanted->value)) &&
		    (list->v[i].size == wanted->size || wanted->size == SIZE_UNKNOWN))
			return true;
	return false;
}

static bool section_allows(const struct section *s, const struct digest *wanted)
{
	size_t i;

	for (i = 0; i < s->list_count; i++)
		if (lists(&s->lists[i].digests, wanted, s->lists[i].digests.n))
			return true;
	return false;
}

static bool is_allowed(const struct apply *a, const struct exception *x,
		       const struct digest *wanted)
{
	size_t i;

	for (i = 0; i < a->policy.section_count; i++)
		if (says_the_same(a->policy.sections[i], x) &&
		    section_allows(a->policy.sections[i], wanted))
			return true;
	return false;
}

/* The section of 90-local.policy that new lines belong in, or NULL. */
static const struct section *find_section(const struct apply *a, const struct exception *x)
{
	const struct section *s;
	size_t i;

	for (i = 0; i < a->policy.section_count; i++) {
		s = a->policy.sections[i];
		if (says_the_same(s, x) && apply_is_staged(a, s->file) &&
		    !strcmp(s->file->name, LOCAL_POLICY))
			return s;
	}
	return NULL;
}

/* ---- the text -------------------------------------------------------------------------------- */

static void write_digests(const struct apply *a, const struct exception *x, FILE *out)
{
	char hex[2 * FINGERPRINT_LEN + 1];
	const struct digest *digest;
	size_t i;

	for (i = 0; i < x->digests.n; i++) {
		digest = &x->digests.v[i];
		if (lists(&x->digests, digest, i) || is_allowed(a, x, digest))
			continue;
		digest_format(hex, digest->value);
		fprintf(out, "Digest=sha256:%s", hex);
		if (digest->size != SIZE_UNKNOWN)
			fprintf(out, " %" PRIu64, digest->size);
		fputc('\n', out);
	}
}

static int compose(const struct apply *a, const struct exception *x, char **lines)
{
	size_t len;
	FILE *out = open_memstream(lines, &len);

	if (!out)
		return -ENOMEM;
	write_digests(a, x, out);
	return fclose(out) ? -ENOMEM : 0;
}

static int compose_header(const struct exception *x, char **header)
{
	size_t len;
	FILE *out = open_memstream(header, &len);

	if (!out)
		return -ENOMEM;
	fputs("\n[Allow]\n", out);
	if (x->from_text)
		fprintf(out, "From=%s\n", x->from_text);
	fprintf(out, "Until=%s\nReason=%s\nApprovedBy=%s\n", x->until_text, x->reason,
		x->approved_by);
	return fclose(out) ? -ENOMEM : 0;
}

int local_allow(struct apply *a, const struct exception *x, bool *changed)
{
	char *lines = NULL, *header = NULL;
	int err = compose(a, x, &lines);

	*changed = !err && *lines;
	if (*changed)
		err = compose_header(x, &header);
	if (*changed && !err)
		err = local_add(a, find_section(a, x), header, lines);
	free(header);
	free(lines);
	return err;
}
