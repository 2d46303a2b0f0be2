/* SPDX-License-Identifier: GPL-2.0-only */
#include "jsonl.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <systemd/sd-id128.h>
#include <unistd.h>

#include "clock.h"
#include "conf.h"
#include "jsonl_writing.h"
#include "machine/machine_conf.h"
#include "rotate.h"

#define ROTATE_AGAIN (1 << 20) /* bytes: when to try again what has failed */

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
	log->lock = jsonl_take_lock(-1, path, &log->lock_checked);
	if (log->lock < 0)
		return log->lock;
	err = jsonl_catch_up(log, &e);
	memcpy(log->last_id, e.last_id, sizeof(log->last_id));
	jsonl_release(log);
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
		jsonl_seal_up(log, s->rotate_keep - 1);
	err = rotate_shift(log->path, s->rotate_keep);
	log->rotate_at = err ? log->known.st_size + ROTATE_AGAIN : 0;
	if (!err)
		jsonl_close_file(log);
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

/* Take the lock, and be where the log is; jsonl_release() in each case. */
static int begin(struct jsonl *log)
{
	struct ending e;

	log->lock = jsonl_take_lock(log->lock, log->path, &log->lock_checked);
	return log->lock < 0 ? log->lock : jsonl_catch_up(log, &e);
}

int jsonl_write(struct jsonl *log, json_t *record)
{
	int err = record ? begin(log) : -ENOMEM;

	if (!err)
		rotate_if_full(log);
	if (!err && log->fd < 0)
		err = jsonl_open_file(log);
	if (!err)
		err = jsonl_say_what_is_new(log);
	if (!err)
		err = jsonl_append(log, record);
	if (!err)
		jsonl_seal_if_many(log);
	jsonl_release(log);
	tell(log, err);
	return err;
}

/* One that could not be opened with the log, whose records went on without it. */
static int need_seal(struct jsonl *log)
{
	if (!log->settings.seal)
		return -ENOENT;
	if (log->seal.dir)
		return 0;
	jsonl_open_seal(log);
	if (!log->seal.dir)
		return log->seal_failing;
	jsonl_take_head(log);
	return 0;
}

static int checkpoint_after(struct jsonl *log, uint64_t seconds)
{
	uint64_t now = clock_ns(CLOCK_REALTIME) / 1000000000, then;
	int err = begin(log);

	if (!err)
		err = need_seal(log);
	then = log->seal.state.sealed;
	if (!err)
		err = jsonl_say_what_is_new(log);
	if (!err && jsonl_uncovered(log) && (now < then || now - then >= seconds))
		err = jsonl_seal_up(log, ROTATE_KEEP_MAX);
	jsonl_release(log);
	return err;
}

int jsonl_checkpoint(struct jsonl *log)
{
	return checkpoint_after(log, 0);
}

int jsonl_tick(struct jsonl *log)
{
	uint64_t seconds = log->settings.checkpoint_seconds;

	if (seconds)
		return checkpoint_after(log, seconds);
	/* Checkpoints that are made by their number alone need the seal, too. */
	return log->settings.seal && !log->seal.dir ? checkpoint_after(log, UINT64_MAX) : 0;
}

void jsonl_close(struct jsonl *log)
{
	jsonl_close_file(log);
	if (log->lock > 0)
		close(log->lock);
	log->lock = -1;
	if (log->seal.dir)
		seal_close(&log->seal);
	log->seal.dir = NULL;
}
