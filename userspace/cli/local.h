/* SPDX-License-Identifier: GPL-2.0-only */
/* Edits of the local policy files in a stage: what deny adds and remove takes away. */
#ifndef INTERDICT_CLI_LOCAL_H
#define INTERDICT_CLI_LOCAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cli/apply.h"
#include "policy/catalog.h"

/* Of a 90-local.policy that begins. */
#define LOCAL_FIRST_LINE                                                                           \
	"# Kept by 'interdict deny', 'allow' and 'remove'. What is written here by hand stays.\n"

/* What an option of `interdict deny` names that is no digest. */
struct denial_name {
	enum fingerprint_kind kind;
	const char *text;      /* as given: of a file, its path */
	struct fingerprint *v; /* what it comes to; allocated */
	size_t n;
};

/* What `interdict allow` is asked for. */
struct exception {
	const char *from_text, *until_text; /* as given; from_text may be NULL */
	uint64_t from, until;
	const char *reason, *approved_by;
	struct digests digests;
};

/* What `interdict deny` is asked for. */
struct denial {
	const char *vendor, *name;	    /* name: NULL when not given */
	const char *from_text, *until_text; /* as given, or NULL */
	uint64_t from, until;
	enum rule_mode mode;
	struct digests digests;
	const char **lists; /* paths */
	size_t list_count;
	struct denial_name *names;
	size_t name_count;
	const char *signature_text; /* as given, or NULL */
	enum signature_state signature;
	const char *catalog; /* the directory: what is denied where nothing is named */
};

/* What a vendor of the catalog becomes. */
#define VENDOR_POLICY "80-vendor-%s.policy"

/**
 * local_deny() - write into 90-local.policy what @denial says and no rule says yet.
 * @a: its stage is begun and its policy is read
 * @changed: whether anything was missing
 * Return: 0, or a negative errno that is in @a->d.
 */
int local_deny(struct apply *a, const struct denial *denial, bool *changed);

/** local_allow() - likewise, of an exception. */
int local_allow(struct apply *a, const struct exception *x, bool *changed);

/**
 * local_add() - write @lines into 90-local.policy.
 * @there: the section of it that they belong in; NULL: a new one at the end
 * @header: what the new one begins with; every line of it, as of @lines, ends in a newline
 * Return: 0, or a negative errno that is in @a->d.
 */
int local_add(struct apply *a, const struct section *there, const char *header, const char *lines);

/**
 * local_deny_vendor() - write the policy file that is made of what the catalog knows, and its
 * lists.
 * @a: its stage is begun
 * @x: mode and dates
 * @changed: whether anything was missing, or another
 * Return: 0, or a negative errno that is in @a->d: -EEXIST when somebody else's file has its name.
 */
int local_deny_vendor(struct apply *a, const struct denial *x, const struct catalog_vendor *v,
		      bool *changed);
/** local_takes_fact() - whether that policy has a rule made of @f. */
bool local_takes_fact(const struct catalog_vendor *v, const struct fact *f);
/** deny_by_catalog() - deny what the catalog knows of @x->vendor. Return: exit status. */
int deny_by_catalog(struct apply *a, const struct denial *x);

/** local_is_named_by() - whether @named is the line of a section that names @f. */
bool local_is_named_by(const struct named_fingerprint *named, const struct fingerprint *f);
/**
 * local_remove_fingerprint() - take a fingerprint out of one section of a local file.
 *
 * A line that names a certificate goes with all that the certificate stands for. A list or section
 * that becomes empty goes too, and so does a certificate's file that no line names any more.
 * @a->policy is stale afterwards.
 *
 * Return: 0, or a negative errno that is in @a->d.
 */
int local_remove_fingerprint(struct apply *a, const struct section *section,
			     const struct fingerprint *f);
/**
 * local_remove_file() - remove a local policy file, and the lists and certificates that no other
 * one names.
 */
int local_remove_file(struct apply *a, const struct policy_file *file);
/**
 * local_forget_vendor() - take [Vendor] @id out of 90-local.policy when no rule names it any more,
 * and the file when nothing is left in it. @a->policy is up to date.
 */
int local_forget_vendor(struct apply *a, const char *id);

#endif
