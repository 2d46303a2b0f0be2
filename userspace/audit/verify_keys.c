/* SPDX-License-Identifier: GPL-2.0-only */
#include "verify_keys.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "file.h"
#include "lines.h"

#define KEPT_MAX 1000000 /* a century of one an hour */

static bool same(const uint8_t a[CHECKPOINT_KEY_LEN], const uint8_t b[CHECKPOINT_KEY_LEN])
{
	return !memcmp(a, b, CHECKPOINT_KEY_LEN);
}

/* ---- the chain ------------------------------------------------------------------------------- */

void verify_keys_begin(struct verify_keys *k, const uint8_t root[CHECKPOINT_KEY_LEN],
		       uint64_t epoch, const uint8_t key[CHECKPOINT_KEY_LEN])
{
	*k = (struct verify_keys){.known = true, .epoch = epoch};
	memcpy(k->root, root, sizeof(k->root));
	memcpy(k->key, key, sizeof(k->key));
}

static void go_on_behind(struct verify_keys *k, const struct checkpoint *c)
{
	verify_keys_begin(k, c->root, c->epoch + 1, c->next);
	memcpy(k->last_key, c->key, sizeof(k->last_key));
}

/* Whether one that was kept names the key of @c. */
static bool is_named(const struct verify_kept *kept, const struct checkpoint *c)
{
	const struct checkpoint *x;
	size_t i;

	if (!c->epoch)
		return same(c->key, c->root);
	for (i = kept ? kept->n : 0; i > 0; i--) {
		x = &kept->v[i - 1];
		if (x->epoch + 1 == c->epoch && same(x->root, c->root) && same(x->next, c->key))
			return kept->linked;
	}
	return false;
}

enum verify_link verify_keys_take(struct verify_keys *k, const struct checkpoint *c,
				  const struct verify_kept *kept)
{
	struct verify_keys before = *k;

	go_on_behind(k, c);
	if (before.known && same(before.root, c->root)) {
		if (c->epoch == before.epoch)
			return same(c->key, before.key) ? VERIFY_LINKED : VERIFY_BROKEN;
		if (c->epoch + 1 == before.epoch && same(c->key, before.last_key) &&
		    same(c->next, before.key))
			return VERIFY_LINKED;
		return c->epoch > before.epoch && is_named(kept, c) ? VERIFY_LINKED : VERIFY_BROKEN;
	}
	/* The log says when another root begins. */
	if (before.known)
		return VERIFY_BROKEN;
	return is_named(kept, c) ? VERIFY_LINKED : VERIFY_UNLINKED;
}

/* ---- those that were kept -------------------------------------------------------------------- */

static int add(struct verify_kept *kept, const struct checkpoint *c)
{
	size_t capacity = kept->capacity ? 2 * kept->capacity : 64;
	struct checkpoint *larger;

	if (kept->n == kept->capacity) {
		larger = reallocarray(kept->v, capacity, sizeof(*larger));
		if (!larger)
			return -ENOMEM;
		kept->v = larger;
		kept->capacity = capacity;
	}
	kept->v[kept->n++] = *c;
	return 0;
}

struct keeping {
	struct verify_kept *kept;
	struct verify_keys keys;
};

/* One root after the other: each begins with epoch 0. */
static void check_link(struct keeping *k, const struct checkpoint *c)
{
	bool other = !k->keys.known || !same(k->keys.root, c->root);

	if (other) {
		k->kept->linked = !c->epoch && same(c->key, c->root);
		k->keys = (struct verify_keys){};
	}
	if (verify_keys_take(&k->keys, c, NULL) == VERIFY_BROKEN)
		k->kept->linked = false;
}

static int take_line(void *context, const char *s, size_t len, bool whole)
{
	struct keeping *k = context;
	json_t *object = json_loadb(s, len, 0, NULL);
	struct checkpoint c;
	bool is_one = checkpoint_from_json(&c, object);

	json_decref(object);
	if (!is_one) {
		k->kept->torn++;
		return 0;
	}
	if (k->kept->n == KEPT_MAX)
		return -EFBIG;
	if (!checkpoint_is_signed(&c)) {
		k->kept->forged = true;
		return 0;
	}
	check_link(k, &c);
	return add(k->kept, &c);
}

int verify_kept_read(struct verify_kept *kept, const char *dir)
{
	struct keeping k = {.kept = kept};
	struct lines l = {.max = CHECKPOINT_LINE_MAX, .take = take_line, .context = &k};
	char path[PATH_MAX];
	int fd, err;

	*kept = (struct verify_kept){};
	snprintf(path, sizeof(path), "%s/checkpoints", dir);
	fd = file_open(path);
	if (fd < 0)
		return fd;
	err = lines_read(&l, fd);
	close(fd);
	return err;
}

const struct checkpoint *verify_kept_at(struct verify_kept *kept, uint64_t number)
{
	while (kept->next < kept->n && kept->v[kept->next].number < number)
		kept->next++;
	if (kept->next == kept->n || kept->v[kept->next].number != number)
		return NULL;
	return &kept->v[kept->next];
}

void verify_kept_free(struct verify_kept *kept)
{
	free(kept->v);
	*kept = (struct verify_kept){};
}
