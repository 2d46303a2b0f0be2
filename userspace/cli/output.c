/* SPDX-License-Identifier: GPL-2.0-only */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "cli/output.h"
#include "text.h"
#include "conf.h"

const char *output_count(char text[COUNT_LEN], uint64_t n, const char *one, const char *many)
{
	char digits[24];
	size_t len = snprintf(digits, sizeof(digits), "%" PRIu64, n), used = 0, i;

	for (i = 0; i < len; i++) {
		if (i && (len - i) % 3 == 0)
			text[used++] = ',';
		text[used++] = digits[i];
	}
	snprintf(text + used, COUNT_LEN - used, " %s", n == 1 ? one : many);
	return text;
}

char *output_escape(const char *text)
{
	return text_escape(text);
}

size_t output_columns(const char *text)
{
	size_t n = 0;

	for (; *text; text++)
		n += (*text & 0xc0) != 0x80;
	return n;
}

size_t output_width(void)
{
	const char *columns = getenv("COLUMNS");
	struct winsize size;

	if (isatty(STDOUT_FILENO) && !ioctl(STDOUT_FILENO, TIOCGWINSZ, &size))
		return size.ws_col;
	return columns ? strtoul(columns, NULL, 10) : 0;
}

void output_coloured(enum colour colour, const char *text)
{
	static const char *const begin[] = {
		[COLOUR_RED] = "\033[31m",
		[COLOUR_GREEN] = "\033[32m",
		[COLOUR_YELLOW] = "\033[33m",
		[COLOUR_BOLD] = "\033[1m",
	};
	const char *no_colour = getenv("NO_COLOR");
	bool plain = colour == COLOUR_PLAIN || !isatty(STDOUT_FILENO) || (no_colour && *no_colour);

	printf("%s%s%s", plain ? "" : begin[colour], text, plain ? "" : "\033[0m");
}

json_t *output_text(const char *bytes)
{
	char *text = text_to_utf8(bytes, strlen(bytes));
	json_t *value = json_string(text);

	free(text);
	return value;
}

int output_json(json_t *value)
{
	int err = !value || json_dumpf(value, stdout, JSON_INDENT(2)) || putchar('\n') < 0;

	json_decref(value);
	return err ? EXIT_FAILED : EXIT_YES;
}
