/* SPDX-License-Identifier: GPL-2.0-only */
#include "bundle.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/evp.h>

#include "file.h"
#include "hash.h"
#include "progress.h"
#include "tar.h"

#define CHUNK	  (1 << 20)
#define CHANGED	  "was changed after it was signed: fetch the bundle again"
#define CUT_AGAIN "copy it again"

static int garbled(const struct bundle *b, const char *name, struct diag *d)
{
	diag_error(d, b->path, 0, "its tar is garbled at %s: fetch the bundle again", name);
	return -EBADMSG;
}

/* Exactly @len bytes. */
static int read_at(const struct bundle *b, void *buf, size_t len, uint64_t at, struct diag *d)
{
	ssize_t n = 1;
	size_t got;

	for (got = 0; got < len && n; got += n) {
		do
			n = pread(b->fd, (char *)buf + got, len - got, (off_t)(at + got));
		while (n < 0 && errno == EINTR);
		if (n < 0) {
			file_complain(d, b->path, -errno);
			return -EIO;
		}
	}
	if (got == len)
		return 0;
	diag_error(d, b->path, 0, "is cut off after %" PRIu64 " bytes: " CUT_AGAIN, at + got);
	return -EBADMSG;
}

/* ---- the form -------------------------------------------------------------------------------- */

/* How much of a bundle's first bytes the file has. */
static bool begins_well(const uint8_t *block, size_t len)
{
	size_t name = sizeof(BUNDLE_MANIFEST);

	return len && !memcmp(block, BUNDLE_MANIFEST, len < name ? len : name);
}

bool bundle_is_one(const char *path)
{
	uint8_t begin[sizeof(BUNDLE_MANIFEST)];
	int fd = file_open(path);
	ssize_t n;

	if (fd < 0)
		return false;
	n = file_read(fd, begin, sizeof(begin));
	close(fd);
	return n == sizeof(begin) && begins_well(begin, n);
}

static int check_kind(const struct bundle *b, struct diag *d)
{
	uint8_t begin[sizeof(BUNDLE_MANIFEST)];
	size_t len = b->size < sizeof(begin) ? b->size : sizeof(begin);
	int err = read_at(b, begin, len, 0, d);

	if (err || begins_well(begin, len))
		return err;
	diag_error(d, b->path, 0, "is %s: interdict-bundle(1) makes one",
		   len ? "no bundle" : "empty, and no bundle");
	return -EBADMSG;
}

static int check_zeros(const struct bundle *b, uint64_t at, uint64_t len, const char *name,
		       struct diag *d)
{
	uint8_t block[TAR_END];
	int err = read_at(b, block, len, at, d);

	return !err && !tar_is_zero(block, len) ? garbled(b, name, d) : err;
}

/* What surrounds the file whose content begins at @at. */
static int check_around(const struct bundle *b, const char *name, uint64_t at, uint64_t size,
			struct diag *d)
{
	uint8_t block[TAR_BLOCK];
	uint64_t said;
	int err = read_at(b, block, sizeof(block), at - TAR_BLOCK, d);

	if (!err && (!tar_is_header(block, name, &said) || said != size))
		err = garbled(b, name, d);
	return err ? err : check_zeros(b, at + size, tar_padded(size) - size, name, d);
}

/* ---- the manifest ---------------------------------------------------------------------------- */

static int read_manifest(struct bundle *b, struct diag *d)
{
	uint8_t block[TAR_BLOCK];
	uint64_t size;
	int err = read_at(b, block, sizeof(block), 0, d);

	if (err)
		return err;
	if (!tar_is_header(block, BUNDLE_MANIFEST, &size) || !size || size > MANIFEST_LEN_MAX)
		return garbled(b, BUNDLE_MANIFEST, d);
	b->text = malloc(size);
	if (!b->text)
		return -ENOMEM;
	b->text_len = size;
	err = read_at(b, b->text, size, TAR_BLOCK, d);
	if (!err)
		err = manifest_parse(&b->manifest, b->path, b->text, size, d);
	return err;
}

/* Where each file is, if all is there. Return: where the signature's header is to be. */
static uint64_t lay_out(struct bundle *b)
{
	uint64_t at = TAR_BLOCK + tar_padded(b->text_len);
	size_t i;

	for (i = 0; i < b->manifest.file_count; i++) {
		b->manifest.files[i].at = at + TAR_BLOCK;
		at += TAR_BLOCK + tar_padded(b->manifest.files[i].size);
	}
	return at;
}

static int check_files_around(const struct bundle *b, struct diag *d)
{
	const struct bundle_file *f = b->manifest.files, *end = f + b->manifest.file_count;
	int err = check_around(b, BUNDLE_MANIFEST, TAR_BLOCK, b->text_len, d);

	for (; !err && f < end; f++)
		err = check_around(b, f->name, f->at, f->size, d);
	return err;
}

/* ---- the signature --------------------------------------------------------------------------- */

