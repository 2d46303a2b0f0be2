/* SPDX-License-Identifier: GPL-2.0-only */
/* The log of a machine has a seal: it is opened, and checkpoints are made with it. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "jsonl_writing.h"
#include "rotate.h"

void jsonl_tell_seal(struct jsonl *log, int err)
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

void jsonl_open_seal(struct jsonl *log)
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
	jsonl_tell_seal(log, err);
}

static int say_gap(struct jsonl *log)
{
	json_t *own = json_pack("{s:{s:I, s:I}}", "missing", "from", (json_int_t)log->gap_from,
				"to", (json_int_t)log->gap_to);
	int err = jsonl_append_own(
		log, checkpoint_record(CHECKPOINT_GAP, own,
				       "records that were written are not in the log any "
				       "more: cut off, or lost with the machine's power"));

	if (!err)
		log->gap_from = log->gap_to = 0;
	return err;
}

static int say_begin(struct jsonl *log)
{
	int err = jsonl_append_own(log,
				   checkpoint_record(CHECKPOINT_BEGIN, seal_begin_json(&log->seal),
						     seal_why_begun(&log->seal)));

	if (!err)
		err = seal_note_begun(&log->seal);
	return err;
}

int jsonl_say_what_is_new(struct jsonl *log)
{
	int err = 0;

	if (log->gap_from)
		err = say_gap(log);
	if (!err && log->seal.dir && !seal_is_begun(&log->seal))
		err = say_begin(log);
	return err;
}

/* The log is brought to disk before the key that vouches for it goes. */
int jsonl_seal_up(struct jsonl *log, unsigned int keep)
{
	struct checkpoint c;
	int err = fdatasync(log->fd) ? -errno : 0;

	if (!err)
		err = seal_sign(&log->seal, &c, &log->head, rotate_first(log->path, keep));
	if (!err)
		err = jsonl_append_own(log, checkpoint_record(CHECKPOINT_MADE, checkpoint_json(&c),
							      "what is before is vouched for"));
	if (!err && fdatasync(log->fd))
		err = -errno;
	if (!err)
		err = seal_evolve(&log->seal, &c, log->head.number);
	jsonl_tell_seal(log, err);
	return err;
}

uint64_t jsonl_uncovered(const struct jsonl *log)
{
	const struct seal_state *s = &log->seal.state;
	uint64_t since = s->checkpoint > s->covered ? s->checkpoint : s->covered;

	return log->head.number > since ? log->head.number - since : 0;
}

void jsonl_seal_if_many(struct jsonl *log)
{
	uint64_t most = log->settings.checkpoint_records;

	if (!log->seal.dir || !most || jsonl_uncovered(log) < most)
		return;
	/* What failed just now is not tried with each record of a flood. */
	if (!log->seal_failing || jsonl_uncovered(log) % most == 0)
		jsonl_seal_up(log, ROTATE_KEEP_MAX);
}
