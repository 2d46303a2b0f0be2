/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Diagnoses: what is wrong, where, and what to do, a line each. The library collects them, so that
 * the daemon can answer with them over its socket and the command line can print them.
 */
#ifndef INTERDICT_DIAG_H
#define INTERDICT_DIAG_H

#include <stddef.h>

/* More than this is noise: the rest is only counted. */
#define DIAG_KEPT 50

enum diag_level { DIAG_ERROR, DIAG_WARNING };

struct diag {
	size_t errors, warnings;
	size_t kept;
	struct {
		enum diag_level level;
		char *text; /* "FILE:LINE: what is wrong: what to do" */
	} lines[DIAG_KEPT];
};

/**
 * diag_error() - record an error.
 * @d: where; NULL drops it
 * @file: the file it is in, or NULL
 * @line: counted from 1; 0 for the file as a whole
 * @fmt: what is wrong and what to do, without a full stop or a newline
 *
 * Hostile bytes in the text are escaped when it is printed, not here.
 */
void diag_error(struct diag *d, const char *file, unsigned long line, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));
/** diag_warning() - likewise, of what does not stand in the way. */
void diag_warning(struct diag *d, const char *file, unsigned long line, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));
/** diag_move() - add all that @from has to the end of @to, and empty it. */
void diag_move(struct diag *to, struct diag *from);
/** diag_print() - write all lines to stderr, "PROGRAM: LINE" each, control characters escaped. */
void diag_print(const struct diag *d, const char *program);
/** diag_free() - release the lines and start over. */
void diag_free(struct diag *d);

#endif
