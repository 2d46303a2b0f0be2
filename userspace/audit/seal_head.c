/* SPDX-License-Identifier: GPL-2.0-only */
/* Where a log stands, for those who only look. */
#include <string.h>
#include <time.h>

#include "seal.h"

int seal_head(struct seal_head *h, const char *dir)
{
	struct seal_state state;
	int err = seal_read_state(&state, dir);

	*h = (struct seal_head){.number = state.number,
				.covered = state.covered,
				.sealed = state.sealed,
				.epoch = state.epoch};
	memcpy(h->head, state.line, sizeof(h->head));
	memcpy(h->root, state.root, sizeof(h->root));
	memcpy(h->key, state.key, sizeof(h->key));
	return err;
}

json_t *seal_head_json(const char *dir)
{
	struct seal_head h;
	char when[32] = "";
	struct tm tm;
	time_t t;

	if (seal_head(&h, dir))
		return NULL;
	t = (time_t)h.sealed;
	if (t && gmtime_r(&t, &tm))
		strftime(when, sizeof(when), "%Y-%m-%dT%H:%M:%SZ", &tm);
	return json_pack("{s:I, s:o, s:o, s:I, s:o, s:I, s:o}", "number", (json_int_t)h.number,
			 "head", checkpoint_hex(h.head, sizeof(h.head)), "root",
			 checkpoint_hex(h.root, sizeof(h.root)), "epoch", (json_int_t)h.epoch,
			 "public_key", checkpoint_hex(h.key, sizeof(h.key)), "covered",
			 (json_int_t)h.covered, "sealed", t ? json_string(when) : json_null());
}
