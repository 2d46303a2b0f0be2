/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A policy file as text, found and changed line by line, so that comments, order and what somebody
 * wrote by hand stay. It reads no more of the syntax than it takes to find a line; the daemon's
 * reader judges the result.
 */
#ifndef INTERDICT_CLI_EDIT_H
#define INTERDICT_CLI_EDIT_H

#include <stdbool.h>
#include <stddef.h>

struct edit {
	char *text; /* NUL terminated; every line ends in a newline */
	size_t len;
};

struct edit_line {
	unsigned long number; /* from 1; 0: before the first */
	size_t begin, end;    /* in the text; end lies behind the newline */
	const char *key;      /* of Key=value; NULL for other lines */
	size_t key_len;
	const char *value; /* without the blanks around it */
	size_t value_len;
	bool header; /* "[Section]" */
};

/** edit_begin() - edit @len bytes, which are taken over. Return: 0, or -ENOMEM. */
int edit_begin(struct edit *e, char *text, size_t len);
/** edit_free() - release the text. */
void edit_free(struct edit *e);

/**
 * edit_next() - step to the next line.
 * @line: zeroed before the first; good until the text is changed
 * Return: false behind the last.
 */
bool edit_next(const struct edit *e, struct edit_line *line);
/** edit_seek() - go to line @number. Return: false when there is none. */
bool edit_seek(const struct edit *e, struct edit_line *line, unsigned long number);
/** edit_is() - whether @line says @key=@value; a @value of NULL stands for any. */
bool edit_is(const struct edit_line *line, const char *key, const char *value);
/**
 * edit_section_end() - the offset behind the last key of the section whose header is line @number:
 * what belongs to the section ends there, comments on what comes next do not.
 */
size_t edit_section_end(const struct edit *e, unsigned long number);

/** edit_insert() - insert @added at offset @at. Return: 0, or -ENOMEM. */
int edit_insert(struct edit *e, size_t at, const char *added);
/** edit_cut() - cut what lies from offset @begin to before @end, and an empty line too many. */
void edit_cut(struct edit *e, size_t begin, size_t end);
/** edit_has_sections() - whether there is anything but comments and [Policy]. */
bool edit_has_sections(const struct edit *e);

#endif
