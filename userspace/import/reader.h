/* SPDX-License-Identifier: GPL-2.0-only */
/* What the readers of formats share; of no use to anybody else. */
#ifndef INTERDICT_IMPORT_READER_H
#define INTERDICT_IMPORT_READER_H

#include <jansson.h>
#include <string.h>

#include "import/import.h"
#include "lines.h"
#include "progress.h"

#define SYNTAX_TEXT 0x1u
#define SYNTAX_JSON 0x2u
#define SYNTAX_XML  0x4u

/* What a list is known by lies here. */
#define INPUT_HEAD (64 * 1024)
/* The bounds. Lists in lines take constant memory, and may be as long as they like. */
#define INPUT_LINE_MAX	(8 * 1024)
#define INPUT_JSON_MAX	(1ULL << 30) /* bytes of text */
#define INPUT_JSON_HEAP (4ULL << 30) /* bytes in memory: a byte of text may take 40 */
#define INPUT_XML_MAX	(1ULL << 30)
#define XML_DEPTH	64
#define XML_NAME_LEN	48
#define XML_TOKEN_MAX	(1024 * 1024) /* expat rescans what it has no end of */
#define XML_TEXT_MAX	4096	      /* of an element: nothing that matters here is longer */

/* One list that is read. */
struct input {
	struct import *im;
	const char *path;
	int fd;
	unsigned int syntax;
	char head[INPUT_HEAD + 1]; /* what it begins with, NUL terminated */
	size_t head_len;
	char root[XML_NAME_LEN]; /* of XML: its outermost element; "" without one */
	json_t *json;		 /* of JSON: all of it */
	struct lines lines;	 /* of text */
	struct progress progress;
	unsigned long errors;
	/* the reader's own */
	int (*take)(struct input *in, const char *s, const char *end, bool whole);
	void *context;
};

/* ---- errors and counts */

/** input_error() - record what is wrong with the list; of many errors, ten are named. */
void input_error(struct input *in, unsigned long line, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/** input_leave() - count something that is not carried over. */
static inline void input_leave(struct input *in, enum import_reason reason)
{
	in->im->left[reason]++;
}

/* ---- digests */

/**
 * input_find() - hand over an item, its value filled, unless it is the digest of nothing.
 * Return: 0, or what ends the import.
 */
int input_find(struct input *in, struct import_item *item);
/**
 * input_digest() - hand over what @hex says: 64 digits are @item's value; those of another
 * algorithm, and what is no digest, are counted.
 * @item: all but value filled
 * Return: 0, or what ends the import.
 */
int input_digest(struct input *in, struct import_item *item, const char *hex, size_t len);
/**
 * algorithm_of() - which reason stands against an algorithm of this name ("SHA-256", "sha1").
 * Return: IMPORT_REASONS for SHA-256, against which there is none.
 */
enum import_reason algorithm_of(const char *name, size_t len);
/** algorithm_of_digits() - likewise by the number of digits; IMPORT_MALFORMED: of none. */
enum import_reason algorithm_of_digits(size_t digits);
/** count_hex() - how many hexadecimal digits [@s, @end) begins with. */
size_t count_hex(const char *s, const char *end);
/** parse_size() - read a decimal number of bytes. Return: false unless 0 to INT64_MAX. */
bool parse_size(uint64_t *size, const char *s, size_t len);

/*
 * The digests of one file, of which a SHA-256 makes the others unnecessary; without one the best of
 * them is what is not carried over.
 */
struct file_digests {
	char sha256[2 * FINGERPRINT_LEN + 2]; /* "" without one; as it was written, one byte more */
	enum import_reason best;
	bool any;
};

/** file_digests_add() - take one digest, of the algorithm of this name. */
void file_digests_add(struct file_digests *digests, const char *algorithm, size_t algorithm_len,
		      const char *hex, size_t len);
/** file_digests_take() - hand it over or count it. Return: 0, or what ends the import. */
int file_digests_take(struct input *in, const struct file_digests *digests,
		      struct import_item *item);

/** item_of() - an item of this kind without size and dates; @name may be NULL. */
static inline struct import_item item_of(enum fingerprint_kind kind, const char *name)
{
	return (struct import_item){
		.kind = kind,
		.size = SIZE_UNKNOWN,
		.name = name,
		.name_len = name ? strlen(name) : 0,
	};
}

/* ---- text (text.c) */

/**
 * input_read_lines() - hand every line to take(), without what editors put around it.
 * @max: bytes of the longest
 * @context: in->context while it lasts
 * Return: 0, or what ends the import.
 */
int input_read_lines(struct input *in, size_t max,
		     int (*take)(struct input *in, const char *s, const char *end, bool whole),
		     void *context);
/**
 * input_first_line() - find the first line that is neither empty nor a comment.
 * Return: its bytes, 0 when there is none in the head.
 */
size_t input_first_line(const struct input *in, const char **line);
/** is_comment() - whether a line says nothing: it is empty, or begins with '#'. */
static inline bool is_comment(const char *s, const char *end)
{
	return lines_are_blank(s, end) || *s == '#';
}

/* ---- JSON (json.c) */

/** input_load_json() - read all of it into in->json. Return: 0, or what ends the import. */
int input_load_json(struct input *in);
/** json_text() - the string @key of @object, or NULL. */
const char *json_text(const json_t *object, const char *key);
/** json_is() - whether the string @key of @object is @text. */
bool json_is(const json_t *object, const char *key, const char *text);

/* ---- XML (xml.c) */

struct xml {
	struct input *in;
	/* @attributes: name, value, …, NULL. */
	void (*begin)(struct xml *x, const char *name, const char **attributes);
	/* @text: what the element holds, when it is no other element. */
	void (*end)(struct xml *x, const char *name, const char *text);
	void *context;
	int rc; /* set: ends the reading */
	/* filled */
	char path[XML_DEPTH][XML_NAME_LEN]; /* the elements that are open, prefixes aside */
	size_t depth;
	char text[XML_TEXT_MAX + 1];
	size_t text_len;
	void *parser;
};

/** input_find_root() - read in->root from the head. */
void input_find_root(struct input *in);
/**
 * xml_read() - read the file from its beginning.
 * @x: in, begin, end and context filled
 * Return: 0, or what ends the import.
 */
int xml_read(struct xml *x);
/** xml_line() - the line that is read. */
unsigned long xml_line(const struct xml *x);
/** xml_attribute() - the value of an attribute, or NULL. */
const char *xml_attribute(const char **attributes, const char *name);
/** xml_is_in() - whether the element around the one that begins or ends is a @name. */
bool xml_is_in(const struct xml *x, const char *name);

/* ---- the formats: what import_format has */

bool sha256sum_probe(const struct input *in);
int sha256sum_read(struct input *in);
bool fapolicyd_probe(const struct input *in);
int fapolicyd_read(struct input *in);
bool clamav_probe(const struct input *in);
int clamav_read(struct input *in);
bool stix_probe(const struct input *in);
int stix_read(struct input *in);
bool misp_probe(const struct input *in);
int misp_read(struct input *in);
bool openioc_probe(const struct input *in);
int openioc_read(struct input *in);
bool santa_probe(const struct input *in);
int santa_read(struct input *in);
bool wdac_probe(const struct input *in);
int wdac_read(struct input *in);
bool cyclonedx_probe(const struct input *in);
int cyclonedx_read(struct input *in);
bool spdx_probe(const struct input *in);
int spdx_read(struct input *in);
bool csv_probe(const struct input *in);
int csv_read(struct input *in);

#endif
