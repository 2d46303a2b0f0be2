/* SPDX-License-Identifier: GPL-2.0-only */
#include "history.h"

#include <archive.h>
#include <archive_entry.h>
#include <dirent.h>
#include <errno.h>
#include <libgen.h>
#include <limits.h>
#include <pthread.h>
#include <stdio_ext.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysinfo.h>
#include <unistd.h>

#include "file.h"

#define CHUNK	    (512 << 10) /* stays in a CPU's cache while it is looked at */
#define AHEAD	    (64 << 10)	/* what a chunk's last line most likely ends in */
#define THREADS_MAX 8
#define WINDOW	    (4 * THREADS_MAX) /* chunks that wait to be written */
#define ROTATED_MAX 9999

/* ---- the files ------------------------------------------------------------------------------- */

static const char *const packers[] = {"", ".gz", ".xz", ".zst", ".bz2"};

#define PACKERS (sizeof(packers) / sizeof(packers[0]))

static int add_log(struct history *h, const char *path, bool packed)
{
	struct history_log *logs = realloc(h->logs, (h->n + 1) * sizeof(*logs)), *log;
	struct stat st;
	int err;

	if (!logs)
		return -ENOMEM;
	h->logs = logs;
	log = &logs[h->n];
	*log = (struct history_log){.path = strdup(path), .fd = file_open(path), .packed = packed};
	err = log->fd < 0 ? log->fd : 0;
	if (!err && fstat(log->fd, &st))
		err = -errno;
	if (!err && !log->path)
		err = -ENOMEM;
	if (!err) {
		log->size = st.st_size;
		h->n++;
		return 0;
	}
	if (log->fd >= 0)
		close(log->fd);
	free(log->path);
	return err;
}

/* The N of LOG.N or LOG.N.gz, 0 for another name. */
static unsigned int rotated_number(const char *name, const char *log)
{
	size_t len = strlen(log), digits, i;

	if (strncmp(name, log, len) || name[len] != '.')
		return 0;
	name += len + 1;
	digits = strspn(name, "0123456789");
	if (!digits || digits > 4 || *name == '0')
		return 0;
	for (i = 0; i < PACKERS; i++)
		if (!strcmp(name + digits, packers[i]))
			return strtoul(name, NULL, 10);
	return 0;
}

/* Which numbers there are, as bits. */
static int find_rotated(unsigned char *there, const char *path)
{
	char *dir = strdup(path), *base = strdup(path);
	const struct dirent *entry;
	unsigned int number;
	DIR *d = dir && base ? opendir(dirname(dir)) : NULL;
	int err = d ? 0 : -errno;

	while (d && (entry = readdir(d))) {
		number = rotated_number(entry->d_name, basename(base));
		if (number)
			there[number] = 1;
	}
	if (d)
		closedir(d);
	free(dir);
	free(base);
	return err;
}

/* While it is being packed there are both: the first that is there is whole. */
static int add_rotated(struct history *h, const char *path, unsigned int number)
{
	char name[PATH_MAX];
	int err = -ENOENT;
	size_t i;

	for (i = 0; i < PACKERS && err == -ENOENT; i++) {
		if (snprintf(name, sizeof(name), "%s.%u%s", path, number, packers[i]) >=
		    (int)sizeof(name))
			return -ENAMETOOLONG;
		err = add_log(h, name, i > 0);
	}
	return err == -ENOENT ? 0 : err;
}

static bool is_packed(const char *path)
{
	size_t len = strlen(path), i, n;

	for (i = 1; i < PACKERS; i++) {
		n = strlen(packers[i]);
		if (len > n && !strcmp(path + len - n, packers[i]))
			return true;
	}
	return false;
}

