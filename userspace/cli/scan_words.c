/* SPDX-License-Identifier: GPL-2.0-only */
/* What stands below the table: what was found, by which methods, where, and what was left out. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "cli/output.h"
#include "cli/scanning.h"

#define NAMED_MAX  4 /* places that are named in a line; the rest is counted */
#define UNREAD_MAX 5

/* ---- words ----------------------------------------------------------------------------------- */

static void put_escaped(FILE *out, const char *text)
{
	char *escaped = output_escape(text);

	fputs(escaped ? escaped : "?", out);
	free(escaped);
}

static void put_toned(FILE *out, enum colour colour, const char *text)
{
	if (out == stdout)
		output_coloured(colour, text);
	else
		fputs(text, out);
}

static void put_count(FILE *out, const char *before, uint64_t n, const char *one, const char *many)
{
	char count[COUNT_LEN];

	if (n)
		fprintf(out, "%s%s", before, output_count(count, n, one, many));
}

static void put_bytes(FILE *out, uint64_t bytes)
{
	static const char *const units[] = {"bytes", "KB", "MB", "GB", "TB"};
	double value = (double)bytes;
	size_t i = 0;

	for (; value >= 1000 && i < 4; i++)
		value /= 1000;
	fprintf(out, "%.*f %s", i && value < 10 ? 1 : 0, value, units[i]);
}

/* ---- what was found -------------------------------------------------------------------------- */

static void put_effects(FILE *out, const struct findings *all)
{
	static const char *const words[FINDING_EFFECTS + 1] = {
		[FINDING_DENIED] = "denied here",
		[FINDING_MONITORED] = "only recorded here",
		[FINDING_AHEAD] = "denied from a date on",
		[FINDING_EXCEPTED] = "excepted",
		[FINDING_EFFECTS] = "more than are told",
	};
	uint64_t counts[FINDING_EFFECTS + 1] = {[FINDING_EFFECTS] = all->more};
	const char *before = ": ";
	size_t i;

	for (i = 0; i < all->n; i++)
		counts[all->v[i].effect] += 1 + all->v[i].names_more;
	for (i = 0; i <= FINDING_EFFECTS; i++) {
		if (!counts[i])
			continue;
		fprintf(out, "%s%" PRIu64 " %s", before, counts[i], words[i]);
		before = ", ";
	}
	fputc('\n', out);
}

static void put_result(FILE *out, const struct scan *s)
{
	char count[COUNT_LEN];
	uint64_t n = findings_count(&s->findings);

	if (n) {
		output_count(count, n, "restricted component found", "restricted components found");
		put_toned(out, COLOUR_RED, count);
		put_effects(out, &s->findings);
	} else if (scan_is_complete(s)) {
		put_toned(out, COLOUR_GREEN, "none found");
		fputc('\n', out);
	} else {
		put_toned(out, COLOUR_YELLOW, "none found in what could be read; not complete");
		fputc('\n', out);
	}
}

/* ---- how it was looked for ------------------------------------------------------------------- */

static void put_methods(FILE *out, const struct scanning *s)
{
	json_t *methods = result_methods(&s->scan), *method;
	char hex[2 * FINGERPRINT_LEN + 1];
	size_t i;

	digest_format(hex, image_header(&s->image)->digest);
	fputs("  by         ", out);
	json_array_foreach(methods, i, method)
	{
		fprintf(out, "%s%s", i ? ", " : "", json_string_value(method));
	}
	fprintf(out, "\n  policy     %.12s, %s\n", hex,
		s->in_force ? "in force here" : "not in force here");
	json_decref(methods);
}

static void put_places(FILE *out, const struct scan *s)
{
	const char *before = "  on         ";
	size_t i, more = 0, n = 0;

	for (i = 0; i < s->place_count; i++) {
		if (s->places[i].why)
			continue;
		if (n++ >= 2 * NAMED_MAX) {
			more++;
			continue;
		}
		fputs(before, out);
		put_escaped(out, s->places[i].path);
		before = ", ";
	}
	put_count(out, ", and ", more, "more", "more");
	if (n)
		fputc('\n', out);
}

static void put_read(FILE *out, const struct scan *s)
{
	char count[COUNT_LEN];

	fprintf(out, "  read       %s", output_count(count, s->files, "file", "files"));
	if (s->opened) {
		put_count(out, ", ", s->opened, "of them opened (", "of them opened (");
		put_bytes(out, s->bytes);
		fputc(')', out);
	}
	put_count(out, ", ", s->archives, "archive", "archives");
	put_count(out, ", ", s->processes, "process", "processes");
	put_count(out, ", ", s->modules, "kernel module", "kernel modules");
	fprintf(out, ", in %" PRIu64 " s\n",
		s->ended > s->began ? (s->ended - s->began) / 1000000000 : 0);
}

/* ---- what was left out ----------------------------------------------------------------------- */

/* Whether an earlier place was left out for the same reason: it named this one, too. */
static bool was_told(const struct scan *s, size_t i)
{
	size_t k;

	for (k = 0; k < i; k++)
		if (s->places[k].why && !strcmp(s->places[k].why, s->places[i].why))
			return true;
	return false;
}

static void put_skipped(FILE *out, const struct scan *s, size_t first, bool begun)
{
	const char *why = s->places[first].why;
	size_t i, n = 0, more = 0;

	fputs(begun ? "             " : "  left out   ", out);
	for (i = first; i < s->place_count; i++) {
		if (!s->places[i].why || strcmp(s->places[i].why, why) != 0)
			continue;
		if (n++ >= NAMED_MAX) {
			more++;
			continue;
		}
		fputs(n > 1 ? ", " : "", out);
		put_escaped(out, s->places[i].path);
	}
	put_count(out, " and ", more, "more", "more");
	fputs(": ", out);
	put_escaped(out, why);
	fputc('\n', out);
}

static void put_all_skipped(FILE *out, const struct scan *s)
{
	bool begun = false;
	size_t i;

	for (i = 0; i < s->place_count; i++) {
		if (!s->places[i].why || was_told(s, i))
			continue;
		put_skipped(out, s, i, begun);
		begun = true;
	}
}

static void put_unread(FILE *out, const struct scan *s)
{
	char count[COUNT_LEN];
	size_t i;

	if (!s->unread_count)
		return;
	fputs("  ", out);
	put_toned(out, COLOUR_YELLOW, "not read");
	fprintf(out, "   %s:\n", output_count(count, s->unread_count, "file", "files"));
	for (i = 0; i < s->unread_kept && i < UNREAD_MAX; i++) {
		fputs("             ", out);
		put_escaped(out, s->unread[i].path);
		fprintf(out, ": %s\n", strerror(-s->unread[i].error));
	}
	if (s->unread_count > i)
		fprintf(out, "             and %zu more; --json names the first %d\n",
			s->unread_count - i, SCAN_UNREAD_MAX);
}

void scan_words(FILE *out, const struct scanning *scanning)
{
	const struct scan *s = &scanning->scan;

	put_result(out, s);
	put_methods(out, scanning);
	put_places(out, s);
	put_read(out, s);
	put_all_skipped(out, s);
	put_unread(out, s);
	put_count(out, "  not opened ", s->unopened, "archive, named on standard error\n",
		  "archives, named on standard error\n");
	put_count(out, "  vanished   ", s->vanished, "file, while it was looked at\n",
		  "files, while they were looked at\n");
}
