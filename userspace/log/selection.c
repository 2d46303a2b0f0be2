/* SPDX-License-Identifier: GPL-2.0-only */
#include "selection.h"

#include <errno.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "moment.h"
#include "text.h"

#define RULE_DIGITS 12 /* of rule_id() */

#define HEAD	  "{\"@timestamp\":\""
#define TIME_LEN  27 /* "2026-11-21T22:50:00.123456Z" */
#define SHORTEST  3  /* a text that is worth looking for */
#define PATTERNED "*?["

const char *const record_kinds[RECORD_KINDS] = {
	[RECORD_DENIED] = "denied",	  [RECORD_MONITORED] = "monitored",
	[RECORD_INSTALL] = "install",	  [RECORD_FINDING] = "finding",
	[RECORD_RUNNING] = "running",	  [RECORD_CHANGE] = "change",
	[RECORD_HEARTBEAT] = "heartbeat", [RECORD_SEAL] = "checkpoint",
	[RECORD_UNKNOWN] = "unknown",
};

/* ---- what must be in the line ---------------------------------------------------------------- */

static bool is_plain(char c)
{
	return (unsigned char)c >= 0x20 && c != '"' && c != '\\';
}

static void add_text(struct selection *s, const char *text, size_t len)
{
	if (len < SHORTEST || len > SELECTION_TEXT_LEN || s->text_count == SELECTION_TEXTS)
		return;
	memcpy(s->texts[s->text_count].text, text, len);
	s->texts[s->text_count++].len = len;
}

/* A string that is @text, or begins so, as JSON writes it: with its quotes. */
static void add_string(struct selection *s, const char *text, bool whole)
{
	char quoted[SELECTION_TEXT_LEN + 3];
	size_t len = 0;

	while (len < SELECTION_TEXT_LEN && is_plain(text[len]))
		len++;
	whole = whole && !text[len];
	snprintf(quoted, sizeof(quoted), "\"%.*s%s", (int)len, text, whole ? "\"" : "");
	add_text(s, quoted, strlen(quoted));
}

/* The longest part of a pattern that stands for itself, and is written as it is. */
static void add_pattern(struct selection *s, const char *pattern)
{
	const char *longest = pattern;
	size_t most = 0, n;

	/* What is in brackets stands for one of several. */
	for (; *pattern && *pattern != '['; pattern += n + !!pattern[n]) {
		for (n = 0; is_plain(pattern[n]) && !strchr(PATTERNED "]", pattern[n]);)
			n++;
		if (n > most) {
			longest = pattern;
			most = n;
		}
		if (pattern[n] == '[' || pattern[n] == '\\')
			break;
	}
	add_text(s, longest, most);
}

/* Where one kind alone is wanted, its word. */
static void add_kind(struct selection *s)
{
	static const char *const words[RECORD_KINDS] = {
		[RECORD_DENIED] = "denied",
		[RECORD_MONITORED] = "allowed",
		[RECORD_INSTALL] = "interdict.install",
		[RECORD_FINDING] = "interdict.finding",
		[RECORD_RUNNING] = "interdict.running",
		[RECORD_CHANGE] = "configuration",
		[RECORD_HEARTBEAT] = "interdict.heartbeat",
		[RECORD_SEAL] = "interdict.checkpoint",
	};
	unsigned int kind;

	for (kind = 0; kind < RECORD_KINDS; kind++)
		if (s->kinds == 1u << kind && words[kind])
			add_string(s, words[kind], true);
}

/* IDs have 12 digits, and may be given with more. */
static void cut_rule(char *rule)
{
	char *digits = strrchr(rule, ':');
	size_t n = digits ? strspn(digits + 1, "0123456789abcdef") : 0;

	if (n > RULE_DIGITS && !digits[1 + n])
		digits[1 + RULE_DIGITS] = 0;
}

static int begin_path(struct selection *s)
{
	char *text;
	size_t len;

	s->path_is_pattern = strpbrk(s->path, PATTERNED);
	if (s->path_is_pattern) {
		if (strlen(s->path) >= SELECTION_TEXT_LEN)
			return -ENAMETOOLONG;
		strcpy(s->path_text, s->path);
		add_pattern(s, s->path_text);
		return 0;
	}
	text = text_to_utf8(s->path, strlen(s->path));
	if (!text)
		return -ENOMEM;
	len = strlen(text);
	if (len < SELECTION_TEXT_LEN) {
		strcpy(s->path_text, text);
		add_string(s, s->path_text, false);
	}
	free(text);
	return len < SELECTION_TEXT_LEN ? 0 : -ENAMETOOLONG;
}

/* What is rarest first. */
int selection_begin(struct selection *s)
{
	int err;

	s->text_count = 0;
	if (s->path) {
		err = begin_path(s);
		if (err)
			return err;
	}
	if (s->rule) {
		if (strlen(s->rule) >= SELECTION_TEXT_LEN)
			return -ENAMETOOLONG;
		strcpy(s->rule_text, s->rule);
		cut_rule(s->rule_text);
		add_string(s, s->rule_text, false);
	}
	if (s->vendor)
		add_string(s, s->vendor, true);
	if (s->user)
		add_string(s, s->user, true);
	if (s->hook)
		add_string(s, s->hook, true);
	add_kind(s);
	return 0;
}

/* ---- a line ---------------------------------------------------------------------------------- */

