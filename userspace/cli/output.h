/* SPDX-License-Identifier: GPL-2.0-only */
/* What commands print: counts, hostile text, colour, columns. */
#ifndef INTERDICT_CLI_OUTPUT_H
#define INTERDICT_CLI_OUTPUT_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define COUNT_LEN 64

enum colour { COLOUR_PLAIN, COLOUR_RED, COLOUR_GREEN, COLOUR_YELLOW, COLOUR_BOLD };

/** output_count() - "1,204 digests", by the noun's singular and plural. Return: @text. */
const char *output_count(char text[COUNT_LEN], uint64_t n, const char *one, const char *many);
/** output_escape() - a copy of hostile text that no terminal obeys; NULL without memory. */
char *output_escape(const char *text);
/** output_columns() - how many columns valid UTF-8 without control characters takes. */
size_t output_columns(const char *text);
/** output_width() - the columns of the terminal on stdout, else $COLUMNS, else 0: as wide as it is.
 */
size_t output_width(void);
/** output_coloured() - print @text in @colour, on a terminal and without NO_COLOR. */
void output_coloured(enum colour colour, const char *text);
/** output_text() - any bytes, such as a path, as a JSON string (text_to_utf8()). */
json_t *output_text(const char *bytes);
/** output_json() - print @value and a newline, and release it. Return: EXIT_FAILED on failure. */
int output_json(json_t *value);

#endif
