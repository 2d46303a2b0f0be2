/* SPDX-License-Identifier: GPL-2.0-only */
#include "seal.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <systemd/sd-id128.h>
#include <unistd.h>

#include "clock.h"
#include "file.h"
#include "seal_files.h"

static const uint8_t zeros[CHECKPOINT_KEY_LEN];

/* ---- open ------------------------------------------------------------------------------------ */

static int begin_root(struct seal *s)
{
	struct key_file k = {};
	char path[PATH_MAX];
	int err = seal_erase(s->dir, "key");

	if (!err)
		err = seal_erase(s->dir, "next");
	seal_path(path, s->dir, "next");
	unlink(path);
	if (!err)
		err = checkpoint_new_key(k.private_key, k.open.key);
	memcpy(k.open.root, k.open.key, sizeof(k.open.root));
	memcpy(k.open.machine, s->machine, sizeof(k.open.machine));
	if (!err)
		err = seal_write_key_file(&k, s->dir, "key");
	s->key = k.open;
	OPENSSL_cleanse(&k, sizeof(k));
	return err;
}

/* A key that was erased while its successor had not taken its place yet. */
static int finish_evolving(struct seal *s)
{
	struct key_file next;
	int err = seal_read_key_file(&next, s->dir, "next");

	OPENSSL_cleanse(&next, sizeof(next));
	if (!err)
		err = seal_next_becomes_key(s->dir);
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
	int err = seal_load_state(&s->state, s->state_fd);

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
	seal_path(path, dir, "next");
	file_remove_unfinished(path);
	seal_path(path, dir, "key");
	file_remove_unfinished(path);
	seal_path(path, dir, "state");
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
	return seal_store_state(s);
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
	return seal_store_state(s);
}

/* The successor: the one that is there, or else a new one. */
static int prepare_next(struct seal *s, uint8_t next_key[CHECKPOINT_KEY_LEN])
{
	struct key_file next = {};
	int err = seal_read_key_file(&next, s->dir, "next");

	if (err || next.open.epoch != s->key.epoch + 1 ||
	    memcmp(next.open.root, s->key.root, sizeof(next.open.root)) != 0) {
		next = (struct key_file){.open = s->key};
		next.open.epoch++;
		err = checkpoint_new_key(next.private_key, next.open.key);
		if (!err)
			err = seal_write_key_file(&next, s->dir, "next");
	}
	memcpy(next_key, next.open.key, CHECKPOINT_KEY_LEN);
	OPENSSL_cleanse(&next, sizeof(next));
	return err;
}

static int sign(const struct seal *s, struct checkpoint *c)
{
	struct key_file k;
	int err = seal_read_key_file(&k, s->dir, "key");

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

	seal_path(path, s->dir, "checkpoints");
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
	int err = seal_erase(s->dir, "key");

	if (!err)
		err = seal_next_becomes_key(s->dir);
	if (!err)
		err = seal_read_key(&s->key, s->dir);
	if (err)
		return err;
	s->state.covered = c->number;
	s->state.checkpoint = number;
	s->state.sealed = c->time;
	return seal_note(s, s->state.number, s->state.line);
}
