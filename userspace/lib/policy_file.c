/* SPDX-License-Identifier: GPL-2.0-only */
/* One policy file: its lines, sections and keys. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "file.h"
#include "policy_reader.h"
#include "suggest.h"
#include "utf8.h"

void policy_error(struct reader *r, const char *fmt, ...)
{
	char text[2048];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	diag_error(r->d, r->file->path, r->line, "%s", text);
}

/* ---- sections ------------------------------------------------------------------------------ */

/* A vendor becomes the policy's when its section ends; without an Id it is dropped. */
static void close_vendor(struct reader *r)
{
	struct policy *p = r->policy;
	struct vendor **v = NULL;

	if (r->vendor->id)
		v = policy_grow(r, p->vendors, p->vendor_count, sizeof(*v));
	if (v) {
		p->vendors = v;
		v[p->vendor_count++] = r->vendor;
	} else {
		policy_free_vendor(r->vendor);
	}
}

static void close_block(struct reader *r)
{
	policy_check_keys(r);
	if (r->vendor)
		close_vendor(r);
	r->block = BLOCK_NONE;
	r->vendor = NULL;
	r->section = NULL;
	memset(r->seen, 0, sizeof(r->seen));
}

static void open_policy(struct reader *r)
{
	if (!r->policy_header) {
		r->policy_header = r->line;
		return;
	}
	policy_error(r, "a second [Policy], the first is in line %lu: keep one", r->policy_header);
	r->block = BLOCK_UNKNOWN;
}

static void open_vendor(struct reader *r)
{
	r->vendor = calloc(1, sizeof(*r->vendor));
	if (!r->vendor) {
		r->no_memory = true;
		return;
	}
	r->vendor->file = r->file;
	r->vendor->line = r->line;
}

static void open_section(struct reader *r, enum rule_effect effect)
{
	struct policy *p = r->policy;
	struct section **v = policy_grow(r, p->sections, p->section_count, sizeof(*v));

	if (!v)
		return;
	p->sections = v;
	r->section = calloc(1, sizeof(*r->section));
	if (!r->section) {
		r->no_memory = true;
		return;
	}
	r->section->effect = effect;
	r->section->mode = MODE_ENFORCE;
	r->section->file = r->file;
	r->section->line = r->line;
	v[p->section_count++] = r->section;
}

static enum block find_block(struct reader *r, const char *name)
{
	unsigned int edits, best = SUGGEST_NONE;
	enum block b, nearest = BLOCK_UNKNOWN;

	for (b = BLOCK_POLICY; b < BLOCKS; b++) {
		if (!strcmp(name, policy_block_name(b)))
			return b;
		edits = suggest_distance(name, policy_block_name(b));
		if (edits < best) {
			best = edits;
			nearest = b;
		}
	}
	if (!strcmp(name, "Match"))
		policy_error(r, "this version does not support [Match] yet: remove the section");
	else if (nearest != BLOCK_UNKNOWN)
		policy_error(r, "unknown section [%.64s]: did you mean [%s]?", name,
			     policy_block_name(nearest));
	else
		policy_error(r,
			     "unknown section [%.64s]: use [Policy], [Vendor], [Deny] or [Allow]",
			     name);
	return BLOCK_UNKNOWN;
}

static void take_header(struct reader *r, char *s)
{
	char *end = strchr(s, ']');

	close_block(r);
	r->header = r->line;
	r->block = BLOCK_UNKNOWN;
	if (!end || end[1]) {
		policy_error(r, "a section header is [Name], alone on its line: correct it");
		return;
	}
	*end = '\0';
	r->block = find_block(r, s + 1);
	if (r->block == BLOCK_POLICY)
		open_policy(r);
	else if (r->block == BLOCK_VENDOR)
		open_vendor(r);
	else if (r->block == BLOCK_DENY || r->block == BLOCK_ALLOW)
		open_section(r, r->block == BLOCK_DENY ? RULE_DENY : RULE_ALLOW);
	if (r->no_memory)
		r->block = BLOCK_UNKNOWN;
}

/* ---- lines --------------------------------------------------------------------------------- */

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* @s without the blanks around it; what follows them is overwritten. */
static char *trim(char *s, char *end)
{
	while (s < end && is_blank(*s))
		s++;
	while (end > s && is_blank(end[-1]))
		end--;
	*end = '\0';
	return s;
}

static void take_assignment(struct reader *r, char *s, char *end)
{
	char *equals = strchr(s, '='), *name, *value;

	if (end[-1] == '\\') {
		policy_error(r, "a line that goes on in the next: write it in one line");
		return;
	}
	if (!equals) {
		policy_error(r, "neither [Section] nor Key=value: correct it, or put # before it");
		return;
	}
	name = trim(s, equals);
	value = trim(equals + 1, end);
	if (r->block == BLOCK_UNKNOWN)
		return;
	if (r->block == BLOCK_NONE)
		policy_error(r,
			     "%.64s= before the first section: put it under [Policy], [Vendor], "
			     "[Deny] or [Allow]",
			     name);
	else if (!*value)
		policy_error(r,
			     "%.64s= without a value, which resets nothing here: remove the line",
			     name);
	else
		policy_take_key(r, name, value);
}

