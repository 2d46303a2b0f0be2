/* SPDX-License-Identifier: GPL-2.0-only */
#include <errno.h>
#include <fcntl.h>
#include <openssl/crypto.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "file.h"
#include "hash.h"
#include "seal_files.h"

#define KEY_MAGIC   "iseal-1" /* changes with the layout */
#define STATE_MAGIC "istate1"

/* The file `state`: two slots, one written after the other, each in a sector of its own. */
#define SLOT_LEN 512

struct slot {
	char magic[8];
	struct seal_state state;
	uint8_t digest[FINGERPRINT_LEN];
};
_Static_assert(sizeof(struct slot) <= SLOT_LEN, "a slot fits its sector");

void seal_path(char path[PATH_MAX], const char *dir, const char *file)
{
	snprintf(path, PATH_MAX, "%s/%s", dir, file);
}

static bool digest_fits(const void *data, size_t len, const uint8_t digest[FINGERPRINT_LEN])
{
	uint8_t value[FINGERPRINT_LEN];

	return !hash_bytes(value, data, len) && !memcmp(value, digest, sizeof(value));
}

/* ---- the key --------------------------------------------------------------------------------- */

int seal_read_key_file(struct key_file *k, const char *dir, const char *file)
{
	char path[PATH_MAX];
	ssize_t n;
	int fd;

	seal_path(path, dir, file);
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (fd < 0)
		return -errno;
	n = file_read(fd, k, sizeof(*k));
	close(fd);
	if (n < 0)
		return (int)n;
	if (n != sizeof(*k) || memcmp(k->magic, KEY_MAGIC, sizeof(k->magic)) != 0 ||
	    !digest_fits(k, offsetof(struct key_file, digest), k->digest))
		return -EBADMSG;
	return 0;
}

int seal_write_key_file(struct key_file *k, const char *dir, const char *file)
{
	char path[PATH_MAX];
	int err;

	memcpy(k->magic, KEY_MAGIC, sizeof(k->magic));
	err = hash_bytes(k->digest, k, offsetof(struct key_file, digest));
	seal_path(path, dir, file);
	return err ? -EIO : file_write(path, k, sizeof(*k), 0600);
}

int seal_read_key(struct seal_key *key, const char *dir)
{
	struct key_file k = {};
	int err = seal_read_key_file(&k, dir, "key");

	*key = k.open;
	if (err)
		*key = (struct seal_key){};
	OPENSSL_cleanse(&k, sizeof(k));
	return err;
}

int seal_erase(const char *dir, const char *file)
{
	static const struct key_file nothing;
	char path[PATH_MAX];
	int fd, err = 0;

	seal_path(path, dir, file);
	fd = open(path, O_WRONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0)
		return errno == ENOENT ? 0 : -errno;
	if (pwrite(fd, &nothing, sizeof(nothing), 0) != sizeof(nothing) || fsync(fd))
		err = -EIO;
	close(fd);
	return err;
}

int seal_next_becomes_key(const char *dir)
{
	char from[PATH_MAX], to[PATH_MAX];
	struct file_draft draft = {.path = to};
	int err;

	seal_path(from, dir, "next");
	seal_path(to, dir, "key");
	draft.temporary = strdup(from);
	err = draft.temporary ? file_put(&draft) : -ENOMEM;
	free(draft.temporary);
	return err;
}

/* ---- the state ------------------------------------------------------------------------------- */

static bool read_slot(struct seal_state *state, int fd, unsigned int i)
{
	struct slot slot;

	if (pread(fd, &slot, sizeof(slot), (off_t)i * SLOT_LEN) != sizeof(slot) ||
	    memcmp(slot.magic, STATE_MAGIC, sizeof(slot.magic)) != 0 ||
	    !digest_fits(&slot, offsetof(struct slot, digest), slot.digest))
		return false;
	*state = slot.state;
	return true;
}

int seal_load_state(struct seal_state *state, int fd)
{
	struct seal_state other;
	bool one = read_slot(state, fd, 0), two = read_slot(&other, fd, 1);

	if (!one && !two)
		return -EBADMSG;
	if (!one || (two && other.turn > state->turn))
		*state = other;
	return 0;
}

int seal_store_state(struct seal *s)
{
	struct slot slot = {.magic = STATE_MAGIC};
	ssize_t put;

	s->state.turn++;
	slot.state = s->state;
	if (hash_bytes(slot.digest, &slot, offsetof(struct slot, digest)))
		return -ENOMEM;
	put = pwrite(s->state_fd, &slot, sizeof(slot), (off_t)(s->state.turn & 1) * SLOT_LEN);
	if (put < 0)
		return -errno;
	return put == sizeof(slot) ? 0 : -ENOSPC;
}

int seal_read_state(struct seal_state *state, const char *dir)
{
	char path[PATH_MAX];
	int fd, err;

	*state = (struct seal_state){};
	seal_path(path, dir, "state");
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (fd < 0)
		return -errno;
	err = seal_load_state(state, fd);
	close(fd);
	return err;
}
