/* SPDX-License-Identifier: GPL-2.0-only */
/* interdict identify --policy: lines for a [Deny] section. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/identify.h"
#include "cli/output.h"
#include "identity/signature.h"
#include "policy/policy.h"

#define VALUE_LEN 256

/* Whether a policy file may hold @text as it is, and read from it what @f is. */
static bool reads_back(const struct fingerprint *f, const char *text)
{
	char *escaped = output_escape(text);
	size_t len = strlen(text);
	struct fingerprint g;
	bool same;

	same = escaped && !strcmp(escaped, text) && len && text[len - 1] != '\\' &&
	       !policy_parse_fingerprint(&g, f->kind, text) &&
	       !memcmp(g.value, f->value, sizeof(g.value));
	free(escaped);
	return same;
}

static const char *organization(const struct examined *e, const struct fingerprint *f)
{
	const char *text;
	size_t i;

	for (i = 0; i < e->signer_count; i++) {
		text = e->signers[i].organization;
		if (text && reads_back(f, text))
			return text;
	}
	return "";
}

/* What the key of this kind is to say; empty when text cannot say it. */
static void format_value(char value[VALUE_LEN], const struct examined *e,
			 const struct fingerprint *f)
{
	bool bare = f->kind == FINGERPRINT_BUILD_ID || f->kind == FINGERPRINT_SIGNER_KEY_ID;
	char hex[FINGERPRINT_HEX];

	if (f->kind == FINGERPRINT_SIGNER_ORG)
		snprintf(value, VALUE_LEN, "%s", organization(e, f));
	else if (f->kind == FINGERPRINT_MODULE_NAME)
		snprintf(value, VALUE_LEN, "%s", e->module);
	else
		snprintf(value, VALUE_LEN, "%s%s", bare ? "" : "sha256:", identify_hex(hex, f));
	if (!reads_back(f, value))
		*value = 0;
}

/* Whether an earlier line says the same. */
static bool is_repeated(const struct identity *identity, const struct fingerprint *f)
{
	const struct fingerprint *g;

	for (g = identity->fingerprints; g < f; g++)
		if (g->kind == f->kind && !memcmp(g->value, f->value, sizeof(g->value)))
			return true;
	return false;
}

/* A signature that does not fit says nothing of whose file this is: what it says is a comment. */
static void print_fingerprint(const struct subject *s, const struct examined *e,
			      const struct fingerprint *f, struct diag *d)
{
	bool wrong = identify_is_signer(f) && f->signature == SIGNATURE_INVALID;
	const char *key = policy_kind_key(f->kind);
	char value[VALUE_LEN];

	if (!key || is_repeated(&e->identity, f))
		return;
	format_value(value, e, f);
	if (*value)
		printf("%s%s=%s\n", wrong ? "#" : "", key, value);
	else
		diag_warning(d, s->path, 0,
			     "its %s= cannot be written as text: name it by another key", key);
}

static void print_signers(const struct subject *s, const struct examined *e, struct diag *d)
{
	const struct identity *identity = &e->identity;
	const struct fingerprint *f, *end = identity->fingerprints + identity->count;
	unsigned int state = SIGNATURE_NONE;

	for (f = identity->fingerprints; f < end; f++) {
		if (!identify_is_signer(f) || is_repeated(identity, f))
			continue;
		if (f->signature != state)
			printf("# each line below denies all that its signer signed (here the "
			       "signature is %s):\n",
			       signature_name(f->signature));
		state = f->signature;
		print_fingerprint(s, e, f, d);
	}
}

static void print_examined(const struct subject *s, const struct examined *e, struct diag *d)
{
	const struct identity *identity = &e->identity;
	const struct fingerprint *f, *end = identity->fingerprints + identity->count;
	char hex[FINGERPRINT_HEX];

	if (!identity->count)
		return;
	printf("Digest=sha256:%s %" PRIu64 "\n", identify_hex(hex, identity->fingerprints),
	       (uint64_t)identity->stamp.size);
	for (f = identity->fingerprints + 1; f < end; f++)
		if (!identify_is_signer(f))
			print_fingerprint(s, e, f, d);
	print_signers(s, e, d);
}

/* The comment says what the lines are of; what is packed is denied as it is, and unpacked. */
void identify_policy(const struct subject *s, struct diag *d)
{
	if (!s->known.content.digest.size) {
		diag_warning(d, s->path, 0, "is empty, as others are: no rule can name it");
		return;
	}
	printf("# %s: ", content_name(s->known.content.kind));
	cli_print_escaped(s->path);
	putchar('\n');
	print_examined(s, &s->known.file, d);
	if (!s->known.plain.identity.count)
		return;
	puts("# unpacked:");
	print_examined(s, &s->known.plain, d);
}
