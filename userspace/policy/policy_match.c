/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * [Match]: for which machines a policy file is. Of one key, one of its values is enough; of several
 * keys, each has to hold.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf.h"
#include "policy_reader.h"

static const char *const names[MATCHES] = {
	[MATCH_HOST] = "Host",
	[MATCH_TAG] = "Tag",
	[MATCH_MACHINE] = "MachineId",
};

/* This machine is looked at once, and only if somebody asks. */
static const struct match_facts *facts(struct reader *r)
{
	if (r->facts)
		return r->facts;
	r->facts = &r->own_facts;
	if (match_read_facts(&r->own_facts, TAGS_FILE, r->d) == -ENOMEM)
		r->no_memory = true;
	return r->facts;
}

static void take(struct reader *r, enum match_by by, const char *value, bool holds)
{
	struct match_key *key = &r->match.by[by];

	key->holds |= holds;
	if (!key->asked)
		key->first = policy_copy(r, value);
	else
		key->more = true;
	key->asked = true;
}

void policy_match_host(struct reader *r, const char *value)
{
	take(r, MATCH_HOST, value, match_is_host(facts(r), value));
}

void policy_match_tag(struct reader *r, const char *value)
{
	if (match_is_tag(value))
		take(r, MATCH_TAG, value, match_has_tag(facts(r), value));
	else
		policy_error(r,
			     "Tag=%.64s: a tag is at most %d of A-Z, a-z, 0-9, '.', '_', '-', and "
			     "begins with a letter or digit: correct it",
			     value, TAG_MAX);
}

void policy_match_machine(struct reader *r, const char *value)
{
	if (strlen(value) == MACHINE_ID_LEN && strspn(value, "0123456789abcdef") == MACHINE_ID_LEN)
		take(r, MATCH_MACHINE, value, match_is_machine(facts(r), value));
	else
		policy_error(r,
			     "MachineId=%.64s: write the %d digits of /etc/machine-id, in lower "
			     "case",
			     value, MACHINE_ID_LEN);
}

/* The first key that asks for what this machine is not. */
void policy_close_match(struct reader *r)
{
	struct policy_file *f = r->file;
	const struct match_key *key;
	int by;

	for (by = 0; by < MATCHES; by++) {
		key = &r->match.by[by];
		if (!key->asked || key->holds || !key->first || f->mismatch)
			continue;
		if (asprintf(&f->mismatch, "%s=%s%s", names[by], key->first,
			     key->more ? " or another" : "") < 0) {
			f->mismatch = NULL;
			r->no_memory = true;
		}
	}
	for (by = 0; by < MATCHES; by++)
		free(r->match.by[by].first);
	memset(&r->match, 0, sizeof(r->match));
}
