/* SPDX-License-Identifier: GPL-2.0-only */
/* The entries of an archive, of each by its name what it needs. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "collect_streams.h"

/* A package's control file, of which more is not kept: those in use have some KiB. */
#define CONTROL_MAX (64 * 1024)

/* Of a .deb's member; of a file that is packed by itself there may be more. */
#define MEMBER_FILTERS 2

static const char *entry_name(struct archive_entry *e)
{
	const char *name = archive_entry_pathname(e);

	if (!name)
		name = archive_entry_pathname_utf8(e);
	if (!name)
		return "?";
	while (*name == '/' || (name[0] == '.' && name[1] == '/'))
		name++;
	return name;
}

static bool is_maintainer_script(const char *name)
{
	static const char *const scripts[] = {"preinst", "postinst", "prerm", "postrm", "config"};
	size_t i;

	for (i = 0; i < sizeof(scripts) / sizeof(*scripts); i++)
		if (!strcmp(name, scripts[i]))
			return true;
	return false;
}

/* A short text and a NUL, in memory that the caller frees; of a longer one @text is NULL. */
static int read_text(const struct content_source *source, size_t max, char **text, size_t *len)
{
	const void *data;
	ssize_t n;
	char *v;

	*text = NULL;
	*len = 0;
	while ((n = source->next(source->context, &data)) > 0) {
		if ((size_t)n > max - *len)
			break;
		v = realloc(*text, *len + n + 1);
		if (!v)
			break;
		*text = v;
		memcpy(v + *len, data, n);
		*len += n;
		v[*len] = '\0';
	}
	if (!n)
		return 0;
	free(*text);
	*text = NULL;
	return n < 0 ? (int)n : 0;
}

/* What may be an image's manifest; a layer beside it has a name of the same form. */
static int read_json(struct place *at, const struct content_source *source, const char *name)
{
	struct content_peek peek = {.source = source};
	struct content_source all = {.next = content_peek_next, .context = &peek};
	size_t len;
	char *text;
	int rc = content_peek(&peek);

	if (rc)
		return rc;
	if (!peek.len || (peek.head[0] != '{' && peek.head[0] != '['))
		return stream_read(at, &all);
	at->opened = false;
	rc = read_text(&all, CONTAINER_JSON_MAX, &text, &len);
	if (rc || !text)
		return rc;
	return container_add_json(&at->level->container, name, text, len);
}

/* "Package: NAME", a line of its own. */
static int read_control(struct level *l, const struct content_source *source)
{
	static const char key[] = "\nPackage:";
	size_t skip = sizeof(key) - 2, len, n = 0;
	char *text, *name;
	int rc = read_text(source, CONTROL_MAX, &text, &len);

	if (rc || !text)
		return rc;
	name = text;
	if (len < skip || memcmp(text, key + 1, skip) != 0) {
		skip++;
		name = memmem(text, len, key, skip);
	}
	if (name) {
		name += skip;
		name += strspn(name, " \t");
		n = strcspn(name, " \t\n");
	}
	rc = n ? components_add_package(l->r->found, name, n) : 0;
	if (l->r->look && l->package && !l->package->package)
		deb_parse(l->package, text);
	free(text);
	return rc;
}

static int note_layer(const struct entry *e, const char *name, bool opened)
{
	bool regular = archive_entry_filetype(e->e) == AE_IFREG && !archive_entry_hardlink(e->e);
	int rc = reading_spend_name(e->level->r, strlen(name) + sizeof(struct container_entry));

	/* Less than a tar's block, packed, unpacks to no file. */
	opened = opened || !regular || e->at < 512;
	return rc ? rc : container_add_entry(&e->level->container, name, opened);
}

static uint64_t entry_size(struct archive_entry *e)
{
	return archive_entry_size_is_set(e) ? (uint64_t)archive_entry_size(e) : SIZE_UNKNOWN;
}

static int read_named(struct entry *e, enum layer layer, const char *name, const char *path)
{
	struct content_source source = {.next = entry_next, .context = e};
	struct place at = {
		.level = e->level,
		.path = path,
		.depth = e->level->depth,
		.maintainer = layer == LAYER_CONTROL && is_maintainer_script(name),
		.size = entry_size(e->e),
	};
	bool looked = e->level->r->look;
	int rc;

	if (layer == LAYER_CONTROL && !strcmp(name, "control"))
		rc = read_control(e->level, &source);
	else if (!looked && layer == LAYER_ARCHIVE && container_is_json(name))
		rc = read_json(&at, &source, name);
	else
		rc = stream_read(&at, &source);
	/* What a zip's list leads to need not be passed through. */
	if (!rc && !(looked && e->level->r->top && e->level->depth == 1))
		rc = entry_drain(e);
	if (!rc && !looked && layer == LAYER_ARCHIVE && container_is_layer(name))
		rc = note_layer(e, name, at.opened);
	return rc;
}

