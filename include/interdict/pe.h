/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * PE/COFF (Microsoft's specification): the Authenticode hash of an image and its certificate table.
 * The hash leaves out the checksum, the table's entry in the data directory, and the table itself.
 */
#ifndef INTERDICT_PE_H
#define INTERDICT_PE_H

#include "source.h"

enum pe_state {
	PE_HEADERS, /* from "PE\0\0" on */
	PE_HASH,
	PE_ENTRY, /* WIN_CERTIFICATE */
	PE_DONE,
};

#define PE_ENTRIES_MAX	  64
#define PE_CERTIFICATE	  8  /* bytes before the signature */
#define PE_TYPE_PKCS7	  2  /* WIN_CERT_TYPE_PKCS_SIGNED_DATA */
#define PE_SECURITY_ENTRY 32 /* of the fifth entry in the data directory */

PARSE_INLINE int pe_done(struct examination *x)
{
	x->state = PE_DONE;
	return 1;
}

PARSE_INLINE int pe_next_entry(struct examination *x)
{
	if (x->entry + PE_CERTIFICATE > x->end || x->table >= PE_ENTRIES_MAX)
		return pe_done(x);
	return ask_window(x, PARSER_PE, PE_ENTRY, x->entry);
}

PARSE_INLINE void pe_fault(struct examination *x)
{
	x->identity.fault = FAULT_TABLE;
	strengthen(x, SIGNATURE_INVALID);
}

/* The hash's ranges; @checksum and @directory are offsets of what it leaves out. */
PARSE_INLINE int pe_ask_hash(struct examination *x, __u64 checksum, __u64 directory)
{
	__u64 table = x->entry < x->end ? x->entry : x->size;
	__u64 behind = x->entry < x->end ? x->end : x->size;

	clear_ranges(x);
	x->ranges[0].len = checksum;
	x->ranges[1].at = checksum + 4;
	x->ranges[1].len = directory - checksum - 4;
	x->ranges[2].at = directory + 8;
	x->ranges[2].len = table - directory - 8;
	x->ranges[3].at = behind;
	x->ranges[3].len = x->size - behind;
	return ask_digest(x, PARSER_PE, PE_HASH);
}

PARSE_INLINE int pe_headers(struct examination *x)
{
	__u32 magic = le16_at(x, 24), directories = magic == 0x20b ? 112 : 96;
	__u64 entry = x->at + 24 + directories + PE_SECURITY_ENTRY;
	__u64 table, len;

	if (!window_is(x, 0, "PE\0", 4) || (magic != 0x10b && magic != 0x20b) ||
	    !has(x, 24 + 112 + PE_SECURITY_ENTRY + 8))
		return pe_done(x);
	x->is_pe = 1;
	x->entry = x->end = 0;
	/* Without a fifth entry nothing is left out for it, and there is no table. */
	if (le32_at(x, 24 + directories - 4) >= 5) {
		table = le32_at(x, 24 + directories + PE_SECURITY_ENTRY);
		len = le32_at(x, 24 + directories + PE_SECURITY_ENTRY + 4);
		if (len && (table < entry + 8 || table + len > x->size))
			pe_fault(x);
		else if (len)
			x->entry = table, x->end = table + len;
	}
	if (x->size < entry + 8)
		return pe_done(x);
	return pe_ask_hash(x, x->at + 24 + 64, entry);
}

PARSE_INLINE int pe_hash(struct examination *x)
{
	add_fingerprint(x, FINGERPRINT_AUTHENTIHASH, x->digest);
	__builtin_memcpy(x->pe_hash, x->digest, sizeof(x->pe_hash));
	return pe_next_entry(x);
}

PARSE_INLINE int pe_entry(struct examination *x)
{
	__u64 len = le32_at(x, 0);

	x->table++;
	if (!has(x, PE_CERTIFICATE) || len < PE_CERTIFICATE || len > x->end - x->entry) {
		pe_fault(x);
		return pe_done(x);
	}
	if (le16_at(x, 6) == PE_TYPE_PKCS7)
		add_blob(x, x->entry + PE_CERTIFICATE, len - PE_CERTIFICATE);
	x->entry += (len + 7) & ~7ULL;
	return pe_next_entry(x);
}

/** pe_step() - take the answer to what was asked last. Return: 1 when all is found or lost. */
PARSE_GLOBAL int pe_step(struct examination *x)
{
	if (!x)
		return 1;
	switch (x->state) {
	case PE_HEADERS:
		return pe_headers(x);
	case PE_HASH:
		return pe_hash(x);
	case PE_ENTRY:
		return pe_entry(x);
	}
	return 1;
}

/* Whether the window, which begins the source, may begin a PE file. */
PARSE_INLINE int pe_begins(const struct examination *x)
{
	return window_is(x, 0, "MZ", 2) && has(x, 64);
}

#endif
