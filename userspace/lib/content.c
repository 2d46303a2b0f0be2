/* SPDX-License-Identifier: GPL-2.0-only */
#include "content.h"

#include <archive.h>
#include <archive_entry.h>
#include <elf.h>
#include <errno.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

#include "collect_window.h"
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

#define TAR_BLOCK    512
#define TAR_CHECKSUM 148 /* of eight bytes, octal digits in them */

/* The rule that every tar obeys, also one from before there was a magic number. */
static bool is_tar(const struct head *h)
{
	unsigned int i, sum = 0, said = 0, digits = 0;

	if (h->len < TAR_BLOCK || !h->v[0])
		return false;
	for (i = 0; i < TAR_BLOCK; i++)
		sum += i - TAR_CHECKSUM < 8 ? ' ' : h->v[i];
	for (i = TAR_CHECKSUM; i < TAR_CHECKSUM + 8 && h->v[i] == ' '; i++)
		;
	for (; i < TAR_CHECKSUM + 8 && h->v[i] >= '0' && h->v[i] <= '7'; i++, digits++)
		said = 8 * said + h->v[i] - '0';
	return digits && said == sum;
}

static bool is_archive(const struct head *h)
{
	return begins(h, 0, "PK\3\4", 4) || (begins(h, 0, "BZh", 3) && begins(h, 4, "1AY&SY", 6)) ||
	       is_tar(h);
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
	if (is_package(&h))
		return CONTENT_PACKAGE;
	return is_archive(&h) ? CONTENT_ARCHIVE : CONTENT_OTHER;
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
	case CONTENT_ARCHIVE:
		return "archive";
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

static ssize_t source_next(struct content_peek *p, const void **data)
{
	ssize_t n = p->source->next(p->source->context, data);

	if (n < 0)
		p->error = n;
	return n;
}

int content_peek(struct content_peek *p)
{
	const void *data;
	size_t take;
	ssize_t n;

	while (p->len < CONTENT_HEAD) {
		n = source_next(p, &data);
		if (n <= 0)
			return n;
		take = CONTENT_HEAD - p->len;
		if (take > (size_t)n)
			take = n;
		memcpy(p->head + p->len, data, take);
		p->len += take;
		p->rest = (const uint8_t *)data + take;
		p->rest_len = n - take;
	}
	return 0;
}

ssize_t content_peek_next(void *peek, const void **data)
{
	struct content_peek *p = peek;
	size_t n = p->rest_len;

	if (!p->begun) {
		p->begun = true;
		*data = p->head;
		return p->len ? (ssize_t)p->len : p->error;
	}
	if (!n)
		return source_next(p, data);
	*data = p->rest;
	p->rest_len = 0;
	return (ssize_t)n;
}

/* What is no component is known by its head, and then not a byte of it was hashed. */
struct pass {
	struct content_peek peek;
	EVP_MD_CTX *md;	 /* NULL: nothing is hashed */
	EVP_MD_CTX *md5; /* NULL: it is not asked for, or not to be had */
	uint64_t size;	 /* bytes given */
	struct window window;
	int refused; /* what it said */
};

/* The next bytes, from the first on, hashed if there is a digest to take. */
static ssize_t hashed_next(struct pass *p, const void **data)
{
	ssize_t n = content_peek_next(&p->peek, data);

	if (n <= 0)
		return n;
	p->size += n;
	if ((!p->md || EVP_DigestUpdate(p->md, *data, n)) &&
	    (!p->md5 || EVP_DigestUpdate(p->md5, *data, n)))
		return n;
	p->peek.error = -ENOMEM;
	return p->peek.error;
}

static EVP_MD_CTX *begin_digest(const EVP_MD *type)
{
	EVP_MD_CTX *md = EVP_MD_CTX_new();

	if (md && EVP_DigestInit_ex(md, type, NULL))
		return md;
	EVP_MD_CTX_free(md);
	return NULL;
}

static int begin_hashing(struct pass *p)
{
	p->md = begin_digest(EVP_sha256());
	if (p->peek.source->md5)
		p->md5 = begin_digest(EVP_md5());
	return p->md ? 0 : -ENOMEM;
}

static void end_hashing(struct pass *p)
{
	EVP_MD_CTX_free(p->md);
	EVP_MD_CTX_free(p->md5);
	p->md = p->md5 = NULL;
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
	uint64_t keep_max;
	struct pass *packed;
	bool given; /* to who counts and bounds the bytes by itself */
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

	if (!p || u->size > u->keep_max) {
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
	struct pass *p = context;
	ssize_t n = hashed_next(p, data);

	if (n > 0 && p->window.windows)
		p->refused = window_read(&p->window, *data, n);
	return p->refused ? -1 : n;
}

/* Why nothing more comes of what is packed. */
static int why_not(const struct pass *p)
{
	return p->refused ? p->refused : -EBADMSG;
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
		return why_not(u->packed);
	if (u->given)
		return (ssize_t)len;
	u->size += len;
	if (u->total)
		*u->total += len;
	if (u->size > PLAIN_MAX)
		return -EFBIG;
	return keep(u, *data, len) ? -ENOMEM : (ssize_t)len;
}

/* libarchive unpacks what is packed twice at once, and nobody sees what the inner one asks for. */
static bool is_twice(struct archive *a, const struct pass *p)
{
	return p->window.windows && p->peek.head[0] != 0x1f && archive_filter_count(a) > 2;
}

/* Only what libarchive does by itself: without a library of its own it would run a program. */
static bool open_packed(struct archive *a, struct pass *p)
{
	struct archive_entry *entry;

	if (p->peek.head[0] == 0x1f && archive_zlib_version())
		archive_read_support_filter_gzip(a);
	if (p->peek.head[0] == 0xfd && archive_liblzma_version())
		archive_read_support_filter_xz(a);
	if (p->peek.head[0] == 0x28 && archive_libzstd_version())
		archive_read_support_filter_zstd(a);
	archive_read_support_format_raw(a);
	if (archive_read_open(a, p, NULL, packed_next, NULL) != ARCHIVE_OK)
		return false;
	if (is_twice(a, p))
		p->refused = -EOVERFLOW;
	else if (archive_filter_code(a, 0) == ARCHIVE_FILTER_NONE)
		archive_set_error(a, EILSEQ, "not packed");
	else if (archive_read_next_header(a, &entry) == ARCHIVE_OK)
		return true;
	return false;
}

static int begin_pass(struct content *c, struct pass *p);
static int end_pass(struct content *c, struct pass *p, bool all);

/* What begins so is no driver: is it a component, or may it hold some? */
static bool is_worth_taking(enum content_kind kind)
{
	return content_is_component(kind) || content_is_archive(kind) || kind == CONTENT_PACKED;
}

/* To whoever takes it; the digest of what it is packed in is not asked for any more. */
static int hand_over(struct content *c, struct pass *outer, struct pass *inside, bool all)
{
	const struct content_source *source = outer->peek.source;
	struct content_source plain = {.next = content_peek_next, .context = &inside->peek};
	struct unpacking *u = inside->peek.source->context;

	c->kind = CONTENT_ARCHIVE;
	if (!source->take)
		return 0;
	if (!all)
		end_hashing(outer);
	u->given = true;
	return source->take(source->context, &plain);
}

/* A driver, or what may be one but breaks off. */
static int unpack_driver(struct content *c, struct pass *inside)
{
	struct content plain = {.kind = CONTENT_RELOCATABLE};
	int rc = end_pass(&plain, inside, false);

	c->broken = rc == -EBADMSG || rc == -EOVERFLOW;
	if (c->broken || (!rc && plain.kind == CONTENT_DRIVER))
		c->kind = CONTENT_DRIVER_PACKED;
	c->plain = plain.digest;
	c->plain_md5 = plain.md5;
	return rc == -ENOMEM ? rc : 0;
}

/* EILSEQ: "Unrecognized archive format", which is also what is packed of nothing. */
static int begin_inside(struct content *head, struct pass *inside, struct pass *p,
			struct unpacking *u)
{
	*head = (struct content){};
	if (open_packed(u->a, p))
		return begin_pass(head, inside);
	if (!p->refused && (p->peek.error || archive_errno(u->a) == EILSEQ))
		return p->peek.error;
	inside->peek.error = why_not(p);
	return inside->peek.error;
}

static int unpack_with(struct content *c, struct pass *p, struct unpacking *u, bool all)
{
	struct content_source source = {
		.next = plain_next, .context = u, .md5 = p->peek.source->md5};
	struct pass inside = {.peek.source = &source};
	struct content head;
	int rc = begin_inside(&head, &inside, p, u);

	c->kind = CONTENT_OTHER;
	if (!rc && head.kind == CONTENT_RELOCATABLE && p->peek.source->no_driver)
		;
	else if (!rc && head.kind == CONTENT_RELOCATABLE)
		rc = unpack_driver(c, &inside);
	/* Who takes it gets what is wrong with it, too. */
	else if (rc == -EBADMSG || rc == -EOVERFLOW || (!rc && is_worth_taking(head.kind)))
		rc = hand_over(c, p, &inside, all);
	end_hashing(&inside);
	return p->peek.error ? p->peek.error : rc;
}

static int unpack(struct content *c, struct pass *p, bool all)
{
	struct unpacking u = {.a = archive_read_new(),
			      .total = p->peek.source->unpacked,
			      .keep = p->peek.source->plain,
			      .keep_max = p->peek.source->plain_max,
			      .packed = p};
	int rc;

	if (!u.keep_max)
		u.keep_max = CONTENT_PLAIN_MAX;
	p->window.windows = p->peek.source->windows;
	rc = u.a ? unpack_with(c, p, &u, all) : -ENOMEM;
	if (p->window.windows)
		window_end(&p->window);

	if (rc || c->broken || c->kind != CONTENT_DRIVER_PACKED)
		drop(u.keep);
	archive_read_free(u.a);
	return rc;
}

/* ---- all together -------------------------------------------------------------------------- */

static int settle(struct content *c, struct pass *p, bool all)
{
	if (c->kind == CONTENT_RELOCATABLE)
		return find_module(c, p);
	if (c->kind == CONTENT_PACKED)
		return unpack(c, p, all);
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
	c->md5.known = p->md5 && EVP_DigestFinal_ex(p->md5, c->md5.value, NULL);
	return EVP_DigestFinal_ex(p->md, c->digest.value, NULL) ? 0 : -ENOMEM;
}

static bool is_open(enum content_kind kind)
{
	return kind == CONTENT_RELOCATABLE || kind == CONTENT_PACKED;
}

static int begin_pass(struct content *c, struct pass *p)
{
	int rc;

	*c = (struct content){};
	rc = content_peek(&p->peek);
	if (!rc)
		c->kind = content_classify(p->peek.head, p->peek.len);
	return rc;
}

static int end_pass(struct content *c, struct pass *p, bool all)
{
	int rc;

	if (!all && !is_open(c->kind) && !content_is_component(c->kind))
		return 0;
	rc = begin_hashing(p);
	if (!rc)
		rc = settle(c, p, all);
	if (!rc && (all || content_is_component(c->kind)))
		rc = finish(c, p);
	end_hashing(p);
	return rc;
}

int content_read(struct content *c, const struct content_source *source, bool all)
{
	struct pass p = {.peek.source = source};
	int rc = begin_pass(c, &p);

	return rc ? rc : end_pass(c, &p, all);
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

/* @wanted: what is, besides the digest */
static int read_fd(struct content *c, const struct content_source *wanted, int fd, bool all)
{
	struct fd_source *f = malloc(sizeof(*f));
	struct content_source source = *wanted;
	int rc;

	*c = (struct content){};
	if (!f)
		return -ENOMEM;
	f->fd = fd;
	f->begun = false;
	source.next = fd_next;
	source.context = f;
	rc = content_read(c, &source, all);
	free(f);
	return rc;
}

int content_read_fd(struct content *c, int fd, bool all)
{
	return read_fd(c, &(struct content_source){}, fd, all);
}

int content_read_fd_md5(struct content *c, int fd)
{
	return read_fd(c, &(struct content_source){.md5 = true}, fd, false);
}

int content_read_fd_plain(struct content *c, struct content_plain *plain, int fd)
{
	return read_fd(c, &(struct content_source){.plain = plain}, fd, true);
}
