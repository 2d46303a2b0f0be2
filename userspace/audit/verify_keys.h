/* SPDX-License-Identifier: GPL-2.0-only */
/* The chain of keys, from the root of a log to its last checkpoint. */
#ifndef INTERDICT_VERIFY_KEYS_H
#define INTERDICT_VERIFY_KEYS_H

#include <stddef.h>

#include "checkpoint.h"

/* Whose checkpoint comes next, and whose was the last: a kill may make it be signed twice. */
struct verify_keys {
	bool known;
	uint8_t root[CHECKPOINT_KEY_LEN];
	uint64_t epoch; /* that comes next */
	uint8_t key[CHECKPOINT_KEY_LEN];
	uint8_t last_key[CHECKPOINT_KEY_LEN]; /* of the epoch before; zeros: none */
};

/* The checkpoints that a seal has kept. */
struct verify_kept {
	struct checkpoint *v;
	size_t n, capacity;
	size_t next;	    /* the first that the log has not come to yet */
	unsigned long torn; /* lines that are none */
	bool linked;	    /* the chain of the last root is whole from epoch 0 on */
	bool forged;	    /* a signature or a key does not fit */
};

enum verify_link {
	VERIFY_LINKED,	 /* its key is the one that was named */
	VERIFY_UNLINKED, /* nothing names its key */
	VERIFY_BROKEN,	 /* another key was named */
};

/** verify_keys_begin() - a root begins, or goes on with @epoch and @key. */
void verify_keys_begin(struct verify_keys *k, const uint8_t root[CHECKPOINT_KEY_LEN],
		       uint64_t epoch, const uint8_t key[CHECKPOINT_KEY_LEN]);
/**
 * verify_keys_take() - a checkpoint with a good signature comes.
 * @kept: where links are found that the log has not; or NULL
 */
enum verify_link verify_keys_take(struct verify_keys *k, const struct checkpoint *c,
				  const struct verify_kept *kept);

/**
 * verify_kept_read() - read and check the file `checkpoints` of a seal.
 * Return: 0; -ENOMEM; or what open(2) and read(2) give.
 */
int verify_kept_read(struct verify_kept *kept, const char *dir);
/**
 * verify_kept_at() - the checkpoint that covers record @number last, or NULL; numbers are asked for
 * in ascending order.
 */
const struct checkpoint *verify_kept_at(struct verify_kept *kept, uint64_t number);
void verify_kept_free(struct verify_kept *kept);

#endif
