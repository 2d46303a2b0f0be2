/* SPDX-License-Identifier: GPL-2.0-only */
/* The log's files, the oldest first, each read once as far as it goes when it is opened. */
#include <archive.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "digests.h"
#include "file.h"
#include "progress.h"
#include "report/node.h"
#include "report/census.h"

#define CHUNK	  (256 << 10)
#define FILES_MAX 1000

struct log_file {
	char *path;
	unsigned long age; /* the N of PATH.N; 0: the one that is written */
	bool packed;
	int fd;
	struct stat st;
};

struct reading {
	struct census *census;
	char *line; /* the part of one that was read */
	size_t len, room;
	bool overlong;
	uint64_t bytes;
	EVP_MD_CTX *md;
};

/* ---- lines ----------------------------------------------------------------------------------- */

static void end_line(struct reading *r)
{
	if (r->overlong)
		r->census->broken++;
	else
		census_line(r->census, r->line, r->len);
	r->len = 0;
	r->overlong = false;
}

/* Keep a part of a line. What is longer than any record is passed over. */
static int keep(struct reading *r, const char *part, size_t len)
{
	char *larger;

	if (r->overlong || r->len + len > CENSUS_LINE_MAX) {
		r->overlong = true;
		return 0;
	}
	if (r->len + len + 1 > r->room) {
		larger = realloc(r->line, 2 * (r->len + len + 1));
		if (!larger)
			return -ENOMEM;
		r->line = larger;
		r->room = 2 * (r->len + len + 1);
	}
	memcpy(r->line + r->len, part, len);
	r->len += len;
	return 0;
}

static int take_chunk(struct reading *r, const char *chunk, size_t len)
{
	const char *newline;
	size_t part;
	int err = 0;

	r->bytes += len;
	if (r->md)
		EVP_DigestUpdate(r->md, chunk, len);
	for (; !err && len; chunk += part, len -= part) {
		newline = memchr(chunk, '\n', len);
		part = newline ? (size_t)(newline - chunk) : len;
		err = keep(r, chunk, part);
		if (newline && !err)
			end_line(r);
		part += !!newline;
	}
	return err;
}

/* ---- files ----------------------------------------------------------------------------------- */

static int read_plain(struct reading *r, struct log_file *f, struct progress *p)
{
	char *chunk = malloc(CHUNK);
	uint64_t left = f->st.st_size;
	ssize_t n = chunk ? 1 : -ENOMEM;
	int err = 0;

	/* Only what was there when it was opened: the numbers are of one moment. */
	while (!err && n > 0 && left) {
		n = file_read(f->fd, chunk, left < CHUNK ? left : CHUNK);
		if (n > 0) {
			err = take_chunk(r, chunk, n);
			left -= n;
			progress_add(p, n);
		}
	}
	free(chunk);
	return n < 0 ? (int)n : err;
}

static int read_packed(struct reading *r, struct log_file *f)
{
	struct archive *a = archive_read_new();
	struct archive_entry *entry;
	const void *chunk;
	la_int64_t offset;
	size_t len;
	int err = -ENOMEM, got;

	if (!a)
		return err;
	archive_read_support_filter_gzip(a);
	archive_read_support_format_raw(a);
	got = archive_read_open_fd(a, f->fd, CHUNK);
	if (got == ARCHIVE_OK)
		got = archive_read_next_header(a, &entry);
	err = got == ARCHIVE_OK ? 0 : -EBADMSG;
	while (!err && (got = archive_read_data_block(a, &chunk, &len, &offset)) == ARCHIVE_OK)
		err = take_chunk(r, chunk, len);
	if (!err && got != ARCHIVE_EOF)
		err = -EBADMSG;
	archive_read_free(a);
	return err;
}

static json_t *describe(struct reading *r, const struct log_file *f, int64_t records)
{
	unsigned char digest[EVP_MAX_MD_SIZE] = {};
	char hex[2 * FINGERPRINT_LEN + 1];

	if (r->md)
		EVP_DigestFinal_ex(r->md, digest, NULL);
	digest_format(hex, digest);
	return json_pack("{s:o, s:I, s:I, s:s, s:b}", "path", node_string(f->path), "bytes",
			 (json_int_t)r->bytes, "records", (json_int_t)records, "sha256", hex,
			 "packed", (int)f->packed);
}

