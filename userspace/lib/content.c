/* SPDX-License-Identifier: GPL-2.0-only */
#include "content.h"

#include <archive.h>
#include <archive_entry.h>
#include <elf.h>
#include <errno.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

#include "file.h"

#define BLOCK (128 * 1024)

/* kernel_read_file() takes no larger driver. */
#define PLAIN_MAX INT32_MAX

/*
 * The section from which load_module() takes a module, by name, from the file's string table: a
 * relocatable without these bytes cannot be loaded, wherever its headers point.
 */
#define MODULE_SECTION	   ".gnu.linkonce.this_module"
#define MODULE_SECTION_LEN sizeof(MODULE_SECTION)

/* ---- the first bytes ----------------------------------------------------------------------- */

struct head {
	const uint8_t *v;
	size_t len;
	bool big_endian;
};

/* A number of @size bytes; 0 beyond the bytes there are. */
static uint64_t get(const struct head *h, uint64_t at, unsigned int size)
{
	uint64_t value = 0;
	unsigned int i;

	if (at > h->len || size > h->len - at)
		return 0;
	for (i = 0; i < size; i++)
		value = value << 8 | h->v[h->big_endian ? at + i : at + size - 1 - i];
	return value;
}

static bool begins(const struct head *h, uint64_t at, const void *with, size_t len)
{
	return at <= h->len && len <= h->len - at && !memcmp(h->v + at, with, len);
}

static bool names_interpreter(const struct head *h)
{
	bool wide = h->v[EI_CLASS] == ELFCLASS64;
	uint64_t at = wide ? get(h, 32, 8) : get(h, 28, 4);
	unsigned int step = get(h, wide ? 54 : 42, 2), n = get(h, wide ? 56 : 44, 2);

	for (; n && at < h->len; n--, at += step)
		if (get(h, at, 4) == PT_INTERP)
			return true;
	return false;
}

static enum content_kind classify_elf(struct head *h)
{
	uint8_t low, high;

	if (h->len < sizeof(Elf32_Ehdr))
		return CONTENT_OTHER;
	h->big_endian = h->v[EI_DATA] == ELFDATA2MSB;
	/* The kernel reads e_type in its own byte order, whatever EI_DATA says: take either. */
	low = h->v[EI_NIDENT];
	high = h->v[EI_NIDENT + 1];
	if (low && high)
		return CONTENT_OTHER;
	switch (low | high) {
	case ET_EXEC:
		return CONTENT_PROGRAM;
	case ET_DYN:
		return names_interpreter(h) ? CONTENT_PROGRAM : CONTENT_LIBRARY;
	case ET_REL:
		return CONTENT_RELOCATABLE;
	}
	return CONTENT_OTHER;
}

/* "#!" and, after blanks, something on the same line: the rule of the kernel's binfmt_script. */
static bool is_script(const struct head *h)
{
	size_t i = 2;

	if (!begins(h, 0, "#!", 2))
		return false;
	while (i < h->len && (h->v[i] == ' ' || h->v[i] == '\t'))
		i++;
	return i < h->len && h->v[i] != '\n' && h->v[i] != '\0';
}

static bool is_packed(const struct head *h)
{
	return begins(h, 0, "\x1f\x8b", 2) || begins(h, 0, "\3757zXZ\0", 6) ||
	       begins(h, 0, "\x28\xb5\x2f\xfd", 4);
}

static bool is_package(const struct head *h)
{
	return begins(h, 0, "!<arch>\ndebian-binary", 21) || begins(h, 0, "\xed\xab\xee\xdb", 4);
}

enum content_kind content_classify(const void *head, size_t len)
{
	struct head h = {.v = head, .len = len < CONTENT_HEAD ? len : CONTENT_HEAD};

	if (begins(&h, 0, ELFMAG, SELFMAG))
		return classify_elf(&h);
	if (is_script(&h))
		return CONTENT_SCRIPT;
	if (begins(&h, 0, "MZ", 2) && begins(&h, get(&h, 0x3c, 4), "PE\0", 4))
		return CONTENT_PE;
	if (is_packed(&h))
		return CONTENT_PACKED;
	return is_package(&h) ? CONTENT_PACKAGE : CONTENT_OTHER;
}

const char *content_name(enum content_kind kind)
{
	switch (kind) {
	case CONTENT_PROGRAM:
		return "program";
	case CONTENT_LIBRARY:
		return "library";
	case CONTENT_SCRIPT:
		return "script";
	case CONTENT_PE:
		return "pe-image";
	case CONTENT_DRIVER:
		return "driver";
	case CONTENT_DRIVER_PACKED:
		return "packed-driver";
	case CONTENT_PACKAGE:
		return "package";
	case CONTENT_RELOCATABLE:
	case CONTENT_PACKED:
	case CONTENT_OTHER:
		break;
	}
	return "other";
}

