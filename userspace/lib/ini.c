/* SPDX-License-Identifier: GPL-2.0-only */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "file.h"
#include "ini.h"
#include "utf8.h"

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* @s without the blanks around it; what follows them is overwritten. */
static char *trim(char *s, char *end)
{
	while (s < end && is_blank(*s))
		s++;
	while (end > s && is_blank(end[-1]))
		end--;
	*end = '\0';
	return s;
}

/* ---- lines --------------------------------------------------------------------------------- */

static void error(struct ini *ini, const char *what)
{
	diag_error(ini->d, ini->path, ini->line, "%s", what);
}

static void take_header(struct ini *ini, char *s)
{
	char *end = strchr(s, ']');

	if (!end || end[1]) {
		ini->header(ini, NULL);
		error(ini, "a section header is [Name], alone on its line: correct it");
		return;
	}
	*end = '\0';
	ini->header(ini, s + 1);
}

static void take_assignment(struct ini *ini, char *s, char *end)
{
	char *equals = strchr(s, '='), *name;

	if (end[-1] == '\\') {
		error(ini, "a line that goes on in the next: write it in one line");
		return;
	}
	if (!equals) {
		error(ini, "neither [Section] nor Key=value: correct it, or put # before it");
		return;
	}
	name = trim(s, equals);
	ini->assignment(ini, name, trim(equals + 1, end));
}

/* Whether @len bytes are what a text editor shows. */
static bool check_text(struct ini *ini, const char *s, size_t len)
{
	uint32_t code;
	size_t n;

	for (; len; s += n, len -= n) {
		n = utf8_decode(&code, s, len);
		if (!n) {
			error(ini, "invalid UTF-8: save the file as UTF-8");
			return false;
		}
		if (utf8_is_control(code) && code != '\t') {
			diag_error(ini->d, ini->path, ini->line,
				   "an invisible control character (U+%04X): remove it", code);
			return false;
		}
	}
	return true;
}

/* One line without its newline; @s[@len] may be overwritten. */
static void take_line(struct ini *ini, char *s, size_t len)
{
	if (ini->line == 1 && len >= 3 && !memcmp(s, "\xef\xbb\xbf", 3)) {
		s += 3;
		len -= 3;
	}
	if (len && s[len - 1] == '\r')
		len--;
	if (len > INI_LINE_MAX) {
		diag_error(ini->d, ini->path, ini->line, "longer than %d bytes: shorten it",
			   INI_LINE_MAX);
		return;
	}
	if (!check_text(ini, s, len))
		return;
	s = trim(s, s + len);
	if (!*s || *s == '#' || *s == ';')
		return;
	if (*s == '[')
		take_header(ini, s);
	else
		take_assignment(ini, s, s + strlen(s));
}

static int take_text(struct ini *ini, char *text, size_t len)
{
	char *s = text, *end = text + len, *newline;

	for (ini->line = 1; s < end; ini->line++, s = newline + 1) {
		newline = memchr(s, '\n', end - s);
		if (!newline) {
			diag_warning(ini->d, ini->path, ini->line,
				     "the last line has no end: is the file whole? end the line");
			newline = end;
		}
		if (memchr(s, '\0', newline - s)) {
			error(ini, "a NUL byte, this is no text: save UTF-16 as UTF-8");
			return -EINVAL;
		}
		take_line(ini, s, newline - s);
	}
	return 0;
}

/* ---- the file ------------------------------------------------------------------------------ */

/* Read @fd to its end, or beyond @max. Return: its length, or a negative errno. */
static ssize_t read_whole(char **text, int fd, size_t max)
{
	size_t len = 0, room = 8 * 1024;
	char *larger;
	ssize_t n;

	do {
		room *= 2;
		larger = realloc(*text, room + 1); /* take_line() puts a NUL behind the last line */
		if (!larger)
			return -ENOMEM;
		*text = larger;
		while ((n = file_read(fd, *text + len, room - len)) > 0)
			len += n;
	} while (!n && len == room && len <= max);
	return n < 0 ? n : (ssize_t)len;
}

int ini_read(struct ini *ini, size_t max)
{
	int fd = file_open(ini->path), err;
	char *text = NULL;
	ssize_t len;

	if (fd < 0)
		return fd;
	len = read_whole(&text, fd, max);
	close(fd);
	if (len < 0)
		err = len;
	else
		err = (size_t)len > max ? -EFBIG : take_text(ini, text, len);
	free(text);
	return err;
}
