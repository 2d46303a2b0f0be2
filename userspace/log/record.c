/* SPDX-License-Identifier: GPL-2.0-only */
#include "record.h"

#include <errno.h>
#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "record_escape.h"
#include "utf8.h"

#define DEPTH_MAX 2048 /* jansson's */
#define NODES_MAX 80
#define NO_FIELD  RECORD_FIELDS

/* The names as a tree: an object, or a field, in each node. */
static struct node {
	const char *name;
	size_t len;
	unsigned int field;	    /* NO_FIELD: an object */
	unsigned int child, beside; /* the first in it; the next in what it is in; 0: none */
} nodes[NODES_MAX] = {{.name = "", .field = NO_FIELD}};
static unsigned int node_count = 1;

static unsigned int find_child(unsigned int parent, const char *name, size_t len)
{
	unsigned int i;

	for (i = nodes[parent].child; i; i = nodes[i].beside)
		if (nodes[i].len == len && !memcmp(nodes[i].name, name, len))
			break;
	return i;
}

static unsigned int add_child(unsigned int parent, const char *name, size_t len)
{
	unsigned int i = node_count++;

	if (i >= NODES_MAX)
		abort();
	nodes[i] = (struct node){name, len, NO_FIELD, 0, nodes[parent].child};
	nodes[parent].child = i;
	return i;
}

static void make_nodes(void)
{
	unsigned int field, at, next;
	const char *name;
	size_t len;

	for (field = 0; field < RECORD_FIELDS; field++) {
		for (at = 0, name = record_name(field); *name; name += len + (name[len] == '.')) {
			len = strcspn(name, ".");
			next = find_child(at, name, len);
			at = next ? next : add_child(at, name, len);
		}
		nodes[at].field = field;
	}
}

/* ---- strings --------------------------------------------------------------------------------- */

struct parser {
	const char *s, *end;
	struct record *record;
	unsigned int depth;
	bool seen[NODES_MAX];
};

/* Eight bytes at a time; whether one may be a quote, a backslash, a control or beyond ASCII. */
static inline bool may_be_special(const char *s)
{
	const uint64_t ones = 0x0101010101010101ULL, high = ones << 7;
	uint64_t w, quote, backslash;

	memcpy(&w, s, sizeof(w));
	quote = w ^ ones * '"';
	backslash = w ^ ones * '\\';
	return (w | (w - ones * 0x20) | (quote - ones) | (backslash - ones)) & high;
}

static inline const char *skip_plain(const char *s, const char *end)
{
	while (end - s >= 8 && !may_be_special(s))
		s += 8;
	while (s < end && *s != '"' && *s != '\\' && (unsigned char)*s >= 0x20 && !(*s & 0x80))
		s++;
	return s;
}

/* Return: the bytes of the character or escape at @s, 0: it is none. */
static size_t special_len(const char *s, const char *end)
{
	uint32_t code;
	size_t n;

	if (*s & 0x80)
		return utf8_decode(&code, s, end - s);
	if (*s != '\\' || end - s < 2)
		return 0;
	if (s[1] == 'u') {
		n = record_take_code(&code, s + 2, end);
		return n ? 2 + n : 0;
	}
	return s[1] && strchr("\"\\/bfnrt", s[1]) ? 2 : 0;
}

/* Behind its opening quote. */
static bool take_string(struct parser *p, struct record_value *v)
{
	const char *s = p->s;
	size_t n;

	*v = (struct record_value){.at = s, .string = true};
	for (;;) {
		s = skip_plain(s, p->end);
		if (s == p->end)
			return false;
		if (*s == '"')
			break;
		v->escaped |= *s == '\\';
		n = special_len(s, p->end);
		if (!n)
			return false;
		s += n;
	}
	v->len = s - v->at;
	p->s = s + 1;
	return true;
}

/* ---- values ---------------------------------------------------------------------------------- */

static bool take_value(struct parser *p, unsigned int node);

static inline void skip_space(struct parser *p)
{
	while (p->s < p->end && (*p->s == ' ' || *p->s == '\t' || *p->s == '\n' || *p->s == '\r'))
		p->s++;
}

/* The next character, white space aside; 0 at the end. */
static inline char next(struct parser *p)
{
	skip_space(p);
	return p->s < p->end ? *p->s : 0;
}

static size_t take_digits(struct parser *p)
{
	const char *s = p->s;

	while (p->s < p->end && *p->s >= '0' && *p->s <= '9')
		p->s++;
	return p->s - s;
}

static inline bool take_one(struct parser *p, char c)
{
	if (p->s == p->end || *p->s != c)
		return false;
	p->s++;
	return true;
}

