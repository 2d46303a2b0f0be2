/* SPDX-License-Identifier: GPL-2.0-only */
#include <errno.h>
#include <string.h>

#include "content_pass.h"

/*
 * The section from which load_module() takes a module, by name, from the file's string table: a
 * relocatable without these bytes cannot be loaded, wherever its headers point.
 */
#define MODULE_SECTION	   ".gnu.linkonce.this_module"
#define MODULE_SECTION_LEN sizeof(MODULE_SECTION)

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

ssize_t content_pass_next(struct pass *p, const void **data)
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

void content_pass_unhash(struct pass *p)
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

	while ((n = content_pass_next(p, &data)) > 0) {
		if (!search(&s, data, n))
			continue;
		c->kind = CONTENT_DRIVER;
		return 0;
	}
	if (!n)
		c->kind = CONTENT_OTHER;
	return n;
}

static int settle(struct content *c, struct pass *p, bool all)
{
	if (c->kind == CONTENT_RELOCATABLE)
		return find_module(c, p);
	if (c->kind == CONTENT_PACKED)
		return content_unpack(c, p, all);
	return 0;
}

static int finish(struct content *c, struct pass *p)
{
	const void *data;
	ssize_t n;

	while ((n = content_pass_next(p, &data)) > 0)
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

int content_pass_begin(struct content *c, struct pass *p)
{
	int rc;

	*c = (struct content){};
	rc = content_peek(&p->peek);
	if (!rc)
		c->kind = content_classify(p->peek.head, p->peek.len);
	return rc;
}

int content_pass_end(struct content *c, struct pass *p, bool all)
{
	int rc;

	if (!all && !is_open(c->kind) && !content_is_component(c->kind))
		return 0;
	rc = begin_hashing(p);
	if (!rc)
		rc = settle(c, p, all);
	if (!rc && (all || content_is_component(c->kind)))
		rc = finish(c, p);
	content_pass_unhash(p);
	return rc;
}

int content_read(struct content *c, const struct content_source *source, bool all)
{
	struct pass p = {.peek.source = source};
	int rc = content_pass_begin(c, &p);

	return rc ? rc : content_pass_end(c, &p, all);
}
