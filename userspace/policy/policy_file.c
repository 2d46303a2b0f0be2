/* SPDX-License-Identifier: GPL-2.0-only */
/* One policy file: its lines, sections and keys. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "file.h"
#include "ini.h"
#include "policy_reader.h"
#include "suggest.h"

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
	if (r->block == BLOCK_MATCH)
		policy_close_match(r);
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

/* What is read before it is known for whom it is could be in force elsewhere only. */
static void open_match(struct reader *r)
{
	if (!r->match_header && !r->has_rules) {
		r->match_header = r->line;
		return;
	}
	if (r->match_header)
		policy_error(r, "a second [Match], the first is in line %lu: make them one",
			     r->match_header);
	else
		policy_error(r, "[Match] is for the whole file: move it up, before the first "
				"[Vendor], [Deny] and [Allow]");
	r->block = BLOCK_UNKNOWN;
}

static void open_vendor(struct reader *r)
{
	r->has_rules = true;
	r->vendor = calloc(1, sizeof(*r->vendor));
	if (!r->vendor) {
		r->no_memory = true;
		return;
	}
	r->vendor->file = r->file;
	r->vendor->line = r->line;
	r->vendor->elsewhere = r->file->mismatch;
	r->vendor->grace = GRACE_UNSET;
}

static void open_section(struct reader *r, enum rule_effect effect)
{
	struct policy *p = r->policy;
	struct section **v = policy_grow(r, p->sections, p->section_count, sizeof(*v));

	r->has_rules = true;
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
	if (nearest != BLOCK_UNKNOWN)
		policy_error(r, "unknown section [%.64s]: did you mean [%s]?", name,
			     policy_block_name(nearest));
	else
		policy_error(r,
			     "unknown section [%.64s]: use [Policy], [Match], [Vendor], [Deny] or "
			     "[Allow]",
			     name);
	return BLOCK_UNKNOWN;
}

static void take_header(struct ini *ini, const char *name)
{
	struct reader *r = ini->context;

	r->line = ini->line;
	close_block(r);
	r->header = r->line;
	r->block = name ? find_block(r, name) : BLOCK_UNKNOWN;
	if (r->block == BLOCK_POLICY)
		open_policy(r);
	else if (r->block == BLOCK_MATCH)
		open_match(r);
	else if (r->block == BLOCK_VENDOR)
		open_vendor(r);
	else if (r->block == BLOCK_DENY || r->block == BLOCK_ALLOW)
		open_section(r, r->block == BLOCK_DENY ? RULE_DENY : RULE_ALLOW);
	if (r->no_memory)
		r->block = BLOCK_UNKNOWN;
}

static void take_assignment(struct ini *ini, const char *name, const char *value)
{
	struct reader *r = ini->context;

	r->line = ini->line;
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

/* ---- the file ------------------------------------------------------------------------------ */

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
	struct ini ini = {
		.path = path,
		.d = r->d,
		.context = r,
		.header = take_header,
		.assignment = take_assignment,
	};
	int err;

	r->file = add_file(r, path, name);
	if (!r->file)
		return;
	r->policy_header = r->match_header = 0;
	r->has_rules = false;
	err = ini_read(&ini, POLICY_FILE_MAX);
	r->no_memory |= err == -ENOMEM;
	/* What follows a NUL byte was not read, and nothing is asked of the section before it. */
	if (err)
		r->block = BLOCK_UNKNOWN;
	close_block(r);
	if (err == -EFBIG)
		diag_error(r->d, path, 0, "larger than %d MiB: put its digests into a DigestList=",
			   POLICY_FILE_MAX >> 20);
	else if (err && err != -EINVAL)
		file_complain(r->d, path, err);
	else
		set_default_id(r);
}
