/* SPDX-License-Identifier: GPL-2.0-only */
/* STIX patterns: [file:hashes.'SHA-256' = '44aef302…6160' OR file:hashes.MD5 = '…'] OR […] */
#include <ctype.h>

#include "import/stix_pattern.h"

enum token_kind {
	TOKEN_END,
	TOKEN_MARK,   /* one of [ ] ( ) = , */
	TOKEN_WORD,   /* an object path, a keyword, a number or another literal */
	TOKEN_STRING, /* 'text', without its quotes */
	TOKEN_OTHER,  /* an operator that nothing is carried over of; what is no token */
};

struct token {
	enum token_kind kind;
	const char *s;
	size_t len;
};

struct parser {
	struct input *in;
	const struct import_item *item;
	const char *s;	    /* what is not read yet */
	struct token token; /* that is looked at */
	bool hand_over;	    /* on the second time through, once it is known to hold nothing else */
	unsigned int parentheses;
	int rc;
};

/* ---- tokens ---------------------------------------------------------------------------------- */

/* The end of a quoted string, or NULL. */
static const char *find_quote(const char *s)
{
	for (; *s && *s != '\''; s++)
		if (*s == '\\' && !*++s)
			return NULL;
	return *s ? s : NULL;
}

/* An object path may have strings in it, in quotes: file:hashes.'SHA-256'. */
static const char *find_word_end(const char *s)
{
	const char *quote;

	for (; isalnum((unsigned char)*s) || (*s && strchr("_-+:.'[", *s)); s++) {
		if (*s == '\'') {
			quote = find_quote(s + 1);
			if (!quote)
				return s;
			s = quote;
		} else if (*s == '[') {
			/* An index; before anything else it opens an observation. */
			if (!strchr("*0123456789", s[1]) || !strchr(s, ']'))
				return s;
			s = strchr(s, ']');
		}
	}
	return s;
}

static void next(struct parser *p)
{
	const char *s = p->s + strspn(p->s, " \t\r\n"), *end;

	p->token = (struct token){.kind = TOKEN_OTHER, .s = s, .len = 1};
	if (!*s) {
		p->token.kind = TOKEN_END;
		p->token.len = 0;
	} else if (strchr("[]()=,", *s)) {
		p->token.kind = TOKEN_MARK;
	} else if (*s == '\'') {
		end = find_quote(s + 1);
		p->token = (struct token){
			.kind = end ? TOKEN_STRING : TOKEN_OTHER,
			.s = s + 1,
			.len = end ? (size_t)(end - s - 1) : 0,
		};
		p->s = end ? end + 1 : s + 1;
		return;
	} else if (isalnum((unsigned char)*s) || *s == '-' || *s == '+') {
		p->token.kind = TOKEN_WORD;
		p->token.len = find_word_end(s) - s;
	}
	p->s = s + p->token.len;
}

static bool is(const struct parser *p, enum token_kind kind, const char *text)
{
	return p->token.kind == kind && p->token.len == strlen(text) &&
	       !memcmp(p->token.s, text, p->token.len);
}

static bool accept(struct parser *p, enum token_kind kind, const char *text)
{
	if (!is(p, kind, text))
		return false;
	next(p);
	return true;
}

/* ---- comparisons ----------------------------------------------------------------------------- */

/* Which reason stands against an object path; IMPORT_REASONS: it is a file's SHA-256. */
static enum import_reason against_path(const struct token *path)
{
	static const char hashes[] = "file:hashes.";
	const size_t prefix = sizeof(hashes) - 1;
	const char *name = path->s + prefix;
	size_t len;

	if (path->len <= prefix || memcmp(path->s, hashes, prefix))
		return IMPORT_OTHER_FACT;
	len = path->len - prefix;
	if (len > 2 && *name == '\'' && name[len - 1] == '\'') {
		name++;
		len -= 2;
	}
	return algorithm_of(name, len);
}

/* One value that @against stands against. */
static bool take_value(struct parser *p, enum import_reason against)
{
	struct import_item item = *p->item;

	if (p->token.kind != TOKEN_STRING &&
	    (p->token.kind != TOKEN_WORD || against != IMPORT_OTHER_FACT))
		return false;
	if (p->hand_over && against != IMPORT_REASONS)
		input_leave(p->in, against);
	else if (p->hand_over && !p->rc)
		p->rc = input_digest(p->in, &item, p->token.s, p->token.len);
	next(p);
	return true;
}

static bool take_values(struct parser *p, enum import_reason against)
{
	if (!accept(p, TOKEN_MARK, "("))
		return false;
	do {
		if (!take_value(p, against))
			return false;
	} while (accept(p, TOKEN_MARK, ","));
	return accept(p, TOKEN_MARK, ")");
}

static bool take_comparison(struct parser *p)
{
	enum import_reason against = against_path(&p->token);

	if (p->token.kind != TOKEN_WORD)
		return false;
	next(p);
	if (accept(p, TOKEN_MARK, "=")) {
		accept(p, TOKEN_MARK, "="); /* == means the same */
		return take_value(p, against);
	}
	return accept(p, TOKEN_WORD, "IN") && take_values(p, against);
}

static void open_parentheses(struct parser *p)
{
	while (accept(p, TOKEN_MARK, "("))
		p->parentheses++;
}

/* Those that were opened since there were @outer: one too many is left, and fits nowhere. */
static void close_parentheses(struct parser *p, unsigned int outer)
{
	while (p->parentheses > outer && accept(p, TOKEN_MARK, ")"))
		p->parentheses--;
}

/*
 * Comparisons in brackets. Since all are joined by OR, parentheses change nothing: they are only
 * counted, so that no nesting is too deep.
 */
static bool take_observation(struct parser *p)
{
	unsigned int outer = p->parentheses;

	if (!accept(p, TOKEN_MARK, "["))
		return false;
	do {
		open_parentheses(p);
		if (!take_comparison(p))
			return false;
		close_parentheses(p, outer);
	} while (accept(p, TOKEN_WORD, "OR"));
	return p->parentheses == outer && accept(p, TOKEN_MARK, "]");
}

static bool parse(struct parser *p, const char *pattern)
{
	p->s = pattern;
	p->parentheses = 0;
	next(p);
	do {
		open_parentheses(p);
		if (!take_observation(p))
			return false;
		close_parentheses(p, 0);
	} while (accept(p, TOKEN_WORD, "OR"));
	return p->token.kind == TOKEN_END && !p->parentheses;
}

int stix_pattern(struct input *in, const char *pattern, const struct import_item *item)
{
	struct parser p = {.in = in, .item = item};

	if (!parse(&p, pattern)) {
		input_leave(in, IMPORT_COMBINED);
		return 0;
	}
	p.hand_over = true;
	parse(&p, pattern);
	return p.rc;
}
