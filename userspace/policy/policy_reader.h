/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the parts of the policy reader share; of no use to anybody else.
 *
 *	policy.c        the directories: which files are in force
 *	policy_file.c   one file: its lines, sections and keys
 *	policy_keys.c   the keys: where each belongs, and where its value goes
 *	policy_values.c what a value may be
 *	policy_vendor.c what the keys of a [Vendor] say
 *	policy_lists.c  digests, and lists of them
 *	policy_match.c  for which machines a file is
 *	policy_names.c  what the keys name that are neither digests nor lists of them
 *	policy_packages.c  which installed packages they name
 *	policy_check.c  what only shows once all files are read: vendors
 */
#ifndef INTERDICT_POLICY_READER_H
#define INTERDICT_POLICY_READER_H

#include "policy.h"

/* The section that is open. */
enum block {
	BLOCK_NONE,    /* before the first header */
	BLOCK_UNKNOWN, /* its header is an error: its keys are passed over */
	BLOCK_POLICY,
	BLOCK_MATCH,
	BLOCK_VENDOR,
	BLOCK_DENY,
	BLOCK_ALLOW,
	BLOCKS
};

#define KEYS_MAX 64

/* Where a [Deny] names its vendor. */
struct vendor_use {
	struct section *section;
	unsigned long line;
};

/* What one key of [Match] asks for: one of several. */
struct match_key {
	bool asked, holds, more; /* more: than the first value */
	char *first;
};

enum match_by { MATCH_HOST, MATCH_TAG, MATCH_MACHINE, MATCHES };

struct match {
	struct match_key by[MATCHES];
};

struct reader {
	struct policy *policy;
	struct diag *d;
	uint64_t now; /* ns since 1970 UTC */
	bool no_memory;
	const struct match_facts *facts; /* of the machine; NULL: not asked for yet */
	struct match_facts own_facts;
	struct vendor_use *uses;
	size_t use_count;
	/* the file */
	struct policy_file *file;
	unsigned long line;	     /* that is read */
	unsigned long policy_header; /* line of its [Policy], 0: none yet */
	unsigned long match_header;  /* of its [Match] */
	bool has_rules;		     /* a section has begun that [Match] has to come before */
	/* the section */
	enum block block;
	unsigned long header;	      /* its line */
	struct vendor *vendor;	      /* of a [Vendor]; the reader's until it is closed */
	struct section *section;      /* of a [Deny] or [Allow] */
	struct match match;	      /* of a [Match] */
	unsigned long seen[KEYS_MAX]; /* the line of each key of the table that it has */
};

/* ---- policy.c */

/**
 * policy_grow() - make room for one more element behind the @n of an array.
 * Return: the array, or NULL without memory; then it is as it was.
 */
void *policy_grow(struct reader *r, void *array, size_t n, size_t size);
/** policy_add_string() - append @text to @s: a copy of it. */
void policy_add_string(struct reader *r, struct strings *s, const char *text);
/** policy_add_file() - note that the policy file uses @name, which lies beside it. */
void policy_add_file(struct reader *r, const char *name);
/** policy_beside() - the path of @name beside the policy file, to be freed; NULL: no memory. */
char *policy_beside(struct reader *r, const char *name);
/** policy_copy() - strdup() that remembers when there is no memory. */
char *policy_copy(struct reader *r, const char *text);
/** policy_free_vendor() - release one vendor. */
void policy_free_vendor(struct vendor *v);

/* ---- policy_file.c */

/** policy_error() - record an error in the line that is read. */
void policy_error(struct reader *r, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/** policy_read_file() - read one file in force. */
void policy_read_file(struct reader *r, const char *path, const char *name);

/* ---- policy_keys.c */

/** policy_block_name() - the name of a section as its header has it. */
const char *policy_block_name(enum block block);
/** policy_take_key() - take one key and its value into the section that is open. */
void policy_take_key(struct reader *r, const char *name, const char *value);
/** policy_check_keys() - at the end of a section: what it should have had. */
void policy_check_keys(struct reader *r);

/* ---- policy_values.c: what takes a value records an error when it is not one */

/** policy_is_id() - whether @text may be an Id. */
bool policy_is_id(const char *text);
/** policy_take_id() - Return: a copy of an Id, or NULL. */
char *policy_take_id(struct reader *r, const char *value);
/** policy_take_number() - read a decimal number below 2^64; records no error. */
bool policy_take_number(uint64_t *number, const char *s);
/** policy_take_time() - moment_of_date(). */
bool policy_take_time(struct reader *r, uint64_t *ns, const char *value);
/**
 * policy_take_until() - policy_take_time() of an end, which must not lie before every clock.
 * @then: what comes of a date that has passed, which is warned of
 */
void policy_take_until(struct reader *r, uint64_t *until, const char *value, const char *then);
/** policy_take_span() - read whole seconds up to @max, "90", "90s", "5m" or "1h"; no error. */
bool policy_take_span(uint32_t *seconds, const char *text, uint32_t max);
/** policy_take_digest() - read "sha256:HEX" or "sha256:HEX SIZE". */
bool policy_take_digest(struct reader *r, struct digest *digest, const char *value);

/* ---- policy_match.c */

/** policy_match_host() - take Host=. */
void policy_match_host(struct reader *r, const char *value);
/** policy_match_tag() - take Tag=. */
void policy_match_tag(struct reader *r, const char *value);
/** policy_match_machine() - take MachineId=. */
void policy_match_machine(struct reader *r, const char *value);
/** policy_close_match() - at the end of a [Match]: whether the file is for this machine. */
void policy_close_match(struct reader *r);

/* ---- policy_vendor.c: each takes one key of a [Vendor] */

void policy_set_vendor_id(struct reader *r, const char *value);
void policy_set_vendor_name(struct reader *r, const char *value);
void policy_add_legal_entity(struct reader *r, const char *value);
void policy_add_reference(struct reader *r, const char *value);
void policy_set_vendor_from(struct reader *r, const char *value);
void policy_set_vendor_until(struct reader *r, const char *value);
void policy_set_on_running(struct reader *r, const char *value);
void policy_set_grace(struct reader *r, const char *value);

/* ---- policy_lists.c */

/** policy_add_digest() - take Digest=. */
void policy_add_digest(struct reader *r, const char *value);
/** policy_add_list() - take DigestList=. */
void policy_add_list(struct reader *r, const char *value);
/** policy_add_package_list() - take PackageDigestList=. */
void policy_add_package_list(struct reader *r, const char *value);

/* ---- policy_names.c */

/** policy_add_name() - take what key @key names into the section that is open. */
void policy_add_name(struct reader *r, const char *key, enum fingerprint_kind kind,
		     const char *value);

/* ---- policy_packages.c */

/** policy_add_package() - take what key @key tells packages by into the section that is open. */
void policy_add_package(struct reader *r, const char *key, enum package_by by, const char *value);

/* ---- policy_check.c */

/** policy_check_window() - a section must begin before it ends. */
void policy_check_window(struct diag *d, const struct section *s);
/** policy_check_vendors() - sort and merge the vendors; every [Deny] must name one of them, and has
 * its dates where it has none of its own. */
void policy_check_vendors(struct reader *r);
/** policy_check_ids() - warn of files that share an Id. */
void policy_check_ids(struct reader *r);

#endif
