/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * An examination from its beginning to its end:
 *
 *	examine_begin(x, size, want);
 *	while (x->ask != ASK_NOTHING) {
 *		answer what x->ask asks
 *		examine_step(x);
 *	}
 *
 * ASK_WINDOW   put up to WINDOW_LEN bytes from x->at into x->window, and into x->got how many
 * ASK_DIGEST   put the digest of x->ranges into x->digest and 0 or -errno into x->error; who cannot
 *              take digests calls digest_begin(x) instead: then windows are asked for
 * ASK_VERIFY   put into x->verification what examine_blob(x) is worth
 *
 * Where that fails the examination ends with FAULT_READ, and x->error says why. What was found by
 * then says nothing of what was not: it is no identity.
 *
 *	start ─┬─ PE: hash, certificate table ──┬─ trailers ─ signatures, one after the other
 *	       └─ ELF: build-id, driver's name ─┘
 */
#ifndef INTERDICT_EXAMINE_H
#define INTERDICT_EXAMINE_H

#include "cms.h"
#include "elf.h"
#include "modsig.h"
#include "pe.h"

/* All kinds that an examination finds. */
#define KINDS_EXAMINED                                                                             \
	(KINDS_SIGNER | KIND_BIT(FINGERPRINT_BUILD_ID) | KIND_BIT(FINGERPRINT_AUTHENTIHASH) |      \
	 KIND_BIT(FINGERPRINT_SIGNED_DIGEST) | KIND_BIT(FINGERPRINT_MODULE_NAME))
#define KINDS_PE      (KINDS_SIGNER | KIND_BIT(FINGERPRINT_AUTHENTIHASH))
#define KINDS_TRAILER (KINDS_SIGNER | KIND_BIT(FINGERPRINT_SIGNED_DIGEST))

/**
 * examine_begin() - begin to examine a source.
 * @x: everything but its identity's stamp, count and digests is set here: those stay, and what is
 *	found is added
 * @size: bytes of the source
 * @want: KIND_BIT of each kind that shall be found
 */
PARSE_INLINE void examine_begin(struct examination *x, __u64 size, __u32 want)
{
	x->size = size;
	x->want = want & KINDS_EXAMINED;
	x->identity.taken |= x->want;
	x->identity.signature = SIGNATURE_NONE;
	x->identity.signatures = 0;
	x->identity.fault = FAULT_NONE;
	x->identity.signer[0] = 0;
	x->content = size;
	x->error = 0;
	x->steps = 0;
	x->blob = x->blob_count = 0;
	x->layers = x->table = 0;
	x->is_pe = x->is_elf = 0;
	x->names = 0;
	x->module[0] = 0;
	x->issuer.len = x->serial.len = 0;
	x->digesting.running = 0;
	ask_window(x, PARSER_START, 0, 0);
}

/* The signature that is asked after, and the length of what it signs: all that lies before it. */
PARSE_INLINE struct interdict_range examine_blob(const struct examination *x)
{
	__u64 i = x->blob;

	opaque(i);
	if (i >= EXAMINE_BLOBS)
		return (struct interdict_range){};
	return x->blobs[i];
}

/* What the first window begins. Return: 1 when it is nothing to look into. */
PARSE_INLINE int examine_start(struct examination *x)
{
	if (x->want & KINDS_PE && pe_begins(x))
		return ask_window(x, PARSER_PE, PE_HEADERS, le32_at(x, 0x3c));
	if (!elf_begins(x))
		return 1;
	x->parser = PARSER_ELF;
	x->state = ELF_HEADER;
	return elf_step(x);
}

PARSE_INLINE int examine_parse(struct examination *x)
{
	switch (x->parser) {
	case PARSER_START:
		return examine_start(x);
	case PARSER_ELF:
		return elf_step(x);
	case PARSER_PE:
		return pe_step(x);
	case PARSER_MODSIG:
		return modsig_step(x);
	case PARSER_CMS:
		return cms_step(x);
	case PARSER_SIGNER:
		return signer_step(x);
	case PARSER_CERTIFICATE:
		return certificate_step(x);
	case PARSER_NAME:
		return name_step(x);
	}
	return 1;
}

PARSE_INLINE int examine_next_blob(struct examination *x)
{
	if (x->blob < x->blob_count && x->want & KINDS_SIGNER)
		return cms_begin(x);
	x->ask = ASK_NOTHING;
	return 1;
}

/* What comes after the parser that is done. */
PARSE_GLOBAL int examine_next(struct examination *x)
{
	if (!x)
		return 1;
	if (x->parser < PARSER_MODSIG && x->want & KINDS_TRAILER && !modsig_look(x))
		return 0;
	if (x->parser > PARSER_MODSIG)
		x->blob++;
	return examine_next_blob(x);
}

/* Whether what was asked for could not be had. No parser is told: each would take it for bytes that
 * are not there. */
PARSE_INLINE int examine_failed(struct examination *x)
{
	if (x->ask == ASK_WINDOW && x->got < 0)
		x->error = x->got;
	return x->error != 0;
}

/** examine_step() - take an answer. Return: 1 when nothing is asked any more. */
PARSE_GLOBAL int examine_step(struct examination *x)
{
	if (!x)
		return 1;
	if (x->digesting.running && !digest_step(x))
		return 0;
	if (examine_failed(x)) {
		x->identity.fault = FAULT_READ;
		x->ask = ASK_NOTHING;
		return 1;
	}
	if (++x->steps > EXAMINE_STEPS) {
		x->identity.fault = FAULT_STEPS;
		strengthen(x, SIGNATURE_INVALID);
		x->ask = ASK_NOTHING;
		return 1;
	}
	return examine_parse(x) ? examine_next(x) : 0;
}

#endif
