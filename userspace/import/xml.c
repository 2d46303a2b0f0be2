/* SPDX-License-Identifier: GPL-2.0-only */
/* XML, without entities of its own and within bounds. */
#include <errno.h>
#include <expat.h>
#include <stdio.h>
#include <unistd.h>

#include "file.h"
#include "import/reader.h"

#define BLOCK (64 * 1024)

/* From 2.9 on those without a width are deprecated. */
#if XML_MAJOR_VERSION == 2 && XML_MINOR_VERSION < 9
#define XML_GetCurrentByteIndex64  XML_GetCurrentByteIndex
#define XML_GetCurrentLineNumber64 XML_GetCurrentLineNumber
#endif

/* The name without the prefix of its namespace. */
static const char *local_name(const char *name)
{
	const char *colon = strrchr(name, ':');

	return colon ? colon + 1 : name;
}

static void stop(struct xml *x, int rc)
{
	x->rc = rc;
	XML_StopParser(x->parser, XML_FALSE);
}

static void refuse(struct xml *x, const char *what)
{
	input_error(x->in, xml_line(x), "%s", what);
	stop(x, -EINVAL);
}

/* ---- what expat finds ------------------------------------------------------------------------ */

static void begin_element(void *context, const char *name, const char **attributes)
{
	struct xml *x = context;

	if (x->rc)
		return;
	if (x->depth == XML_DEPTH) {
		refuse(x, "elements lie deeper in each other than in any such list");
		return;
	}
	name = local_name(name);
	snprintf(x->path[x->depth++], XML_NAME_LEN, "%s", name);
	x->text_len = 0;
	x->begin(x, name, attributes);
	if (x->rc)
		stop(x, x->rc);
}

static void end_element(void *context, const char *name)
{
	struct xml *x = context;

	if (x->rc)
		return;
	x->text[x->text_len] = '\0';
	x->end(x, local_name(name), x->text);
	x->depth--;
	x->text_len = 0;
	if (x->rc)
		stop(x, x->rc);
}

static void take_text(void *context, const char *s, int len)
{
	struct xml *x = context;
	size_t room = XML_TEXT_MAX - x->text_len;
	size_t n = (size_t)len < room ? (size_t)len : room;

	memcpy(x->text + x->text_len, s, n);
	x->text_len += n;
}

/* Property lists name their DTD, which nobody fetches; entities of a list's own can only harm. */
static void begin_doctype(void *context, const char *name, const char *system_id,
			  const char *public_id, int has_internal_subset)
{
	if (has_internal_subset)
		refuse(context, "the document type defines entities or the like: such a list is "
				"not read");
}

/* ---- the parser ------------------------------------------------------------------------------ */

static bool create_parser(struct xml *x)
{
	XML_Parser parser = XML_ParserCreate(NULL);

	x->parser = parser;
	if (!parser)
		return false;
	XML_SetUserData(parser, x);
	XML_SetElementHandler(parser, begin_element, end_element);
	XML_SetCharacterDataHandler(parser, take_text);
	XML_SetStartDoctypeDeclHandler(parser, begin_doctype);
	return true;
}

static int complain(struct xml *x)
{
	enum XML_Error code = XML_GetErrorCode(x->parser);

	if (x->rc)
		return x->rc;
	if (code == XML_ERROR_NO_MEMORY)
		return -ENOMEM;
	input_error(x->in, xml_line(x), "no valid XML: %s: export it again", XML_ErrorString(code));
	return -EINVAL;
}

/* expat reads from the beginning what it has no end of, each time that there is more of it. */
static bool token_is_endless(const struct xml *x, uint64_t fed)
{
	long long at = XML_GetCurrentByteIndex64(x->parser);

	return fed - (at > 0 ? at : 0) > XML_TOKEN_MAX;
}

static int parse(struct xml *x)
{
	uint64_t fed = 0;
	ssize_t n;
	void *block;

	do {
		block = XML_GetBuffer(x->parser, BLOCK);
		if (!block)
			return -ENOMEM;
		n = file_read(x->in->fd, block, BLOCK);
		if (n < 0)
			return n;
		fed += n;
		progress_add(&x->in->progress, n);
		if (XML_ParseBuffer(x->parser, n, !n) != XML_STATUS_OK)
			return complain(x);
		if (fed > INPUT_XML_MAX)
			refuse(x, "longer than any such list: export it in parts");
		else if (token_is_endless(x, fed))
			refuse(x, "an element or comment that is longer than in any such list");
	} while (n && !x->rc);
	return x->rc;
}

int xml_read(struct xml *x)
{
	int rc;

	x->rc = 0;
	x->depth = x->text_len = 0;
	if (lseek(x->in->fd, 0, SEEK_SET))
		return -errno;
	if (!create_parser(x))
		return -ENOMEM;
	rc = parse(x);
	XML_ParserFree(x->parser);
	return rc;
}

unsigned long xml_line(const struct xml *x)
{
	return XML_GetCurrentLineNumber64(x->parser);
}

const char *xml_attribute(const char **attributes, const char *name)
{
	for (; *attributes; attributes += 2)
		if (!strcmp(local_name(attributes[0]), name))
			return attributes[1];
	return NULL;
}

bool xml_is_in(const struct xml *x, const char *name)
{
	return x->depth > 1 && !strcmp(x->path[x->depth - 2], name);
}

/* ---- the outermost element ------------------------------------------------------------------- */

struct search {
	XML_Parser parser;
	char *root;
};

static void find_root(void *context, const char *name, const char **attributes)
{
	struct search *s = context;

	snprintf(s->root, XML_NAME_LEN, "%s", local_name(name));
	XML_StopParser(s->parser, XML_FALSE);
}

static void pass_doctype(void *context, const char *name, const char *system_id,
			 const char *public_id, int has_internal_subset)
{
	struct search *s = context;

	if (has_internal_subset)
		XML_StopParser(s->parser, XML_FALSE);
}

void input_find_root(struct input *in)
{
	struct search s = {.parser = XML_ParserCreate(NULL), .root = in->root};

	if (!s.parser)
		return;
	XML_SetUserData(s.parser, &s);
	XML_SetStartElementHandler(s.parser, find_root);
	XML_SetStartDoctypeDeclHandler(s.parser, pass_doctype);
	XML_Parse(s.parser, in->head, in->head_len, XML_FALSE);
	XML_ParserFree(s.parser);
}
