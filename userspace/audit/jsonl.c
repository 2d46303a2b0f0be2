/* SPDX-License-Identifier: GPL-2.0-only */
#include "jsonl.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <systemd/sd-id128.h>
#include <unistd.h>

#include "clock.h"
#include "conf.h"
#include "hash.h"
#include "machine_conf.h"
#include "rotate.h"

#define LOCK_WAIT_NS	2000000000ULL
#define LOCK_CHECKED_NS 1000000000ULL
#define LOCK_PAUSE_US	500
#define ROTATE_AGAIN	(1 << 20) /* bytes: when to try again what has failed */

/* ---- the lock -------------------------------------------------------------------------------- */

static int open_lock(const char *path)
{
	char name[PATH_MAX];
	int fd;

	/* Not the log itself: whoever may read that could keep it locked. */
	snprintf(name, sizeof(name), "%s.lock", path);
	fd = open(name, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	return fd < 0 ? -errno : fd;
}

static int wait_for_lock(int fd)
{
	uint64_t end = 0;

	while (flock(fd, LOCK_EX | LOCK_NB)) {
		if (errno != EWOULDBLOCK && errno != EINTR)
			return -errno;
		if (!end)
			end = clock_ns(CLOCK_MONOTONIC) + LOCK_WAIT_NS;
		if (clock_ns(CLOCK_MONOTONIC) > end)
			return -EBUSY;
		usleep(LOCK_PAUSE_US);
	}
	return 0;
}

/* A lock whose file was removed keeps nobody out. Looked at once a second: @checked. */
static bool is_removed(int fd, uint64_t *checked)
{
	uint64_t now = clock_ns(CLOCK_MONOTONIC);
	struct stat st;

	if (now - *checked < LOCK_CHECKED_NS)
		return false;
	*checked = now;
	return fstat(fd, &st) || !st.st_nlink;
}

/* Return: the descriptor of the lock, held; @fd was that of an earlier time, or -1. */
static int take_lock(int fd, const char *path, uint64_t *checked)
{
	int err, tries;

	for (tries = 0; tries < 10; tries++) {
		if (fd < 0)
			fd = open_lock(path);
		if (fd < 0)
			return fd;
		err = wait_for_lock(fd);
		if (!err && !is_removed(fd, checked))
			return fd;
		close(fd);
		fd = -1;
		if (err)
			return err;
	}
	return -EBUSY;
}

int jsonl_lock(const char *path)
{
	uint64_t checked = 0;

	return take_lock(-1, path, &checked);
}

static void release(struct jsonl *log)
{
	if (log->lock >= 0)
		flock(log->lock, LOCK_UN);
}

/* ---- the seal -------------------------------------------------------------------------------- */

/* Once when it begins, and once when it ends. */
static void tell_seal(struct jsonl *log, int err)
{
	if (err && !log->seal_failing)
		fprintf(stderr,
			"interdictd: %s: cannot be used: %s: until it can be, no checkpoint covers "
			"what is written\n",
			log->settings.seal, strerror(-err));
	if (!err && log->seal_failing)
		fprintf(stderr, "interdictd: %s: checkpoints are made again\n", log->settings.seal);
	log->seal_failing = err;
}

static void open_seal(struct jsonl *log)
{
	int err;

	if (!log->settings.seal)
		return;
	if (log->seal.dir)
		err = seal_reload(&log->seal);
	else
		err = seal_open(&log->seal, log->settings.seal, log->settings.machine);
	if (err) {
		seal_close(&log->seal);
		log->seal.dir = NULL;
	}
	tell_seal(log, err);
}

/* ---- what is there --------------------------------------------------------------------------- */

/* A line without its end would swallow the next record. */
static int end_line(struct jsonl *log)
{
	if (write(log->fd, "\n", 1) != 1)
		return -errno;
	log->unended = false;
	return 0;
}

/*
 * The last record is the log's; but not one before what is known to have been written. Then the
 * next one names that, so that those which are gone are missed.
 */
static void take_head(struct jsonl *log, const struct chain_head *found)
{
	const struct seal_state *known = &log->seal.state;

	log->head = *found;
	if (!log->seal.dir || known->number < found->number || !known->number)
		return;
	if (known->number == found->number &&
	    !memcmp(known->line, found->line, sizeof(found->line)))
		return;
	if (known->number > found->number) {
		log->gap_from = found->number + 1;
		log->gap_to = known->number;
	}
	log->head.number = known->number;
	memcpy(log->head.line, known->line, FINGERPRINT_LEN);
	memcpy(log->head.head, known->line, FINGERPRINT_LEN);
}

/* The log was rotated since: its last record is the last of the one before. */
static void look_at_rotated(const struct jsonl *log, struct ending *e)
{
	struct ending before;
	char path[PATH_MAX];

	rotate_name(path, sizeof(path), log->path, 1);
	if (ending_read_path(&before, path))
		return;
	if (!e->chain.number)
		e->chain = before.chain;
	if (!e->has_event)
		memcpy(e->last_id, before.last_id, sizeof(e->last_id));
}

/* Look at the end of the file: another process has written, or it is a new one. */
static int look_at_end(struct jsonl *log, struct ending *e)
{
	int err = ending_read(e, log->fd);

	if (err)
		return err;
	log->unended = e->unended;
	if (e->unended && e->broken)
		log->torn++;
	if (!e->chain.number || !e->has_event)
		look_at_rotated(log, e);
	open_seal(log);
	take_head(log, &e->chain);
	if (log->unended)
		err = end_line(log);
	return fstat(log->fd, &log->known) ? -errno : err;
}

static int open_file(struct jsonl *log)
{
	log->fd = open(log->path, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0640);
	return log->fd < 0 || fstat(log->fd, &log->known) ? -errno : 0;
}

static void close_file(struct jsonl *log)
{
	if (log->fd >= 0)
		close(log->fd);
	log->fd = -1;
	log->known = (struct stat){};
}

static bool is_same_file(const struct stat *a, const struct stat *b)
{
	return a->st_ino == b->st_ino && a->st_dev == b->st_dev;
}

/* Make sure that the file is the one of that name, and the head its last record. */
static int catch_up(struct jsonl *log, struct ending *e)
{
	struct stat st;
	int err = 0;

	if (!stat(log->path, &st) && log->fd >= 0 && is_same_file(&st, &log->known) &&
	    st.st_size == log->known.st_size && !log->unended)
		return 0;
	if (log->fd >= 0 && (stat(log->path, &st) || !is_same_file(&st, &log->known)))
		close_file(log);
	if (log->fd < 0)
		err = open_file(log);
	return err ? err : look_at_end(log, e);
}

/* ---- open ------------------------------------------------------------------------------------ */

int jsonl_open_with(struct jsonl *log, const char *path, const struct jsonl_settings *settings)
{
	struct ending e = {};
	int err;

	*log = (struct jsonl){.fd = -1,
			      .path = path,
			      .torn = log->torn,
			      .failing = log->failing,
			      .seal_failing = log->seal_failing,
			      .settings = *settings};
	log->lock = take_lock(-1, path, &log->lock_checked);
	if (log->lock < 0)
		return log->lock;
	err = catch_up(log, &e);
	memcpy(log->last_id, e.last_id, sizeof(log->last_id));
	release(log);
	return err;
}

int jsonl_open(struct jsonl *log, const char *path)
{
	struct jsonl_settings settings = {};
	struct machine_conf conf;
	sd_id128_t machine;

	if (strcmp(path, EVENTS_FILE) != 0)
		return jsonl_open_with(log, path, &settings);
	machine_conf_read(&conf, CONF_FILE, NULL);
	settings = (struct jsonl_settings){.rotate_size = conf.log.rotate_size,
					   .rotate_keep = conf.log.rotate_keep,
					   .checkpoint_seconds = conf.log.checkpoint_seconds,
					   .checkpoint_records = conf.log.checkpoint_records,
					   .seal = SEAL_DIR};
	machine_conf_free(&conf);
	mkdir(STATE_DIR, 0700);
	if (sd_id128_get_machine(&machine) >= 0)
		memcpy(settings.machine, machine.bytes, sizeof(settings.machine));
	return jsonl_open_with(log, path, &settings);
}

int jsonl_open_copy(struct jsonl *log, const char *path)
{
	struct jsonl_settings settings = {.plain = true};
	struct machine_conf conf;

	machine_conf_read(&conf, CONF_FILE, NULL);
	settings.rotate_size = conf.log.rotate_size;
	settings.rotate_keep = conf.log.rotate_keep;
	machine_conf_free(&conf);
	return jsonl_open_with(log, path, &settings);
}

bool jsonl_has(struct jsonl *log, const char *id)
{
	struct jsonl_settings settings = log->settings;

	if (log->fd < 0) {
		jsonl_close(log);
		jsonl_open_with(log, log->path, &settings);
	}
	return *id && !strcmp(log->last_id, id);
}

/* ---- what is added --------------------------------------------------------------------------- */

/* All of @line, or nothing of it. */
static int append(struct jsonl *log, const char *line, size_t len)
{
	off_t before = log->known.st_size;
	ssize_t put = write(log->fd, line, len);

	if (put == (ssize_t)len) {
		log->known.st_size += put;
		return 0;
	}
	if (put < 0)
		return -errno;
	if (ftruncate(log->fd, before))
		log->unended = true;
	return -ENOSPC;
}

/* The seal knows at once which record is the last. */
static void note(struct jsonl *log)
{
	int err;

	if (!log->seal.dir)
		return;
	err = seal_note(&log->seal, log->head.number, log->head.line);
	if (err)
		tell_seal(log, err);
}

/* As it is, in a new buffer. */
static char *plain_line(const json_t *record, size_t *len)
{
	char *text = json_dumps(record, JSON_COMPACT | JSON_PRESERVE_ORDER);

	if (!text)
		return NULL;
	*len = strlen(text);
	text[(*len)++] = '\n'; /* in the place of the NUL */
	return text;
}

static int append_record(struct jsonl *log, const json_t *record)
{
	struct chain_link link = {.number = log->head.number + 1};
	char *line;
	size_t len;
	int err;

	memcpy(link.previous, log->head.head, sizeof(link.previous));
	line = log->settings.plain ? plain_line(record, &len) : chain_line(record, &link, &len);
	if (!line)
		return -ENOMEM;
	err = len > CHAIN_LINE_MAX ? -EMSGSIZE : append(log, line, len);
	if (!err)
		err = hash_bytes(log->head.line, line, len - 1);
	free(line);
	if (err)
		return err;
	log->head.number = link.number;
	memcpy(log->head.head, log->head.line, FINGERPRINT_LEN);
	note(log);
	return 0;
}

/* A record of the log's own. */
static int write_own(struct jsonl *log, json_t *record)
{
	int err = record ? append_record(log, record) : -ENOMEM;

	json_decref(record);
	return err;
}

/* ---- checkpoints ----------------------------------------------------------------------------- */

static int say_gap(struct jsonl *log)
{
	json_t *own = json_pack("{s:{s:I, s:I}}", "missing", "from", (json_int_t)log->gap_from,
				"to", (json_int_t)log->gap_to);
	int err = write_own(log,
			    checkpoint_record(CHECKPOINT_GAP, own,
					      "records that were written are not in the log any "
					      "more: cut off, or lost with the machine's power"));

	if (!err)
		log->gap_from = log->gap_to = 0;
	return err;
}

static int say_begin(struct jsonl *log)
{
	int err = write_own(log, checkpoint_record(CHECKPOINT_BEGIN, seal_begin_json(&log->seal),
						   seal_why_begun(&log->seal)));

	if (!err)
		err = seal_note_begun(&log->seal);
	return err;
}

/* What the log has to say of itself before the next record. */
static int say_what_is_new(struct jsonl *log)
{
	int err = 0;

	if (log->gap_from)
		err = say_gap(log);
	if (!err && log->seal.dir && !seal_is_begun(&log->seal))
		err = say_begin(log);
	return err;
}

/* The log is brought to disk before the key that vouches for it goes. */
static int seal_up(struct jsonl *log, unsigned int keep)
{
	struct checkpoint c;
	int err = fdatasync(log->fd) ? -errno : 0;

	if (!err)
		err = seal_sign(&log->seal, &c, &log->head, rotate_first(log->path, keep));
	if (!err)
		err = write_own(log, checkpoint_record(CHECKPOINT_MADE, checkpoint_json(&c),
						       "what is before is vouched for"));
	if (!err && fdatasync(log->fd))
		err = -errno;
	if (!err)
		err = seal_evolve(&log->seal, &c, log->head.number);
	tell_seal(log, err);
	return err;
}

/* Records that no checkpoint covers, checkpoints themselves aside. */
static uint64_t uncovered(const struct jsonl *log)
{
	const struct seal_state *s = &log->seal.state;
	uint64_t since = s->checkpoint > s->covered ? s->checkpoint : s->covered;

	return log->head.number > since ? log->head.number - since : 0;
}

static void checkpoint_if_many(struct jsonl *log)
{
	uint64_t most = log->settings.checkpoint_records;

	if (!log->seal.dir || !most || uncovered(log) < most)
		return;
	/* What failed just now is not tried with each record of a flood. */
	if (!log->seal_failing || uncovered(log) % most == 0)
		seal_up(log, ROTATE_KEEP_MAX);
}

/* ---- rotation -------------------------------------------------------------------------------- */

/* The last checkpoint of a file says already which record will be the oldest behind it. */
static void rotate_if_full(struct jsonl *log)
{
	const struct jsonl_settings *s = &log->settings;
	int err;

	if (!s->rotate_size || log->known.st_size < (off_t)s->rotate_size ||
	    log->known.st_size < log->rotate_at)
		return;
	if (log->seal.dir)
		seal_up(log, s->rotate_keep - 1);
	err = rotate_shift(log->path, s->rotate_keep);
	log->rotate_at = err ? log->known.st_size + ROTATE_AGAIN : 0;
	if (!err)
		close_file(log);
	else
		fprintf(stderr, "interdictd: %s: cannot be rotated: %s: it grows\n", log->path,
			strerror(-err));
}

/* ---- a record -------------------------------------------------------------------------------- */

/* Once when it begins and once when it ends: the disk that is full may be the journal's, too. */
static void tell(struct jsonl *log, int err)
{
	if (err && !log->failing)
		fprintf(stderr,
			"interdictd: %s: cannot be written: %s: until it can be, events are only "
			"counted\n",
			log->path, strerror(-err));
	if (!err && log->failing)
		fprintf(stderr,
			"interdictd: %s: is written again: `interdict status` tells how many "
			"events are not in it\n",
			log->path);
	log->failing = err;
}

/* Take the lock, and be where the log is; release() in each case. */
static int begin(struct jsonl *log)
{
	struct ending e;

	log->lock = take_lock(log->lock, log->path, &log->lock_checked);
	return log->lock < 0 ? log->lock : catch_up(log, &e);
}

int jsonl_write(struct jsonl *log, json_t *record)
{
	int err = record ? begin(log) : -ENOMEM;

	if (!err)
		rotate_if_full(log);
	if (!err && log->fd < 0)
		err = open_file(log);
	if (!err)
		err = say_what_is_new(log);
	if (!err)
		err = append_record(log, record);
	if (!err)
		checkpoint_if_many(log);
	release(log);
	tell(log, err);
	return err;
}

static int checkpoint_after(struct jsonl *log, uint64_t seconds)
{
	uint64_t now = clock_ns(CLOCK_REALTIME) / 1000000000, then;
	int err = begin(log);

	then = log->seal.state.sealed;
	if (!err && !log->seal.dir)
		err = -ENOENT;
	if (!err)
		err = say_what_is_new(log);
	if (!err && uncovered(log) && (now < then || now - then >= seconds))
		err = seal_up(log, ROTATE_KEEP_MAX);
	release(log);
	return err;
}

int jsonl_checkpoint(struct jsonl *log)
{
	return checkpoint_after(log, 0);
}

int jsonl_tick(struct jsonl *log)
{
	return log->settings.checkpoint_seconds
		       ? checkpoint_after(log, log->settings.checkpoint_seconds)
		       : 0;
}

void jsonl_close(struct jsonl *log)
{
	close_file(log);
	if (log->lock > 0)
		close(log->lock);
	log->lock = -1;
	if (log->seal.dir)
		seal_close(&log->seal);
	log->seal.dir = NULL;
}
