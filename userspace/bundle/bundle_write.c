/* SPDX-License-Identifier: GPL-2.0-only */
/* A bundle is made in memory, in which each file has its place, and then written whole. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bundle.h"
#include "file.h"
#include "hash.h"
#include "progress.h"
#include "tar.h"
#include "trust.h"

struct making {
	struct manifest *m;
	const char *dir;
	const struct signer *signer;
	struct diag *d;
	struct progress progress;
	uint8_t *bytes; /* anonymous memory: padding is zeros */
	size_t room, len;
};

/* The bytes behind the last that were put: of a file, @size of them, its header before. */
static uint8_t *put_file(struct making *making, const char *name, size_t size)
{
	uint8_t *header = making->bytes + making->len;

	tar_header(header, name, size);
	making->len += TAR_BLOCK + tar_padded(size);
	return header + TAR_BLOCK;
}

static bool is_certificates(const struct bundle_file *file)
{
	return !strcmp(file->name, BUNDLE_CERTIFICATES);
}

/* ---- sizes ----------------------------------------------------------------------------------- */

static int measure_file(struct making *making, struct bundle_file *file)
{
	char *path;
	struct stat st;
	int err = 0;

	if (is_certificates(file)) {
		file->size = making->signer->certificates_len;
		return 0;
	}
	if (asprintf(&path, "%s/%s", making->dir, file->name) < 0)
		return -ENOMEM;
	if (stat(path, &st)) {
		err = -errno;
		file_complain(making->d, path, err);
	}
	file->size = st.st_size;
	free(path);
	return err;
}

/* Digests are not known yet, and are as long as any. */
static int measure(struct making *making)
{
	struct manifest *m = making->m;
	char *text;
	size_t len, i;
	int err = 0;

	making->room = 3ULL * TAR_BLOCK + BUNDLE_SIGNATURE_MAX + TAR_END;
	for (i = 0; !err && i < m->file_count; i++) {
		err = measure_file(making, &m->files[i]);
		making->room += TAR_BLOCK + tar_padded(m->files[i].size);
		if (!err && making->room > BUNDLE_MAX) {
			diag_error(making->d, m->files[i].name, 0,
				   "with it the bundle is larger than 1 GiB: make several");
			err = -EFBIG;
		}
	}
	if (err || manifest_format(m, &text, &len))
		return err ? err : -ENOMEM;
	free(text);
	making->room += tar_padded(len);
	making->len = TAR_BLOCK + tar_padded(len);
	return 0;
}

/* ---- content --------------------------------------------------------------------------------- */

static int read_exactly(int fd, uint8_t *to, size_t len, struct progress *p)
{
	uint8_t more;
	ssize_t n;

	for (; len; to += n, len -= n) {
		n = file_read(fd, to, len);
		if (n <= 0)
			return n ? (int)n : -EBUSY;
		progress_add(p, n);
	}
	n = file_read(fd, &more, 1);
	return n > 0 ? -EBUSY : (int)n;
}

static int read_file(struct making *making, const struct bundle_file *file, uint8_t *to)
{
	char *path;
	int fd, err;

	if (asprintf(&path, "%s/%s", making->dir, file->name) < 0)
		return -ENOMEM;
	fd = err = file_open(path);
	if (fd >= 0) {
		err = read_exactly(fd, to, file->size, &making->progress);
		close(fd);
	}
	if (err == -EBUSY)
		diag_error(making->d, path, 0, "changed while it was read: try again");
	else if (err)
		file_complain(making->d, path, err);
	free(path);
	return err;
}

static int take_file(struct making *making, struct bundle_file *file)
{
	uint8_t *to = put_file(making, file->name, file->size);
	int err = 0;

	if (is_certificates(file))
		memcpy(to, making->signer->certificates, file->size);
	else
		err = read_file(making, file, to);
	return err ? err : hash_bytes(file->digest, to, file->size);
}

static int take_files(struct making *making)
{
	struct manifest *m = making->m;
	size_t i;
	int err = 0;

	progress_start(&making->progress, "bundling", making->room);
	for (i = 0; !err && i < m->file_count; i++)
		err = take_file(making, &m->files[i]);
	progress_end(&making->progress);
	return err;
}

/* ---- the ends -------------------------------------------------------------------------------- */

static int sign(struct making *making)
{
	uint8_t signature[BUNDLE_SIGNATURE_MAX];
	size_t len, signature_len;
	char *text;
	int err = manifest_format(making->m, &text, &len);

	if (err)
		return err;
	tar_header(making->bytes, BUNDLE_MANIFEST, len);
	memcpy(making->bytes + TAR_BLOCK, text, len);
	err = signer_sign(making->signer, text, len, signature, &signature_len, making->d);
	free(text);
	if (err)
		return err;
	memcpy(put_file(making, BUNDLE_SIGNATURE, signature_len), signature, signature_len);
	making->len += TAR_END;
	return 0;
}

static int make(struct making *making, const char *output)
{
	int err;

	making->bytes = mmap(NULL, making->room, PROT_READ | PROT_WRITE,
			     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (making->bytes == MAP_FAILED)
		return -ENOMEM;
	err = take_files(making);
	if (!err)
		err = sign(making);
	if (!err) {
		err = file_write(output, making->bytes, making->len, 0644);
		if (err)
			diag_error(making->d, output, 0, "cannot be written: %s", strerror(-err));
	}
	munmap(making->bytes, making->room);
	return err;
}

int bundle_write(struct manifest *m, const char *dir, const struct signer *signer,
		 const char *output, struct diag *d)
{
	struct making making = {.m = m, .dir = dir, .signer = signer, .d = d};
	int err = 0;

	if (signer->certificates)
		err = manifest_add_certificates(m);
	memcpy(m->key, signer->digest, sizeof(m->key));
	manifest_sort(m);
	if (!err)
		err = measure(&making);
	if (!err)
		err = make(&making, output);
	if (err == -ENOMEM)
		diag_error(d, output, 0, "not enough memory for the bundle: free some");
	return err;
}
