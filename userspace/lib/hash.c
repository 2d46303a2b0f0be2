/* SPDX-License-Identifier: GPL-2.0-only */
#include "hash.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <unistd.h>

#include "file.h"

#define BLOCK (1024 * 1024)

/* OpenSSL's SHA-256 only fails for want of memory. */
static EVP_MD_CTX *begin(void)
{
	EVP_MD_CTX *md = EVP_MD_CTX_new();

	if (md && EVP_DigestInit_ex(md, EVP_sha256(), NULL))
		return md;
	EVP_MD_CTX_free(md);
	return NULL;
}

static int update_from_fd(EVP_MD_CTX *md, int fd, void *block, uint64_t *size)
{
	ssize_t n;

	*size = 0;
	while ((n = file_read(fd, block, BLOCK)) > 0) {
		if (!EVP_DigestUpdate(md, block, n))
			return -ENOMEM;
		*size += n;
	}
	return n;
}

int hash_fd(struct digest *digest, int fd)
{
	EVP_MD_CTX *md = begin();
	void *block = malloc(BLOCK);
	int rc = -ENOMEM;

	if (!md || !block)
		goto out;
	posix_fadvise(fd, 0, 0, POSIX_FADV_SEQUENTIAL);
	rc = update_from_fd(md, fd, block, &digest->size);
	if (!rc && !EVP_DigestFinal_ex(md, digest->value, NULL))
		rc = -ENOMEM;
out:
	free(block);
	EVP_MD_CTX_free(md);
	return rc;
}

int hash_file(struct digest *digest, const char *path)
{
	int fd = file_open(path), rc;

	if (fd < 0)
		return fd == -EISDIR ? -ENOTSUP : fd;
	rc = hash_fd(digest, fd);
	close(fd);
	return rc;
}

int hash_two(uint8_t value[FINGERPRINT_LEN], const void *a, size_t a_len, const void *b,
	     size_t b_len)
{
	EVP_MD_CTX *md = begin();
	int ok;

	ok = md && EVP_DigestUpdate(md, a, a_len) && EVP_DigestUpdate(md, b, b_len) &&
	     EVP_DigestFinal_ex(md, value, NULL);
	EVP_MD_CTX_free(md);
	return ok ? 0 : -ENOMEM;
}

int hash_bytes(uint8_t value[FINGERPRINT_LEN], const void *data, size_t len)
{
	return hash_two(value, data, len, NULL, 0);
}