int history_open(struct history *h, const char *path)
{
	unsigned char *there = calloc(ROTATED_MAX + 1, 1);
	unsigned int number;
	size_t before = h->n;
	int err;

	if (!there)
		return -ENOMEM;
	err = find_rotated(there, path);
	for (number = ROTATED_MAX; !err && number; number--)
		if (there[number])
			err = add_rotated(h, path, number);
	free(there);
	if (err)
		return err;
	err = add_log(h, path, is_packed(path));
	return err == -ENOENT && h->n > before ? 0 : err;
}

void history_close(struct history *h)
{
	size_t i;

	for (i = 0; i < h->n; i++) {
		close(h->logs[i].fd);
		free(h->logs[i].path);
	}
	free(h->logs);
	*h = (struct history){};
}

uint64_t history_bytes(const struct history *h)
{
	uint64_t bytes = 0;
	size_t i;

	for (i = 0; i < h->n; i++)
		bytes += h->logs[i].size;
	return bytes;
}

off_t history_end(const struct history_log *log)
{
	char block[4096];
	off_t at = log->size;
	ssize_t n;
	const char *newline;

	while (at > 0) {
		n = at < (off_t)sizeof(block) ? at : (off_t)sizeof(block);
		at -= n;
		n = pread(log->fd, block, n, at);
		newline = n > 0 ? memrchr(block, '\n', n) : NULL;
		if (newline)
			return at + (newline + 1 - block);
	}
	return 0;
}

/* ---- lines ----------------------------------------------------------------------------------- */

/* Rows that were made of some lines. */
struct rows {
	char *text;
	size_t len;
	size_t *ends;		  /* of each row */
	size_t n, capacity, from; /* from: the first that is wanted */
	uint64_t broken;
	int err;
	bool done;
};

/* Who looks at lines, and what with. */
struct reader {
	const struct history_reading *reading;
	char *buffer, *scratch;
	size_t capacity;
};

static int make_room(struct reader *w, size_t len)
{
	char *buffer, *scratch;

	if (w->buffer && len <= w->capacity)
		return 0;
	buffer = realloc(w->buffer, len);
	if (buffer)
		w->buffer = buffer;
	scratch = realloc(w->scratch, len + 1);
	if (scratch)
		w->scratch = scratch;
	if (!buffer || !scratch)
		return -ENOMEM;
	w->capacity = len;
	return 0;
}

static void free_reader(struct reader *w)
{
	free(w->buffer);
	free(w->scratch);
}

static int note_row(struct rows *rows, FILE *out)
{
	size_t *ends;

	if (rows->n == rows->capacity) {
		rows->capacity = rows->capacity ? 2 * rows->capacity : 64;
		ends = realloc(rows->ends, rows->capacity * sizeof(*ends));
		if (!ends)
			return -ENOMEM;
		rows->ends = ends;
	}
	rows->ends[rows->n++] = ftell(out);
	return 0;
}

/* @rows: NULL: nobody asks where the rows end. */
static int take_line(struct reader *w, struct rows *rows, FILE *out, const char *line, size_t len)
{
	const struct history_reading *r = w->reading;
	int rc;

	rc = len > HISTORY_LINE_MAX ? -EBADMSG : r->take(r->context, out, line, len, w->scratch);
	if (rc == -EBADMSG)
		rows->broken++;
	else if (rc < 0)
		return rc;
	return rc == 1 && r->last ? note_row(rows, out) : 0;
}

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
	err = make_room(w, want);
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
		err = take_line(w, rows, out, w->buffer + s, next - 1 - s);
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

/* ---- chunks by several threads --------------------------------------------------------------- */

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
	return ((uint64_t)log->size + CHUNK - 1) / CHUNK;
}

static struct chunk find_chunk(const struct run *run, uint64_t i)
{
	const struct history_log *log = run->logs;
	off_t from;

	if (run->backwards)
		i = run->chunks - 1 - i;
	while (i >= chunks_of(log))
		i -= chunks_of(log++);
	from = (off_t)i * CHUNK;
	return (struct chunk){log, from, from + CHUNK < log->size ? from + CHUNK : log->size};
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
	free_reader(&w);
	return NULL;
}

