/* SPDX-License-Identifier: GPL-2.0-only */
#include "manifest.h"

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "digests.h"
#include "moment.h"
#include "policy/policy_reader.h"

#define FIRST_LINE "interdict-bundle "
#define NS_PER_S   1000000000ULL

/* A manifest that is read: its lines, one behind the other, each with a NUL for its newline. */
struct lines {
	const char *path;
	struct diag *d;
	char *next, *end;
	unsigned long number;
};

/* ---- names ----------------------------------------------------------------------------------- */

static bool leaves(const char *name)
{
	return strchr(name, '/') || !strcmp(name, "..") || !strcmp(name, ".");
}

static bool has_control(const char *name)
{
	for (; *name; name++)
		if ((unsigned char)*name < ' ' || *name == 0x7f)
			return true;
	return false;
}

/* @own: a name that only the bundle itself may give is sound. */
static const char *check_name(const char *name, bool own)
{
	if (leaves(name))
		return "it leaves the bundle: a file of a bundle has a plain name, without a "
		       "directory";
	if (!*name || *name == '.' || has_control(name))
		return "a file of a bundle has a name that does not begin with a dot, without "
		       "control characters: rename it";
	if (strlen(name) > MANIFEST_NAME_MAX)
		return "a file of a bundle has a name of at most 99 bytes: rename it";
	if (!strncmp(name, MANIFEST_RESERVED, strlen(MANIFEST_RESERVED)) &&
	    (!own || strcmp(name, BUNDLE_CERTIFICATES) != 0))
		return "names that begin with " MANIFEST_RESERVED " are the bundle's own: rename "
		       "it";
	return NULL;
}

const struct bundle_file *manifest_find(const struct manifest *m, const char *name)
{
	size_t i;

	for (i = 0; i < m->file_count; i++)
		if (!strcmp(m->files[i].name, name))
			return &m->files[i];
	return NULL;
}

/* A file whose name is sound and new. */
static struct bundle_file *append(struct manifest *m, const char *name)
{
	struct bundle_file *v = reallocarray(m->files, m->file_count + 1, sizeof(*v));

	if (!v)
		return NULL;
	m->files = v;
	v += m->file_count;
	*v = (struct bundle_file){.name = strdup(name)};
	m->file_count += !!v->name;
	return v->name ? v : NULL;
}

int manifest_add(struct manifest *m, const char *path, const char *name, struct diag *d)
{
	const char *wrong = check_name(name, false);

	if (wrong) {
		diag_error(d, path, 0, "%.128s: %s", name, wrong);
		return -EINVAL;
	}
	if (manifest_find(m, name)) {
		diag_error(d, path, 0, "%s is in the bundle already: rename one of the two", name);
		return -EEXIST;
	}
	if (m->file_count == MANIFEST_FILES_MAX) {
		diag_error(d, path, 0, "more than %d files: make larger lists of them",
			   MANIFEST_FILES_MAX);
		return -EINVAL;
	}
	return append(m, name) ? 0 : -ENOMEM;
}

int manifest_add_certificates(struct manifest *m)
{
	return append(m, BUNDLE_CERTIFICATES) ? 0 : -ENOMEM;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct bundle_file *)a)->name, ((const struct bundle_file *)b)->name);
}

void manifest_sort(struct manifest *m)
{
	if (m->file_count)
		qsort(m->files, m->file_count, sizeof(*m->files), by_name);
}

/* ---- write ----------------------------------------------------------------------------------- */

static void print_date(FILE *out, uint64_t ns)
{
	time_t seconds = (time_t)(ns / NS_PER_S);
	char text[32] = "";
	struct tm tm;

	if (ns && gmtime_r(&seconds, &tm) &&
	    strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &tm))
		fprintf(out, "date %s\n", text);
}

int manifest_format(const struct manifest *m, char **text, size_t *len)
{
	FILE *out = open_memstream(text, len);
	char hex[2 * FINGERPRINT_LEN + 1];
	size_t i;

	if (!out)
		return -ENOMEM;
	fprintf(out, FIRST_LINE "%d\nid %s\nversion %" PRIu64 "\n", MANIFEST_FORMAT, m->id,
		m->version);
	print_date(out, m->date);
	digest_format(hex, m->key);
	fprintf(out, "key sha256:%s\n", hex);
	for (i = 0; i < m->file_count; i++) {
		digest_format(hex, m->files[i].digest);
		fprintf(out, "file sha256:%s %" PRIu64 " %s\n", hex, m->files[i].size,
			m->files[i].name);
	}
	return fclose(out) ? -ENOMEM : 0;
}

/* ---- read ------------------------------------------------------------------------------------ */

static int garbled(const struct lines *l)
{
	diag_error(l->d, l->path, 0, "line %lu of its manifest is garbled: fetch the bundle again",
		   l->number);
	return -EBADMSG;
}

