/* SPDX-License-Identifier: GPL-2.0-only */
/* Logs in chunks, by several threads: what each has found is written in the order of the lines. */
#include <errno.h>
#include <pthread.h>
#include <stdio_ext.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysinfo.h>
#include <unistd.h>

#include "history_rows.h"

#define AHEAD	    (64 << 10) /* what a chunk's last line most likely ends in */
#define THREADS_MAX 8
#define WINDOW	    (4 * THREADS_MAX) /* chunks that wait to be written */

/* ---- a chunk --------------------------------------------------------------------------------- */

struct chunk {
	const struct history_log *log;
	off_t from, to; /* the lines that begin in these bytes */
};

/* Read on until the buffer has @want bytes of the log from @at, or the log ends. */
static int read_on(struct reader *w, const struct chunk *c, off_t at, size_t *len, size_t want)
{
	ssize_t n;
	int err;

	if ((off_t)want > c->log->size - at)
		want = c->log->size - at;
	err = history_make_room(w, want);
	while (!err && *len < want) {
		n = pread(c->log->fd, w->buffer + *len, want - *len, at + *len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n ? -errno : 0;
		*len += n;
	}
	return err;
}

/* The end of the line at @s; reads on where it is not in the buffer. NULL: the log ends before. */
static const char *find_end(struct reader *w, const struct chunk *c, off_t at, size_t *len,
			    size_t s, int *err)
{
	const char *newline = memchr(w->buffer + s, '\n', *len - s);
	size_t before, want;

	for (want = *len + AHEAD; !newline && !*err; want += AHEAD) {
		before = *len;
		if (before - s > HISTORY_LINE_MAX)
			break;
		*err = read_on(w, c, at, len, want);
		if (*len == before)
			break;
		newline = memchr(w->buffer + before, '\n', *len - before);
	}
	return newline;
}

static int take_lines(struct reader *w, const struct chunk *c, struct rows *rows, FILE *out)
{
	/* One byte before: whether a line begins here. */
	off_t at = c->from ? c->from - 1 : 0;
	size_t len = 0, s = 0, next;
	const char *newline;
	int err = read_on(w, c, at, &len, c->to - at + AHEAD);

	if (!err && c->from && len) {
		newline = memchr(w->buffer, '\n', len);
		s = newline ? (size_t)(newline + 1 - w->buffer) : len;
	}
	while (!err && s < len && at + (off_t)s < c->to) {
		newline = find_end(w, c, at, &len, s, &err);
		if (err)
			break;
		if (!newline) {
			rows->broken += len - s > HISTORY_LINE_MAX;
			break;
		}
		next = newline + 1 - w->buffer;
		err = history_take_line(w, rows, out, w->buffer + s, next - 1 - s);
		s = next;
	}
	return err;
}

static void take_chunk(struct reader *w, const struct chunk *c, struct rows *rows)
{
	FILE *out = open_memstream(&rows->text, &rows->len);

	if (!out) {
		rows->err = -ENOMEM;
		return;
	}
	__fsetlocking(out, FSETLOCKING_BYCALLER);
	rows->err = take_lines(w, c, rows, out);
	if (fclose(out) && !rows->err)
		rows->err = -ENOMEM;
}

/* ---- several threads ------------------------------------------------------------------------- */

/* A run of logs that are not packed. */
struct run {
	struct history_reading *reading;
	const struct history_log *logs;
	size_t n;
	uint64_t chunks;
	uint64_t next, written; /* the one to be looked at next, and to be written */
	bool backwards, stop;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	struct rows rows[WINDOW];
};

static uint64_t chunks_of(const struct history_log *log)
{
	return ((uint64_t)log->size + HISTORY_CHUNK - 1) / HISTORY_CHUNK;
}

static struct chunk find_chunk(const struct run *run, uint64_t i)
{
	const struct history_log *log = run->logs;
	off_t from;

	if (run->backwards)
		i = run->chunks - 1 - i;
	while (i >= chunks_of(log))
		i -= chunks_of(log++);
	from = (off_t)i * HISTORY_CHUNK;
	return (struct chunk){log, from,
			      from + HISTORY_CHUNK < log->size ? from + HISTORY_CHUNK : log->size};
}

static void *work(void *argument)
{
	struct run *run = argument;
	struct reader w = {.reading = run->reading};
	struct rows *rows, found;
	struct chunk c;
	uint64_t i;

	pthread_mutex_lock(&run->lock);
	while (!run->stop && run->next < run->chunks) {
		if (run->next == run->written + WINDOW) {
			pthread_cond_wait(&run->changed, &run->lock);
			continue;
		}
		i = run->next++;
		pthread_mutex_unlock(&run->lock);
		found = (struct rows){.done = true};
		c = find_chunk(run, i);
		take_chunk(&w, &c, &found);
		rows = &run->rows[i % WINDOW];
		pthread_mutex_lock(&run->lock);
		*rows = found;
		pthread_cond_broadcast(&run->changed);
	}
	pthread_mutex_unlock(&run->lock);
	history_free_reader(&w);
	return NULL;
}

/* What became of the next chunk. */
static int finish_chunk(struct run *run, struct rows *rows, struct kept *kept)
{
	struct history_reading *r = run->reading;
	struct chunk c = find_chunk(run, run->written);
	int err = rows->err;

	r->broken += rows->broken;
	if (r->progress)
		progress_add(r->progress, c.to - c.from);
	if (err)
		return err;
	if (r->last)
		return kept_take(kept, rows, r->last);
	rows_write(r, rows);
	return 0;
}

/* Chunk after chunk as they get done. A reader that is gone ends it: nobody sees the rest. */
static int finish_chunks(struct run *run, struct kept *kept)
{
	struct rows rows;
	int err = 0;

	pthread_mutex_lock(&run->lock);
	while (!err && run->written < run->chunks && !ferror(run->reading->out)) {
		if (!run->rows[run->written % WINDOW].done) {
			pthread_cond_wait(&run->changed, &run->lock);
			continue;
		}
		rows = run->rows[run->written % WINDOW];
		run->rows[run->written % WINDOW] = (struct rows){};
		pthread_mutex_unlock(&run->lock);
		err = finish_chunk(run, &rows, kept);
		rows_free(&rows);
		pthread_mutex_lock(&run->lock);
		run->written++;
		pthread_cond_broadcast(&run->changed);
		if (run->reading->last && kept->rows >= run->reading->last)
			break;
	}
	run->stop = true;
	pthread_cond_broadcast(&run->changed);
	pthread_mutex_unlock(&run->lock);
	return err;
}

static int do_run(struct run *run, struct kept *kept)
{
	pthread_t threads[THREADS_MAX];
	size_t want = get_nprocs(), n = 0, i;
	int err = 0;

	for (i = 0; i < run->n; i++)
		run->chunks += chunks_of(&run->logs[i]);
	want = want > THREADS_MAX ? THREADS_MAX : want;
	want = want > run->chunks ? run->chunks : want;
	pthread_mutex_init(&run->lock, NULL);
	pthread_cond_init(&run->changed, NULL);
	while (n < want && !err) {
		err = -pthread_create(&threads[n], NULL, work, run);
		n += !err;
	}
	/* Fewer do it, too. */
	if (n || !run->chunks)
		err = finish_chunks(run, kept);
	for (i = 0; i < n; i++)
		pthread_join(threads[i], NULL);
	for (i = 0; i < WINDOW; i++)
		rows_free(&run->rows[i]);
	pthread_cond_destroy(&run->changed);
	pthread_mutex_destroy(&run->lock);
	return err;
}

int history_read_run(struct history_reading *r, const struct history_log *logs, size_t n,
		     struct kept *kept)
{
	struct run *run = calloc(1, sizeof(*run));
	int err;

	if (!run)
		return -ENOMEM;
	run->reading = r;
	run->logs = logs;
	run->n = n;
	run->backwards = r->last;
	err = do_run(run, kept);
	free(run);
	return err;
}
