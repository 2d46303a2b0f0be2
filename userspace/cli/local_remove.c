/* SPDX-License-Identifier: GPL-2.0-only */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/edit.h"
#include "cli/local.h"
#include "conf.h"

#define DIGEST_PREFIX "sha256:"
#define HEX_LEN	      (2 * FINGERPRINT_LEN)

/* Whether @text, of which @len bytes are good, begins with the digest @hex. */
static bool begins_with(const char *text, size_t len, const char *hex)
{
	return len >= HEX_LEN && !strncasecmp(text, hex, HEX_LEN);
}

/* ---- texts ----------------------------------------------------------------------------------- */

static int open_text(struct apply *a, struct edit *e, const char *name)
{
	char *text;
	size_t len;
	int err = stage_read_text(&a->stage, name, &text, &len, &a->d);

	return err ? err : edit_begin(e, text, len);
}

static bool opens_rules(const struct edit *e, const struct edit_line *line)
{
	const char *s = e->text + line->begin + strspn(e->text + line->begin, " \t");

	return line->header && (!strncmp(s, "[Deny]", 6) || !strncmp(s, "[Allow]", 7));
}

/* Whether @line names one of @kinds by a key of its own. */
static bool names_kind(const struct edit_line *line, __u32 kinds)
{
	const char *key;
	int kind;

	for (kind = 0; kind < FINGERPRINT_KINDS; kind++) {
		key = kinds & KIND_BIT(kind) ? policy_kind_key(kind) : NULL;
		if (key && edit_is(line, key, NULL))
			return true;
	}
	return false;
}

