/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * OpenIOC 1.0 (and 1.1, which puts "criteria" around the same):
 *
 *	<Indicator operator="OR">
 *	  <IndicatorItem condition="is">
 *	    <Context document="FileItem" search="FileItem/Sha256sum" type="mir"/>
 *	    <Content type="string">44aef302…6160</Content>
 *
 * Only what is joined by OR all the way out is carried over.
 */
#include "import/reader.h"

struct openioc {
	unsigned int narrowed; /* open Indicators that are not joined by OR */
	bool narrows[XML_DEPTH];
	bool is;	   /* the item's condition, not negated */
	char search[64];   /* what the item looks for */
	char content[256]; /* and the value; what is longer is no digest */
	bool content_is_cut;
	char name[256]; /* short_description */
};

bool openioc_probe(const struct input *in)
{
	return !strcmp(in->root, "ioc") || !strcmp(in->root, "OpenIOC");
}

static bool says(const char **attributes, const char *name, const char *value)
{
	const char *found = xml_attribute(attributes, name);

	return found && !strcmp(found, value);
}

static void begin(struct xml *x, const char *name, const char **attributes)
{
	struct openioc *ioc = x->context;
	const char *search;
	bool narrows;

	if (!strcmp(name, "Indicator")) {
		narrows =
			!says(attributes, "operator", "OR") && !says(attributes, "operator", "or");
		ioc->narrows[x->depth - 1] = narrows;
		ioc->narrowed += narrows;
	} else if (!strcmp(name, "IndicatorItem")) {
		ioc->is =
			says(attributes, "condition", "is") && !says(attributes, "negate", "true");
		ioc->search[0] = ioc->content[0] = '\0';
		ioc->content_is_cut = false;
	} else if (!strcmp(name, "Context")) {
		search = xml_attribute(attributes, "search");
		snprintf(ioc->search, sizeof(ioc->search), "%s", search ? search : "");
	}
}

/* Blanks around a value are how somebody laid out the file. */
static void take_content(struct openioc *ioc, const char *text)
{
	size_t len;

	text += strspn(text, " \t\r\n");
	len = strlen(text);
	while (len && strchr(" \t\r\n", text[len - 1]))
		len--;
	ioc->content_is_cut = len >= sizeof(ioc->content);
	if (ioc->content_is_cut)
		len = sizeof(ioc->content) - 1;
	memcpy(ioc->content, text, len);
	ioc->content[len] = '\0';
}

static enum import_reason against(const struct openioc *ioc)
{
	static const struct {
		const char *search;
		enum import_reason reason;
	} known[] = {
		{"FileItem/Sha256sum", IMPORT_REASONS},
		{"FileItem/Md5sum", IMPORT_MD5},
		{"FileItem/Sha1sum", IMPORT_SHA1},
	};
	size_t i;

	if (ioc->narrowed || !ioc->is)
		return IMPORT_COMBINED;
	for (i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (!strcmp(ioc->search, known[i].search))
			return ioc->content_is_cut ? IMPORT_MALFORMED : known[i].reason;
	return IMPORT_OTHER_FACT;
}

static int take_item(struct input *in, const struct openioc *ioc)
{
	struct import_item item = item_of(FINGERPRINT_SHA256, *ioc->name ? ioc->name : NULL);
	enum import_reason reason = against(ioc);

	if (reason == IMPORT_REASONS)
		return input_digest(in, &item, ioc->content, strlen(ioc->content));
	input_leave(in, reason);
	return 0;
}

static void end(struct xml *x, const char *name, const char *text)
{
	struct openioc *ioc = x->context;

	if (!strcmp(name, "Indicator"))
		ioc->narrowed -= ioc->narrows[x->depth - 1];
	else if (!strcmp(name, "Content"))
		take_content(ioc, text);
	else if (!strcmp(name, "short_description"))
		snprintf(ioc->name, sizeof(ioc->name), "%s", text);
	else if (!strcmp(name, "IndicatorItem"))
		x->rc = take_item(x->in, ioc);
}

int openioc_read(struct input *in)
{
	struct openioc ioc = {};
	struct xml x = {.in = in, .begin = begin, .end = end, .context = &ioc};

	return xml_read(&x);
}
