/* SPDX-License-Identifier: GPL-2.0-only */
/* How `interdict digest` writes its list, as text or JSON, and sums it up. */
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/digest.h"
#include "cli/output.h"
#include "file.h"

/* A path takes at most half a line: each byte may have to be escaped. */
#define PATH_LISTED ((DIGESTS_LINE_MAX - 128) / 2)

/* ---- writing ------------------------------------------------------------------------------- */

static size_t all_inputs(const struct listing *l)
{
	size_t i, n = 0;

	for (i = 0; i < COLLECT_INPUTS; i++)
		n += l->inputs[i];
	return n;
}

/* A comment, so on one line. */
static void write_left_out(const struct listed *listed, const char *path, FILE *out)
{
	char hex[2 * FINGERPRINT_LEN + 1], *name = output_escape(path);
	char *why = output_escape(listed->left_out);

	digest_format(hex, listed->component.digest.value);
	if (name && why)
		fprintf(out, "# left out: %s  %.*s: %.*s\n", hex, PATH_LISTED / 2, name,
			PATH_LISTED / 2, why);
	free(name);
	free(why);
}

static void write_list(const struct listing *l, FILE *out)
{
	size_t i, inputs = all_inputs(l);
	char path[PATH_LISTED], unread[COUNT_LEN], unopened[COUNT_LEN];

	fprintf(out, "# interdict digest list: %zu digest%s from %zu input%s\n", l->digests,
		l->digests == 1 ? "" : "s", inputs, inputs == 1 ? "" : "s");
	if (l->collect.unread || l->collect.unopened)
		fprintf(out, "# incomplete: %s not read, %s inside not opened\n",
			output_count(unread, l->collect.unread, "file", "files"),
			output_count(unopened, l->collect.unopened, "archive", "archives"));
	for (i = 0; i < l->n; i++) {
		snprintf(path, sizeof(path), "%s", l->v[i].component.path);
		if (l->v[i].left_out)
			write_left_out(&l->v[i], path, out);
		else if (!l->v[i].again)
			digests_write_line(out, &l->v[i].component.digest, path);
	}
}

/* JSON is UTF-8, a path need not be. */
static json_t *component_json(const struct component *component)
{
	char hex[2 * FINGERPRINT_LEN + 1];

	digest_format(hex, component->digest.value);
	return json_pack("{s:s, s:I, s:o, s:s}", "sha256", hex, "size",
			 (json_int_t)component->digest.size, "path", output_text(component->path),
			 "kind", component_name(component));
}

static int write_json(const struct listing *l, FILE *out)
{
	json_t *array = json_array(), *component, *package;
	int err = 0;
	size_t i;

	for (i = 0; !err && i < l->n; i++) {
		if (l->v[i].again || l->v[i].left_out)
			continue;
		component = component_json(&l->v[i].component);
		package = digest_published_json(l, i);
		if (package)
			json_object_set_new(component, "package", package);
		err = json_array_append_new(array, component);
	}
	if (!err)
		err = json_dumpf(array, out, JSON_INDENT(2)) || fputc('\n', out) == EOF;
	json_decref(array);
	return err ? -ENOMEM : 0;
}

/* A terminal obeys what a path holds. */
static void show(char *text)
{
	char *line = text, *end;

	for (; (end = strchr(line, '\n')); line = end + 1) {
		*end = '\0';
		cli_print_escaped(line);
		putchar('\n');
	}
}

/* file_write() replaces what is there by a new file: not so a device, nor a link to a list. */
static int write_file(struct listing *l, const char *text, size_t len)
{
	char *target = realpath(l->output, NULL);
	struct stat st;
	int err;

	if (target && (stat(target, &st) || !S_ISREG(st.st_mode))) {
		diag_error(&l->d, l->output, 0, "is no regular file: name another");
		free(target);
		return -ENOTSUP;
	}
	err = file_write(target ? target : l->output, text, len, 0644);
	free(target);
	if (err)
		diag_error(&l->d, l->output, 0, "cannot be written: %s", strerror(-err));
	return err;
}

static int put(struct listing *l, char *text, size_t len)
{
	if (l->output)
		return write_file(l, text, len);
	if (isatty(STDOUT_FILENO))
		show(text);
	else
		fwrite(text, 1, len, stdout);
	return 0;
}

int digest_write(struct listing *l)
{
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);
	int err = out ? 0 : -ENOMEM;

	if (!err && l->json)
		err = write_json(l, out);
	else if (!err)
		write_list(l, out);
	if (out && (ferror(out) | fclose(out)) && !err)
		err = -ENOMEM;
	if (err)
		diag_error(&l->d, NULL, 0, "not enough memory for the list");
	else
		err = put(l, text, len);
	free(text);
	return err;
}

/* ---- the summary --------------------------------------------------------------------------- */

static const char *add_count(FILE *out, const char *before, size_t n, const char *one,
			     const char *many)
{
	char count[COUNT_LEN];

	if (!n)
		return before;
	fprintf(out, "%s%s", before, output_count(count, n, one, many));
	return ", ";
}

/* A packed driver is there twice, and counts as one. */
static size_t count(const struct listing *l, enum content_kind kind, bool maintainer)
{
	size_t i, n = 0;

	for (i = 0; i < l->n; i++)
		n += !l->v[i].left_out && l->v[i].component.maintainer == maintainer &&
		     (maintainer || l->v[i].component.kind == kind);
	return n;
}

/* "134 digests of 96 programs, 20 libraries, 18 scripts from 5 packages" */
void digest_summarize(const struct listing *l)
{
	const char *next;

	add_count(stderr, "", l->digests, "digest", "digests");
	next = add_count(stderr, " of ", count(l, CONTENT_PROGRAM, false), "program", "programs");
	next = add_count(stderr, next, count(l, CONTENT_LIBRARY, false), "library", "libraries");
	next = add_count(stderr, next, count(l, CONTENT_SCRIPT, false), "script", "scripts");
	next = add_count(stderr, next, count(l, CONTENT_OTHER, true), "maintainer script",
			 "maintainer scripts");
	next = add_count(stderr, next, count(l, CONTENT_DRIVER, false), "driver", "drivers");
	add_count(stderr, next, count(l, CONTENT_PE, false), "PE image", "PE images");
	next = add_count(stderr, " from ", l->inputs[COLLECT_PACKAGE], "package", "packages");
	next = add_count(stderr, next, l->inputs[COLLECT_CONTAINER], "container image",
			 "container images");
	next = add_count(stderr, next, l->inputs[COLLECT_ARCHIVE], "archive", "archives");
	next = add_count(stderr, next, l->inputs[COLLECT_DIRECTORY], "directory", "directories");
	next = add_count(stderr, next, l->inputs[COLLECT_FILES], "installed package",
			 "installed packages");
	add_count(stderr, next, l->inputs[COLLECT_FILE], "file", "files");
	add_count(stderr, "; left out: ", l->left_out, "component", "components");
	fputc('\n', stderr);
}