/* Whether @len bytes are what a text editor shows. */
static bool check_text(struct reader *r, const char *s, size_t len)
{
	uint32_t code;
	size_t n;

	for (; len; s += n, len -= n) {
		n = utf8_decode(&code, s, len);
		if (!n) {
			policy_error(r, "invalid UTF-8: save the file as UTF-8");
			return false;
		}
		if (utf8_is_control(code) && code != '\t') {
			policy_error(r, "an invisible control character (U+%04X): remove it", code);
			return false;
		}
	}
	return true;
}

/* One line without its newline; @s[@len] may be overwritten. */
static void take_line(struct reader *r, char *s, size_t len)
{
	if (r->line == 1 && len >= 3 && !memcmp(s, "\xef\xbb\xbf", 3)) {
		s += 3;
		len -= 3;
	}
	if (len && s[len - 1] == '\r')
		len--;
	if (len > POLICY_LINE_MAX) {
		policy_error(r, "longer than %d bytes: shorten it", POLICY_LINE_MAX);
		return;
	}
	if (!check_text(r, s, len))
		return;
	s = trim(s, s + len);
	if (!*s || *s == '#' || *s == ';')
		return;
	if (*s == '[')
		take_header(r, s);
	else
		take_assignment(r, s, s + strlen(s));
}

static void take_text(struct reader *r, char *text, size_t len)
{
	char *s = text, *end = text + len, *newline;

	for (r->line = 1; s < end; r->line++, s = newline + 1) {
		newline = memchr(s, '\n', end - s);
		if (!newline) {
			diag_warning(r->d, r->file->path, r->line,
				     "the last line has no end: is the file whole? end the line");
			newline = end;
		}
		if (memchr(s, '\0', newline - s)) {
			policy_error(r, "a NUL byte, this is no text: save UTF-16 as UTF-8");
			r->block = BLOCK_UNKNOWN;
			break;
		}
		take_line(r, s, newline - s);
	}
	close_block(r);
}

/* ---- the file ------------------------------------------------------------------------------ */

/* Read @fd to its end, or beyond POLICY_FILE_MAX. Return: its length, or a negative errno. */
static ssize_t read_whole(char **text, int fd)
{
	size_t len = 0, room = 8 * 1024;
	char *larger;
	ssize_t n;

	do {
		room *= 2;
		larger = realloc(*text, room + 1); /* take_line() puts a NUL behind the last line */
		if (!larger)
			return -ENOMEM;
		*text = larger;
		while ((n = file_read(fd, *text + len, room - len)) > 0)
			len += n;
	} while (!n && len == room && len <= POLICY_FILE_MAX);
	return n < 0 ? n : (ssize_t)len;
}

static struct policy_file *add_file(struct reader *r, const char *path, const char *name)
{
	struct policy *p = r->policy;
	struct policy_file **v = policy_grow(r, p->files, p->file_count, sizeof(*v)), *f;

	if (!v)
		return NULL;
	p->files = v;
	f = calloc(1, sizeof(*f));
	if (!f) {
		r->no_memory = true;
		return NULL;
	}
	v[p->file_count++] = f;
	f->path = policy_copy(r, path);
	f->name = policy_copy(r, name);
	return r->no_memory ? NULL : f;
}

/* Without Id= the file's name stands in. */
static void set_default_id(struct reader *r)
{
	struct policy_file *f = r->file;

	if (f->id)
		return;
	f->id = strndup(f->name, strlen(f->name) - strlen(POLICY_SUFFIX));
	if (!f->id)
		r->no_memory = true;
	else if (!policy_is_id(f->id))
		diag_error(r->d, f->path, 0,
			   "its name cannot be the policy's Id: add Id= under [Policy], at most %d "
			   "of a-z, 0-9, '.', '_', '-'",
			   RULE_NAME_LEN - 1);
}

void policy_read_file(struct reader *r, const char *path, const char *name)
{
	char *text = NULL;
	ssize_t len;
	int fd;

	r->file = add_file(r, path, name);
	if (!r->file)
		return;
	r->policy_header = 0;
	len = fd = file_open(path);
	if (fd >= 0) {
		len = read_whole(&text, fd);
		close(fd);
	}
	r->no_memory |= len == -ENOMEM;
	if (len < 0) {
		file_complain(r->d, path, len);
	} else if (len > POLICY_FILE_MAX) {
		diag_error(r->d, path, 0, "larger than %d MiB: put its digests into a DigestList=",
			   POLICY_FILE_MAX >> 20);
	} else {
		take_text(r, text, len);
		set_default_id(r);
	}
	free(text);
}
