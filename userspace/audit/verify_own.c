/* SPDX-License-Identifier: GPL-2.0-only */
/* What a log says of itself: its checkpoints, the roots that begin, the gaps that its writer found.
 */
#include <string.h>

#include "verify_walk.h"

static int take_checkpoint(struct walker *w, const struct chain_link *link, const json_t *own,
			   const struct verify_place *at)
{
	struct verify *v = w->v;
	struct checkpoint c;
	enum verify_link how;

	if (!checkpoint_from_json(&c, own) || !checkpoint_is_signed(&c))
		return verify_found_because(w, VERIFY_FORGED, link->number, link->number, at,
					    "its signature is wrong");
	if (c.number + 1 != link->number)
		return verify_found_because(w, VERIFY_FORGED, link->number, link->number, at,
					    "it is a copy of an earlier one");
	if (memcmp(c.head, link->previous, FINGERPRINT_LEN) != 0)
		return verify_found_because(
			w, VERIFY_CHANGED, v->covered + 1, c.number, at,
			"a checkpoint tells, and whoever changed it wrote the chain "
			"anew");
	how = verify_keys_take(&w->keys, &c, &w->kept);
	if (how == VERIFY_BROKEN)
		return verify_found_because(w, VERIFY_FORGED, link->number, link->number, at,
					    "another key had to come");
	v->unlinked |= how == VERIFY_UNLINKED;
	v->checkpoints++;
	v->covered = c.number;
	v->sealed = c.time;
	v->promised = c.first;
	memcpy(v->root, c.root, sizeof(v->root));
	return 0;
}

static bool take_key(uint8_t key[CHECKPOINT_KEY_LEN], const json_t *own, const char *name)
{
	const char *hex = json_string_value(json_object_get(own, name));

	_Static_assert(CHECKPOINT_KEY_LEN == FINGERPRINT_LEN, "both are 64 digits");
	return hex && !digest_parse(key, hex);
}

static void take_begin(struct walker *w, const json_t *own)
{
	uint8_t root[CHECKPOINT_KEY_LEN], key[CHECKPOINT_KEY_LEN];
	struct verify *v = w->v;

	if (!take_key(root, own, "root") || !take_key(key, own, "public_key"))
		return;
	if (w->keys.known && !memcmp(w->keys.root, root, sizeof(root)))
		return;
	v->roots += w->keys.known;
	/* Nothing vouches for a root that begins anew but who knows it. */
	verify_keys_begin(&w->keys, root, json_integer_value(json_object_get(own, "epoch")), key);
	memcpy(v->root, root, sizeof(v->root));
}

/* Return: whether the writer itself has found missing what is missing before @link. */
static bool take_gap(struct walker *w, const struct chain_link *link, const json_t *own,
		     const struct verify_place *at)
{
	const json_t *missing = json_object_get(own, "missing");
	uint64_t from = json_integer_value(json_object_get(missing, "from")),
		 to = json_integer_value(json_object_get(missing, "to"));

	if (w->suspicion != AHEAD || from != w->missing || to + 1 != link->number)
		return false;
	if (!w->v->gaps) {
		w->v->gap_from = from;
		w->v->gap_to = to;
		w->v->gap_at = *at;
	}
	w->v->gaps += to - from + 1;
	return true;
}

int verify_take_own(struct walker *w, const struct chain_link *link, const char *s, size_t len,
		    const struct verify_place *at)
{
	json_t *record = json_loadb(s, len, 0, NULL);
	const json_t *event = json_object_get(record, "event"),
		     *own = json_object_get(json_object_get(record, "interdict"), "checkpoint");
	const char *dataset = json_string_value(json_object_get(event, "dataset"));
	const char *action = json_string_value(json_object_get(event, "action"));
	int rc = 0;

	if (!dataset || !action || strcmp(dataset, CHECKPOINT_DATASET) != 0)
		action = "";
	if (!strcmp(action, "gap") && take_gap(w, link, own, at))
		w->suspicion = NOTHING;
	else if (!strcmp(action, "begin"))
		take_begin(w, own);
	else if (!strcmp(action, "checkpoint") && !w->suspicion)
		rc = take_checkpoint(w, link, own, at);
	json_decref(record);
	return rc;
}
