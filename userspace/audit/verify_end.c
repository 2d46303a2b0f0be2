/* SPDX-License-Identifier: GPL-2.0-only */
/* The end of a log, held against its seal and what was asked for. */
#include <string.h>
#include <systemd/sd-id128.h>

#include "verify_walk.h"

/* Behind the last record there is nothing, or what a writer has begun. */
static int check_strangers(struct walker *w)
{
	if (!w->chain.strangers)
		return 0;
	if (w->open_end) {
		w->v->unfinished = true;
		return 0;
	}
	return verify_found(w, VERIFY_GARBAGE, w->v->last, w->v->last, &w->stranger);
}

static bool is_this_boot(const struct seal_state *state)
{
	sd_id128_t boot;

	return sd_id128_get_boot(&boot) >= 0 &&
	       !memcmp(boot.bytes, state->boot, sizeof(state->boot));
}

/* What the seal knows of the last record. It may be one behind, when its writer was killed, and
 * further when the machine went down. */
static int check_state(struct walker *w)
{
	const struct verify *v = w->v;
	const struct seal_state *s = &w->state;

	if (!v->has_state)
		return 0;
	if (s->number > v->last)
		return verify_found(w, VERIFY_CUT, v->last + 1, s->number, &w->last);
	if (s->number == v->last && memcmp(s->line, w->chain.last.line, FINGERPRINT_LEN) != 0)
		return verify_found_because(
			w, VERIFY_CHANGED, v->last, v->last, &w->last,
			"or one before it that no checkpoint covers, and the chain "
			"was written anew");
	w->v->unknown = v->last > s->number ? v->last - s->number : 0;
	if (w->v->unknown > 1 && is_this_boot(s))
		return verify_found(w, VERIFY_APPENDED, s->number + 1, v->last, &w->last);
	return 0;
}

/* What was signed and kept must be there. */
static int check_kept_end(struct walker *w)
{
	const struct verify_kept *kept = &w->kept;
	uint64_t last = kept->n ? kept->v[kept->n - 1].number : 0;
	int rc = verify_check_kept(w);

	if (!rc && last > w->v->last)
		rc = verify_found(w, VERIFY_CUT, w->v->last + 1, last, &w->last);
	return rc;
}

/* The key that signs next is the one that was named last: of an earlier epoch nobody has it. */
static int check_key(struct walker *w)
{
	const struct verify_keys *k = &w->keys;
	struct seal_key key;

	if (!w->o->seal || seal_read_key(&key, w->o->seal))
		return 0;
	w->v->has_key = true;
	if (!k->known)
		return 0;
	if (memcmp(key.root, k->root, sizeof(key.root)) != 0)
		return verify_found_because(
			w, VERIFY_SEAL, 0, 0, NULL,
			"its key is of another root, and the log has no begin of it");
	if (key.epoch == k->epoch && !memcmp(key.key, k->key, sizeof(key.key)))
		return 0;
	if (key.epoch + 1 == k->epoch && !memcmp(key.key, k->last_key, sizeof(key.key)))
		return 0; /* the last checkpoint was interrupted */
	if (key.epoch > k->epoch)
		return verify_found_because(w, VERIFY_CUT, w->v->last + 1, w->v->last + 1, &w->last,
					    "the seal has signed checkpoints that are not there");
	return verify_found_because(
		w, VERIFY_SEAL, 0, 0, NULL,
		"its key is of an earlier epoch than the log's last checkpoint: it "
		"was put back");
}

static int check_beginning(struct walker *w)
{
	const struct verify *v = w->v;
	struct verify_place none = {};

	if (v->promised && v->first > v->promised)
		return verify_found(w, VERIFY_BEGINNING, v->promised, v->first - 1, &none);
	return 0;
}

static int check_root(struct walker *w)
{
	if (!w->o->root || !memcmp(w->o->root, w->v->root, sizeof(w->v->root)))
		return 0;
	return verify_found(w, VERIFY_ROOT, 0, 0, NULL);
}

int verify_check_end(struct walker *w)
{
	int rc = chain_walk_head(&w->chain);

	if (!rc && w->suspicion)
		return verify_suspect(w, NULL);
	if (!rc)
		rc = check_state(w);
	if (!rc)
		rc = check_strangers(w);
	if (!rc)
		rc = check_kept_end(w);
	if (!rc)
		rc = check_key(w);
	if (!rc)
		rc = check_beginning(w);
	if (!rc)
		rc = check_root(w);
	if (!rc && w->v->gaps)
		rc = verify_found_because(
			w, VERIFY_REMOVED, w->v->gap_from, w->v->gap_to, &w->v->gap_at,
			"the log's writer found so itself when it went on: cut off, or "
			"lost with the machine's power");
	return rc;
}
