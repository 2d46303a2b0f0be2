/* SPDX-License-Identifier: GPL-2.0-only */
/* The files of a seal: what the seal*.c share, and nobody else. */
#ifndef INTERDICT_SEAL_FILES_H
#define INTERDICT_SEAL_FILES_H

#include <stdbool.h>

#include "seal.h"

/* The file `key`. Of another machine's byte order it is no key, and a new root begins. */
struct key_file {
	char magic[8];
	struct seal_key open;
	uint8_t private_key[CHECKPOINT_KEY_LEN];
	uint8_t digest[FINGERPRINT_LEN]; /* of what is before it: an erased key is none */
};

/** seal_path() - of a file of the seal @dir. */
void seal_path(char path[PATH_MAX], const char *dir, const char *file);
/**
 * seal_read_key_file() - read a private key; whoever calls it cleanses @k.
 * Return: 0; -EBADMSG: it is none, or erased; or what open(2) and read(2) give.
 */
int seal_read_key_file(struct key_file *k, const char *dir, const char *file);
/** seal_write_key_file() - write it, complete and on disk. Return: 0, or a negative errno. */
int seal_write_key_file(struct key_file *k, const char *dir, const char *file);
/** seal_erase() - overwrite a key where it lies, so that its blocks do not keep it. */
int seal_erase(const char *dir, const char *file);
/** seal_next_becomes_key() - what was drafted takes its place, and its directory goes to disk. */
int seal_next_becomes_key(const char *dir);

/** seal_load_state() - read the newer slot. Return: 0; -EBADMSG: there is none. */
int seal_load_state(struct seal_state *state, int fd);
/** seal_store_state() - write @s->state to the older slot. Return: 0, or a negative errno. */
int seal_store_state(struct seal *s);

#endif
