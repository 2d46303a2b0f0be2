/* SPDX-License-Identifier: GPL-2.0-only */
/* What was read of lists, merged and in order, by the ten million. */
#ifndef INTERDICT_IMPORT_GATHER_H
#define INTERDICT_IMPORT_GATHER_H

#include "import/import.h"

/* More is no blocklist; it would take 3 GiB here, and 1 GiB in the kernel. */
#define GATHER_MAX (32u * 1024 * 1024)
/* Names are for people. */
#define GATHER_NAME_MAX	 255
#define GATHER_NAMES_MAX (1u << 30)
/* Distinct pairs of dates: each becomes a [Deny]. */
#define GATHER_WINDOWS_MAX (16 * 1024)

struct gathered {
	uint8_t value[FINGERPRINT_LEN];
	uint64_t size;	      /* bytes, or SIZE_UNKNOWN; of a digest */
	uint32_t name;	      /* gather_name() */
	uint32_t window : 24; /* index of its dates */
	uint32_t kind : 8;    /* enum fingerprint_kind */
};

struct window {
	uint64_t from, until; /* ns since 1970 UTC; 0: not given */
};

struct gather {
	struct gathered *v;
	size_t n, capacity;
	char *names; /* one behind the other, NUL terminated */
	size_t names_len, names_capacity;
	uint32_t last_name;
	struct window *windows;
	size_t window_count;
	void *window_tree; /* tsearch(3) */
};

/**
 * gather_add() - keep an item.
 * @from: instead of its own date; 0: its own
 * @until: likewise
 * Return: 0; -ENOMEM; -E2BIG for more than GATHER_MAX; -ERANGE for more windows than
 * GATHER_WINDOWS_MAX; -EDOM for one that would end before it begins.
 */
int gather_add(struct gather *g, const struct import_item *item, uint64_t from, uint64_t until);
/**
 * gather_merge() - leave out what is there twice, and sort by dates, kind and value.
 *
 * Where one source has the size of a digest and another has not, none is known for sure. Windows of
 * the same digest that overlap become one.
 *
 * Return: 0, or what gather_add() gives.
 */
int gather_merge(struct gather *g);
/** gather_name() - the name, or NULL. */
const char *gather_name(const struct gather *g, const struct gathered *one);
/** gather_free() - release all and zero it. */
void gather_free(struct gather *g);

#endif
