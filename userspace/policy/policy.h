/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The policy: what the files in the policy directories say, read and checked but not compiled.
 * interdict.policy(5) describes the syntax.
 */
#ifndef INTERDICT_POLICY_H
#define INTERDICT_POLICY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "diag.h"
#include "digests.h"
#include "identity/certificate.h"
#include "ini.h"
#include "match.h"
#include "interdict/abi.h"

#define POLICY_SUFFIX ".policy"
/* Where files are looked for; a file masks its namesakes in the directories before its own. */
#define POLICY_DIRS	3
#define POLICY_LINE_MAX INI_LINE_MAX
#define POLICY_FILE_MAX (4 * 1024 * 1024)

struct strings {
	char **v;
	size_t n;
};

/* [Policy] of one file. */
struct policy_file {
	char *path;	  /* as it was opened; of one in a bundle, that bundle/FILE */
	char *bundle;	  /* path of the bundle that it is in; or NULL */
	char *name;	  /* its last component, which masks and is masked */
	char *id;	  /* Id=, else the name without its suffix */
	uint64_t version; /* Version=, else 0 */
	char *owner;	  /* or NULL */
	char *mismatch;	  /* what of [Match] does not hold here, "Tag=lab"; NULL: it is in force */
	struct strings
		lists; /* names of the files it uses, beside it: digest lists, certificates */
};

/* A file that another one keeps from being read. */
struct policy_mask {
	char *path, *by; /* by: of a file that only masks, itself */
};

/* OnRunning=: what becomes of a process that has what a rule of the vendor denies. */
enum on_running {
	ON_RUNNING_UNSET,   /* not given: likewise */
	ON_RUNNING_MONITOR, /* it is recorded */
	ON_RUNNING_KILL,    /* and ended */
};

#define GRACE_DEFAULT 30   /* seconds */
#define GRACE_MAX     3600 /* seconds */
#define GRACE_UNSET   UINT32_MAX

struct vendor {
	char *id;
	char *name; /* or NULL */
	struct strings legal_entities, references;
	uint64_t from, until; /* of its [Deny]s that have none of their own; 0: not given */
	enum on_running on_running;
	uint32_t grace; /* OnRunningGrace=, seconds, or GRACE_UNSET */
	const struct policy_file *file;
	unsigned long line;
	bool elsewhere; /* no file that is in force here describes it */
};

/* A digest stated on a line of its own, or one of a list. */
struct policy_list {
	char *name; /* NULL: the section's Digest= lines */
	struct digests digests;
};

/* What a key of a [Deny] names, digests aside; of a file, one for each fingerprint it comes to. */
struct named_fingerprint {
	struct fingerprint f;
	char *text; /* the value of the key, as the user wrote it */
	unsigned long line;
};

/* What a [Deny] tells installed packages by. */
enum package_by {
	PACKAGE_BY_NAME,       /* Package= */
	PACKAGE_BY_MAINTAINER, /* PackageMaintainer= */
	PACKAGE_BY_VENDOR,     /* PackageVendor= */
	PACKAGE_BY_KEY,	       /* PackageKey= */
};

struct package_pattern {
	enum package_by by;
	char *text; /* a pattern of glob(7); of a key, the 16 lowercase digits of its id */
	unsigned long line;
};

/* One [Deny] or [Allow]. */
struct section {
	enum rule_effect effect;
	enum rule_mode mode;
	const struct policy_file *file;
	unsigned long line;   /* of its header */
	char *vendor;	      /* Vendor=; of a [Deny] */
	uint64_t from, until; /* ns since 1970 UTC, the vendor's if not its own; 0: not given */
	bool kills;	      /* its vendor's OnRunning=kill … */
	uint32_t grace;	      /* … after so many seconds */
	char *reason, *approved_by;
	struct policy_list *lists; /* Digest= lines first (if any), then each DigestList= */
	size_t list_count;
	/* Each PackageDigestList=: digests of packages' files. Nothing runs or maps a package: they
	 * are for who looks at files, and no rules of the image. */
	struct policy_list *package_lists;
	size_t package_list_count;
	struct named_fingerprint *named; /* in the order of their lines; of a [Deny] */
	size_t named_count;
	enum signature_state signature;	  /* SignatureState=: of the SIGNER_* kinds; NONE: any */
	struct package_pattern *packages; /* in the order of their lines; of a [Deny] */
	size_t package_count;
	struct digests resolved;       /* what these packages have on this machine: resolve.h */
	unsigned long *resolved_lines; /* of each of these, the line that names its package */
};

