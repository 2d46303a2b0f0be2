/* SPDX-License-Identifier: GPL-2.0-only */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/event_formats.h"
#include "cli/event_table.h"
#include "cli/events_show.h"
#include "cli/output.h"
#include "cli/tail.h"
#include "log/history.h"

/* Shared by the threads that look at lines. */
struct view {
	const struct request *request;
	struct event_table table;
	struct event_sums *sums; /* NULL: each record is a row */
	bool terminal, begun;	 /* begun: there was a row */
};

/* ---- a line ---------------------------------------------------------------------------------- */

static void show(const struct view *v, FILE *out, const struct record *r, const char *line,
		 size_t len)
{
	enum event_format format = v->request->format;

	if (format == FORMAT_TABLE) {
		event_table_row(&v->table, out, r, NULL);
	} else if (format == FORMAT_CSV) {
		event_csv_row(out, r, NULL);
	} else if (format == FORMAT_JSON || v->terminal) {
		event_json_row(out, line, len, v->terminal);
	} else {
		fwrite(line, 1, len, out);
		putc_unlocked('\n', out);
	}
}

/* Of what nobody wants to see, only that it may be a record. */
static bool looks_whole(const char *line, size_t len)
{
	return len >= 2 && line[0] == '{' && line[len - 1] == '}';
}

static int take(void *context, FILE *out, const char *line, size_t len, char *scratch)
{
	const struct view *v = context;
	const struct selection *s = &v->request->selection;
	struct record r;
	int err;

	if (looks_whole(line, len) && !selection_may_want(s, line, len))
		return 0;
	err = record_read(&r, line, len);
	if (err)
		return err;
	if (!selection_wants(s, &r, scratch))
		return 0;
	if (v->sums)
		return event_sums_add(v->sums, &r, line, len);
	show(v, out, &r, line, len);
	return 1;
}

/* ---- the log --------------------------------------------------------------------------------- */

static int say_unreadable(const char *path, int err)
{
	char *escaped = output_escape(path);

	fprintf(stderr, "%s: %s cannot be read: %s%s\n", PROGRAM, escaped ? escaped : "?",
		strerror(-err), err == -EACCES ? ": run this as root" : "");
	free(escaped);
	return EXIT_FAILED;
}

static void say_broken(const char *path, uint64_t broken)
{
	char *escaped = output_escape(path);

	if (broken)
		fprintf(stderr, "%s: %s: %llu lines are no records and were left out\n", PROGRAM,
			escaped ? escaped : "?", (unsigned long long)broken);
	free(escaped);
}

/* EXIT_NO: there is none yet. */
static int open_logs(const struct request *request, struct history *h)
{
	const char *path;
	size_t i;
	int err;

	for (i = 0; i < request->file_count; i++) {
		path = request->files[i];
		err = history_open(h, path);
		if (!err || (err == -ENOENT && request->follow))
			continue;
		if (err != -ENOENT || strcmp(path, EVENTS_FILE))
			return say_unreadable(path, err);
		fprintf(stderr, "%s: nothing was recorded yet: there is no %s\n", PROGRAM, path);
		return EXIT_NO;
	}
	return EXIT_YES;
}

/* A table of nothing has no head, and a file for programs has. */
static void print_head(void *context, FILE *out)
{
	const struct view *v = context;

	if (v->request->format == FORMAT_TABLE)
		event_table_head(&v->table, out, v->sums);
}

static int read_logs(struct view *v, const struct history *h, uint64_t *broken)
{
	struct progress progress;
	struct history_reading r = {
		.take = take,
		.context = v,
		.out = stdout,
		.begin = print_head,
		.last = v->request->last,
		.progress = &progress,
	};
	int err;

	progress_start(&progress, "reading", r.last ? 0 : history_bytes(h));
	err = history_read(h, &r);
	progress_end(&progress);
	/* main() says so. */
	if (ferror(stdout))
		err = 0;
	v->begun = r.begun;
	if (!err && v->sums)
		err = event_sums_print(v->sums, stdout, v->request->format, &v->table);
	*broken = r.broken;
	return err;
}

/* Where reading has ended; a log that is not there yet is waited for. */
static int begin_to_follow(const struct request *request, const struct history *h, struct tail *t)
{
	const struct history_log *log = h->n ? &h->logs[h->n - 1] : NULL;
	int fd = -1;

	/* LOG.1 may be there alone. */
	if (!log || strcmp(log->path, request->files[0]))
		return tail_follow(t, request->files[0], -1, 0);
	fd = dup(log->fd);
	return fd < 0 ? -errno : tail_follow(t, request->files[0], fd, history_end(log));
}

static int follow(struct view *v, const struct history *h, uint64_t *broken)
{
	char *line, *scratch = NULL, *larger;
	size_t len, capacity = 0;
	struct tail t;
	int err = begin_to_follow(v->request, h, &t);

	if (err)
		return err;
	if (!v->begun)
		print_head(v, stdout);
	while (!fflush(stdout) && (err = tail_next(&t, &line, &len)) > 0) {
		larger = len < capacity ? scratch : realloc(scratch, len + 1);
		if (!larger) {
			err = -ENOMEM;
			break;
		}
		capacity = len < capacity ? capacity : len + 1;
		scratch = larger;
		err = take(v, stdout, line, len, scratch);
		if (err < 0)
			++*broken;
	}
	free(scratch);
	tail_close(&t);
	return err;
}

int events_show(const struct request *request)
{
	struct view v = {.request = request, .terminal = isatty(STDOUT_FILENO)};
	const char *newest = request->files[request->file_count - 1];
	struct history h = {};
	uint64_t broken = 0;
	int status, err;

	status = open_logs(request, &h);
	if (status)
		goto out;
	event_table_begin(&v.table);
	v.sums = request->sum ? event_sums_new() : NULL;
	if (request->format == FORMAT_CSV)
		event_csv_head(stdout, v.sums);
	err = request->sum && !v.sums ? -ENOMEM : read_logs(&v, &h, &broken);
	if (!err && request->follow)
		err = follow(&v, &h, &broken);
	event_sums_free(v.sums);
	event_table_end(&v.table);
	say_broken(newest, broken);
	status = broken ? EXIT_INCOMPLETE : EXIT_YES;
	if (err)
		status = say_unreadable(newest, err);
out:
	history_close(&h);
	return status == EXIT_NO ? EXIT_YES : status;
}
