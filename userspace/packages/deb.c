/* SPDX-License-Identifier: GPL-2.0-only */
#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "deb.h"
#include "file.h"

#define BLOCK (64 * 1024)
/* In either archive, of what lies before that which is looked for: to pass over a packed entry is
 * to unpack it. */
#define ENTRIES_MAX 64
#define ENTRY_MAX   (1024 * 1024) /* bytes, of what is packed */

/* ---- the archive in the archive -------------------------------------------------------------- */

struct member {
	struct archive *outer;
	char block[BLOCK];
};

static la_ssize_t read_member(struct archive *inner, void *context, const void **data)
{
	struct member *m = context;

	*data = m->block;
	return archive_read_data(m->outer, m->block, sizeof(m->block));
}

/* Step to the entry whose name begins with @name, "./" aside. */
static bool find_entry(struct archive *a, const char *name)
{
	struct archive_entry *entry;
	const char *path;
	int i;

	for (i = 0; i < ENTRIES_MAX && archive_read_next_header(a, &entry) == ARCHIVE_OK; i++) {
		path = archive_entry_pathname(entry);
		if (path && !strncmp(path, "./", 2))
			path += 2;
		if (path && !strncmp(path, name, strlen(name)))
			return true;
		if (archive_entry_size(entry) > ENTRY_MAX)
			return false;
	}
	return false;
}

/* The control file of the archive that @m reads. Return: its text, to be freed; or NULL. */
static char *read_inner(struct member *m)
{
	struct archive *inner = archive_read_new();
	char *text = calloc(1, DEB_CONTROL_MAX + 1);
	la_ssize_t n = -1;

	if (!inner || !text)
		goto out;
	archive_read_support_filter_all(inner);
	archive_read_support_format_tar(inner);
	if (archive_read_open(inner, m, NULL, read_member, NULL) == ARCHIVE_OK &&
	    find_entry(inner, "control"))
		n = archive_read_data(inner, text, DEB_CONTROL_MAX + 1);
out:
	archive_read_free(inner);
	if (n > 0 && n <= DEB_CONTROL_MAX && !memchr(text, 0, n))
		return text;
	free(text);
	return NULL;
}

static char *read_control(int fd)
{
	struct member *m = calloc(1, sizeof(*m));
	char *text = NULL;

	if (!m)
		return NULL;
	m->outer = archive_read_new();
	if (m->outer) {
		archive_read_support_format_ar(m->outer);
		if (archive_read_open_fd(m->outer, fd, BLOCK) == ARCHIVE_OK &&
		    find_entry(m->outer, "control.tar"))
			text = read_inner(m);
	}
	archive_read_free(m->outer);
	free(m);
	return text;
}

/* ---- its fields ------------------------------------------------------------------------------ */

/* The value of the field @name (names have no case); NULL: there is none. */
static char *field(const char *text, const char *name)
{
	size_t len = strlen(name);

	for (; *text; text += strcspn(text, "\n"), text += *text == '\n') {
		if (strncasecmp(text, name, len) || text[len] != ':')
			continue;
		text += len + 1;
		text += strspn(text, " \t");
		len = strcspn(text, "\n");
		return strndup(text, len < DEB_FIELD_MAX ? len : DEB_FIELD_MAX);
	}
	return NULL;
}

int deb_parse(struct deb *deb, const char *text)
{
	*deb = (struct deb){};
	deb->package = field(text, "Package");
	deb->version = field(text, "Version");
	deb->architecture = field(text, "Architecture");
	deb->maintainer = field(text, "Maintainer");
	deb->vendor = field(text, "Vendor");
	if (!deb->vendor)
		deb->vendor = field(text, "Origin");
	return deb->package ? 0 : -EBADMSG;
}

int deb_read(struct deb *deb, const char *path)
{
	int fd = file_open(path), rc;
	char *text;

	*deb = (struct deb){};
	if (fd < 0)
		return fd;
	text = read_control(fd);
	close(fd);
	if (!text)
		return -EBADMSG;
	rc = deb_parse(deb, text);
	free(text);
	return rc;
}

void deb_free(struct deb *deb)
{
	free(deb->package);
	free(deb->version);
	free(deb->architecture);
	free(deb->maintainer);
	free(deb->vendor);
	*deb = (struct deb){};
}