/* The value of the next line if that begins with @word, and a step behind it; else NULL. */
static char *take(struct lines *l, const char *word)
{
	char *line = l->next, *newline;
	size_t len = strlen(word);

	newline = line < l->end ? memchr(line, '\n', l->end - line) : NULL;
	if (!newline || (size_t)(newline - line) < len || memcmp(line, word, len) != 0)
		return NULL;
	*newline = 0;
	l->next = newline + 1;
	l->number++;
	return line + len;
}

static int take_format(struct lines *l)
{
	const char *value = take(l, FIRST_LINE);
	uint64_t format;

	if (!value || !policy_take_number(&format, value))
		return garbled(l);
	if (format == MANIFEST_FORMAT)
		return 0;
	diag_error(l->d, l->path, 0,
		   "is a bundle of format %" PRIu64 ", and this interdict reads format %d: install "
		   "a newer one",
		   format, MANIFEST_FORMAT);
	return -EPROTO;
}

static bool take_digest(uint8_t digest[FINGERPRINT_LEN], char *value)
{
	const char *prefix = "sha256:";

	return value && !strncmp(value, prefix, strlen(prefix)) &&
	       !digest_parse(digest, value + strlen(prefix));
}

static int take_head(struct manifest *m, struct lines *l)
{
	const char *value = take(l, "id ");

	if (!value || !policy_is_id(value))
		return garbled(l);
	strcpy(m->id, value);
	value = take(l, "version ");
	if (!value || !policy_take_number(&m->version, value) || !m->version ||
	    m->version > INT64_MAX)
		return garbled(l);
	value = take(l, "date ");
	if (value && moment_of_date(&m->date, value))
		return garbled(l);
	return take_digest(m->key, take(l, "key ")) ? 0 : garbled(l);
}

/* "sha256:DIGEST SIZE NAME" */
static bool split_file(struct bundle_file *file, char *value)
{
	char *size = strchr(value, ' '), *name = size ? strchr(size + 1, ' ') : NULL;

	if (!name)
		return false;
	*size++ = 0;
	*name++ = 0;
	file->name = name;
	return take_digest(file->digest, value) && policy_take_number(&file->size, size) &&
	       file->size <= BUNDLE_MAX;
}

static int take_file(struct manifest *m, struct lines *l, char *value, uint64_t *total)
{
	struct bundle_file file = {}, *new;
	char *name;
	const char *wrong;

	if (!split_file(&file, value))
		return garbled(l);
	wrong = check_name(file.name, true);
	*total += TAR_BLOCK + tar_padded(file.size);
	if (!wrong && (m->file_count == MANIFEST_FILES_MAX || *total > BUNDLE_MAX))
		wrong = "with it the bundle holds more than 4096 files, or 1 GiB: make several";
	if (wrong) {
		diag_error(l->d, l->path, 0, "%.128s: %s", file.name, wrong);
		return -EBADMSG;
	}
	if (m->file_count && strcmp(m->files[m->file_count - 1].name, file.name) >= 0)
		return garbled(l);
	new = append(m, file.name);
	if (!new)
		return -ENOMEM;
	name = new->name;
	*new = file;
	new->name = name;
	return 0;
}

static int take_lines(struct manifest *m, struct lines *l)
{
	uint64_t total = 0;
	char *value;
	int err;

	err = take_format(l);
	if (!err)
		err = take_head(m, l);
	while (!err && (value = take(l, "file ")))
		err = take_file(m, l, value, &total);
	if (!err && l->next != l->end)
		err = garbled(l);
	return err;
}

/* Other ways to write the same are not taken: each bundle has one form. */
static int check_form(const struct manifest *m, const struct lines *l, const char *text, size_t len)
{
	char *form;
	size_t form_len;
	int err = manifest_format(m, &form, &form_len);

	if (err)
		return err;
	if (form_len != len || memcmp(form, text, len) != 0)
		err = garbled(l);
	free(form);
	return err;
}

int manifest_parse(struct manifest *m, const char *path, const char *text, size_t len,
		   struct diag *d)
{
	char *copy = malloc(len + 1);
	struct lines l = {.path = path, .d = d, .next = copy, .end = copy + len};
	int err;

	*m = (struct manifest){};
	if (!copy)
		return -ENOMEM;
	memcpy(copy, text, len);
	copy[len] = 0;
	err = take_lines(m, &l);
	if (!err)
		err = check_form(m, &l, text, len);
	free(copy);
	return err;
}

void manifest_free(struct manifest *m)
{
	size_t i;

	for (i = 0; i < m->file_count; i++)
		free(m->files[i].name);
	free(m->files);
	*m = (struct manifest){};
}
