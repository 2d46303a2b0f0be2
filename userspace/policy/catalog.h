/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The catalog of vendors: what is known of each, fact by fact, with where it is known from. It
 * denies nothing by itself; `interdict deny --vendor ID` makes a policy of it. interdict-vendors(1)
 * describes the syntax, which is that of policy files.
 */
#ifndef INTERDICT_CATALOG_H
#define INTERDICT_CATALOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "conf.h"
#include "diag.h"

#define CATALOG_DIR    LIBDIR "/interdict/vendors.d"
#define CATALOG_SUFFIX ".vendor"

/* In the order in which they are shown. */
enum fact_kind {
	FACT_LEGAL_ENTITY,
	FACT_REFERENCE,
	FACT_EVENT, /* a date, and what happened */
	FACT_PACKAGE,
	FACT_PATH_PREFIX,
	FACT_PATH, /* that is no prefix */
	FACT_PROGRAM,
	FACT_UNIT,
	FACT_MODULE_NAME,
	FACT_SIGNER_ORGANIZATION,
	FACT_PACKAGE_DIGEST_LIST, /* the name of a list beside the vendor's file */
	FACT_NOTE,
	FACT_KINDS
};

/* What a fact rests on. */
enum evidence {
	EVIDENCE_PRIMARY,   /* the text itself was read */
	EVIDENCE_SECONDARY, /* a report of it was */
	EVIDENCE_PUBLISHED, /* the vendor's help pages, packages, or who packages them */
	EVIDENCE_INFERRED,  /* concluded, and not seen */
	EVIDENCES
};

/* The section that a fact is in: one source. */
struct fact_source {
	char *text;
	char *product; /* or NULL */
	enum evidence evidence;
	unsigned long line;
};

struct fact {
	enum fact_kind kind;
	char *value;
	size_t source; /* in catalog_vendor.sources */
	unsigned long line;
};

struct catalog_vendor {
	char *path, *id, *name;
	uint64_t version;
	struct fact_source *sources;
	size_t source_count;
	struct fact *facts; /* in the order of their lines */
	size_t fact_count;
};

struct catalog {
	struct catalog_vendor *v; /* by id */
	size_t n;
};

/**
 * catalog_read() - read every vendor's file in a directory.
 * @c: filled; catalog_free() releases it in each case
 * @dir: a directory that is not there holds none
 * @d: one line for each thing wrong, with file, line and remedy
 *
 * A fact without Source= and Evidence=, an unknown key or section, or a vendor twice: errors.
 *
 * Return: 0; -EINVAL when @d has an error; -ENOMEM.
 */
int catalog_read(struct catalog *c, const char *dir, struct diag *d);
/** catalog_find() - the vendor of this id, or NULL. */
const struct catalog_vendor *catalog_find(const struct catalog *c, const char *id);
/** catalog_free() - release everything and zero @c. */
void catalog_free(struct catalog *c);

/** fact_key() - the key that states such a fact: "LegalEntity". */
const char *fact_key(enum fact_kind kind);
/** fact_is_rule() - whether a [Deny] can be made of such a fact, by the same key. */
bool fact_is_rule(enum fact_kind kind);
/** evidence_name() - "primary", "secondary", … */
const char *evidence_name(enum evidence evidence);

#endif