static bool is_in_time(const struct selection *s, uint64_t ns)
{
	return ns >= s->since && (!s->until || ns < s->until);
}

/* Whether the line begins with a time, as those of interdict do, and it is another. */
static bool is_of_other_time(const struct selection *s, const char *line, size_t len)
{
	size_t head = strlen(HEAD);
	uint64_t ns;

	if ((!s->since && !s->until) || len <= head + TIME_LEN || memcmp(line, HEAD, head) ||
	    line[head + TIME_LEN] != '"')
		return false;
	return moment_of_record(&ns, line + head, TIME_LEN) && !is_in_time(s, ns);
}

typedef uint8_t block __attribute__((vector_size(16)));

static inline block load(const char *s)
{
	block b;

	memcpy(&b, s, sizeof(b));
	return b;
}

static inline block repeat(char c)
{
	block b;

	memset(&b, c, sizeof(b));
	return b;
}

static inline bool is_any(block b)
{
	uint64_t halves[2];

	memcpy(halves, &b, sizeof(halves));
	return halves[0] | halves[1];
}

/*
 * memmem(), sixteen places at a time: only where the text's second byte and its last but one are
 * there is a closer look. (The first is a quote mostly, of which there are many.)
 */
static bool has_text(const char *line, size_t len, const char *text, size_t text_len)
{
	const size_t p = 1, q = text_len - 2;
	const block one = repeat(text[p]), other = repeat(text[q]);
	size_t i, k;
	block both;

	if (len < text_len)
		return false;
	for (i = 0; i + sizeof(block) + text_len <= len; i += sizeof(block)) {
		both = (block)(load(line + i + p) == one) & (block)(load(line + i + q) == other);
		if (!is_any(both))
			continue;
		for (k = 0; k < sizeof(block); k++)
			if (both[k] && !memcmp(line + i + k, text, text_len))
				return true;
	}
	return memmem(line + i, len - i, text, text_len);
}

/* Whether an escape may stand for a character of a text: controls are in none (is_plain()). */
static bool is_plain_escape(const char *s, const char *end)
{
	if (s[1] != 'u')
		return s[1] == '/';
	return end - s < 5 || s[2] != '0' || s[3] != '0' || (s[4] != '0' && s[4] != '1');
}

/* Whether JSON may hide a text in this line: \u0061 is an a. */
static bool may_hide(const char *line, size_t len)
{
	const char *end = line + len;

	while ((line = memchr(line, '\\', end - line)) && line + 1 < end) {
		if (is_plain_escape(line, end))
			return true;
		line += 2;
	}
	return false;
}

bool selection_may_want(const struct selection *s, const char *line, size_t len)
{
	size_t i;

	if (is_of_other_time(s, line, len))
		return false;
	for (i = 0; i < s->text_count; i++)
		if (!has_text(line, len, s->texts[i].text, s->texts[i].len))
			return may_hide(line, len);
	return true;
}

/* ---- a record -------------------------------------------------------------------------------- */

/* What else the log says of itself, a gap say, is a change. */
enum record_kind selection_kind(const struct record *r)
{
	const struct record_value *dataset = &r->v[RECORD_DATASET];

	if (record_is(dataset, "interdict.install"))
		return RECORD_INSTALL;
	if (record_is(dataset, "interdict.finding"))
		return RECORD_FINDING;
	if (record_is(dataset, "interdict.running"))
		return RECORD_RUNNING;
	if (record_is(dataset, "interdict.heartbeat"))
		return RECORD_HEARTBEAT;
	if (record_is(dataset, "interdict.checkpoint") &&
	    record_is(&r->v[RECORD_ACTION], "checkpoint"))
		return RECORD_SEAL;
	if (record_is(&r->v[RECORD_CATEGORY], "configuration"))
		return RECORD_CHANGE;
	if (record_is(&r->v[RECORD_TYPE], "denied"))
		return RECORD_DENIED;
	if (record_is(&r->v[RECORD_TYPE], "allowed"))
		return RECORD_MONITORED;
	return RECORD_UNKNOWN;
}

static bool begins(const struct record_value *v, const char *text, char *scratch)
{
	if (!v->string)
		return false;
	record_text(scratch, v);
	return !strncmp(scratch, text, strlen(text));
}

static bool is_at(const struct selection *s, const struct record_value *path, char *scratch)
{
	if (!s->path_is_pattern)
		return begins(path, s->path_text, scratch);
	if (!path->string)
		return false;
	record_text(scratch, path);
	return !fnmatch(s->path_text, scratch, 0);
}

static bool is_then(const struct selection *s, const struct record_value *time)
{
	uint64_t ns;

	if (!s->since && !s->until)
		return true;
	return time->string && moment_of_record(&ns, time->at, time->len) && is_in_time(s, ns);
}

bool selection_wants(const struct selection *s, const struct record *r, char *scratch)
{
	const struct record_value *v = r->v;

	if (!(s->kinds & 1u << selection_kind(r)) || !is_then(s, &v[RECORD_TIME]))
		return false;
	if ((s->vendor && !record_is(&v[RECORD_VENDOR], s->vendor)) ||
	    (s->user && !record_is(&v[RECORD_USER], s->user)) ||
	    (s->hook && !record_is(&v[RECORD_ACTION], s->hook)))
		return false;
	if (s->rule && !begins(&v[RECORD_RULE], s->rule_text, scratch))
		return false;
	return !s->path || is_at(s, &v[RECORD_PATH], scratch);
}