static int read_file(struct census *t, struct log_file *f, struct progress *p)
{
	struct reading r = {.census = t, .md = EVP_MD_CTX_new()};
	int64_t before = t->records;
	int err;

	if (r.md)
		EVP_DigestInit_ex(r.md, EVP_sha256(), NULL);
	err = f->packed ? read_packed(&r, f) : read_plain(&r, f, p);
	t->unfinished += r.len || r.overlong;
	json_array_append_new(t->files, describe(&r, f, t->records - before));
	EVP_MD_CTX_free(r.md);
	free(r.line);
	return err;
}

/* ---- which there are ------------------------------------------------------------------------- */

static int compare_ages(const void *a, const void *b)
{
	const struct log_file *x = a, *y = b;

	return (x->age < y->age) - (x->age > y->age);
}

/* Whether @name is @base, @base.N or @base.N.gz. */
static bool is_of_log(struct log_file *f, const char *base, const char *name)
{
	size_t len = strlen(base);
	char *end;

	if (strncmp(name, base, len) != 0)
		return false;
	if (!name[len])
		return true;
	if (name[len] != '.' || name[len + 1] < '1' || name[len + 1] > '9')
		return false;
	f->age = strtoul(name + len + 1, &end, 10);
	f->packed = !strcmp(end, ".gz");
	return f->packed || !*end;
}

static void open_file(struct log_file *f, struct diag *d)
{
	f->fd = file_open(f->path);
	if (f->fd >= 0 && !fstat(f->fd, &f->st))
		return;
	if (f->age)
		diag_warning(d, f->path, 0, "cannot be read: %s: what is in it is missing here",
			     strerror(-f->fd));
	else
		file_complain(d, f->path, f->fd);
}

static size_t find_files(struct log_file v[FILES_MAX], const char *dir, const char *base)
{
	DIR *listing = opendir(dir);
	struct dirent *entry;
	size_t n = 0;

	while (listing && n < FILES_MAX && (entry = readdir(listing))) {
		v[n] = (struct log_file){.fd = -1};
		if (is_of_log(&v[n], base, entry->d_name) &&
		    asprintf(&v[n].path, "%s/%s", dir, entry->d_name) >= 0)
			n++;
	}
	if (listing)
		closedir(listing);
	qsort(v, n, sizeof(*v), compare_ages);
	return n;
}

/* A rotation may have renamed one after it was opened: none is read twice. */
static bool is_twin(const struct log_file *v, size_t i)
{
	size_t k;

	for (k = 0; k < i; k++)
		if (v[k].fd >= 0 && v[k].st.st_ino == v[i].st.st_ino &&
		    v[k].st.st_dev == v[i].st.st_dev)
			return true;
	return false;
}

static int read_files(struct census *t, struct log_file *v, size_t n, struct diag *d)
{
	struct progress p;
	uint64_t total = 0;
	size_t i;
	int err, failed = 0;

	for (i = n; i--;)
		open_file(&v[i], d);
	for (i = 0; i < n; i++)
		total += v[i].fd >= 0 && !v[i].packed ? v[i].st.st_size : 0;
	progress_start(&p, "reading the log", total);
	for (i = 0; i < n; i++) {
		err = v[i].fd < 0 ? v[i].fd : is_twin(v, i) ? 0 : read_file(t, &v[i], &p);
		if (err && v[i].fd >= 0)
			diag_warning(d, v[i].path, 0, "cannot be read to its end: %s",
				     strerror(-err));
		failed |= err;
	}
	progress_end(&p);
	for (i = 0; i < n; i++)
		if (v[i].fd >= 0)
			close(v[i].fd);
	return failed ? -EIO : 0;
}

int census_log(struct census *t, const char *path, struct diag *d)
{
	const char *slash = strrchr(path, '/'), *base = slash ? slash + 1 : path;
	struct log_file *v = calloc(FILES_MAX, sizeof(*v));
	char *dir = slash == path ? strdup("/") : slash ? strndup(path, slash - path) : strdup(".");
	size_t n = v && dir ? find_files(v, dir, base) : 0, i;
	int err = v && dir ? -ENOENT : -ENOMEM;

	if (n)
		err = read_files(t, v, n, d);
	for (i = 0; i < n; i++)
		free(v[i].path);
	free(dir);
	free(v);
	return err;
}
