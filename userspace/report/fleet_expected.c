/* SPDX-License-Identifier: GPL-2.0-only */
/* Who is expected to report. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "file.h"
#include "report/fleet.h"
#include "text.h"

static json_t *find_host(struct fleet *f, const char *key)
{
	json_t *row = json_object_get(f->hosts, key);
	const char *other;

	if (row || strlen(key) != 32)
		return row;
	json_object_foreach(f->hosts, other, row)
	{
		if (!strcasecmp(node_text(row, "id"), key))
			return row;
	}
	return NULL;
}

static void expect(struct fleet *f, const char *line)
{
	char *name = text_escape(line), key[FLEET_HOST_MAX + 1];
	json_t *row;

	if (!name)
		return;
	fleet_host_key(key, name);
	row = find_host(f, key);
	if (!row) {
		row = json_pack("{s:o, s:s, s:s}", "host", fleet_short_text(name), "class",
				"silent", "state", "no report");
		json_object_set_new(f->hosts, key, row);
	}
	json_object_set_new(row, "expected", json_true());
	free(name);
}

/* One host a line, by name or machine-id; what is behind a '#' is a comment. */
int fleet_read_expected(struct fleet *f, struct diag *d)
{
	char *text, *line, *next, *end;
	size_t len;
	int err = file_read_whole(f->in->expect, &text, &len);

	if (err) {
		file_complain(d, f->in->expect, err);
		return err;
	}
	for (line = text; line; line = next) {
		next = strchr(line, '\n');
		if (next)
			*next++ = 0;
		line[strcspn(line, "#")] = 0;
		line += strspn(line, " \t\r");
		end = line + strlen(line);
		while (end > line && isspace((unsigned char)end[-1]))
			*--end = 0;
		if (*line)
			expect(f, line);
	}
	free(text);
	return 0;
}
