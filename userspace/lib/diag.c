/* SPDX-License-Identifier: GPL-2.0-only */
#include "diag.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "utf8.h"

/* "FILE:LINE: " and the text, in memory of its own; NULL without memory. */
static char *__attribute__((format(printf, 3, 0)))
format_line(const char *file, unsigned long line, const char *fmt, va_list args)
{
	char *what, *text = NULL;
	int n;

	if (vasprintf(&what, fmt, args) < 0)
		return NULL;
	if (!file)
		return what;
	if (line)
		n = asprintf(&text, "%s:%lu: %s", file, line, what);
	else
		n = asprintf(&text, "%s: %s", file, what);
	free(what);
	return n < 0 ? NULL : text;
}

/* Give up the last warning that is kept, so that no error is hidden behind warnings. */
static void drop_warning(struct diag *d)
{
	size_t i = d->kept;

	while (i-- > 0) {
		if (d->lines[i].level != DIAG_WARNING)
			continue;
		free(d->lines[i].text);
		d->kept--;
		memmove(&d->lines[i], &d->lines[i + 1], (d->kept - i) * sizeof(d->lines[0]));
		return;
	}
}

static void __attribute__((format(printf, 5, 0)))
keep(struct diag *d, enum diag_level level, const char *file, unsigned long line, const char *fmt,
     va_list args)
{
	char *text;

	if (d->kept == DIAG_KEPT && level == DIAG_ERROR)
		drop_warning(d);
	if (d->kept == DIAG_KEPT)
		return;
	text = format_line(file, line, fmt, args);
	if (!text)
		return;
	d->lines[d->kept].level = level;
	d->lines[d->kept++].text = text;
}

void diag_error(struct diag *d, const char *file, unsigned long line, const char *fmt, ...)
{
	va_list args;

	if (!d)
		return;
	d->errors++;
	va_start(args, fmt);
	keep(d, DIAG_ERROR, file, line, fmt, args);
	va_end(args);
}

void diag_warning(struct diag *d, const char *file, unsigned long line, const char *fmt, ...)
{
	va_list args;

	if (!d)
		return;
	d->warnings++;
	va_start(args, fmt);
	keep(d, DIAG_WARNING, file, line, fmt, args);
	va_end(args);
}

void diag_move(struct diag *to, struct diag *from)
{
	size_t i;

	for (i = 0; i < from->kept; i++)
		if (from->lines[i].level == DIAG_ERROR) {
			from->errors--;
			diag_error(to, NULL, 0, "%s", from->lines[i].text);
		} else {
			from->warnings--;
			diag_warning(to, NULL, 0, "%s", from->lines[i].text);
		}
	if (to) {
		to->errors += from->errors;
		to->warnings += from->warnings;
	}
	diag_free(from);
}

static void print_escaped(FILE *out, const char *text)
{
	size_t left = strlen(text), n, i;
	uint32_t code;

	for (; left; text += n, left -= n) {
		n = utf8_decode(&code, text, left);
		if (n && !utf8_is_control(code)) {
			fwrite(text, 1, n, out);
			continue;
		}
		n = n ? n : 1;
		for (i = 0; i < n; i++)
			fprintf(out, "\\x%02x", (unsigned char)text[i]);
	}
}

/* One line, one write(2): stderr is unbuffered, and others may be writing to it. */
static void print_line(const char *program, const char *mark, const char *text)
{
	char *line = NULL;
	size_t len;
	FILE *out = open_memstream(&line, &len);

	if (!out)
		return;
	fprintf(out, "%s: %s", program, mark);
	print_escaped(out, text);
	fputc('\n', out);
	if (!fclose(out))
		fwrite(line, 1, len, stderr);
	free(line);
}

void diag_print(const struct diag *d, const char *program)
{
	size_t i, errors = d->errors, warnings = d->warnings;
	char more[80];

	for (i = 0; i < d->kept; i++) {
		bool warning = d->lines[i].level == DIAG_WARNING;

		if (warning)
			warnings--;
		else
			errors--;
		print_line(program, warning ? "warning: " : "", d->lines[i].text);
	}
	if (!errors && !warnings)
		return;
	snprintf(more, sizeof(more), "%zu more errors and %zu more warnings", errors, warnings);
	print_line(program, "", more);
}

void diag_free(struct diag *d)
{
	size_t i;

	for (i = 0; i < d->kept; i++)
		free(d->lines[i].text);
	memset(d, 0, sizeof(*d));
}