/* ---- a name somewhere in a stream ---------------------------------------------------------- */

#define SEAM (MODULE_SECTION_LEN - 1)

struct search {
	uint8_t seam[2 * SEAM]; /* the last bytes, where the name may have begun */
	size_t len;
};

/* Whether the name ends in these next bytes. */
static bool search(struct search *s, const uint8_t *data, size_t len)
{
	size_t n = len < SEAM ? len : SEAM;

	memcpy(s->seam + s->len, data, n);
	s->len += n;
	if (memmem(s->seam, s->len, MODULE_SECTION, MODULE_SECTION_LEN) ||
	    memmem(data, len, MODULE_SECTION, MODULE_SECTION_LEN))
		return true;
	if (len >= SEAM) {
		memcpy(s->seam, data + len - SEAM, SEAM);
		s->len = SEAM;
	} else if (s->len > SEAM) {
		memmove(s->seam, s->seam + s->len - SEAM, SEAM);
		s->len = SEAM;
	}
	return false;
}

/* ---- one pass ------------------------------------------------------------------------------ */

struct pass {
	const struct content_source *source;
	EVP_MD_CTX *md;
	uint64_t size; /* bytes hashed */
	int error;     /* what the source gave */
	bool begun;    /* the head was given */
	size_t head_len, rest_len;
	const uint8_t *rest; /* what came together with the head's last byte */
	uint8_t head[CONTENT_HEAD];
};

static ssize_t source_next(struct pass *p, const void **data)
{
	ssize_t n = p->source->next(p->source->context, data);

	if (n < 0)
		p->error = n;
	return n;
}

/* What is no component is known by its head, and then not a byte of it was hashed. */
static int read_head(struct pass *p)
{
	const void *data;
	size_t take;
	ssize_t n;

	while (p->head_len < CONTENT_HEAD) {
		n = source_next(p, &data);
		if (n <= 0)
			return n;
		take = CONTENT_HEAD - p->head_len;
		if (take > (size_t)n)
			take = n;
		memcpy(p->head + p->head_len, data, take);
		p->head_len += take;
		p->rest = (const uint8_t *)data + take;
		p->rest_len = n - take;
	}
	return 0;
}

/* The next bytes, from the first on, hashed. */
static ssize_t hashed_next(struct pass *p, const void **data)
{
	ssize_t n;

	if (!p->begun) {
		p->begun = true;
		*data = p->head;
		n = p->head_len;
	} else if (p->rest_len) {
		*data = p->rest;
		n = p->rest_len;
		p->rest_len = 0;
	} else {
		n = source_next(p, data);
	}
	if (n <= 0)
		return n;
	p->size += n;
	if (EVP_DigestUpdate(p->md, *data, n))
		return n;
	p->error = -ENOMEM;
	return p->error;
}

static int find_module(struct content *c, struct pass *p)
{
	struct search s = {};
	const void *data;
	ssize_t n;

	while ((n = hashed_next(p, &data)) > 0) {
		if (!search(&s, data, n))
			continue;
		c->kind = CONTENT_DRIVER;
		return 0;
	}
	if (!n)
		c->kind = CONTENT_OTHER;
	return n;
}

/* ---- packed drivers ------------------------------------------------------------------------ */

struct unpacking {
	struct archive *a;
	uint64_t size;
	uint64_t *total;	    /* or NULL */
	struct content_plain *keep; /* or NULL */
};

static void drop(struct content_plain *plain)
{
	if (plain)
		free(plain->v);
	if (plain)
		*plain = (struct content_plain){};
}

/* What is too large is dropped, and nothing that follows is kept. */
static int keep(struct unpacking *u, const void *data, size_t len)
{
	struct content_plain *p = u->keep;
	uint8_t *v;

	if (!p || u->size > CONTENT_PLAIN_MAX) {
		drop(p);
		return 0;
	}
	if (len > p->capacity - p->n) {
		p->capacity = 2 * (p->n + len);
		v = realloc(p->v, p->capacity);
		if (!v)
			return -ENOMEM;
		p->v = v;
	}
	memcpy(p->v + p->n, data, len);
	p->n += len;
	return 0;
}

static la_ssize_t packed_next(struct archive *a, void *context, const void **data)
{
	return hashed_next(context, data);
}

static ssize_t plain_next(void *context, const void **data)
{
	struct unpacking *u = context;
	la_int64_t offset;
	size_t len = 0;
	int r = ARCHIVE_OK;

	while (r == ARCHIVE_OK && !len)
		r = archive_read_data_block(u->a, data, &len, &offset);
	if (r == ARCHIVE_EOF)
		return 0;
	if (r != ARCHIVE_OK)
		return -EBADMSG;
	u->size += len;
	if (u->total)
		*u->total += len;
	if (u->size > PLAIN_MAX)
		return -EFBIG;
	return keep(u, *data, len) ? -ENOMEM : (ssize_t)len;
}

