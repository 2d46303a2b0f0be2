/* SPDX-License-Identifier: GPL-2.0-only */
#include "ending.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bytes.h"

/* Enough for the longest record; when only what is no record is in it, more is looked at. */
#define TAIL	 (CHAIN_LINE_MAX + 1)
#define TAIL_MAX (16 << 20)

/* The last bytes of a log, and whether they begin with a line's beginning. */
struct text {
	char *bytes;
	size_t len;
	bool whole;
};

/* ---- lines, backwards ------------------------------------------------------------------------ */

/* Where the line begins that ends at @end. */
static size_t line_start(const struct text *t, size_t end)
{
	const char *newline = end ? memrchr(t->bytes, '\n', end) : NULL;

	return newline ? newline - t->bytes + 1 : 0;
}

/* The line in front of @*end, whose own newline is left out; @*end becomes its beginning. */
static const char *line_before(const struct text *t, size_t *end, size_t *len)
{
	size_t stop = *end, start;

	if (stop && t->bytes[stop - 1] == '\n')
		stop--;
	start = line_start(t, stop);
	*len = stop - start;
	*end = start;
	return t->bytes + start;
}

/* ---- the last event -------------------------------------------------------------------------- */

/* Changes and what the log says of itself have no sequence: they hide no event. Return: whether to
 * look at the line before. */
static bool take_event(struct ending *e, const char *line, size_t len, bool is_last)
{
	json_t *record = json_loadb(line, len, 0, NULL), *event = json_object_get(record, "event");
	const char *id = json_string_value(json_object_get(event, "id"));
	bool go_on = false;

	if (is_last)
		e->broken = !json_is_object(record);
	if (json_is_object(record) && !json_object_get(event, "sequence")) {
		go_on = true;
	} else if (json_is_object(record)) {
		e->has_event = true;
		strncpy(e->last_id, id ? id : "", sizeof(e->last_id) - 1);
	} else {
		e->has_event = true; /* torn: nobody knows of which event */
	}
	json_decref(record);
	return go_on;
}

static void find_event(struct ending *e, const struct text *t)
{
	size_t end = t->len, len;
	const char *line;
	bool is_last = true;

	while (end) {
		line = line_before(t, &end, &len);
		if (!end && !t->whole)
			return;
		if (!take_event(e, line, len, is_last))
			return;
		is_last = false;
	}
}

/* ---- the last record of the chain ------------------------------------------------------------ */

/* Hash what is from @start on: a record and the lines behind it. */
static int hash_from(struct ending *e, const struct text *t, size_t start, uint64_t number)
{
	const char *s = t->bytes + start, *end = t->bytes + t->len, *newline;
	struct chain_walk w = {};
	int err = 0;

	while (!err && s < end) {
		newline = memchr(s, '\n', end - s);
		newline = newline ? newline : end;
		if (!w.last.number)
			err = chain_walk_record(&w, number, s, newline - s);
		else
			err = chain_walk_stranger(&w, s, newline - s);
		s = newline + 1;
	}
	if (!err)
		err = chain_walk_head(&w);
	e->chain = w.last;
	chain_walk_end(&w);
	return err;
}

static int find_chain(struct ending *e, const struct text *t)
{
	size_t end = t->len, len;
	struct chain_link link;
	const char *line;

	while (end) {
		line = line_before(t, &end, &len);
		if (!end && !t->whole)
			return 0;
		if (chain_parse(&link, line, len))
			return hash_from(e, t, end, link.number);
	}
	return 0;
}

/* ---- the whole ------------------------------------------------------------------------------- */

static int look(struct ending *e, struct text *t, int fd, size_t len)
{
	struct bytes file = {.fd = fd, .size = e->size};
	char *larger = realloc(t->bytes, len + 1);
	ssize_t n;

	if (!larger)
		return -ENOMEM;
	t->bytes = larger;
	n = bytes_read(&file, e->size - len, t->bytes, len);
	if (n < 0)
		return (int)n;
	t->len = n;
	t->whole = len == (size_t)e->size;
	e->unended = n && t->bytes[n - 1] != '\n';
	find_event(e, t);
	return find_chain(e, t);
}

int ending_read(struct ending *e, int fd)
{
	struct text t = {};
	size_t len = TAIL;
	struct stat st;
	int err = 0;

	*e = (struct ending){};
	if (fstat(fd, &st))
		return -errno;
	e->size = st.st_size;
	while (e->size) {
		if (len > (size_t)e->size)
			len = e->size;
		err = look(e, &t, fd, len);
		if (err || e->chain.number || t.whole || len == TAIL_MAX)
			break;
		len = len < TAIL_MAX / 8 ? 8 * len : TAIL_MAX;
	}
	free(t.bytes);
	return err;
}

int ending_read_path(struct ending *e, const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK), err;

	*e = (struct ending){};
	if (fd < 0)
		return -errno;
	err = ending_read(e, fd);
	close(fd);
	return err;
}