/* Rows that are kept until it is known which are the last; the newest first. */
struct kept {
	struct rows *v;
	size_t n, rows;
};

static void free_rows(struct rows *rows)
{
	free(rows->text);
	free(rows->ends);
	*rows = (struct rows){};
}

static void free_kept(struct kept *k)
{
	size_t i;

	for (i = 0; i < k->n; i++)
		free_rows(&k->v[i]);
	free(k->v);
}

/* Takes what @rows holds. */
static int keep(struct kept *k, struct rows *rows, size_t last)
{
	struct rows *v;

	if (!rows->n) {
		free_rows(rows);
		return 0;
	}
	v = realloc(k->v, (k->n + 1) * sizeof(*v));
	if (!v)
		return -ENOMEM;
	k->v = v;
	rows->from = k->rows + rows->n > last ? k->rows + rows->n - last : 0;
	k->rows += rows->n - rows->from;
	v[k->n++] = *rows;
	*rows = (struct rows){};
	return 0;
}

static void write_rows(struct history_reading *r, const struct rows *rows)
{
	size_t from = rows->from ? rows->ends[rows->from - 1] : 0;

	if (rows->len <= from)
		return;
	if (!r->begun && r->begin)
		r->begin(r->context, r->out);
	r->begun = true;
	fwrite(rows->text + from, 1, rows->len - from, r->out);
}

static void write_kept(struct history_reading *r, const struct kept *k)
{
	size_t i;

	for (i = k->n; i; i--)
		write_rows(r, &k->v[i - 1]);
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
		return keep(kept, rows, r->last);
	write_rows(r, rows);
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
		free_rows(&rows);
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

static int read_run(struct run *run, struct kept *kept)
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
		free_rows(&run->rows[i]);
	pthread_cond_destroy(&run->changed);
	pthread_mutex_destroy(&run->lock);
	return err;
}

/* ---- a packed log ---------------------------------------------------------------------------- */

/* Begin with no rows, but with the first @len bytes of @text. */
static int begin_rows(struct rows *rows, FILE **out, const char *text, size_t len)
{
	rows->text = NULL;
	*out = open_memstream(&rows->text, &rows->len);
	if (!*out)
		return -ENOMEM;
	__fsetlocking(*out, FSETLOCKING_BYCALLER);
	fwrite(text, 1, len, *out);
	return 0;
}

/* Drop the rows that cannot be among the last any more, now and then. */
static int forget(struct rows *rows, FILE **out, size_t last)
{
	size_t from, cut, i;
	char *text;
	int err;

	if (rows->n < 2 * last + 1024)
		return 0;
	fclose(*out);
	from = rows->n - last;
	cut = rows->ends[from - 1];
	text = rows->text;
	err = begin_rows(rows, out, text + cut, rows->ends[rows->n - 1] - cut);
	free(text);
	for (i = 0; i < last; i++)
		rows->ends[i] = rows->ends[from + i] - cut;
	rows->n = last;
	return err;
}

/* Write what there is. */
static int flush_rows(struct history_reading *r, struct rows *rows, FILE **out)
{
	int err;

	fclose(*out);
	*out = NULL;
	write_rows(r, rows);
	free(rows->text);
	err = begin_rows(rows, out, "", 0);
	return ferror(r->out) ? -EPIPE : err;
}

/* The whole lines in the buffer. @cut: the first of them is the end of one that is too long. */
static int take_held(struct reader *w, struct rows *rows, FILE **out, size_t *held, bool *cut)
{
	size_t last = w->reading->last, s = 0;
	const char *newline;
	int err = 0;

	while (!err && (newline = memchr(w->buffer + s, '\n', *held - s))) {
		if (*cut)
			rows->broken++;
		else
			err = take_line(w, rows, *out, w->buffer + s, newline - w->buffer - s);
		if (!err && last)
			err = forget(rows, out, last);
		*cut = false;
		s = newline + 1 - w->buffer;
	}
	*held -= s;
	memmove(w->buffer, w->buffer + s, *held);
	if (*held > HISTORY_LINE_MAX) {
		*cut = true;
		*held = 0;
	}
	return err;
}

