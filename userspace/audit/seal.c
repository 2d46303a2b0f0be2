/* SPDX-License-Identifier: GPL-2.0-only */
#include "seal.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/crypto.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <systemd/sd-id128.h>
#include <time.h>
#include <unistd.h>

#include "clock.h"
#include "file.h"
#include "hash.h"

#define KEY_MAGIC   "iseal-1" /* changes with the layout */
#define STATE_MAGIC "istate1"

/* The file `key`. Of another machine's byte order it is no key, and a new root begins. */
struct key_file {
	char magic[8];
	struct seal_key open;
	uint8_t private_key[CHECKPOINT_KEY_LEN];
	uint8_t digest[FINGERPRINT_LEN]; /* of what is before it: an erased key is none */
};

/* The file `state`: two slots, one written after the other, each in a sector of its own. */
#define SLOT_LEN 512

struct slot {
	char magic[8];
	struct seal_state state;
	uint8_t digest[FINGERPRINT_LEN];
};
_Static_assert(sizeof(struct slot) <= SLOT_LEN, "a slot fits its sector");

static const uint8_t zeros[CHECKPOINT_KEY_LEN];

static void name(char path[PATH_MAX], const char *dir, const char *file)
{
	snprintf(path, PATH_MAX, "%s/%s", dir, file);
}

/* ---- the key --------------------------------------------------------------------------------- */

static bool digest_fits(const void *data, size_t len, const uint8_t digest[FINGERPRINT_LEN])
{
	uint8_t value[FINGERPRINT_LEN];

	return !hash_bytes(value, data, len) && !memcmp(value, digest, sizeof(value));
}