/* A zip does not show what its entries are packed in; libarchive says how. */
static bool is_hungry(struct entry *e)
{
	static const char *const methods[] = {"lzma", "xz", "zstd", "ppmd"};
	const char *format = archive_format_name(e->a);
	size_t i;

	if (!e->level->r->look || !formats_is(e->a, ARCHIVE_FORMAT_ZIP) || !format)
		return false;
	for (i = 0; i < sizeof(methods) / sizeof(*methods); i++)
		if (strstr(format, methods[i]))
			return true;
	return false;
}

static int read_entry(struct entry *e, enum layer layer)
{
	const char *name = entry_name(e->e);
	char *path;
	int rc;

	/* Nothing needs more memory than it unpacks to. */
	if (is_hungry(e))
		e->max = WINDOW_MAX;

	if (asprintf(&path, "%s:%s%s", e->level->path, layer == LAYER_CONTROL ? "DEBIAN/" : "",
		     name) < 0)
		return -ENOMEM;
	rc = read_named(e, layer, name, path);
	free(path);
	return rc;
}

/* What is packed by itself: the entry has no name, and no size. */
static int read_single(struct entry *e)
{
	struct content_source source = {.next = entry_next, .context = e};
	struct place at = {.level = e->level,
			   .path = e->level->path,
			   .depth = e->level->depth,
			   .unpacked = true,
			   .size = SIZE_UNKNOWN};
	int rc = stream_read(&at, &source);

	return rc ? rc : entry_drain(e);
}

static int read_member_tar(struct entry *member, enum layer layer)
{
	struct content_source source = {.next = entry_next, .context = member};
	struct input in = {.source = &source, .level = member->level};
	struct archive *a = archive_read_new();
	int rc;

	if (!a)
		return -ENOMEM;
	formats_support_filters(a);
	archive_read_support_format_tar(a);
	rc = input_open(&in, a, MEMBER_FILTERS);
	if (!rc)
		rc = level_read_entries(member->level, a, layer);
	else
		rc = level_broken(member->level, a);
	input_close(&in, a);
	return rc;
}

/* A member of a .deb's ar archive. */
static int read_member(struct entry *e)
{
	const char *name = entry_name(e->e);
	int rc = 0;

	if (!strncmp(name, "control.tar", 11)) {
		e->level->control = true;
		rc = read_member_tar(e, LAYER_CONTROL);
	} else if (!strncmp(name, "data.tar", 8)) {
		e->level->data = true;
		rc = read_member_tar(e, LAYER_DATA);
	}
	return rc ? rc : entry_drain(e);
}

/* What lies between two entries is unpacked too: headers, long names, padding. */
static int next_header(struct level *l, struct archive *a, struct archive_entry **entry)
{
	la_int64_t before = archive_filter_bytes(a, 0), after;
	int got = archive_read_next_header(a, entry), rc;

	if (got == ARCHIVE_EOF)
		return 0;
	if (got != ARCHIVE_OK && got != ARCHIVE_WARN)
		return level_broken(l, a);
	after = archive_filter_bytes(a, 0);
	rc = after > before ? reading_spend(l->r, after - before) : 0;
	if (rc)
		return rc;
	if (archive_entry_is_data_encrypted(*entry))
		return level_damaged(l, "encrypted: unpack it and give the directory");
	rc = reading_spend_entry(l->r);
	return rc ? rc : 1;
}

int level_read_entries(struct level *l, struct archive *a, enum layer layer)
{
	struct archive_entry *entry;
	int rc;

	while ((rc = next_header(l, a, &entry)) > 0) {
		struct entry e = {.level = l, .a = a, .e = entry};

		if (formats_is(a, ARCHIVE_FORMAT_AR))
			rc = read_member(&e);
		else if (formats_is(a, ARCHIVE_FORMAT_RAW))
			rc = read_single(&e);
		else
			rc = read_entry(&e, layer);
		if (rc)
			return rc;
	}
	return rc;
}