/* Only what libarchive does by itself: without a library of its own it would run a program. */
static bool open_packed(struct archive *a, struct pass *p)
{
	struct archive_entry *entry;

	if (p->head[0] == 0x1f && archive_zlib_version())
		archive_read_support_filter_gzip(a);
	if (p->head[0] == 0xfd && archive_liblzma_version())
		archive_read_support_filter_xz(a);
	if (p->head[0] == 0x28 && archive_libzstd_version())
		archive_read_support_filter_zstd(a);
	archive_read_support_format_raw(a);
	return archive_read_open(a, p, NULL, packed_next, NULL) == ARCHIVE_OK &&
	       archive_read_next_header(a, &entry) == ARCHIVE_OK;
}

static int read_pass(struct content *c, const struct content_source *source, bool all, bool packed);

static int unpack(struct content *c, struct pass *p)
{
	struct unpacking u = {
		.a = archive_read_new(), .total = p->source->unpacked, .keep = p->source->plain};
	struct content_source source = {.next = plain_next, .context = &u};
	struct content plain = {};
	bool maybe;
	int rc = 0;

	if (!u.a)
		return -ENOMEM;
	c->kind = CONTENT_OTHER;
	if (open_packed(u.a, p))
		rc = read_pass(&plain, &source, false, false);
	if (p->error || rc == -ENOMEM) {
		rc = p->error ? p->error : rc;
		goto out;
	}
	maybe = plain.kind == CONTENT_RELOCATABLE || plain.kind == CONTENT_DRIVER;
	c->broken = rc == -EBADMSG && maybe;
	if (c->broken || (!rc && plain.kind == CONTENT_DRIVER))
		c->kind = CONTENT_DRIVER_PACKED;
	c->plain = plain.digest;
	rc = 0;
out:
	if (rc || c->broken || c->kind != CONTENT_DRIVER_PACKED)
		drop(u.keep);
	archive_read_free(u.a);
	return rc;
}

/* ---- all together -------------------------------------------------------------------------- */

static int settle(struct content *c, struct pass *p)
{
	if (c->kind == CONTENT_RELOCATABLE)
		return find_module(c, p);
	if (c->kind == CONTENT_PACKED)
		return unpack(c, p);
	return 0;
}

static int finish(struct content *c, struct pass *p)
{
	const void *data;
	ssize_t n;

	while ((n = hashed_next(p, &data)) > 0)
		;
	if (n)
		return n;
	c->digest.size = p->size;
	return EVP_DigestFinal_ex(p->md, c->digest.value, NULL) ? 0 : -ENOMEM;
}

static bool is_open(enum content_kind kind)
{
	return kind == CONTENT_RELOCATABLE || kind == CONTENT_PACKED;
}

/* @packed: look into what is packed. */
static int read_pass(struct content *c, const struct content_source *source, bool all, bool packed)
{
	struct pass p = {.source = source};
	int rc;

	*c = (struct content){};
	rc = read_head(&p);
	if (rc)
		return rc;
	c->kind = content_classify(p.head, p.head_len);
	if (c->kind == CONTENT_PACKED && !packed)
		c->kind = CONTENT_OTHER;
	if (!all && !is_open(c->kind) && !content_is_component(c->kind))
		return 0;
	p.md = EVP_MD_CTX_new();
	rc = p.md && EVP_DigestInit_ex(p.md, EVP_sha256(), NULL) ? 0 : -ENOMEM;
	if (!rc)
		rc = settle(c, &p);
	if (!rc && (all || content_is_component(c->kind)))
		rc = finish(c, &p);
	EVP_MD_CTX_free(p.md);
	return rc;
}

int content_read(struct content *c, const struct content_source *source, bool all)
{
	return read_pass(c, source, all, true);
}

/* ---- files --------------------------------------------------------------------------------- */

struct fd_source {
	int fd;
	bool begun;
	uint8_t block[BLOCK];
};

/* First a head: of most files no more is needed. */
static ssize_t fd_next(void *context, const void **data)
{
	struct fd_source *f = context;
	size_t len = f->begun ? BLOCK : CONTENT_HEAD;

	f->begun = true;
	*data = f->block;
	return file_read(f->fd, f->block, len);
}

static int read_fd(struct content *c, struct content_plain *plain, int fd, bool all)
{
	struct fd_source *f = malloc(sizeof(*f));
	struct content_source source = {.next = fd_next, .context = f, .plain = plain};
	int rc;

	*c = (struct content){};
	if (!f)
		return -ENOMEM;
	f->fd = fd;
	f->begun = false;
	rc = content_read(c, &source, all);
	free(f);
	return rc;
}

int content_read_fd(struct content *c, int fd, bool all)
{
	return read_fd(c, NULL, fd, all);
}

int content_read_fd_plain(struct content *c, struct content_plain *plain, int fd)
{
	return read_fd(c, plain, fd, true);
}
