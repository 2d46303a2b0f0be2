/* SPDX-License-Identifier: GPL-2.0-only */
/* Text that is cut to so many columns of a terminal. It is valid UTF-8 without control characters:
 * output_escape()d. */
#ifndef INTERDICT_CLI_CUT_H
#define INTERDICT_CLI_CUT_H

#include <locale.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/**
 * cut_width() - the columns that a text takes.
 * @locale: the thread's, in which characters have the width that they take; 0: none is known
 */
size_t cut_width(const char *text, locale_t locale);
/**
 * cut_print() - print a text in @width columns at most; an ellipsis stands for what is left out.
 * @middle: leave out the middle, as of a path, and not the end
 * Return: the columns that were printed.
 */
size_t cut_print(FILE *out, const char *text, size_t width, bool middle, locale_t locale);

#endif