/* Whoever calls it cleanses @k. */
static int read_key_file(struct key_file *k, const char *dir, const char *file)
{
	char path[PATH_MAX];
	ssize_t n;
	int fd;

	name(path, dir, file);
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

static int write_key_file(struct key_file *k, const char *dir, const char *file)
{
	char path[PATH_MAX];
	int err;

	memcpy(k->magic, KEY_MAGIC, sizeof(k->magic));
	err = hash_bytes(k->digest, k, offsetof(struct key_file, digest));
	name(path, dir, file);
	return err ? -EIO : file_write(path, k, sizeof(*k), 0600);
}

int seal_read_key(struct seal_key *key, const char *dir)
{
	struct key_file k = {};
	int err = read_key_file(&k, dir, "key");

	*key = k.open;
	if (err)
		*key = (struct seal_key){};
	OPENSSL_cleanse(&k, sizeof(k));
	return err;
}

/* Overwrite a key where it lies, so that its blocks do not keep it. */
static int erase(const char *dir, const char *file)
{
	static const struct key_file nothing;
	char path[PATH_MAX];
	int fd, err = 0;

	name(path, dir, file);
	fd = open(path, O_WRONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0)
		return errno == ENOENT ? 0 : -errno;
	if (pwrite(fd, &nothing, sizeof(nothing), 0) != sizeof(nothing) || fsync(fd))
		err = -EIO;
	close(fd);
	return err;
}

/* What was drafted takes its place, and its directory is brought to disk. */
static int next_becomes_key(const char *dir)
{
	char from[PATH_MAX], to[PATH_MAX];
	struct file_draft draft = {.path = to};
	int err;

	name(from, dir, "next");
	name(to, dir, "key");
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

static int read_state(struct seal_state *state, int fd)
{
	struct seal_state other;
	bool one = read_slot(state, fd, 0), two = read_slot(&other, fd, 1);

	if (!one && !two)
		return -EBADMSG;
	if (!one || (two && other.turn > state->turn))
		*state = other;
	return 0;
}

static int write_state(struct seal *s)
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
	name(path, dir, "state");
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (fd < 0)
		return -errno;
	err = read_state(state, fd);
	close(fd);
	return err;
}

/* ---- open ------------------------------------------------------------------------------------ */

static int begin_root(struct seal *s)
{
	struct key_file k = {};
	char path[PATH_MAX];
	int err = erase(s->dir, "key");

	if (!err)
		err = erase(s->dir, "next");
	name(path, s->dir, "next");
	unlink(path);
	if (!err)
		err = checkpoint_new_key(k.private_key, k.open.key);
	memcpy(k.open.root, k.open.key, sizeof(k.open.root));
	memcpy(k.open.machine, s->machine, sizeof(k.open.machine));
	if (!err)
		err = write_key_file(&k, s->dir, "key");
	s->key = k.open;
	OPENSSL_cleanse(&k, sizeof(k));
	return err;
}

/* A key that was erased while its successor had not taken its place yet. */
static int finish_evolving(struct seal *s)
{
	struct key_file next;
	int err = read_key_file(&next, s->dir, "next");

	OPENSSL_cleanse(&next, sizeof(next));
	if (!err)
		err = next_becomes_key(s->dir);
	return err ? err : seal_read_key(&s->key, s->dir);
}

static bool is_another_machine(const struct seal *s)
{
	return memcmp(s->machine, zeros, CHECKPOINT_MACHINE_LEN) != 0 &&
	       memcmp(s->machine, s->key.machine, CHECKPOINT_MACHINE_LEN) != 0;
}

static int open_key(struct seal *s)
{
	int err = seal_read_key(&s->key, s->dir);

	if (err == -EBADMSG || err == -ENOENT)
		err = finish_evolving(s);
	if (err == -EBADMSG || err == -ENOENT || (!err && is_another_machine(s)))
		err = begin_root(s);
	return err;
}

int seal_reload(struct seal *s)
{
	int err = read_state(&s->state, s->state_fd);

	/* Nothing was written yet, or the file was lost: the log itself tells. */
	if (err == -EBADMSG) {
		s->state = (struct seal_state){};
		err = 0;
	}
	return err ? err : open_key(s);
}

int seal_open(struct seal *s, const char *dir, const uint8_t machine[CHECKPOINT_MACHINE_LEN])
{
	char path[PATH_MAX];

	*s = (struct seal){.dir = dir, .state_fd = -1};
	memcpy(s->machine, machine, sizeof(s->machine));
	if (mkdir(dir, 0700) && errno != EEXIST)
		return -errno;
	/* Keys that a kill has kept from ever being used. */
	name(path, dir, "next");
	file_remove_unfinished(path);
	name(path, dir, "key");
	file_remove_unfinished(path);
	name(path, dir, "state");
	s->state_fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	return s->state_fd < 0 ? -errno : seal_reload(s);
}

void seal_close(struct seal *s)
{
	if (s->state_fd >= 0)
		close(s->state_fd);
	s->state_fd = -1;
}

/* ---- the root -------------------------------------------------------------------------------- */

bool seal_is_begun(const struct seal *s)
{
	return !memcmp(s->state.root, s->key.root, sizeof(s->key.root));
}

const char *seal_why_begun(const struct seal *s)
{
	if (!memcmp(s->state.root, zeros, sizeof(zeros)))
		return s->key.epoch ? "what was kept of the log was lost, its key was not"
				    : "the first start with this log";
	if (memcmp(s->state.machine, s->key.machine, sizeof(s->key.machine)) != 0)
		return "machine-id has changed: this is a copy of another machine";
	return "the key was lost";
}

json_t *seal_begin_json(const struct seal *s)
{
	json_t *own = json_pack("{s:o, s:I, s:o, s:o}", "root",
				checkpoint_hex(s->key.root, sizeof(s->key.root)), "epoch",
				(json_int_t)s->key.epoch, "public_key",
				checkpoint_hex(s->key.key, sizeof(s->key.key)), "machine",
				checkpoint_hex(s->key.machine, sizeof(s->key.machine)));

	if (memcmp(s->state.root, zeros, sizeof(zeros)) != 0)
		json_object_set_new(own, "previous_root",
				    checkpoint_hex(s->state.root, sizeof(s->state.root)));
	return own;
}

int seal_note_begun(struct seal *s)
{
	memcpy(s->state.root, s->key.root, sizeof(s->state.root));
	memcpy(s->state.machine, s->key.machine, sizeof(s->state.machine));
	return write_state(s);
}

/* ---- a record, a checkpoint ------------------------------------------------------------------ */

int seal_note(struct seal *s, uint64_t number, const uint8_t line[FINGERPRINT_LEN])
{
	sd_id128_t boot = SD_ID128_NULL;

	sd_id128_get_boot(&boot);
	memcpy(s->state.boot, boot.bytes, sizeof(s->state.boot));
	memcpy(s->state.line, line, FINGERPRINT_LEN);
	s->state.number = number;
	s->state.epoch = s->key.epoch;
	memcpy(s->state.key, s->key.key, sizeof(s->state.key));
	return write_state(s);
}

/* The successor: the one that is there, or else a new one. */
static int prepare_next(struct seal *s, uint8_t next_key[CHECKPOINT_KEY_LEN])
{
	struct key_file next = {};
	int err = read_key_file(&next, s->dir, "next");

	if (err || next.open.epoch != s->key.epoch + 1 ||
	    memcmp(next.open.root, s->key.root, sizeof(next.open.root)) != 0) {
		next = (struct key_file){.open = s->key};
		next.open.epoch++;
		err = checkpoint_new_key(next.private_key, next.open.key);
		if (!err)
			err = write_key_file(&next, s->dir, "next");
	}
	memcpy(next_key, next.open.key, CHECKPOINT_KEY_LEN);
	OPENSSL_cleanse(&next, sizeof(next));
	return err;
}

static int sign(const struct seal *s, struct checkpoint *c)
{
	struct key_file k;
	int err = read_key_file(&k, s->dir, "key");

	if (!err)
		err = checkpoint_sign(c, k.private_key);
	OPENSSL_cleanse(&k, sizeof(k));
	return err;
}

/* A line that a kill has cut off is ended; one for which there is no room is taken back. */
static int append_line(int fd, const char *line, size_t len)
{
	off_t end = lseek(fd, 0, SEEK_END);
	char last = '\n';

	if (end > 0 && pread(fd, &last, 1, end - 1) == 1 && last != '\n' && write(fd, "\n", 1) != 1)
		return -ENOSPC;
	end = lseek(fd, 0, SEEK_END);
	if (write(fd, line, len) == (ssize_t)len)
		return fsync(fd) ? -errno : 0;
	return ftruncate(fd, end) ? -errno : -ENOSPC;
}

static int keep(const struct seal *s, const struct checkpoint *c)
{
	json_t *object = checkpoint_json(c);
	char *text = object ? json_dumps(object, JSON_COMPACT) : NULL, path[PATH_MAX];
	size_t len = text ? strlen(text) : 0;
	int fd, err = -ENOMEM;

	name(path, s->dir, "checkpoints");
	fd = open(path, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		err = -errno;
	if (text && fd >= 0) {
		text[len] = '\n'; /* in the place of the NUL */
		err = append_line(fd, text, len + 1);
	}
	if (fd >= 0)
		close(fd);
	free(text);
	json_decref(object);
	return err;
}

int seal_sign(struct seal *s, struct checkpoint *c, const struct chain_head *head, uint64_t first)
{
	int err;

	*c = (struct checkpoint){.epoch = s->key.epoch,
				 .number = head->number,
				 .first = first,
				 .time = clock_ns(CLOCK_REALTIME) / 1000000000};
	memcpy(c->head, head->head, sizeof(c->head));
	memcpy(c->machine, s->key.machine, sizeof(c->machine));
	memcpy(c->root, s->key.root, sizeof(c->root));
	memcpy(c->key, s->key.key, sizeof(c->key));
	err = prepare_next(s, c->next);
	if (!err)
		err = sign(s, c);
	return err ? err : keep(s, c);
}

int seal_evolve(struct seal *s, const struct checkpoint *c, uint64_t number)
{
	int err = erase(s->dir, "key");

	if (!err)
		err = next_becomes_key(s->dir);
	if (!err)
		err = seal_read_key(&s->key, s->dir);
	if (err)
		return err;
	s->state.covered = c->number;
	s->state.checkpoint = number;
	s->state.sealed = c->time;
	return seal_note(s, s->state.number, s->state.line);
}

/* ---- for those who only look ----------------------------------------------------------------- */

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