static int take_unpacked(struct reader *w, struct archive *a, struct rows *rows, FILE **out,
			 struct history_reading *r)
{
	int err = make_room(w, 2 * HISTORY_LINE_MAX);
	bool cut = false;
	size_t held = 0;
	ssize_t n = 0;

	while (!err && (n = archive_read_data(a, w->buffer + held, HISTORY_LINE_MAX)) > 0) {
		held += n;
		err = take_held(w, rows, out, &held, &cut);
		if (!err && !r->last)
			err = flush_rows(r, rows, out);
	}
	return err ? err : n < 0 ? -EIO : 0;
}

static int open_packed(struct archive *a, int fd)
{
	struct archive_entry *entry;

	archive_read_support_filter_all(a);
	archive_read_support_format_raw(a);
	archive_read_support_format_empty(a);
	if (lseek(fd, 0, SEEK_SET) < 0 || archive_read_open_fd(a, fd, CHUNK) != ARCHIVE_OK)
		return -EIO;
	return archive_read_next_header(a, &entry) == ARCHIVE_OK ? 0 : -EIO;
}

static int read_packed(const struct history_log *log, struct history_reading *r, struct kept *kept)
{
	struct reader w = {.reading = r};
	struct rows rows = {};
	struct archive *a = archive_read_new();
	FILE *out = NULL;
	int err = begin_rows(&rows, &out, "", 0);

	if (!err)
		err = a ? open_packed(a, log->fd) : -ENOMEM;
	if (!err)
		err = take_unpacked(&w, a, &rows, &out, r);
	r->broken += rows.broken;
	if (out)
		fclose(out);
	if (!err && r->last)
		err = keep(kept, &rows, r->last);
	if (r->progress)
		progress_add(r->progress, log->size);
	free_rows(&rows);
	archive_read_free(a);
	free_reader(&w);
	return err;
}

/* ---- all of it ------------------------------------------------------------------------------- */

/* The logs that are read at once: from @first on, packed ones each by itself. */
static size_t run_length(const struct history *h, size_t first)
{
	size_t n = 1;

	while (!h->logs[first].packed && first + n < h->n && !h->logs[first + n].packed)
		n++;
	return n;
}

static int read_some(const struct history *h, size_t first, size_t n, struct history_reading *r,
		     struct kept *kept)
{
	struct run *run;
	int err;

	if (h->logs[first].packed)
		return read_packed(&h->logs[first], r, kept);
	run = calloc(1, sizeof(*run));
	if (!run)
		return -ENOMEM;
	run->reading = r;
	run->logs = &h->logs[first];
	run->n = n;
	run->backwards = r->last;
	err = read_run(run, kept);
	free(run);
	return err;
}

static int read_forwards(const struct history *h, struct history_reading *r)
{
	struct kept none = {};
	size_t first, n;
	int err = 0;

	for (first = 0; !err && first < h->n; first += n) {
		n = run_length(h, first);
		err = read_some(h, first, n, r, &none);
	}
	free_kept(&none);
	return err;
}

static int read_backwards(const struct history *h, struct history_reading *r)
{
	struct kept kept = {};
	size_t first, end;
	int err = 0;

	for (end = h->n; !err && end && kept.rows < r->last; end = first) {
		first = end - 1;
		while (first && run_length(h, first - 1) == end - first + 1)
			first--;
		err = read_some(h, first, end - first, r, &kept);
	}
	if (!err)
		write_kept(r, &kept);
	free_kept(&kept);
	return err;
}

int history_read(const struct history *h, struct history_reading *r)
{
	r->broken = 0;
	r->begun = false;
	return r->last ? read_backwards(h, r) : read_forwards(h, r);
}
