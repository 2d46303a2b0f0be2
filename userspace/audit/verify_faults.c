/* SPDX-License-Identifier: GPL-2.0-only */
/* The words of a verdict. */
#include "verify_walk.h"

int verify_found(struct walker *w, enum verify_fault fault, uint64_t from, uint64_t to,
		 const struct verify_place *at)
{
	struct verify *v = w->v;

	v->fault = fault;
	v->from = from;
	v->to = to;
	if (at)
		v->at = *at;
	return FOUND;
}

int verify_found_because(struct walker *w, enum verify_fault fault, uint64_t from, uint64_t to,
			 const struct verify_place *at, const char *why)
{
	w->v->why = why;
	return verify_found(w, fault, from, to, at);
}

const char *verify_fault_word(enum verify_fault fault)
{
	static const char *const words[VERIFY_FAULTS] = {
		[VERIFY_SOUND] = "none",	  [VERIFY_CHANGED] = "changed",
		[VERIFY_REMOVED] = "removed",	  [VERIFY_REORDERED] = "reordered",
		[VERIFY_REPEATED] = "repeated",	  [VERIFY_INSERTED] = "inserted",
		[VERIFY_BEGINNING] = "beginning", [VERIFY_CUT] = "cut",
		[VERIFY_GARBAGE] = "garbage",	  [VERIFY_APPENDED] = "appended",
		[VERIFY_FORGED] = "forged",	  [VERIFY_SEAL] = "seal",
		[VERIFY_ROOT] = "root",
	};

	return words[fault];
}
