/* SPDX-License-Identifier: GPL-2.0-only */
/* Records that do not follow one another: which of them is wrong, and what was done to it. */
#include <string.h>

#include "verify_walk.h"

/* @next: what is behind the suspect, NULL at the end. */
static int judge_mismatch(struct walker *w, const struct chain_link *next)
{
	uint64_t number = w->chain.last.number;
	bool intact = false, told = false;

	if (next) {
		told = true;
		intact = !memcmp(next->previous, w->chain.last.head, FINGERPRINT_LEN);
	} else if (w->v->has_state && w->state.number == number) {
		told = true;
		intact = !memcmp(w->state.line, w->chain.last.line, FINGERPRINT_LEN);
	}
	if (!told)
		return verify_found(w, VERIFY_CHANGED, number - 1, number, &w->earlier);
	if (intact)
		return verify_found(w, VERIFY_CHANGED, number - 1, number - 1, &w->earlier);
	return verify_found(w, VERIFY_CHANGED, number, number, &w->last);
}

static int judge_ahead(struct walker *w, const struct chain_link *next)
{
	uint64_t number = w->chain.last.number;

	if (next && next->number >= w->missing && next->number < number)
		return verify_found(w, VERIFY_REORDERED, number, number, &w->last);
	return verify_found(w, VERIFY_REMOVED, w->missing, number - 1, &w->last);
}

int verify_suspect(struct walker *w, const struct chain_link *next)
{
	return w->suspicion == MISMATCH ? judge_mismatch(w, next) : judge_ahead(w, next);
}

static bool is_line(const struct walker *w, const char *s, size_t len)
{
	struct chain_walk other = {};
	bool same = !chain_walk_record(&other, 1, s, len) &&
		    !memcmp(other.last.line, w->chain.last.line, FINGERPRINT_LEN);

	chain_walk_end(&other);
	return same;
}

int verify_out_of_turn(struct walker *w, const struct chain_link *link,
		       const struct verify_place *at, const char *s, size_t len)
{
	const struct chain_head *last = &w->chain.last;
	uint64_t wanted = last->number + 1;

	if (!memcmp(link->previous, last->head, FINGERPRINT_LEN))
		return verify_found(w, VERIFY_CHANGED, wanted, wanted, at);
	if (link->number > wanted && w->chain.strangers == link->number - wanted)
		return verify_found(w, VERIFY_CHANGED, wanted, wanted, &w->stranger);
	if (link->number > wanted) {
		w->suspicion = AHEAD;
		w->missing = wanted;
		return 0;
	}
	if (link->number == last->number && is_line(w, s, len))
		return verify_found(w, VERIFY_REPEATED, link->number, link->number, at);
	return verify_found(w, VERIFY_REORDERED, link->number, link->number, at);
}

int verify_not_named(struct walker *w, const struct chain_link *link)
{
	if (w->chain.strangers && !memcmp(link->previous, w->chain.last.line, FINGERPRINT_LEN))
		return verify_found(w, VERIFY_INSERTED, link->number, link->number, &w->stranger);
	w->suspicion = MISMATCH;
	return 0;
}
