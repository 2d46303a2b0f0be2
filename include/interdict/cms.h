/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * CMS SignedData (RFC 5652), DER: who signed. Of each signer: how the signature names it (issuer
 * and serial, or key id), its certificate if that comes along, the key in it, and its organization.
 * Signatures that are nested in one (Authenticode's SPC_NESTED_SIGNATURE) are queued.
 *
 *	cms_step()           from ContentInfo down to the signers
 *	signer_step()        one SignerInfo
 *	certificate_step()   the certificates, until one is the signer's
 *	name_step()          its subject, or where it is not there, its issuer
 */
#ifndef INTERDICT_CMS_H
#define INTERDICT_CMS_H

#include "der.h"
#include "sha256.h"

#define CMS_SIGNERS 4 /* in one signature */

enum cms_state {
	/* cms_step() */
	CMS_INFO,
	CMS_TYPE,
	CMS_CONTENT,
	CMS_SIGNED,
	CMS_VERSION,
	CMS_ALGORITHMS,
	CMS_ENCAPSULATED,
	CMS_PE_TYPE,
	CMS_PE_CONTENT,
	CMS_PE_DATA,
	CMS_PE_ATTRIBUTE,
	CMS_PE_INFO,
	CMS_PE_ALGORITHM,
	CMS_PE_DIGEST,
	CMS_SETS,
	CMS_VERIFIED,
	CMS_DONE,
	/* signer_step() */
	SIGNER_INFO,
	SIGNER_VERSION,
	SIGNER_ID,
	SIGNER_ID_DIGEST,
	SIGNER_ISSUER,
	SIGNER_ALGORITHM,
	SIGNER_SIGNED,
	SIGNER_SIGNATURE,
	SIGNER_UNSIGNED,
	SIGNER_ATTRIBUTE,
	SIGNER_NESTED,
	/* certificate_step() */
	CERTIFICATE,
	CERTIFICATE_TBS,
	CERTIFICATE_SERIAL,
	CERTIFICATE_ALGORITHM,
	CERTIFICATE_ISSUER,
	CERTIFICATE_VALIDITY,
	CERTIFICATE_SUBJECT,
	CERTIFICATE_KEY,
	CERTIFICATE_OPTIONAL,
	CERTIFICATE_EXTENSIONS,
	CERTIFICATE_EXTENSION,
	CERTIFICATE_MATCH,
	CERTIFICATE_DIGEST,
	CERTIFICATE_KEY_DIGEST,
	/* name_step() */
	NAME_SET,
	NAME_ATTRIBUTE,
};

/* Object identifiers, with tag and length. */
#define OID_SIGNED_DATA	  "\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02"
#define OID_SHA256	  "\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01"
#define OID_INDIRECT_DATA "\x06\x0a\x2b\x06\x01\x04\x01\x82\x37\x02\x01\x04"
#define OID_NESTED	  "\x06\x0a\x2b\x06\x01\x04\x01\x82\x37\x02\x04\x01"
#define OID_KEY_ID	  "\x06\x03\x55\x1d\x0e"
#define OID_ATTRIBUTE	  "\x06\x03\x55\x04" /* 2.5.4, and the attribute */
#define INTEGER_1	  "\x02\x01\x01"
#define ATTRIBUTE_CN	  3
#define ATTRIBUTE_ORG	  10

PARSE_INLINE int cms_done(struct examination *x)
{
	x->parser = PARSER_CMS;
	x->state = CMS_DONE;
	return 1;
}

/* What this signature says is not believed: what it said of its signers is forgotten. */
PARSE_INLINE int cms_broken(struct examination *x)
{
	if (!x->identity.fault)
		x->identity.fault = FAULT_TAG;
	x->identity.count = x->first;
	if (!x->first_signer)
		x->identity.signer[0] = 0;
	strengthen(x, SIGNATURE_INVALID);
	return cms_done(x);
}

/* ---- the signature ------------------------------------------------------------------------- */

/** cms_begin() - read signature @x->blob of those that were found. */
PARSE_GLOBAL int cms_begin(struct examination *x)
{
	__u64 i;

	if (!x)
		return 0;
	i = x->blob;
	opaque(i);
	if (i >= EXAMINE_BLOBS)
		return cms_done(x);
	x->end = x->blobs[i].at + x->blobs[i].len;
	x->certs = x->certs_end = 0;
	x->signers = 0;
	x->embedded = 0;
	x->pe_differs = 0;
	x->first = x->identity.count;
	x->first_signer = !!x->identity.signer[0];
	return ask_window(x, PARSER_CMS, CMS_INFO, x->blobs[i].at);
}

/* The element must have @tag; go on behind it, or inside. */
PARSE_INLINE int cms_behind(struct examination *x, __u64 end, __u32 tag, __u32 state)
{
	if (der_expect(x, end, tag))
		return cms_broken(x);
	return ask_window(x, x->parser, state, x->e.next);
}

PARSE_INLINE int cms_inside(struct examination *x, __u64 end, __u32 tag, __u32 state)
{
	if (der_expect(x, end, tag))
		return cms_broken(x);
	return ask_window(x, x->parser, state, x->e.body);
}

/* The blob may be padded: it is as long as its ContentInfo. */
PARSE_INLINE int cms_info(struct examination *x)
{
	__u64 i = x->blob;

	if (der_expect(x, x->end, DER_SEQUENCE))
		return cms_broken(x);
	x->end = x->e.next;
	opaque(i);
	if (i < EXAMINE_BLOBS)
		x->blobs[i].len = x->e.next - x->blobs[i].at;
	return ask_window(x, PARSER_CMS, CMS_TYPE, x->e.body);
}

PARSE_INLINE int cms_type(struct examination *x)
{
	if (!window_is(x, 0, OID_SIGNED_DATA, 11))
		return cms_broken(x);
	return cms_behind(x, x->end, DER_OID, CMS_CONTENT);
}

PARSE_INLINE int cms_encapsulated(struct examination *x)
{
	if (der_expect(x, x->end, DER_SEQUENCE))
		return cms_broken(x);
	x->entry = x->e.next;
	if (x->is_pe)
		return ask_window(x, PARSER_CMS, CMS_PE_TYPE, x->e.body);
	return ask_window(x, PARSER_CMS, CMS_SETS, x->entry);
}

/* Only PE files sign themselves indirectly; whatever else a PE file's signature holds says nothing
 * about its content. */
PARSE_INLINE int cms_pe_type(struct examination *x)
{
	if (window_is(x, 0, OID_INDIRECT_DATA, 12))
		return cms_behind(x, x->entry, DER_OID, CMS_PE_CONTENT);
	x->pe_differs = 1;
	return ask_window(x, PARSER_CMS, CMS_SETS, x->entry);
}

PARSE_INLINE int cms_pe_algorithm(struct examination *x)
{
	if (der_expect(x, x->entry, DER_SEQUENCE))
		return cms_broken(x);
	if (window_is(x, x->e.header, OID_SHA256, 11))
		return ask_window(x, PARSER_CMS, CMS_PE_DIGEST, x->e.next);
	x->pe_differs = 2; /* a hash that is not taken here: not to be told */
	return ask_window(x, PARSER_CMS, CMS_SETS, x->entry);
}

PARSE_GLOBAL int cms_pe_hash_differs(struct examination *x)
{
	__u32 difference = 0, i;

	if (!x || !has(x, 2 + 32))
		return 1;
	for (i = 0; i < 32; i++)
		difference |= byte_at(x, 2 + i) ^ x->pe_hash[i];
	return difference != 0;
}

PARSE_INLINE int cms_pe_digest(struct examination *x)
{
	if (der_expect(x, x->entry, DER_OCTETS))
		return cms_broken(x);
	x->pe_differs = x->e.header != 2 || der_len(&x->e) != 32 || cms_pe_hash_differs(x);
	return ask_window(x, PARSER_CMS, CMS_SETS, x->entry);
}

/* Certificates and revocation lists may be absent; signers may not. */
PARSE_INLINE int cms_sets(struct examination *x)
{
	if (der_element(x, x->end))
		return cms_broken(x);
	if (x->e.tag == DER_TAGGED_0) {
		x->certs = x->e.body;
		x->certs_end = x->e.next;
	} else if (x->e.tag == DER_SET) {
		x->infos_end = x->e.next;
		return ask_window(x, PARSER_SIGNER, SIGNER_INFO, x->e.body);
	} else if (x->e.tag != DER_TAGGED_1) {
		der_fault(x, FAULT_TAG);
		return cms_broken(x);
	}
	return ask_window(x, PARSER_CMS, CMS_SETS, x->e.next);
}

/* What the answer makes of a signature. Where several signed together, it does not say whose
 * certificate is trusted. */
PARSE_INLINE __u32 cms_signature_state(const struct examination *x)
{
	if (x->is_pe && x->pe_differs == 1)
		return SIGNATURE_INVALID;
	if (x->verification == VERIFICATION_WRONG)
		return SIGNATURE_INVALID;
	if (x->verification == VERIFICATION_NONE || (x->is_pe && x->pe_differs))
		return SIGNATURE_CLAIMED;
	if (x->verification == VERIFICATION_TRUSTED && x->signers == 1)
		return SIGNATURE_VERIFIED;
	return x->embedded == x->signers ? SIGNATURE_VALID : SIGNATURE_CLAIMED;
}

struct marking {
	struct examination *x;
	__u32 state;
};

static inline long mark_fingerprint(__u32 turn, void *context)
{
	struct marking *m = context;
	__u64 i = m->x->first + turn;

	opaque(i);
	if (i >= IDENTITY_FINGERPRINTS)
		return 1;
	m->x->identity.fingerprints[i].signature = m->state;
	return 0;
}

/* Give all that this signature says its state. */
PARSE_GLOBAL int cms_verified(struct examination *x)
{
	struct marking m = {.x = x};

	if (!x)
		return 1;
	m.state = cms_signature_state(x);
	if (x->identity.count > x->first)
		parse_loop(x->identity.count - x->first, mark_fingerprint, &m);
	strengthen(x, m.state);
	return cms_done(x);
}

/** cms_step() - take the answer to what was asked last. Return: 1 at the end of this signature. */
PARSE_GLOBAL int cms_step(struct examination *x)
{
	if (!x)
		return 1;
	switch (x->state) {
	case CMS_INFO:
		return cms_info(x);
	case CMS_TYPE:
		return cms_type(x);
	case CMS_CONTENT:
		return cms_inside(x, x->end, DER_TAGGED_0, CMS_SIGNED);
	case CMS_SIGNED:
		return cms_inside(x, x->end, DER_SEQUENCE, CMS_VERSION);
	case CMS_VERSION:
		return cms_behind(x, x->end, DER_INTEGER, CMS_ALGORITHMS);
	case CMS_ALGORITHMS:
		return cms_behind(x, x->end, DER_SET, CMS_ENCAPSULATED);
	case CMS_ENCAPSULATED:
		return cms_encapsulated(x);
	case CMS_PE_TYPE:
		return cms_pe_type(x);
	case CMS_PE_CONTENT:
		return cms_inside(x, x->entry, DER_TAGGED_0, CMS_PE_DATA);
	case CMS_PE_DATA:
		return cms_inside(x, x->entry, DER_SEQUENCE, CMS_PE_ATTRIBUTE);
	case CMS_PE_ATTRIBUTE:
		return cms_behind(x, x->entry, DER_SEQUENCE, CMS_PE_INFO);
	case CMS_PE_INFO:
		return cms_inside(x, x->entry, DER_SEQUENCE, CMS_PE_ALGORITHM);
	case CMS_PE_ALGORITHM:
		return cms_pe_algorithm(x);
	case CMS_PE_DIGEST:
		return cms_pe_digest(x);
	case CMS_SETS:
		return cms_sets(x);
	case CMS_VERIFIED:
		return cms_verified(x);
	}
	return 1;
}

/* ---- one signer ---------------------------------------------------------------------------- */

/* On to the next SignerInfo; behind the last, to what the signature is worth. */
PARSE_INLINE int signer_next(struct examination *x, __u64 at)
{
	if (at < x->infos_end && x->signers < CMS_SIGNERS)
		return ask_window(x, PARSER_SIGNER, SIGNER_INFO, at);
	if (!x->signers) {
		der_fault(x, FAULT_NO_SIGNER);
		return cms_broken(x);
	}
	x->ask = ASK_VERIFY;
	x->parser = PARSER_CMS;
	x->state = CMS_VERIFIED;
	return 0;
}

PARSE_INLINE int signer_info(struct examination *x)
{
	if (x->at >= x->infos_end)
		return signer_next(x, x->at);
	if (der_expect(x, x->infos_end, DER_SEQUENCE))
		return cms_broken(x);
	x->info_end = x->e.next;
	x->signers++;
	x->key_id_len = 0;
	return ask_window(x, PARSER_SIGNER, SIGNER_VERSION, x->e.body);
}

PARSE_INLINE int signer_version(struct examination *x)
{
	x->is_version_1 = window_is(x, 0, INTEGER_1, 3);
	return cms_behind(x, x->info_end, DER_INTEGER, SIGNER_ID);
}

/* An octet string of 1 to 32 bytes at @i of the window. Return: whether it is one. */
PARSE_INLINE int key_id_at(struct examination *x, __u32 i, __u32 len)
{
	if (!len || len > sizeof(x->cert_key_id) || !text_copy(x, i, len))
		return 0;
	__builtin_memcpy(x->cert_key_id, x->text, sizeof(x->cert_key_id));
	x->cert_key_id_len = len;
	return 1;
}

PARSE_INLINE int signer_id(struct examination *x)
{
	if (der_element(x, x->info_end))
		return cms_broken(x);
	x->sid_is_key_id = x->e.tag == DER_CONTEXT_0;
	x->sid.at = x->e.body;
	x->sid.len = der_len(&x->e);
	if (x->e.tag == DER_SEQUENCE)
		return ask_digest_of(x, PARSER_SIGNER, SIGNER_ID_DIGEST, &x->sid);
	if (!x->sid_is_key_id || !key_id_at(x, x->e.header, der_len(&x->e))) {
		der_fault(x, FAULT_TAG);
		return cms_broken(x);
	}
	__builtin_memcpy(x->key_id, x->cert_key_id, sizeof(x->key_id));
	x->key_id_len = x->cert_key_id_len;
	x->issuer.len = 0;
	add_padded(x, FINGERPRINT_SIGNER_KEY_ID, x->key_id, x->key_id_len);
	return ask_window(x, PARSER_SIGNER, SIGNER_ALGORITHM, x->e.next);
}

PARSE_INLINE int signer_id_digest(struct examination *x)
{
	__builtin_memcpy(x->sid_digest, x->digest, sizeof(x->sid_digest));
	add_fingerprint(x, FINGERPRINT_SIGNER_SERIAL, x->digest);
	return ask_window(x, PARSER_SIGNER, SIGNER_ISSUER, x->sid.at);
}

PARSE_INLINE int signer_issuer(struct examination *x)
{
	__u64 end = x->sid.at + x->sid.len;

	if (der_expect(x, end, DER_SEQUENCE))
		return cms_broken(x);
	x->issuer = der_whole(&x->e);
	x->serial.at = x->e.next;
	x->serial.len = end - x->e.next;
	return ask_window(x, PARSER_SIGNER, SIGNER_ALGORITHM, end);
}

/* Signed attributes may be absent, and the algorithm of the signature stands in their place. */
PARSE_INLINE int signer_signed(struct examination *x)
{
	if (der_element(x, x->info_end))
		return cms_broken(x);
	if (x->e.tag == DER_TAGGED_0)
		return ask_window(x, PARSER_SIGNER, SIGNER_SIGNED, x->e.next);
	if (x->e.tag != DER_SEQUENCE) {
		der_fault(x, FAULT_TAG);
		return cms_broken(x);
	}
	return ask_window(x, PARSER_SIGNER, SIGNER_SIGNATURE, x->e.next);
}

/* Now that the SignerInfo is read: who is that? */
PARSE_INLINE int signer_read(struct examination *x)
{
	x->cert = x->certs;
	if (x->certs < x->certs_end)
		return ask_window(x, PARSER_CERTIFICATE, CERTIFICATE, x->certs);
	x->names_org = 0;
	x->names_end = x->issuer.at + x->issuer.len;
	return ask_window(x, PARSER_NAME, NAME_SET, x->issuer.at);
}

PARSE_INLINE int signer_unsigned(struct examination *x)
{
	if (x->at >= x->info_end)
		return signer_read(x);
	if (der_expect(x, x->info_end, DER_TAGGED_1))
		return cms_broken(x);
	x->attributes_end = x->e.next;
	return ask_window(x, PARSER_SIGNER, SIGNER_ATTRIBUTE, x->e.body);
}

PARSE_INLINE int signer_attribute(struct examination *x)
{
	__u64 set;

	if (x->at >= x->attributes_end)
		return signer_read(x);
	if (der_expect(x, x->attributes_end, DER_SEQUENCE))
		return cms_broken(x);
	x->entry = x->e.next;
	if (!window_is(x, x->e.header & 7, OID_NESTED, 12))
		return ask_window(x, PARSER_SIGNER, SIGNER_ATTRIBUTE, x->e.next);
	set = x->e.body + 12;
	x->nested_end = 0;
	return ask_window(x, PARSER_SIGNER, SIGNER_NESTED, set);
}

/* The SET of nested signatures, and then each. Nobody signs this attribute: what else is in it says
 * nothing of the signature around it. */
PARSE_INLINE int signer_nested(struct examination *x)
{
	if (x->nested_end && x->at >= x->nested_end)
		return ask_window(x, PARSER_SIGNER, SIGNER_ATTRIBUTE, x->entry);
	if (der_element(x, x->entry))
		return cms_broken(x);
	if (!x->nested_end) {
		x->nested_end = x->e.next;
		return ask_window(x, PARSER_SIGNER, SIGNER_NESTED, x->e.body);
	}
	if (x->e.tag == DER_SEQUENCE)
		add_blob(x, x->e.at, x->e.next - x->e.at);
	return ask_window(x, PARSER_SIGNER, SIGNER_NESTED, x->e.next);
}

/** signer_step() - take the answer to what was asked last. Return: as cms_step(). */
PARSE_GLOBAL int signer_step(struct examination *x)
{
	if (!x)
		return 1;
	switch (x->state) {
	case SIGNER_INFO:
		return signer_info(x);
	case SIGNER_VERSION:
		return signer_version(x);
	case SIGNER_ID:
		return signer_id(x);
	case SIGNER_ID_DIGEST:
		return signer_id_digest(x);
	case SIGNER_ISSUER:
		return signer_issuer(x);
	case SIGNER_ALGORITHM:
		return cms_behind(x, x->info_end, DER_SEQUENCE, SIGNER_SIGNED);
	case SIGNER_SIGNED:
		return signer_signed(x);
	case SIGNER_SIGNATURE:
		return cms_behind(x, x->info_end, DER_OCTETS, SIGNER_UNSIGNED);
	case SIGNER_UNSIGNED:
		return signer_unsigned(x);
	case SIGNER_ATTRIBUTE:
		return signer_attribute(x);
	case SIGNER_NESTED:
		return signer_nested(x);
	}
	return 1;
}

/* ---- certificates (RFC 5280) --------------------------------------------------------------- */

PARSE_INLINE int name_of(struct examination *x, const struct interdict_range *name, __u32 is_signer)
{
	x->names_org = is_signer;
	x->names_end = name->at + name->len;
	return ask_window(x, PARSER_NAME, NAME_SET, name->at);
}

PARSE_INLINE int certificate_next(struct examination *x)
{
	return ask_window(x, PARSER_CERTIFICATE, CERTIFICATE, x->cert_end);
}

PARSE_INLINE int certificate(struct examination *x)
{
	if (x->at >= x->certs_end)
		return name_of(x, &x->issuer, 0);
	if (der_element(x, x->certs_end))
		return cms_broken(x);
	x->cert = x->e.at;
	x->cert_end = x->e.next;
	x->cert_key_id_len = 0;
	if (x->e.tag != DER_SEQUENCE) /* an attribute certificate, or another kind */
		return certificate_next(x);
	return ask_window(x, PARSER_CERTIFICATE, CERTIFICATE_TBS, x->e.body);
}

PARSE_INLINE int certificate_tbs(struct examination *x)
{
	if (der_expect(x, x->cert_end, DER_SEQUENCE))
		return cms_broken(x);
	x->tbs_end = x->e.next;
	return ask_window(x, PARSER_CERTIFICATE, CERTIFICATE_SERIAL, x->e.body);
}

/* A version may stand before it. */
PARSE_INLINE int certificate_serial(struct examination *x)
{
	if (der_element(x, x->tbs_end))
		return cms_broken(x);
	if (x->e.tag == DER_TAGGED_0)
		return ask_window(x, PARSER_CERTIFICATE, CERTIFICATE_SERIAL, x->e.next);
	x->ranges[1] = der_whole(&x->e);
	return cms_behind(x, x->tbs_end, DER_INTEGER, CERTIFICATE_ALGORITHM);
}

PARSE_INLINE int certificate_issuer(struct examination *x)
{
	x->ranges[0].len = 0;
	if (der_expect(x, x->tbs_end, DER_SEQUENCE))
		return cms_broken(x);
	x->ranges[0] = der_whole(&x->e);
	return ask_window(x, PARSER_CERTIFICATE, CERTIFICATE_VALIDITY, x->e.next);
}

PARSE_INLINE int certificate_subject(struct examination *x)
{
	if (der_expect(x, x->tbs_end, DER_SEQUENCE))
		return cms_broken(x);
	x->subject = der_whole(&x->e);
	return ask_window(x, PARSER_CERTIFICATE, CERTIFICATE_KEY, x->e.next);
}

PARSE_INLINE int certificate_key(struct examination *x)
{
	if (der_expect(x, x->tbs_end, DER_SEQUENCE))
		return cms_broken(x);
	x->key = der_whole(&x->e);
	return ask_window(x, PARSER_CERTIFICATE, CERTIFICATE_OPTIONAL, x->e.next);
}

PARSE_GLOBAL int same_key_id(struct examination *x)
{
	__u32 difference, i;

	if (!x)
		return 0;
	difference = x->key_id_len ^ x->cert_key_id_len;
	for (i = 0; i < sizeof(x->key_id); i++)
		difference |= x->key_id[i] ^ x->cert_key_id[i];
	return !difference;
}

/*
 * It is the signer's: take its digest, its key's, and its names. The kernel's PKCS#7 code, which
 * goes by the version, finds a certificate by issuer and serial alone: a signature that names its
 * signer by key id is checked against no certificate that comes along.
 */
PARSE_INLINE int certificate_found(struct examination *x)
{
	struct interdict_range whole = {.at = x->cert, .len = x->cert_end - x->cert};

	if (x->is_version_1 && !x->sid_is_key_id)
		x->embedded++;
	if (!x->sid_is_key_id && x->cert_key_id_len)
		add_padded(x, FINGERPRINT_SIGNER_KEY_ID, x->cert_key_id, x->cert_key_id_len);
	return ask_digest_of(x, PARSER_CERTIFICATE, CERTIFICATE_DIGEST, &whole);
}

/* The certificate is read: is it the signer's? The two ranges are its issuer and serial. */
PARSE_INLINE int certificate_read(struct examination *x)
{
	__u32 i;

	if (x->sid_is_key_id)
		return same_key_id(x) ? certificate_found(x) : certificate_next(x);
	for (i = 2; i < EXAMINE_RANGES; i++)
		x->ranges[i].len = 0;
	return ask_digest(x, PARSER_CERTIFICATE, CERTIFICATE_MATCH);
}

PARSE_INLINE int certificate_match(struct examination *x)
{
	const __u64 *a = (const __u64 *)x->digest, *b = (const __u64 *)x->sid_digest;

	if (a[0] != b[0] || a[1] != b[1] || a[2] != b[2] || a[3] != b[3])
		return certificate_next(x);
	return certificate_found(x);
}

/* Unique ids, and then extensions; all may be absent. */
PARSE_INLINE int certificate_optional(struct examination *x)
{
	if (x->at >= x->tbs_end)
		return certificate_read(x);
	if (der_element(x, x->tbs_end))
		return cms_broken(x);
	if (x->e.tag == DER_TAGGED_3)
		return ask_window(x, PARSER_CERTIFICATE, CERTIFICATE_EXTENSIONS, x->e.body);
	return ask_window(x, PARSER_CERTIFICATE, CERTIFICATE_OPTIONAL, x->e.next);
}

/* A subject key identifier: an octet string in an octet string. It is never critical. */
PARSE_INLINE void take_key_id(struct examination *x)
{
	__u32 i = (x->e.header & 7) + 5;

	if (!window_is(x, x->e.header & 7, OID_KEY_ID, 5) || !has(x, i + 4))
		return;
	if (byte_at(x, i) == DER_OCTETS && byte_at(x, i + 2) == DER_OCTETS &&
	    byte_at(x, i + 1) == byte_at(x, i + 3) + 2 &&
	    der_len(&x->e) == 5 + 2 + byte_at(x, i + 1))
		key_id_at(x, i + 4, byte_at(x, i + 3));
}

PARSE_INLINE int certificate_extension(struct examination *x)
{
	if (x->at >= x->tbs_end)
		return certificate_read(x);
	if (der_expect(x, x->tbs_end, DER_SEQUENCE))
		return cms_broken(x);
	take_key_id(x);
	return ask_window(x, PARSER_CERTIFICATE, CERTIFICATE_EXTENSION, x->e.next);
}

PARSE_INLINE int certificate_digest(struct examination *x)
{
	add_fingerprint(x, FINGERPRINT_SIGNER_CERT, x->digest);
	return ask_digest_of(x, PARSER_CERTIFICATE, CERTIFICATE_KEY_DIGEST, &x->key);
}

PARSE_INLINE int certificate_key_digest(struct examination *x)
{
	add_fingerprint(x, FINGERPRINT_SIGNER_KEY, x->digest);
	return name_of(x, &x->subject, 1);
}

/** certificate_step() - take the answer to what was asked last. Return: as cms_step(). */
PARSE_GLOBAL int certificate_step(struct examination *x)
{
	if (!x)
		return 1;
	switch (x->state) {
	case CERTIFICATE:
		return certificate(x);
	case CERTIFICATE_TBS:
		return certificate_tbs(x);
	case CERTIFICATE_SERIAL:
		return certificate_serial(x);
	case CERTIFICATE_ALGORITHM:
		return cms_behind(x, x->tbs_end, DER_SEQUENCE, CERTIFICATE_ISSUER);
	case CERTIFICATE_ISSUER:
		return certificate_issuer(x);
	case CERTIFICATE_VALIDITY:
		return cms_behind(x, x->tbs_end, DER_SEQUENCE, CERTIFICATE_SUBJECT);
	case CERTIFICATE_SUBJECT:
		return certificate_subject(x);
	case CERTIFICATE_KEY:
		return certificate_key(x);
	case CERTIFICATE_OPTIONAL:
		return certificate_optional(x);
	case CERTIFICATE_EXTENSIONS:
		return cms_inside(x, x->tbs_end, DER_SEQUENCE, CERTIFICATE_EXTENSION);
	case CERTIFICATE_EXTENSION:
		return certificate_extension(x);
	case CERTIFICATE_MATCH:
		return certificate_match(x);
	case CERTIFICATE_DIGEST:
		return certificate_digest(x);
	case CERTIFICATE_KEY_DIGEST:
		return certificate_key_digest(x);
	}
	return 1;
}

/* ---- names (X.501) ------------------------------------------------------------------------- */

struct folding {
	struct examination *x;
	__u32 from, to; /* in the window, in the text */
	__u32 last;	/* character that was written */
};

PARSE_INLINE __u32 folded(__u32 c)
{
	if (c >= 'A' && c <= 'Z')
		return c + ('a' - 'A');
	return c == '\t' || c == '\n' || c == '\v' || c == '\f' || c == '\r' ? ' ' : c;
}

static inline long fold_character(__u32 turn, void *context)
{
	struct folding *f = context;
	__u32 c = folded(byte_at(f->x, f->from + turn));

	if (!c || (c == ' ' && f->last == ' '))
		return 0;
	f->x->text[f->to & (EXAMINE_TEXT - 1)] = c;
	f->to++;
	f->last = c;
	return 0;
}

/*
 * Fold the @len bytes at @i of the window into x->text: lower case (ASCII), white space collapsed,
 * none at the ends. Zeros are dropped, so that a BMPString in ASCII reads as any other.
 */
PARSE_GLOBAL int text_fold(struct examination *x, __u32 i, __u32 len)
{
	struct folding f = {.x = x, .from = i, .last = ' '};

	if (!x || i > 64 || len > EXAMINE_TEXT || !has(x, i + len))
		return 0;
	parse_loop(len, fold_character, &f);
	if (f.to && f.last == ' ')
		f.to--;
	x->text_len = f.to;
	return f.to;
}

/* The name that people are shown. */
PARSE_INLINE void take_signer_name(struct examination *x, __u32 i, __u32 len)
{
	if (!text_copy(x, i, len))
		return;
	__builtin_memcpy(x->identity.signer, x->text, SIGNER_NAME_LEN);
	x->identity.signer[SIGNER_NAME_LEN - 1] = 0;
}

PARSE_INLINE void take_attribute(struct examination *x, __u32 attribute, __u32 i, __u32 len)
{
	if (attribute == ATTRIBUTE_CN && !x->identity.signer[0])
		take_signer_name(x, i, len);
	if (attribute != ATTRIBUTE_ORG || !x->names_org || !text_fold(x, i, len))
		return;
	sha256_text(x);
	add_fingerprint(x, FINGERPRINT_SIGNER_ORG, x->digest);
}

PARSE_INLINE int name_end(struct examination *x)
{
	return signer_next(x, x->info_end);
}

/* The name itself, a SEQUENCE, and the SETs in it. */
PARSE_INLINE int name_set(struct examination *x)
{
	if (x->at >= x->names_end)
		return name_end(x);
	if (der_element(x, x->names_end))
		return cms_broken(x);
	if (x->e.tag == DER_SEQUENCE)
		return ask_window(x, PARSER_NAME, NAME_SET, x->e.body);
	if (x->e.tag != DER_SET) {
		der_fault(x, FAULT_TAG);
		return cms_broken(x);
	}
	return ask_window(x, PARSER_NAME, NAME_ATTRIBUTE, x->e.body);
}

/* An attribute: a SEQUENCE of its OID and a string, short enough for a window. */
PARSE_INLINE int name_attribute(struct examination *x)
{
	__u32 i = x->got > 0 ? 2 : 0, attribute, len;

	if (x->at >= x->names_end)
		return name_end(x);
	if (der_element(x, x->names_end))
		return cms_broken(x);
	if (x->e.tag == DER_SET)
		return ask_window(x, PARSER_NAME, NAME_ATTRIBUTE, x->e.body);
	if (x->e.tag != DER_SEQUENCE) {
		der_fault(x, FAULT_TAG);
		return cms_broken(x);
	}
	i = x->e.header & 7;
	attribute = byte_at(x, i + 4);
	len = byte_at(x, i + 6);
	if (window_is(x, i, OID_ATTRIBUTE, 4) && has(x, i + 7)) {
		i += 7;
		if (len == 0x81) {
			len = byte_at(x, i);
			i++;
		}
		if (i - x->e.header + len == der_len(&x->e))
			take_attribute(x, attribute, i, len);
	}
	return ask_window(x, PARSER_NAME, NAME_ATTRIBUTE, x->e.next);
}

/** name_step() - take the answer to what was asked last. Return: as cms_step(). */
PARSE_GLOBAL int name_step(struct examination *x)
{
	if (!x)
		return 1;
	return x->state == NAME_SET ? name_set(x) : name_attribute(x);
}

#endif
