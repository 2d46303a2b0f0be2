/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Others' blocklists, read into fingerprints.
 *
 *	import.c      the table of formats; which one a file is in
 *	reader.h      what the readers of formats share
 *	NAME.c        one format
 *	gather.c      what was read: merged, in order
 *	compose.c     the policy that it comes to
 *
 * Lists are hostile: each reader is bounded in memory and time, and takes a file whole or not at
 * all. What a list says and a policy cannot is counted, by reason, and never guessed.
 */
#ifndef INTERDICT_IMPORT_H
#define INTERDICT_IMPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "diag.h"
#include "digests.h"
#include "interdict/abi.h"

/* Why something in a list is not in the policy. */
enum import_reason {
	/* What the list means to block, and a policy cannot deny by it: it is lost. */
	IMPORT_MD5,
	IMPORT_SHA1,
	IMPORT_OTHER_DIGEST, /* SHA-512, ssdeep, imphash … */
	IMPORT_MALFORMED,    /* said to be a SHA-256 digest, and none */
	IMPORT_NO_DIGEST,
	IMPORT_OTHER_FACT,   /* an address, a file's name … */
	IMPORT_COMBINED,     /* several conditions that must all hold */
	IMPORT_OTHER_SYNTAX, /* YARA, Snort … */
	IMPORT_SIGNER,
	IMPORT_FILE_NAME,
	IMPORT_PAGE_HASH,
	/* What the list does not mean to block. */
	IMPORT_ALLOWED,
	IMPORT_NOT_TO_IDS,
	IMPORT_REVOKED,
	IMPORT_EXPIRED,
	IMPORT_UNUSED,
	IMPORT_EMPTY_FILE,
	IMPORT_REASONS
};

struct import_reason_text {
	const char *id; /* for programs: "md5" */
	const char *one, *many;
	const char *why;
	bool lost; /* the list means to block it */
};

/* One fingerprint that a list means to block. */
struct import_item {
	enum fingerprint_kind kind; /* FINGERPRINT_SHA256 or FINGERPRINT_AUTHENTIHASH */
	uint8_t value[FINGERPRINT_LEN];
	uint64_t size;	      /* bytes, 1 to INT64_MAX, or SIZE_UNKNOWN */
	uint64_t from, until; /* ns since 1970 UTC, whole seconds; 0: not given; from < until */
	const char *name;     /* any bytes but NUL, for people; or NULL */
	size_t name_len;
};

struct input;

struct import_format {
	const char *name; /* as --format has it */
	const char *description;
	unsigned int syntaxes; /* SYNTAX_* in which it is written (reader.h) */
	bool (*probe)(const struct input *in);
	int (*read)(struct input *in);
};

struct import {
	/*
	 * Takes one, which is good until it returns. What it returns, unless 0, ends the import:
	 * -ECANCELED says that it is in d already.
	 */
	int (*found)(void *context, const struct import_item *item);
	void *context;
	struct diag *d;
	uint64_t now; /* ns since 1970 UTC: what is over by then is left out */
	const struct import_format *format; /* NULL: by content */
	const char *column, *size_column;   /* of CSV: a name, or a number from 1; NULL: found */
	bool progress;			    /* draw a bar */
	/* filled */
	uint64_t taken;
	uint64_t left[IMPORT_REASONS];
};

/**
 * import_file() - read one list.
 * @im: found(), d and now filled
 * @path: a regular file, or a link to one
 * @format: the format that it is in; NULL when that is unknown. Or NULL.
 *
 * found() may have been called before an error shows: after one, what it got is worth nothing.
 *
 * Return: 0; -EINVAL for a list that cannot be read in its format, or in none; -EFBIG for what
 * exceeds the bounds of reader.h; -ENOMEM; what file_open() and read(2) give; or what found()
 * returned. All of these are in @im->d too, with file, line and remedy.
 */
int import_file(struct import *im, const char *path, const struct import_format **format);

/** import_formats() - the table, ended by a format without a name. */
const struct import_format *import_formats(void);
/** import_find_format() - the format of this name, or NULL. */
const struct import_format *import_find_format(const char *name);
/** import_reason_text() - what to say of a reason. */
const struct import_reason_text *import_reason_text(enum import_reason reason);

#endif
