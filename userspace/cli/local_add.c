/* SPDX-License-Identifier: GPL-2.0-only */
#include <errno.h>
#include <stdlib.h>

#include "cli/edit.h"
#include "cli/local.h"

static int append(struct edit *e, const char *header, const char *lines)
{
	int err = e->len ? 0 : edit_insert(e, 0, LOCAL_FIRST_LINE);

	if (!err)
		err = edit_insert(e, e->len, header);
	if (!err)
		err = edit_insert(e, e->len, lines);
	return err;
}

static int insert(struct edit *e, const struct section *there, const char *header,
		  const char *lines)
{
	if (there)
		return edit_insert(e, edit_section_end(e, there->line), lines);
	return append(e, header, lines);
}

int local_add(struct apply *a, const struct section *there, const char *header, const char *lines)
{
	struct edit e = {};
	char *text = NULL;
	size_t len = 0;
	int err;

	err = stage_read_text(&a->stage, LOCAL_POLICY, &text, &len, &a->d);
	if (!err)
		err = edit_begin(&e, text, len);
	if (!err)
		err = insert(&e, there, header, lines);
	if (!err)
		err = stage_put_text(&a->stage, LOCAL_POLICY, e.text, e.len, &a->d);
	edit_free(&e);
	return err;
}