static bool lists(const struct edit_line *line)
{
	static const char *const keys[] = {
		"Digest",	 "DigestList", "PackageDigestList", "Package", "PackageMaintainer",
		"PackageVendor", "PackageKey",
	};
	size_t i;

	for (i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (edit_is(line, keys[i], NULL))
			return true;
	return names_kind(line, UINT32_MAX);
}

/* Whether the section that @header opens lists anything. */
static bool lists_nothing(const struct edit *e, struct edit_line header)
{
	while (edit_next(e, &header) && !header.header)
		if (lists(&header))
			return false;
	return true;
}

/* The SignatureState= of the section that @header opens, if there is no signer that it is for. */
static bool find_idle_state(const struct edit *e, struct edit_line header, struct edit_line *state)
{
	*state = (struct edit_line){};
	while (edit_next(e, &header) && !header.header) {
		if (names_kind(&header, KINDS_SIGNER))
			return false;
		if (edit_is(&header, "SignatureState", NULL))
			*state = header;
	}
	return state->number;
}

static void cut_idle_states(struct edit *e)
{
	struct edit_line line = {}, state;

	while (edit_next(e, &line)) {
		if (!opens_rules(e, &line) || !find_idle_state(e, line, &state))
			continue;
		edit_cut(e, state.begin, state.end);
		line = (struct edit_line){};
	}
}

static void cut_empty_sections(struct edit *e)
{
	struct edit_line line = {};

	cut_idle_states(e);
	while (edit_next(e, &line)) {
		if (!opens_rules(e, &line) || !lists_nothing(e, line))
			continue;
		edit_cut(e, line.begin, edit_section_end(e, line.number));
		line = (struct edit_line){};
	}
}

/* Cut every line @key=@value; of a digest, whatever its size. */
static void cut_lines(struct edit *e, const char *key, const char *value)
{
	struct edit_line line = {};

	while (edit_next(e, &line)) {
		if (!edit_is(&line, key, value))
			continue;
		edit_cut(e, line.begin, line.end);
		line = (struct edit_line){};
	}
}

/* Cut the Digest= lines of one section that name @hex. */
static void cut_digest(struct edit *e, unsigned long header, const char *hex)
{
	struct edit_line line;
	size_t skip = strlen(DIGEST_PREFIX);

	if (!edit_seek(e, &line, header))
		return;
	while (edit_next(e, &line) && !line.header) {
		if (!edit_is(&line, "Digest", NULL) || line.value_len < skip ||
		    !begins_with(line.value + skip, line.value_len - skip, hex))
			continue;
		edit_cut(e, line.begin, line.end);
		edit_seek(e, &line, header);
	}
}

/* ---- lists ----------------------------------------------------------------------------------- */

static bool names_list(const struct policy_file *file, const char *list)
{
	size_t i;

	for (i = 0; i < file->lists.n; i++)
		if (!strcmp(file->lists.v[i], list))
			return true;
	return false;
}

/* A list that lost its last digest: no policy may name it any more. */
static int drop_list(struct apply *a, const char *list)
{
	struct edit e;
	size_t i;
	int err = 0;

	for (i = 0; i < a->policy.file_count && !err; i++) {
		if (!apply_is_staged(a, a->policy.files[i]) ||
		    !names_list(a->policy.files[i], list))
			continue;
		err = open_text(a, &e, a->policy.files[i]->name);
		if (err)
			break;
		cut_lines(&e, "DigestList", list);
		cut_empty_sections(&e);
		err = stage_put_text(&a->stage, a->policy.files[i]->name, e.text, e.len, &a->d);
		edit_free(&e);
	}
	return err ? err : stage_remove(&a->stage, list, &a->d);
}

/* Copy a list without the lines of @hex. Return: how many digests stay, or a negative errno. */
static ssize_t filter(FILE *in, FILE *out, const char *hex)
{
	size_t capacity = 0, skip;
	ssize_t len, kept = 0;
	char *line = NULL;

	while ((len = getline(&line, &capacity, in)) >= 0) {
		skip = *line == '\\';
		if (begins_with(line + skip, len - skip, hex))
			continue;
		kept += *line != '#' && len > HEX_LEN;
		fwrite(line, 1, len, out);
	}
	free(line);
	return ferror(in) || ferror(out) ? -EIO : kept;
}

/* The stage's files may be shared with the policy in force: a new one takes the list's name. */
static int filter_list(struct apply *a, const char *list, const char *hex)
{
	char path[PATH_MAX], new[PATH_MAX];
	FILE *in = NULL, *out = NULL;
	ssize_t kept = -EIO;

	snprintf(path, sizeof(path), "%s/%s", a->stage.dir, list);
	snprintf(new, sizeof(new), "%s/.new", a->stage.dir);
	in = fopen(path, "re");
	out = in ? fopen(new, "we") : NULL;
	if (out)
		kept = filter(in, out, hex);
	if (in)
		fclose(in);
	if (out && (fclose(out) || rename(new, path)))
		kept = -EIO;
	if (kept < 0)
		diag_error(&a->d, path, 0, "cannot be rewritten: %m");
	return kept ? (kept < 0 ? kept : 0) : drop_list(a, list);
}

/* ---- what remove does ------------------------------------------------------------------------ */

static bool has_digest(const struct policy_list *list, const uint8_t value[FINGERPRINT_LEN])
{
	size_t i;

	for (i = 0; i < list->digests.n; i++)
		if (!memcmp(list->digests.v[i].value, value, FINGERPRINT_LEN))
			return true;
	return false;
}

static int cut_from_section(struct apply *a, const struct section *section, const char *hex)
{
	struct edit e = {};
	int err = open_text(a, &e, section->file->name);

	if (err)
		return err;
	cut_digest(&e, section->line, hex);
	cut_empty_sections(&e);
	err = stage_put_text(&a->stage, section->file->name, e.text, e.len, &a->d);
	edit_free(&e);
	return err;
}

static int remove_digest(struct apply *a, const struct section *section,
			 const uint8_t value[FINGERPRINT_LEN])
{
	char hex[HEX_LEN + 1];
	size_t i;

	digest_format(hex, value);
	for (i = 0; i < section->list_count; i++) {
		if (!has_digest(&section->lists[i], value))
			continue;
		/* One at a time: either changes the lines that the policy speaks of. */
		if (section->lists[i].name)
			return filter_list(a, section->lists[i].name, hex);
		return cut_from_section(a, section, hex);
	}
	return 0;
}

bool local_is_named_by(const struct named_fingerprint *named, const struct fingerprint *f)
{
	return named->f.kind == f->kind && !memcmp(named->f.value, f->value, FINGERPRINT_LEN);
}

/* The file that a line names, or NULL. */
static const char *file_of(const struct named_fingerprint *named)
{
	bool own_kind = policy_kind_has_files(named->f.kind) ||
			named->f.kind == FINGERPRINT_SIGNER_SERIAL ||
			named->f.kind == FINGERPRINT_SIGNER_KEY_ID;

	return own_kind && policy_is_file(named->text) && !policy_check_file_name(named->text)
		       ? named->text
		       : NULL;
}

/* Whether a local line but @line of @section names @file. */
static bool is_used_elsewhere(const struct apply *a, const struct section *section,
			      unsigned long line, const char *file)
{
	const struct section *s;
	const char *other;
	size_t i, k;

	for (i = 0; (s = policy_section_at(&a->policy, i)); i++) {
		for (k = 0; apply_is_staged(a, s->file) && k < s->named_count; k++) {
			other = file_of(&s->named[k]);
			if (other && !strcmp(other, file) &&
			    (s != section || s->named[k].line != line))
				return true;
		}
	}
	return false;
}

static int cut_name(struct apply *a, const struct section *section, unsigned long number)
{
	struct edit_line line;
	struct edit e = {};
	int err = open_text(a, &e, section->file->name);

	if (err)
		return err;
	if (edit_seek(&e, &line, number))
		edit_cut(&e, line.begin, line.end);
	cut_empty_sections(&e);
	err = stage_put_text(&a->stage, section->file->name, e.text, e.len, &a->d);
	edit_free(&e);
	return err;
}

static int remove_name(struct apply *a, const struct section *section, const struct fingerprint *f)
{
	const struct named_fingerprint *named = section->named;
	const struct named_fingerprint *end = named + section->named_count;
	const char *file;
	int err;

	while (named < end && !local_is_named_by(named, f))
		named++;
	if (named == end)
		return 0;
	file = file_of(named);
	err = cut_name(a, section, named->line);
	if (!err && file && !is_used_elsewhere(a, section, named->line, file))
		err = stage_remove(&a->stage, file, &a->d);
	return err;
}

int local_remove_fingerprint(struct apply *a, const struct section *section,
			     const struct fingerprint *f)
{
	if (f->kind == FINGERPRINT_SHA256)
		return remove_digest(a, section, f->value);
	return remove_name(a, section, f);
}

static bool is_named_elsewhere(const struct apply *a, const struct policy_file *file,
			       const char *list)
{
	size_t i;

	for (i = 0; i < a->policy.file_count; i++)
		if (a->policy.files[i] != file && apply_is_staged(a, a->policy.files[i]) &&
		    names_list(a->policy.files[i], list))
			return true;
	return false;
}

int local_remove_file(struct apply *a, const struct policy_file *file)
{
	size_t i;
	int err = 0;

	for (i = 0; i < file->lists.n && !err; i++)
		if (!is_named_elsewhere(a, file, file->lists.v[i]))
			err = stage_remove(&a->stage, file->lists.v[i], &a->d);
	return err ? err : stage_remove(&a->stage, file->name, &a->d);
}

static bool is_used(const struct policy *p, const char *vendor)
{
	const struct section *s;
	size_t i;

	for (i = 0; (s = policy_section_at(p, i)); i++)
		if (s->vendor && !strcmp(s->vendor, vendor))
			return true;
	return false;
}

/* The [Vendor] whose Id is @id; line.number is 0 when there is none. */
static struct edit_line find_vendor(const struct edit *e, const char *id)
{
	struct edit_line line = {}, header = {};
	bool vendor = false;

	while (edit_next(e, &line)) {
		if (line.header) {
			header = line;
			vendor = memmem(e->text + line.begin, line.end - line.begin, "[Vendor]",
					strlen("[Vendor]"));
		}
		if (vendor && edit_is(&line, "Id", id))
			return header;
	}
	return (struct edit_line){};
}

int local_forget_vendor(struct apply *a, const char *id)
{
	struct edit_line header = {};
	struct edit e = {};
	int err;

	err = open_text(a, &e, LOCAL_POLICY);
	if (err || !e.len)
		goto out;
	if (!is_used(&a->policy, id))
		header = find_vendor(&e, id);
	if (header.number)
		edit_cut(&e, header.begin, edit_section_end(&e, header.number));
	if (edit_has_sections(&e))
		err = stage_put_text(&a->stage, LOCAL_POLICY, e.text, e.len, &a->d);
	else
		err = stage_remove(&a->stage, LOCAL_POLICY, &a->d);
out:
	edit_free(&e);
	return err;
}
