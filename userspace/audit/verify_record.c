/* SPDX-License-Identifier: GPL-2.0-only */
/* One line behind the other: a record, which must follow the last, or a stranger. */
#include <string.h>

#include "verify_walk.h"

static void take_time(char time[40], const char *s, size_t len)
{
	static const char key[] = "\"@timestamp\":\"";
	const char *at = memmem(s, len, key, sizeof(key) - 1), *end;
	size_t n;

	if (!at)
		return;
	at += sizeof(key) - 1;
	end = memchr(at, '"', s + len - at);
	n = end ? (size_t)(end - at) : 40;
	if (n >= 40 || strspn(at, "0123456789-:.TZ+") < n)
		return;
	memcpy(time, at, n);
	time[n] = 0;
}

int verify_check_kept(struct walker *w)
{
	const struct chain_head *last = &w->chain.last;
	const struct checkpoint *c = verify_kept_at(&w->kept, last->number);

	if (!c || !memcmp(c->head, last->head, FINGERPRINT_LEN) ||
	    !memcmp(c->head, last->line, FINGERPRINT_LEN))
		return 0;
	return verify_found_because(w, VERIFY_CHANGED, w->v->covered + 1, last->number, &w->last,
				    "the seal has a checkpoint of what it was");
}

static int check_link(struct walker *w, const struct chain_link *link,
		      const struct verify_place *at, const char *s, size_t len)
{
	static const uint8_t zeros[FINGERPRINT_LEN];
	const struct chain_head *last = &w->chain.last;

	if (!last->number) {
		w->v->first = link->number;
		if (link->number == 1 && memcmp(link->previous, zeros, sizeof(zeros)) != 0)
			return verify_found(w, VERIFY_CHANGED, 1, 1, at);
		return 0;
	}
	if (link->number != last->number + 1)
		return verify_out_of_turn(w, link, at, s, len);
	if (memcmp(link->previous, last->head, FINGERPRINT_LEN) != 0)
		return verify_not_named(w, link);
	w->v->torn += w->chain.strangers;
	return verify_check_kept(w);
}

int verify_take_record(struct walker *w, const struct chain_link *link,
		       const struct verify_place *at, const char *s, size_t len)
{
	static const char dataset[] = "\"dataset\":\"" CHECKPOINT_DATASET "\"";
	struct verify *v = w->v;
	int rc = chain_walk_head(&w->chain);

	if (!rc && w->suspicion)
		return verify_suspect(w, link);
	if (!rc)
		rc = check_link(w, link, at, s, len);
	if (!rc && memmem(s, len, dataset, sizeof(dataset) - 1))
		rc = verify_take_own(w, link, s, len, at);
	if (rc)
		return rc;
	w->earlier = w->last;
	w->last = *at;
	v->records++;
	v->last = link->number;
	if (!*v->begin)
		take_time(v->begin, s, len);
	take_time(v->end, s, len);
	return chain_walk_record(&w->chain, link->number, s, len);
}

int verify_take_stranger(struct walker *w, const struct verify_place *at, const char *s, size_t len,
			 bool whole)
{
	if (!w->chain.last.number) {
		w->v->before++;
		return 0;
	}
	if (!w->chain.strangers)
		w->stranger = *at;
	w->open_end = !w->chain.strangers && !whole && *s == '{';
	return chain_walk_stranger(&w->chain, s, len);
}