/* A signed bundle that the policy is from. */
struct policy_bundle {
	char id[RULE_NAME_LEN];
	uint64_t version;
	uint64_t date; /* ns since 1970 UTC; 0: none */
};

/*
 * Pointers into the arrays of pointers stay good until policy_free(). The certificates are those
 * that the policy has in full, once for each line that names their file: what a signature may be
 * checked against.
 */
struct policy {
	struct policy_file **files;
	size_t file_count;
	struct vendor **vendors; /* by id */
	size_t vendor_count;
	struct section **sections;
	size_t section_count;
	struct section **elsewhere; /* sections of files whose [Match] does not hold here */
	size_t elsewhere_count;
	struct policy_mask *masked;
	size_t mask_count;
	struct certificate *certificates;
	size_t certificate_count;
	struct policy_bundle *bundles; /* none: it is from directories */
	size_t bundle_count;
};

/**
 * policy_read() - read every policy file in force.
 * @p: filled; zeroed by the caller
 * @dirs: up to POLICY_DIRS directories, weakest first; NULL entries and missing directories are
 *	skipped. In each, `*.policy` files are read in order of name; a file masks its namesakes in
 *	weaker directories, and a link to /dev/null, or an empty file, removes them.
 * @d: one line for each thing wrong, with file, line and remedy; all files are read to the end, so
 *	that every error is named at once
 *
 * An unknown section or key, a key outside a section, an overlong line, a list or certificate that
 * is missing, not beside its policy or empty, a [Deny] without Vendor= or without anything to deny,
 * a vendor nobody describes, an [Allow] without Digest=, Until=, Reason= or ApprovedBy=: errors. A
 * policy of no files is not: it denies nothing.
 *
 * A file whose [Match] does not hold on this machine is read and checked like the others, and not
 * in force: its sections are in @p->elsewhere, and its certificates not kept.
 *
 * Return: 0; -EINVAL when @d has an error; -ENOMEM. @p is to be freed in each case.
 */
int policy_read(struct policy *p, const char *const dirs[POLICY_DIRS], struct diag *d);
/**
 * policy_read_as() - policy_read() for the machine that @facts describe.
 * @facts: NULL: for this one; its TAGS_FILE is read once a file asks for it
 */
int policy_read_as(struct policy *p, const char *const dirs[POLICY_DIRS],
		   const struct match_facts *facts, struct diag *d);
/** policy_find_vendor() - the vendor of this id, or NULL. */
const struct vendor *policy_find_vendor(const struct policy *p, const char *id);
/**
 * policy_section_at() - section @i of all, those of files for other machines included.
 * Return: NULL behind the last.
 */
static inline struct section *policy_section_at(const struct policy *p, size_t i)
{
	if (i < p->section_count)
		return p->sections[i];
	i -= p->section_count;
	return i < p->elsewhere_count ? p->elsewhere[i] : NULL;
}
/** policy_free() - release everything in @p and zero it. */
void policy_free(struct policy *p);

/** policy_is_file_name() - whether a file of this name, without its directory, is a policy file. */
bool policy_is_file_name(const char *name);
/** policy_kind_key() - the key of a [Deny] that names this kind, "BuildId"; NULL for the others. */
const char *policy_kind_key(unsigned int kind);
/** policy_kind_has_files() - whether that key may name a file instead of a digest. */
bool policy_kind_has_files(unsigned int kind);
/** policy_is_file() - whether @text, the value of such a key, names a file. */
bool policy_is_file(const char *text);
/**
 * policy_parse_fingerprint() - read what such a key names, unless it is a file.
 * @f: filled, but for its signature
 * @kind: one that policy_kind_key() knows
 *
 * Return: NULL, or what is wrong and what to do: a constant.
 */
const char *policy_parse_fingerprint(struct fingerprint *f, enum fingerprint_kind kind,
				     const char *text);
/** policy_check_file_name() - whether a certificate may be called @name. Return: likewise. */
const char *policy_check_file_name(const char *name);
/**
 * policy_parse_signature() - read "claimed", "valid", "verified" or "invalid".
 * Return: 0, or -EINVAL.
 */
int policy_parse_signature(enum signature_state *state, const char *text);

#endif
