/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * STIX 2.1 and 2.0: of a bundle, a TAXII envelope, a list of objects or one object, the indicators.
 * Observed files are no indicators: nobody says that they are to be blocked.
 */
#include "import/stix_pattern.h"
#include "moment.h"

static const json_t *find_objects(const json_t *root)
{
	return json_is_array(root) ? root : json_object_get(root, "objects");
}

static bool is_stix(const json_t *object)
{
	const char *id = json_text(object, "id"), *type = json_text(object, "type");
	size_t len = type ? strlen(type) : 0;

	return id && len && !strncmp(id, type, len) && !strncmp(id + len, "--", 2);
}

bool stix_probe(const struct input *in)
{
	const json_t *objects = find_objects(in->json);

	return is_stix(in->json) || is_stix(json_array_get(objects, 0));
}

/* RFC 3339 in UTC, the fraction of a second cut off. 0 without @text. */
static bool take_time(uint64_t *ns, const char *text)
{
	char whole[sizeof("2024-09-29T18:00:30")];
	size_t len = sizeof(whole) - 1, digits;

	*ns = 0;
	if (!text)
		return true;
	if (strlen(text) < len)
		return false;
	memcpy(whole, text, len);
	whole[len] = '\0';
	text += len;
	digits = *text == '.' ? strspn(text + 1, "0123456789") : 0;
	text += digits ? digits + 1 : 0;
	return whole[10] == 'T' && !strcmp(text, "Z") && !moment_of_date(ns, whole);
}

static int take_pattern(struct input *in, const json_t *object, const struct import_item *item)
{
	const char *language = json_text(object, "pattern_type");
	const char *pattern = json_text(object, "pattern");

	if (language && strcmp(language, "stix") != 0)
		input_leave(in, IMPORT_OTHER_SYNTAX);
	else if (!pattern)
		input_leave(in, IMPORT_MALFORMED);
	else
		return stix_pattern(in, pattern, item);
	return 0;
}

static int take_indicator(struct input *in, const json_t *object)
{
	struct import_item item = item_of(FINGERPRINT_SHA256, json_text(object, "name"));

	if (json_is_true(json_object_get(object, "revoked"))) {
		input_leave(in, IMPORT_REVOKED);
		return 0;
	}
	if (!take_time(&item.from, json_text(object, "valid_from")) ||
	    !take_time(&item.until, json_text(object, "valid_until"))) {
		input_leave(in, IMPORT_MALFORMED);
		return 0;
	}
	if (item.until && (item.until <= in->im->now || item.until <= item.from)) {
		input_leave(in, IMPORT_EXPIRED);
		return 0;
	}
	/* Once it has come, a beginning says nothing more. */
	if (item.from <= in->im->now)
		item.from = 0;
	return take_pattern(in, object, &item);
}

static int take_object(struct input *in, const json_t *object)
{
	return json_is(object, "type", "indicator") ? take_indicator(in, object) : 0;
}

int stix_read(struct input *in)
{
	const json_t *objects = find_objects(in->json);
	size_t i, n = json_array_size(objects);
	int rc = 0;

	if (!objects)
		return take_object(in, in->json);
	for (i = 0; i < n && !rc; i++)
		rc = take_object(in, json_array_get(objects, i));
	return rc;
}
