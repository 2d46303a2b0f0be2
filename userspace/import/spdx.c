/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * SPDX documents: the checksums of their files and packages (a package's is of its archive). What
 * one file or package has is of one file, so that its SHA-256 is enough.
 *
 *	SPDX 2, JSON	"files": [{"fileName": …, "checksums": [{"algorithm": "SHA256",
 *			"checksumValue": "44aef302…6160"}]}]
 *	SPDX 2, tags	FileName: …
 *			FileChecksum: SHA256: 44aef302…6160
 *	SPDX 3, JSON	"@graph": [{"name": …, "verifiedUsing": [{"algorithm": "sha256",
 *			"hashValue": "44aef302…6160"}]}]
 */
#include "import/reader.h"

/* ---- JSON ------------------------------------------------------------------------------------ */

/* How a version calls what all of them have. */
struct keys {
	const char *list, *name, *digests, *algorithm, *value;
	bool all; /* whether each element has digests, so that one without is said */
};

static int take_element(struct input *in, const json_t *element, const struct keys *keys)
{
	struct import_item item = item_of(FINGERPRINT_SHA256, json_text(element, keys->name));
	const json_t *list = json_object_get(element, keys->digests);
	const char *algorithm, *value;
	struct file_digests digests = {};
	size_t i;

	for (i = 0; i < json_array_size(list); i++) {
		algorithm = json_text(json_array_get(list, i), keys->algorithm);
		value = json_text(json_array_get(list, i), keys->value);
		if (algorithm && value)
			file_digests_add(&digests, algorithm, strlen(algorithm), value,
					 strlen(value));
	}
	return digests.any || keys->all ? file_digests_take(in, &digests, &item) : 0;
}

static int take_list(struct input *in, const struct keys *keys)
{
	const json_t *list = json_object_get(in->json, keys->list);
	size_t i;
	int rc = 0;

	for (i = 0; i < json_array_size(list) && !rc; i++)
		rc = take_element(in, json_array_get(list, i), keys);
	return rc;
}

static int read_json(struct input *in)
{
	static const struct keys all[] = {
		{"files", "fileName", "checksums", "algorithm", "checksumValue", true},
		{"packages", "name", "checksums", "algorithm", "checksumValue", true},
		{"@graph", "name", "verifiedUsing", "algorithm", "hashValue", false},
	};
	size_t i;
	int rc = 0;

	for (i = 0; i < sizeof(all) / sizeof(all[0]) && !rc; i++)
		rc = take_list(in, &all[i]);
	return rc;
}

/* ---- tags ------------------------------------------------------------------------------------ */

struct tags {
	struct file_digests digests;
	char name[256]; /* of the file or package that is open, "" without one */
	bool in_text;	/* inside <text>…</text>, where anything may stand */
};

static bool has_tag(const char **s, const char *end, const char *tag)
{
	size_t len = strlen(tag);

	if ((size_t)(end - *s) < len || memcmp(*s, tag, len) != 0)
		return false;
	*s += len;
	while (*s < end && **s == ' ')
		(*s)++;
	return true;
}

static int close_element(struct input *in, struct tags *t)
{
	struct import_item item = item_of(FINGERPRINT_SHA256, t->name);
	int rc = *t->name ? file_digests_take(in, &t->digests, &item) : 0;

	t->digests = (struct file_digests){};
	t->name[0] = '\0';
	return rc;
}

static void take_checksum(struct input *in, struct tags *t, const char *s, const char *end)
{
	const char *colon = memchr(s, ':', end - s), *hex = colon ? colon + 1 : end;

	while (hex < end && *hex == ' ')
		hex++;
	while (end > hex && end[-1] == ' ')
		end--;
	if (!colon || !*t->name)
		input_error(in, in->lines.line,
			    "a checksum of nothing, or of no algorithm: export the document again");
	else
		file_digests_add(&t->digests, s, colon - s, hex, end - hex);
}

/* Whether the line belongs to a text, or begins one. */
static bool skip_text(struct tags *t, const char *s, const char *end)
{
	const char *open = memmem(s, end - s, "<text>", 6);
	bool closes = memmem(s, end - s, "</text>", 7);
	bool skipped = t->in_text || open;

	t->in_text = skipped && !closes;
	return skipped;
}

static int take_tag(struct input *in, const char *s, const char *end, bool whole)
{
	struct tags *t = in->context;
	int rc = 0;

	if (skip_text(t, s, end))
		return 0;
	if (has_tag(&s, end, "FileName:") || has_tag(&s, end, "PackageName:")) {
		rc = close_element(in, t);
		snprintf(t->name, sizeof(t->name), "%.*s", (int)(end - s), s);
	} else if (has_tag(&s, end, "FileChecksum:") || has_tag(&s, end, "PackageChecksum:")) {
		take_checksum(in, t, s, end);
	}
	return rc;
}

static int read_tags(struct input *in)
{
	struct tags t = {.name = ""};
	int rc = input_read_lines(in, LINES_MAX, take_tag, &t);

	if (!rc)
		rc = close_element(in, &t);
	return rc;
}

/* ---- the format ------------------------------------------------------------------------------ */

/* A string, or a list with one in it. */
static bool is_of_spdx(const json_t *context)
{
	const char *text =
		json_string_value(json_is_array(context) ? json_array_get(context, 0) : context);

	return text && strstr(text, "spdx.org/rdf/3");
}

bool spdx_probe(const struct input *in)
{
	const char *line;
	size_t len;

	if (in->syntax == SYNTAX_JSON)
		return json_text(in->json, "spdxVersion") ||
		       is_of_spdx(json_object_get(in->json, "@context"));
	len = input_first_line(in, &line);
	return len && has_tag(&line, line + len, "SPDXVersion:");
}

int spdx_read(struct input *in)
{
	return in->syntax == SYNTAX_TEXT ? read_tags(in) : read_json(in);
}
