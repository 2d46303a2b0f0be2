/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * libFuzzer: any bytes as a bundle. A first byte of 'm' says that the rest is a manifest, around
 * which a tar is laid, since no mutation finds the sums of headers; of 'c', likewise with a file of
 * certificates; any other, that the rest is the bundle itself. What is taken must be made of its
 * manifest, its files and its signature again, byte by byte.
 */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "bundle/bundle.h"
#include "bundle/tar.h"
#include "bundle/trust.h"
#include "digests.h"
#include "hash.h"

#define CHECK(condition)                                                                           \
	do {                                                                                       \
		if (!(condition))                                                                  \
			abort();                                                                   \
	} while (0)

#define ROOM (1 << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

/* A public key that has signed nothing. */
static const char trusted[] = "-----BEGIN PUBLIC KEY-----\n"
			      "MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=\n"
			      "-----END PUBLIC KEY-----\n";

struct tar {
	uint8_t v[ROOM];
	size_t n;
};

static int fd = -1;
static char path[64];
static struct trust trust;

static void set_content(const void *data, size_t len)
{
	CHECK(!ftruncate(fd, 0));
	CHECK(pwrite(fd, data, len, 0) == (ssize_t)len);
}

static void begin(void)
{
	if (fd >= 0)
		return;
	fd = memfd_create("fuzz", MFD_CLOEXEC);
	CHECK(fd >= 0);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	set_content(trusted, sizeof(trusted) - 1);
	CHECK(!trust_add(&trust, path, NULL));
}

static void put_file(struct tar *t, const char *name, const void *content, size_t len)
{
	CHECK(t->n + TAR_BLOCK + tar_padded(len) + TAR_END <= ROOM);
	memset(t->v + t->n, 0, TAR_BLOCK + tar_padded(len));
	tar_header(t->v + t->n, name, len);
	if (len)
		memcpy(t->v + t->n + TAR_BLOCK, content, len);
	t->n += TAR_BLOCK + tar_padded(len);
}

static void put_end(struct tar *t)
{
	static const uint8_t signature[64];

	put_file(t, BUNDLE_SIGNATURE, signature, sizeof(signature));
	memset(t->v + t->n, 0, TAR_END);
	t->n += TAR_END;
}

/* The files that a manifest lists, of zeros. */
static void lay_around(const char *manifest, size_t len)
{
	static struct tar t;
	static const uint8_t zeros[4096];
	struct manifest m;
	size_t i;

	t.n = 0;
	put_file(&t, BUNDLE_MANIFEST, manifest, len);
	if (!manifest_parse(&m, "fuzz", manifest, len, NULL))
		for (i = 0; i < m.file_count && i < 64; i++)
			put_file(&t, m.files[i].name, zeros,
				 m.files[i].size < sizeof(zeros) ? m.files[i].size : 0);
	manifest_free(&m);
	put_end(&t);
	set_content(t.v, t.n);
}

/* As if of a key that is in none of them, so that they are read. */
static void lay_certificates(const char *certificates, size_t len)
{
	static struct tar t;
	struct bundle_file file = {.name = (char *)BUNDLE_CERTIFICATES, .size = len};
	struct manifest m = {.id = "fuzz", .version = 1, .files = &file, .file_count = 1};
	char *text;
	size_t text_len;

	CHECK(!hash_bytes(file.digest, certificates, len));
	CHECK(!manifest_format(&m, &text, &text_len));
	t.n = 0;
	put_file(&t, BUNDLE_MANIFEST, text, text_len);
	put_file(&t, BUNDLE_CERTIFICATES, certificates, len);
	put_end(&t);
	free(text);
	set_content(t.v, t.n);
}

static void check_form(const struct bundle *b)
{
	static struct tar t;
	uint8_t *whole;
	char *data;
	size_t i;

	t.n = 0;
	put_file(&t, BUNDLE_MANIFEST, b->text, b->text_len);
	for (i = 0; i < b->manifest.file_count; i++) {
		CHECK(!bundle_read_file(b, &b->manifest.files[i], &data, NULL));
		put_file(&t, b->manifest.files[i].name, data, b->manifest.files[i].size);
		free(data);
	}
	put_file(&t, BUNDLE_SIGNATURE, b->signature, b->signature_len);
	memset(t.v + t.n, 0, TAR_END);
	t.n += TAR_END;
	CHECK(t.n == b->size);
	whole = malloc(t.n);
	CHECK(whole && pread(b->fd, whole, t.n, 0) == (ssize_t)t.n);
	CHECK(!memcmp(whole, t.v, t.n));
	free(whole);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	const struct certificate *by;
	struct bundle b;
	struct diag d = {};
	int err;

	begin();
	if (!len || len > ROOM / 4)
		return 0;
	if (*data == 'm')
		lay_around((const char *)data + 1, len - 1);
	else if (*data == 'c')
		lay_certificates((const char *)data + 1, len - 1);
	else
		set_content(data + 1, len - 1);
	err = bundle_open(&b, path, &d);
	CHECK(!err == !d.errors);
	if (!err) {
		CHECK(trust_verify(&trust, &b, &by, &d));
		if (!bundle_check_files(&b, &d))
			check_form(&b);
	}
	bundle_close(&b);
	diag_free(&d);
	return 0;
}
