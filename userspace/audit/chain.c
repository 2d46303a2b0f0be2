/* SPDX-License-Identifier: GPL-2.0-only */
#include "chain.h"

#include <errno.h>
#include <inttypes.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hash.h"

#define OWN	   "interdict"
#define BEFORE	   "\"log\":{\"number\":"
#define BETWEEN	   ",\"previous\":\""
#define BEHIND	   "\"}}}"
#define HEX_LEN	   ((size_t)2 * FINGERPRINT_LEN)
#define DIGITS_MAX 20
/* Of a link, the comma before it and the newline behind it included. */
#define LINK_MAX (sizeof(BEFORE BETWEEN BEHIND) + HEX_LEN + DIGITS_MAX + 2)

/* ---- read ------------------------------------------------------------------------------------ */

/* Whether the text that ends at @*end ends with @with; then @*end is where that begins. */
static bool ends_with(const char *line, const char **end, const char *with, size_t len)
{
	if ((size_t)(*end - line) < len || memcmp(*end - len, with, len) != 0)
		return false;
	*end -= len;
	return true;
}

static bool take_hex(uint8_t value[FINGERPRINT_LEN], const char *line, const char **end)
{
	char hex[HEX_LEN + 1] = "";

	if ((size_t)(*end - line) < HEX_LEN)
		return false;
	memcpy(hex, *end - HEX_LEN, HEX_LEN);
	/* Of the two spellings of a digit one only, so that no link has two. */
	if (strspn(hex, "0123456789abcdef") != HEX_LEN || digest_parse(value, hex))
		return false;
	*end -= HEX_LEN;
	return true;
}

static bool take_number(uint64_t *number, const char *line, const char **end)
{
	const char *s = *end;
	char digits[DIGITS_MAX + 1] = "";
	size_t n;

	while (s > line && s[-1] >= '0' && s[-1] <= '9')
		s--;
	n = *end - s;
	if (!n || n >= DIGITS_MAX || *s == '0')
		return false;
	memcpy(digits, s, n);
	*number = strtoull(digits, NULL, 10);
	*end = s;
	return true;
}

bool chain_parse(struct chain_link *link, const char *line, size_t len)
{
	const char *end = line + len;

	return len && len <= CHAIN_LINE_MAX && *line == '{' &&
	       ends_with(line, &end, BEHIND, strlen(BEHIND)) &&
	       take_hex(link->previous, line, &end) &&
	       ends_with(line, &end, BETWEEN, strlen(BETWEEN)) &&
	       take_number(&link->number, line, &end) &&
	       ends_with(line, &end, BEFORE, strlen(BEFORE));
}

/* ---- write ----------------------------------------------------------------------------------- */

static bool own_is_last(const json_t *record)
{
	const char *last = "", *key;
	json_t *value;

	json_object_foreach((json_t *)record, key, value) last = key;
	return !strcmp(last, OWN) && json_is_object(json_object_get(record, OWN));
}

/* A record whose last member is "interdict"; a new reference. */
static json_t *with_own_last(const json_t *record)
{
	json_t *copy, *own;

	if (own_is_last(record))
		return json_incref((json_t *)record);
	copy = json_copy((json_t *)record);
	own = json_incref(json_object_get(copy, OWN));
	if (!json_is_object(own)) {
		json_decref(own);
		own = json_object();
	}
	json_object_del(copy, OWN);
	json_object_set_new(copy, OWN, own);
	return copy;
}

/* @text ends in "}}", where the link goes. */
static char *add_link(char *text, const struct chain_link *link, size_t *len)
{
	char hex[HEX_LEN + 1], *line;
	size_t n = strlen(text) - 2;

	line = realloc(text, n + LINK_MAX);
	if (!line) {
		free(text);
		return NULL;
	}
	digest_format(hex, link->previous);
	*len = n + sprintf(line + n, "%s" BEFORE "%" PRIu64 BETWEEN "%s" BEHIND "\n",
			   line[n - 1] == '{' ? "" : ",", link->number, hex);
	return line;
}

char *chain_line(const json_t *record, const struct chain_link *link, size_t *len)
{
	json_t *object = json_is_object(record) ? with_own_last(record) : NULL;
	char *text = object ? json_dumps(object, JSON_COMPACT | JSON_PRESERVE_ORDER) : NULL;

	json_decref(object);
	return text ? add_link(text, link, len) : NULL;
}

/* ---- walk ------------------------------------------------------------------------------------ */

static int begin_line(struct chain_walk *w, const char *line, size_t len)
{
	if (!w->md)
		w->md = EVP_MD_CTX_new();
	if (!w->md || !EVP_DigestInit_ex(w->md, EVP_sha256(), NULL))
		return -ENOMEM;
	return EVP_DigestUpdate(w->md, line, len) ? 0 : -ENOMEM;
}

/* The digest of all so far, which may go on. */
static int digest_so_far(const struct chain_walk *w, uint8_t value[FINGERPRINT_LEN])
{
	EVP_MD_CTX *copy = EVP_MD_CTX_new();
	bool ok = copy && EVP_MD_CTX_copy_ex(copy, w->md) && EVP_DigestFinal_ex(copy, value, NULL);

	EVP_MD_CTX_free(copy);
	return ok ? 0 : -ENOMEM;
}

int chain_walk_record(struct chain_walk *w, uint64_t number, const char *line, size_t len)
{
	int err = begin_line(w, line, len);

	w->strangers = 0;
	w->last.number = number;
	return err ? err : digest_so_far(w, w->last.line);
}

int chain_walk_stranger(struct chain_walk *w, const char *line, size_t len)
{
	if (!w->last.number)
		return 0;
	w->strangers++;
	if (EVP_DigestUpdate(w->md, "\n", 1) && EVP_DigestUpdate(w->md, line, len))
		return 0;
	return -ENOMEM;
}

int chain_walk_head(struct chain_walk *w)
{
	if (!w->last.number)
		return 0;
	if (w->strangers)
		return digest_so_far(w, w->last.head);
	memcpy(w->last.head, w->last.line, FINGERPRINT_LEN);
	return 0;
}

void chain_walk_end(struct chain_walk *w)
{
	EVP_MD_CTX_free(w->md);
	w->md = NULL;
}
