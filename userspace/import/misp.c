/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * MISP events in JSON, as the API, a feed or a sharing group gives them: {"Event": …},
 * {"response": [{"Event": …}, …]}, {"response": {"Attribute": […]}}.
 *
 * An attribute is to be acted upon if its to_ids says so, and no other is imported. In an object
 * named "file" all attributes are of one file: a SHA-256 makes the other digests unnecessary, and
 * has its size there.
 */
#include "import/reader.h"

#define COMPOSITE "filename|"

/* ---- attributes ------------------------------------------------------------------------------ */

/* MISP writes true; older versions and other programs 1 or "1". */
static bool is_set(const json_t *object, const char *key)
{
	const json_t *value = json_object_get(object, key);
	const char *text = json_string_value(value);

	return json_is_true(value) || json_integer_value(value) == 1 ||
	       (text && (!strcmp(text, "1") || !strcmp(text, "true")));
}

static bool is_sha256(const json_t *attribute)
{
	return json_is(attribute, "type", "sha256") ||
	       json_is(attribute, "type", COMPOSITE "sha256");
}

/* Whether a type is of a digest of the content; NULL-safe. */
static bool is_digest_type(const char *type)
{
	static const char *const others[] = {"ssdeep",	     "tlsh",	      "vhash",	"imphash",
					     "impfuzzy",     "pehash",	      "cdhash", "telfhash",
					     "authentihash", "malware-sample"};
	size_t i;

	if (!strncmp(type, "md5", 3) || !strncmp(type, "sha", 3))
		return true;
	for (i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		if (!strcmp(type, others[i]))
			return true;
	return false;
}

/* Which reason stands against a type; IMPORT_REASONS: none, and @kind is what it is of. */
static enum import_reason against_type(const char *type, enum fingerprint_kind *kind)
{
	if (!strncmp(type, COMPOSITE, strlen(COMPOSITE)))
		type += strlen(COMPOSITE);
	if (!is_digest_type(type))
		return IMPORT_OTHER_FACT;
	*kind = strcmp(type, "authentihash") ? FINGERPRINT_SHA256 : FINGERPRINT_AUTHENTIHASH;
	if (*kind == FINGERPRINT_AUTHENTIHASH)
		return IMPORT_REASONS;
	if (!strcmp(type, "malware-sample")) /* its value is filename|md5 */
		return IMPORT_MD5;
	return algorithm_of(type, strlen(type));
}

/* The digest in "44aef302…" and in "name|44aef302…"; the name, if there is one, is the item's. */
static const char *find_digest(struct import_item *item, const char *value)
{
	const char *bar = strrchr(value, '|');

	if (!bar)
		return value;
	item->name = value;
	item->name_len = bar - value;
	return bar + 1;
}

static bool is_meant(struct input *in, const json_t *attribute)
{
	if (is_set(attribute, "deleted"))
		input_leave(in, IMPORT_REVOKED);
	else if (!is_set(attribute, "to_ids"))
		input_leave(in, IMPORT_NOT_TO_IDS);
	else
		return true;
	return false;
}

static int take_attribute(struct input *in, const json_t *attribute, const char *name,
			  uint64_t size)
{
	const char *type = json_text(attribute, "type"), *value = json_text(attribute, "value");
	struct import_item item = item_of(FINGERPRINT_SHA256, name);
	enum import_reason against;

	if (!is_meant(in, attribute))
		return 0;
	against = type && value ? against_type(type, &item.kind) : IMPORT_MALFORMED;
	if (against != IMPORT_REASONS) {
		input_leave(in, against);
		return 0;
	}
	item.size = item.kind == FINGERPRINT_SHA256 ? size : SIZE_UNKNOWN;
	value = find_digest(&item, value);
	return input_digest(in, &item, value, strlen(value));
}

/* ---- objects --------------------------------------------------------------------------------- */

struct object {
	const char *filename; /* or NULL */
	uint64_t size;
	size_t sha256s, sizes;
};

static void look_at(struct object *o, const json_t *attribute)
{
	const char *value = json_text(attribute, "value");

	if (!value || is_set(attribute, "deleted"))
		return;
	if (is_sha256(attribute) && is_set(attribute, "to_ids"))
		o->sha256s++;
	else if (json_is(attribute, "type", "size-in-bytes"))
		o->sizes += parse_size(&o->size, value, strlen(value)) ? 1 : 2;
	else if (json_is(attribute, "type", "filename"))
		o->filename = value;
}

/* What an object of one file says besides its SHA-256 is about the same file. */
static bool is_unnecessary(const struct object *o, const json_t *attribute)
{
	const char *type = json_text(attribute, "type");
	enum fingerprint_kind kind = FINGERPRINT_SHA256;

	if (o->sha256s != 1 || !type || is_sha256(attribute))
		return false;
	return against_type(type, &kind) != IMPORT_REASONS;
}

static int take_object(struct input *in, const json_t *object, const char *name)
{
	const json_t *attributes = json_object_get(object, "Attribute");
	bool is_file = json_is(object, "name", "file");
	size_t i, n = json_array_size(attributes);
	struct object o = {};
	uint64_t size;
	int rc = 0;

	if (is_set(object, "deleted")) {
		input_leave(in, IMPORT_REVOKED);
		return 0;
	}
	for (i = 0; is_file && i < n; i++)
		look_at(&o, json_array_get(attributes, i));
	size = o.sha256s == 1 && o.sizes == 1 && o.size ? o.size : SIZE_UNKNOWN;
	for (i = 0; i < n && !rc; i++)
		if (!is_unnecessary(&o, json_array_get(attributes, i)))
			rc = take_attribute(in, json_array_get(attributes, i),
					    o.filename ? o.filename : name, size);
	return rc;
}

/* ---- events ---------------------------------------------------------------------------------- */

static int take_event(struct input *in, const json_t *event)
{
	const json_t *attributes = json_object_get(event, "Attribute");
	const json_t *objects = json_object_get(event, "Object");
	const char *name = json_text(event, "info");
	size_t i;
	int rc = 0;

	for (i = 0; i < json_array_size(attributes) && !rc; i++)
		rc = take_attribute(in, json_array_get(attributes, i), name, SIZE_UNKNOWN);
	for (i = 0; i < json_array_size(objects) && !rc; i++)
		rc = take_object(in, json_array_get(objects, i), name);
	return rc;
}

/* {"Event": …}, or what it would hold. */
static int take_element(struct input *in, const json_t *element)
{
	const json_t *event = json_object_get(element, "Event");

	return take_event(in, json_is_object(event) ? event : element);
}

static const json_t *find_response(const json_t *root)
{
	const json_t *response = json_object_get(root, "response");

	return response ? response : root;
}

static bool is_misp(const json_t *object)
{
	const json_t *event = json_object_get(object, "Event");

	return json_is_object(event) || json_is_array(json_object_get(object, "Attribute"));
}

bool misp_probe(const struct input *in)
{
	const json_t *response = find_response(in->json);

	return is_misp(json_is_array(response) ? json_array_get(response, 0) : response);
}

int misp_read(struct input *in)
{
	const json_t *response = find_response(in->json);
	size_t i;
	int rc = 0;

	if (!json_is_array(response))
		return take_element(in, response);
	for (i = 0; i < json_array_size(response) && !rc; i++)
		rc = take_element(in, json_array_get(response, i));
	return rc;
}
