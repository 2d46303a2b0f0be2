/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * CycloneDX bills of materials, JSON and XML: the hashes of their components, those inside others,
 * and the one that the bill is of. A component's hashes are of one file, so that its SHA-256 is
 * enough. Not taken: the tools that made the bill, a component's ancestors (pedigree), references.
 *
 *	"components": [{"name": …, "hashes": [{"alg": "SHA-256", "content": "44aef302…6160"}]}]
 *	<component><name>…</name><hashes><hash alg="SHA-256">44aef302…6160</hash></hashes>
 */
#include "import/reader.h"

/* ---- JSON ------------------------------------------------------------------------------------ */

static int take_components(struct input *in, const json_t *components);

static int take_component(struct input *in, const json_t *component)
{
	const json_t *hashes = json_object_get(component, "hashes"), *hash;
	struct import_item item = item_of(FINGERPRINT_SHA256, json_text(component, "name"));
	const char *algorithm, *content;
	struct file_digests digests = {};
	size_t i;
	int rc;

	for (i = 0; i < json_array_size(hashes); i++) {
		hash = json_array_get(hashes, i);
		algorithm = json_text(hash, "alg");
		content = json_text(hash, "content");
		if (algorithm && content)
			file_digests_add(&digests, algorithm, strlen(algorithm), content,
					 strlen(content));
	}
	rc = file_digests_take(in, &digests, &item);
	return rc ? rc : take_components(in, json_object_get(component, "components"));
}

/* As deep as jansson reads. */
static int take_components(struct input *in, const json_t *components)
{
	size_t i;
	int rc = 0;

	for (i = 0; i < json_array_size(components) && !rc; i++)
		rc = take_component(in, json_array_get(components, i));
	return rc;
}

static int read_json(struct input *in)
{
	const json_t *metadata = json_object_get(in->json, "metadata");
	const json_t *subject = json_object_get(metadata, "component");
	int rc = 0;

	if (json_is_object(subject))
		rc = take_component(in, subject);
	return rc ? rc : take_components(in, json_object_get(in->json, "components"));
}

/* ---- XML ------------------------------------------------------------------------------------- */

struct open_component {
	struct file_digests digests;
	char name[256];
};

struct cyclonedx {
	struct open_component open[XML_DEPTH]; /* by the depth of its element */
	char algorithm[16];
};

/*
 * Whether what holds the element that begins or ends, @up elements further out, is a component of
 * the bill itself, and none of its tools' or of another component's history.
 */
static bool is_component(const struct xml *x, size_t up)
{
	size_t i;

	if (x->depth <= up || strcmp(x->path[x->depth - up - 1], "component") != 0)
		return false;
	for (i = 0; i < x->depth - up; i++)
		if (strcmp(x->path[i], "bom") != 0 && strcmp(x->path[i], "metadata") != 0 &&
		    strcmp(x->path[i], "components") != 0 && strcmp(x->path[i], "component") != 0)
			return false;
	return true;
}

static void begin(struct xml *x, const char *name, const char **attributes)
{
	struct cyclonedx *c = x->context;
	const char *algorithm;

	if (is_component(x, 0))
		c->open[x->depth - 1] = (struct open_component){};
	if (strcmp(name, "hash") != 0)
		return;
	algorithm = xml_attribute(attributes, "alg");
	snprintf(c->algorithm, sizeof(c->algorithm), "%s", algorithm ? algorithm : "");
}

static int end_component(struct input *in, const struct open_component *component)
{
	struct import_item item =
		item_of(FINGERPRINT_SHA256, *component->name ? component->name : NULL);

	return file_digests_take(in, &component->digests, &item);
}

static void end(struct xml *x, const char *name, const char *text)
{
	struct cyclonedx *c = x->context;

	if (is_component(x, 0))
		x->rc = end_component(x->in, &c->open[x->depth - 1]);
	else if (!strcmp(name, "name") && is_component(x, 1))
		snprintf(c->open[x->depth - 2].name, sizeof(c->open[0].name), "%s", text);
	else if (!strcmp(name, "hash") && xml_is_in(x, "hashes") && is_component(x, 2))
		file_digests_add(&c->open[x->depth - 3].digests, c->algorithm, strlen(c->algorithm),
				 text, strlen(text));
}

static int read_xml(struct input *in)
{
	struct cyclonedx c = {};
	struct xml x = {.in = in, .begin = begin, .end = end, .context = &c};

	return xml_read(&x);
}

/* ---- the format ------------------------------------------------------------------------------ */

bool cyclonedx_probe(const struct input *in)
{
	if (in->syntax == SYNTAX_XML)
		return !strcmp(in->root, "bom");
	return json_is(in->json, "bomFormat", "CycloneDX");
}

int cyclonedx_read(struct input *in)
{
	return in->syntax == SYNTAX_XML ? read_xml(in) : read_json(in);
}
