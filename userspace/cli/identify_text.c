/* SPDX-License-Identifier: GPL-2.0-only */
/* interdict identify, for people. */
#include <stdio.h>

#include "cli/cli.h"
#include "cli/identify.h"
#include "cli/output.h"
#include "digests.h"
#include "identity/signature.h"
#include "image/image.h"

#define LABEL 13 /* columns of a label, and the blanks behind it */

const char *identify_hex(char hex[FINGERPRINT_HEX], const struct fingerprint *f)
{
	digest_format(hex, f->value);
	hex[2 * fingerprint_len(f)] = 0;
	return hex;
}

static void print_label(int indent, const char *label)
{
	printf("%*s%-*s", indent, "", LABEL, label);
}

static void print_line(int indent, const char *label, const char *text)
{
	if (!text || !*text)
		return;
	print_label(indent, label);
	cli_print_escaped(text);
	putchar('\n');
}

static void print_signer(int indent, const struct signer *s)
{
	print_label(indent, "signer");
	cli_print_escaped(s->name ? s->name : "(without a name)");
	printf(", %s\n", signature_name(s->state));
	print_line(indent + 2, "of", s->organization);
	print_line(indent + 2, "issuer", s->issuer);
	print_line(indent + 2, "serial", s->serial);
	print_line(indent + 2, "key id", s->key_id);
}

static void print_signature(int indent, const struct examined *e)
{
	char count[COUNT_LEN];
	size_t i;

	print_label(indent, "signature");
	printf("%s", signature_name(e->identity.signature));
	if (e->identity.signatures)
		printf(", %s",
		       output_count(count, e->identity.signatures, "signature", "signatures"));
	if (e->identity.fault)
		printf(", no signer found: %s", fault_text(e->identity.fault));
	putchar('\n');
	for (i = 0; i < e->signer_count; i++)
		print_signer(indent, &e->signers[i]);
}

static void print_examined(int indent, const struct examined *e)
{
	const struct identity *identity = &e->identity;
	const struct fingerprint *f;
	char hex[FINGERPRINT_HEX], size[COUNT_LEN];

	print_label(indent, "size");
	puts(output_count(size, identity->stamp.size, "byte", "bytes"));
	print_line(indent, "module", e->module);
	for (f = identity->fingerprints; f < identity->fingerprints + identity->count; f++) {
		print_label(indent, "fingerprint");
		printf("%s:%s\n", kind_name(f->kind), identify_hex(hex, f));
	}
	if (identity->taken & KINDS_SIGNER)
		print_signature(indent, e);
}

void identify_text(const struct subject *s)
{
	cli_print_escaped(s->path);
	putchar('\n');
	print_line(2, "kind", content_name(s->known.content.kind));
	print_examined(2, &s->known.file);
	if (!s->known.plain.identity.count)
		return;
	puts("  unpacked");
	print_examined(4, &s->known.plain);
}
