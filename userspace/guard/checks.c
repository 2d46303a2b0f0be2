/* SPDX-License-Identifier: GPL-2.0-only */
/* What can be told of each section alone; checks_overlap.c knows of several. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "checks_overlap.h"

/* ---- sizes --------------------------------------------------------------------------------- */

static void check_sizes(const struct section *s, struct diag *d)
{
	const struct policy_list *list;
	size_t i;

	for (i = 0; i < s->list_count; i++) {
		list = &s->lists[i];
		if (!list->digests.unsized)
			continue;
		diag_warning(d, s->file->path, s->line,
			     "%zu of the %zu digests %s%s have no size: every file that runs or is "
			     "mapped is then read and hashed: add sizes (interdict digest writes "
			     "them)",
			     list->digests.unsized, list->digests.n,
			     list->name ? "in " : "of its Digest= lines",
			     list->name ? list->name : "");
	}
}

/* ---- what this machine decides ------------------------------------------------------------- */

#define KINDS_OF_PROGRAMS                                                                          \
	(KINDS_SIGNER | KIND_BIT(FINGERPRINT_BUILD_ID) | KIND_BIT(FINGERPRINT_AUTHENTIHASH))

#define REMEDY "load interdict.ko (interdict doctor says how)"

static const struct named_fingerprint *find_kind(const struct section *s, __u32 kinds)
{
	size_t i;

	for (i = 0; i < s->named_count; i++)
		if (kinds & KIND_BIT(s->named[i].f.kind))
			return &s->named[i];
	return NULL;
}

static void check_kinds(const struct section *s, unsigned int capabilities, struct diag *d)
{
	const struct named_fingerprint *named;

	if (capabilities & (CAN_KMOD | CAN_DYNPTR))
		return;
	named = find_kind(s, KIND_BIT(FINGERPRINT_AUTHENTIHASH));
	if (named)
		diag_warning(d, s->file->path, named->line,
			     "AuthentiHash= is decided by nothing on this machine: " REMEDY
			     ", or name the files by Digest=");
	named = find_kind(s, KINDS_OF_PROGRAMS & ~KIND_BIT(FINGERPRINT_AUTHENTIHASH));
	if (named)
		diag_warning(d, s->file->path, named->line,
			     "%s is decided for drivers alone on this machine, not for programs "
			     "and libraries: " REMEDY ", or name these by Digest=",
			     policy_kind_key(named->f.kind));
}

static void check_state(const struct section *s, unsigned int capabilities, struct diag *d)
{
	if (s->signature == SIGNATURE_NONE || s->signature == SIGNATURE_CLAIMED ||
	    capabilities & CAN_KMOD)
		return;
	diag_warning(d, s->file->path, s->line,
		     "SignatureState= asks for checked signatures, and nothing on this machine "
		     "checks any: the signers of this section never match: " REMEDY
		     ", or leave it out");
}

void checks_run(const struct policy *policy, image_t *image, unsigned int capabilities,
		struct diag *d)
{
	const struct section *s;
	size_t i;

	for (i = 0; i < policy->section_count; i++) {
		s = policy->sections[i];
		check_sizes(s, d);
		check_kinds(s, capabilities, d);
		check_state(s, capabilities, d);
	}
	checks_overlaps(policy, image, d);
}
