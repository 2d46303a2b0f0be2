/* SPDX-License-Identifier: GPL-2.0-only */
/* [Match] of a policy file: what this machine is, and whether the file is for it. */
#ifndef INTERDICT_MATCH_H
#define INTERDICT_MATCH_H

#include <stdbool.h>
#include <stddef.h>

#include "diag.h"

#define MATCH_HOST_LEN 256
#define MACHINE_ID_LEN 32 /* hexadecimal digits */
#define TAG_MAX	       63 /* characters */

/* What a machine is told by. */
struct match_facts {
	char host[MATCH_HOST_LEN];	     /* as uname -n shows it */
	char machine_id[MACHINE_ID_LEN + 1]; /* machine-id(5); empty: it has none */
	char **tags;			     /* of TAGS_FILE */
	size_t tag_count;
};

/**
 * match_read_facts() - what this machine is.
 * @facts: filled; match_free_facts() releases it, also after a failure
 * @tags: the file of its tags, TAGS_FILE: one a line; empty lines and lines that begin with '#' are
 *	passed over. None there: the machine has no tags.
 * @d: one error for each line that is no tag, or for a file that cannot be read: whether a policy
 *	is for this machine must not hang on a slip
 *
 * Return: 0; -EINVAL when anything is in @d; -ENOMEM.
 */
int match_read_facts(struct match_facts *facts, const char *tags, struct diag *d);
/** match_free_facts() - release everything and zero @facts. */
void match_free_facts(struct match_facts *facts);

/** match_is_tag() - whether @text may be a tag: up to TAG_MAX of A-Z, a-z, 0-9, '.', '_', '-', a
 * letter or digit first. */
bool match_is_tag(const char *text);
/** match_has_tag() - whether the machine has this tag. */
bool match_has_tag(const struct match_facts *facts, const char *tag);
/** match_is_host() - whether the machine's name fits this pattern of glob(7), upper or lower case.
 */
bool match_is_host(const struct match_facts *facts, const char *pattern);
/** match_is_machine() - whether it has this machine-id, of lower case digits. */
bool match_is_machine(const struct match_facts *facts, const char *id);

#endif
