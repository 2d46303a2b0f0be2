/* SPDX-License-Identifier: GPL-2.0-only */
/* The end of a log, at which the next record is written: another process may have moved it. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "jsonl_writing.h"
#include "rotate.h"

#define MODE 0640

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

void jsonl_take_head(struct jsonl *log)
{
	struct chain_head found = log->head;

	take_head(log, &found);
}

/* What has that name and is no file of ours is as none. */
static bool is_none(int err)
{
	return err == -ENOENT || err == -ELOOP || err == -EISDIR;
}

/* The log was rotated since: its last record is the last of the one before. */
static int look_at_rotated(const struct jsonl *log, struct ending *e)
{
	struct ending before;
	char path[PATH_MAX];
	int err;

	rotate_name(path, sizeof(path), log->path, 1);
	err = ending_read_path(&before, path);
	if (err)
		return is_none(err) ? 0 : err;
	if (!e->chain.number)
		e->chain = before.chain;
	if (!e->has_event)
		memcpy(e->last_id, before.last_id, sizeof(e->last_id));
	return 0;
}

/* Look at the end of the file: another process has written, or it is a new one. */
static int look_at_end(struct jsonl *log, struct ending *e)
{
	int err = ending_read(e, log->fd);

	if (!err && (!e->chain.number || !e->has_event))
		err = look_at_rotated(log, e);
	if (err)
		return err;
	log->unended = e->unended;
	jsonl_open_seal(log);
	take_head(log, &e->chain);
	if (log->unended)
		err = end_line(log);
	if (err)
		return err;
	if (e->unended && e->broken)
		log->torn++;
	return fstat(log->fd, &log->known) ? -errno : 0;
}

int jsonl_open_file(struct jsonl *log)
{
	log->fd = open(log->path, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, MODE);
	if (log->fd < 0 || fstat(log->fd, &log->known))
		return -errno;
	/* Who may read a new one is not for the umask of whoever writes first. */
	if (!log->known.st_size)
		fchmod(log->fd, MODE);
	return 0;
}

void jsonl_close_file(struct jsonl *log)
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

int jsonl_catch_up(struct jsonl *log, struct ending *e)
{
	struct stat st;
	int err = 0;

	if (!stat(log->path, &st) && log->fd >= 0 && is_same_file(&st, &log->known) &&
	    st.st_size == log->known.st_size && !log->unended)
		return 0;
	if (log->fd >= 0 && (stat(log->path, &st) || !is_same_file(&st, &log->known)))
		jsonl_close_file(log);
	if (log->fd < 0)
		err = jsonl_open_file(log);
	if (!err)
		err = look_at_end(log, e);
	/* Where its end is, is not known: the next record has to look again. */
	if (err)
		jsonl_close_file(log);
	return err;
}