static int check_size(const struct bundle *b, uint64_t size, struct diag *d)
{
	if (b->size == size)
		return 0;
	if (b->size < size)
		diag_error(d, b->path, 0,
			   "is cut off: %" PRIu64 " of %" PRIu64 " bytes: " CUT_AGAIN, b->size,
			   size);
	else
		diag_error(d, b->path, 0,
			   "goes on for %" PRIu64 " bytes behind its end: " CUT_AGAIN,
			   b->size - size);
	return -EBADMSG;
}

static int refuse_unsigned(const struct bundle *b, struct diag *d)
{
	diag_error(d, b->path, 0, "is not signed: make it with interdict bundle --key");
	return -ENODATA;
}

static int read_signature(struct bundle *b, uint64_t at, struct diag *d)
{
	uint8_t block[TAR_BLOCK];
	uint64_t size;
	int err = b->size < at + TAR_BLOCK ? check_size(b, at + 2ULL * TAR_BLOCK + TAR_END, d)
					   : read_at(b, block, sizeof(block), at, d);

	if (err)
		return err;
	if (tar_is_zero(block, sizeof(block)))
		return refuse_unsigned(b, d);
	if (!tar_is_header(block, BUNDLE_SIGNATURE, &size) || !size || size > BUNDLE_SIGNATURE_MAX)
		return garbled(b, BUNDLE_SIGNATURE, d);
	at += TAR_BLOCK;
	err = check_size(b, at + tar_padded(size) + TAR_END, d);
	if (!err)
		err = read_at(b, b->signature, size, at, d);
	if (!err)
		err = check_around(b, BUNDLE_SIGNATURE, at, size, d);
	if (!err)
		err = check_zeros(b, at + tar_padded(size), TAR_END, "its end", d);
	b->signature_len = size;
	return err;
}

int bundle_open(struct bundle *b, const char *path, struct diag *d)
{
	struct stat st;
	int err;

	*b = (struct bundle){.path = path, .fd = file_open(path)};
	if (b->fd < 0 || fstat(b->fd, &st)) {
		err = b->fd < 0 ? b->fd : -errno;
		file_complain(d, path, err);
		return err;
	}
	b->size = st.st_size;
	err = check_kind(b, d);
	if (!err)
		err = read_manifest(b, d);
	if (!err)
		err = read_signature(b, lay_out(b), d);
	if (!err)
		err = check_files_around(b, d);
	if (err == -ENOMEM)
		file_complain(d, path, err);
	return err;
}

void bundle_close(struct bundle *b)
{
	if (b->fd >= 0)
		close(b->fd);
	manifest_free(&b->manifest);
	free(b->text);
	*b = (struct bundle){.fd = -1};
}

/* ---- the files ------------------------------------------------------------------------------- */

static int check_digest(const struct bundle *b, const struct bundle_file *file,
			const uint8_t digest[FINGERPRINT_LEN], struct diag *d)
{
	if (!memcmp(digest, file->digest, FINGERPRINT_LEN))
		return 0;
	diag_error(d, b->path, 0, "its file %s " CHANGED, file->name);
	return -EBADMSG;
}

/* In chunks: nothing vouches for the size yet. */
static int check_file(const struct bundle *b, const struct bundle_file *file, char *chunk,
		      struct progress *p, struct diag *d)
{
	EVP_MD_CTX *md = EVP_MD_CTX_new();
	uint8_t digest[FINGERPRINT_LEN];
	uint64_t done = 0, n;
	int err = md && EVP_DigestInit_ex(md, EVP_sha256(), NULL) ? 0 : -ENOMEM;

	for (; !err && done < file->size; done += n) {
		n = file->size - done < CHUNK ? file->size - done : CHUNK;
		err = read_at(b, chunk, n, file->at + done, d);
		if (!err && !EVP_DigestUpdate(md, chunk, n))
			err = -ENOMEM;
		progress_add(p, n);
	}
	if (!err && !EVP_DigestFinal_ex(md, digest, NULL))
		err = -ENOMEM;
	EVP_MD_CTX_free(md);
	return err ? err : check_digest(b, file, digest, d);
}

int bundle_check_files(const struct bundle *b, struct diag *d)
{
	char *chunk = malloc(CHUNK);
	struct progress p;
	int err = chunk ? 0 : -ENOMEM;
	size_t i;

	progress_start(&p, "checking", b->size);
	for (i = 0; !err && i < b->manifest.file_count; i++)
		err = check_file(b, &b->manifest.files[i], chunk, &p, d);
	progress_end(&p);
	free(chunk);
	if (err == -ENOMEM)
		file_complain(d, b->path, err);
	return err;
}

int bundle_read_file(const struct bundle *b, const struct bundle_file *file, char **data,
		     struct diag *d)
{
	uint8_t digest[FINGERPRINT_LEN];
	int err;

	*data = malloc(file->size + 1);
	err = *data ? read_at(b, *data, file->size, file->at, d) : -ENOMEM;
	if (!err)
		err = hash_bytes(digest, *data, file->size);
	if (err == -ENOMEM)
		file_complain(d, b->path, err);
	if (!err)
		err = check_digest(b, file, digest, d);
	if (!err)
		return 0;
	free(*data);
	*data = NULL;
	return err;
}
