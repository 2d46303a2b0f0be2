/* SPDX-License-Identifier: GPL-2.0-only */
#include "floors.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "file.h"
#include "policy/policy_reader.h"

static struct floor *find(const struct floors *f, const char *id)
{
	size_t i;

	for (i = 0; i < f->n; i++)
		if (!strcmp(f->v[i].id, id))
			return &f->v[i];
	return NULL;
}

uint64_t floors_of(const struct floors *f, const char *id)
{
	const struct floor *floor = find(f, id);

	return floor ? floor->version : 0;
}

static int by_id(const void *a, const void *b)
{
	return strcmp(((const struct floor *)a)->id, ((const struct floor *)b)->id);
}

int floors_raise(struct floors *f, const char *id, uint64_t version, bool *changed)
{
	struct floor *floor = find(f, id), *v;

	if (floor && floor->version >= version)
		return 0;
	*changed = true;
	if (floor) {
		floor->version = version;
		return 0;
	}
	v = reallocarray(f->v, f->n + 1, sizeof(*v));
	if (!v)
		return -ENOMEM;
	f->v = v;
	v[f->n] = (struct floor){.version = version};
	strncpy(v[f->n].id, id, RULE_NAME_LEN - 1);
	qsort(v, ++f->n, sizeof(*v), by_id);
	return 0;
}

static int parse(struct floors *f, char *text, size_t len)
{
	char *line, *id, *rest = text;
	uint64_t version;
	bool changed;
	int err = strlen(text) == len ? 0 : -EBADMSG;

	while (!err && (line = strsep(&rest, "\n")) && *line) {
		id = strsep(&line, " ");
		if (!line || !policy_is_id(id) || !policy_take_number(&version, line))
			return -EBADMSG;
		err = floors_raise(f, id, version, &changed);
	}
	/* The last line is whole, and there is nothing behind an empty one. */
	return !err && rest && *rest ? -EBADMSG : err;
}

int floors_read(struct floors *f, const char *path, struct diag *d)
{
	char *text;
	size_t len;
	int err;

	*f = (struct floors){};
	err = file_read_whole(path, &text, &len);
	if (err == -ENOENT)
		return 0;
	if (!err) {
		err = len && text[len - 1] != '\n' ? -EBADMSG : parse(f, text, len);
		free(text);
	}
	if (err == -EBADMSG)
		diag_error(
			d, path, 0,
			"is garbled: correct it, or remove it: what is installed then says which "
			"versions this machine had");
	else if (err)
		file_complain(d, path, err);
	return err;
}

int floors_write(const struct floors *f, const char *path, struct diag *d)
{
	char *text;
	size_t len, i;
	FILE *out = open_memstream(&text, &len);
	int err;

	if (!out)
		return -ENOMEM;
	for (i = 0; i < f->n; i++)
		fprintf(out, "%s %" PRIu64 "\n", f->v[i].id, f->v[i].version);
	if (fclose(out))
		return -ENOMEM;
	err = file_write(path, text, len, 0644);
	free(text);
	if (err)
		diag_error(d, path, 0, "cannot be written: %s", strerror(-err));
	return err;
}

void floors_free(struct floors *f)
{
	free(f->v);
	*f = (struct floors){};
}
