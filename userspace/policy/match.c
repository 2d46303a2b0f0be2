/* SPDX-License-Identifier: GPL-2.0-only */
#include "match.h"

#include <errno.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "file.h"

#define MACHINE_ID_FILE "/etc/machine-id"
#define LETTERS		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"

bool match_is_tag(const char *text)
{
	size_t len = strlen(text);

	return len && len <= TAG_MAX && strchr(LETTERS, *text) &&
	       strspn(text, LETTERS "._-") == len;
}

/* ---- the tags -------------------------------------------------------------------------------- */

static int add_tag(struct match_facts *facts, const char *tag)
{
	char **v = reallocarray(facts->tags, facts->tag_count + 1, sizeof(*v));

	if (!v)
		return -ENOMEM;
	facts->tags = v;
	v[facts->tag_count] = strdup(tag);
	if (!v[facts->tag_count])
		return -ENOMEM;
	facts->tag_count++;
	return 0;
}

/* @line without its newline; changed. */
static int take_line(struct match_facts *facts, const char *path, unsigned long number, char *line,
		     struct diag *d)
{
	char *end;

	line += strspn(line, " \t\r");
	end = line + strlen(line);
	while (end > line && strchr(" \t\r", end[-1]))
		*--end = 0;
	if (!*line || *line == '#')
		return 0;
	if (match_is_tag(line))
		return add_tag(facts, line);
	diag_error(d, path, number,
		   "%.64s is no tag: write one a line, of at most %d of A-Z, a-z, 0-9, '.', '_', "
		   "'-'",
		   line, TAG_MAX);
	return -EINVAL;
}

static int take_lines(struct match_facts *facts, const char *path, char *text, struct diag *d)
{
	unsigned long number = 0;
	char *line;
	int err = 0, rc;

	while ((line = strsep(&text, "\n"))) {
		rc = take_line(facts, path, ++number, line, d);
		if (rc == -ENOMEM)
			return rc;
		err = rc ? rc : err;
	}
	return err;
}

static int read_tags(struct match_facts *facts, const char *path, struct diag *d)
{
	char *text;
	size_t len;
	int err = file_read_whole(path, &text, &len);

	if (err == -ENOENT)
		return 0;
	if (err) {
		file_complain(d, path, err);
		return err == -ENOMEM ? err : -EINVAL;
	}
	if (strlen(text) != len) {
		diag_error(d, path, 0, "has a NUL byte in it: write it anew, as text");
		err = -EINVAL;
	}
	if (!err)
		err = take_lines(facts, path, text, d);
	free(text);
	return err;
}

/* ---- facts ----------------------------------------------------------------------------------- */

static void read_machine_id(struct match_facts *facts)
{
	char *text;

	if (file_read_whole(MACHINE_ID_FILE, &text, NULL))
		return;
	if (strspn(text, "0123456789abcdef") == MACHINE_ID_LEN)
		memcpy(facts->machine_id, text, MACHINE_ID_LEN);
	free(text);
}

int match_read_facts(struct match_facts *facts, const char *tags, struct diag *d)
{
	memset(facts, 0, sizeof(*facts));
	gethostname(facts->host, sizeof(facts->host) - 1);
	read_machine_id(facts);
	return read_tags(facts, tags, d);
}

void match_free_facts(struct match_facts *facts)
{
	size_t i;

	for (i = 0; i < facts->tag_count; i++)
		free(facts->tags[i]);
	free(facts->tags);
	memset(facts, 0, sizeof(*facts));
}

/* ---- questions ------------------------------------------------------------------------------- */

bool match_has_tag(const struct match_facts *facts, const char *tag)
{
	size_t i;

	for (i = 0; i < facts->tag_count; i++)
		if (!strcmp(facts->tags[i], tag))
			return true;
	return false;
}

bool match_is_host(const struct match_facts *facts, const char *pattern)
{
	return !fnmatch(pattern, facts->host, FNM_CASEFOLD);
}

bool match_is_machine(const struct match_facts *facts, const char *id)
{
	return *id && !strcmp(facts->machine_id, id);
}