/* As jansson has it: too large a number is none. Behind the number something stands: see below. */
static bool is_in_range(const char *s, size_t len, bool real)
{
	double value;

	if (!real && len < 19)
		return true;
	errno = 0;
	if (!real) {
		strtoll(s, NULL, 10);
		return !errno;
	}
	value = strtod(s, NULL);
	return errno != ERANGE || fabs(value) != HUGE_VAL;
}

static bool take_number(struct parser *p, struct record_value *v)
{
	const char *s = p->s;
	bool real = false;

	take_one(p, '-');
	if (!take_one(p, '0') && !take_digits(p))
		return false;
	if (take_one(p, '.')) {
		real = true;
		if (!take_digits(p))
			return false;
	}
	if (take_one(p, 'e') || take_one(p, 'E')) {
		real = true;
		if (!take_one(p, '+'))
			take_one(p, '-');
		if (!take_digits(p))
			return false;
	}
	*v = (struct record_value){.at = s, .len = p->s - s};
	/* A number ends what it is in never: strtod() finds its end in the line. */
	return p->s < p->end && is_in_range(s, v->len, real);
}

static bool take_word(struct parser *p, struct record_value *v)
{
	static const char *const words[] = {"true", "false", "null"};
	size_t i, len;

	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		len = strlen(words[i]);
		if ((size_t)(p->end - p->s) < len || memcmp(p->s, words[i], len))
			continue;
		*v = (struct record_value){.at = i < 2 ? p->s : NULL, .len = i < 2 ? len : 0};
		p->s += len;
		return true;
	}
	return false;
}

/* The node of a member; ours may be there once. */
static bool find_member(struct parser *p, unsigned int *child, unsigned int parent,
			const struct record_value *name)
{
	char plain[128];
	size_t len;

	*child = 0;
	if (parent == NODES_MAX || name->len >= sizeof(plain))
		goto out;
	if (name->escaped) {
		len = record_text(plain, name);
		*child = find_child(parent, plain, len);
	} else {
		*child = find_child(parent, name->at, name->len);
	}
	if (*child && p->seen[*child])
		return false;
	p->seen[*child] = true;
out:
	*child = *child ? *child : NODES_MAX;
	return true;
}

/* Behind its opening brace. */
static bool take_object(struct parser *p, unsigned int node)
{
	struct record_value name;
	unsigned int child;

	if (next(p) == '}')
		return take_one(p, '}');
	do {
		if (next(p) != '"')
			return false;
		p->s++;
		if (!take_string(p, &name) || !find_member(p, &child, node, &name) ||
		    next(p) != ':')
			return false;
		p->s++;
		if (!take_value(p, child))
			return false;
		skip_space(p);
	} while (take_one(p, ','));
	return take_one(p, '}');
}

/* Behind its opening bracket. Only the first in it counts, and only where no object is expected. */
static bool take_array(struct parser *p, unsigned int node)
{
	bool counts = node < NODES_MAX && nodes[node].field != NO_FIELD;

	if (next(p) == ']')
		return take_one(p, ']');
	do {
		skip_space(p);
		if (p->s < p->end && (*p->s == '[' || *p->s == '{'))
			counts = false;
		if (!take_value(p, counts ? node : NODES_MAX))
			return false;
		counts = false;
		skip_space(p);
	} while (take_one(p, ','));
	return take_one(p, ']');
}

static bool take_scalar(struct parser *p, unsigned int node)
{
	struct record_value v;
	bool taken;

	if (take_one(p, '"'))
		taken = take_string(p, &v);
	else if (*p->s == '-' || (*p->s >= '0' && *p->s <= '9'))
		taken = take_number(p, &v);
	else
		taken = take_word(p, &v);
	if (taken && node < NODES_MAX && nodes[node].field != NO_FIELD)
		p->record->v[nodes[node].field] = v;
	return taken;
}

/* @node: NODES_MAX: nobody asks for it. */
static bool take_value(struct parser *p, unsigned int node)
{
	bool taken;

	if (!next(p) || ++p->depth > DEPTH_MAX)
		return false;
	if (take_one(p, '{'))
		taken = take_object(p, node);
	else if (take_one(p, '['))
		taken = take_array(p, node);
	else
		taken = take_scalar(p, node);
	p->depth--;
	return taken;
}

int record_read(struct record *r, const char *line, size_t len)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	struct parser p = {.s = line, .end = line + len, .record = r};

	pthread_once(&once, make_nodes);
	memset(r, 0, sizeof(*r));
	if (next(&p) != '{' || !take_value(&p, 0) || next(&p) || p.s != p.end)
		return -EBADMSG;
	return 0;
}
