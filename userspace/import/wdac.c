/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * App Control for Business (WDAC) policies in XML:
 *
 *	<FileRules><Deny ID="ID_DENY_1" FriendlyName="x.exe Hash Sha256" Hash="44AEF302…6160"/>
 *	… <SigningScenario> … <FileRuleRef RuleID="ID_DENY_1"/>
 *
 * A hash is an Authenticode one: of a PE image without its signatures. Of 40 digits it is a SHA-1;
 * the hash of a page can only be told by its name, which the tools that make such policies end in
 * "Hash Page Sha256". A rule is in force if a signing scenario refers to it; since rules come
 * before references, the file is read twice.
 */
#include <errno.h>
#include <search.h>
#include <stdlib.h>

#include "import/reader.h"

struct wdac {
	void *references; /* tsearch(3) of the RuleIDs that are referred to */
	bool any;	  /* without any reference it is a part of a policy: all is meant */
	bool audit;
};

bool wdac_probe(const struct input *in)
{
	return !strcmp(in->root, "SiPolicy");
}

static int compare(const void *a, const void *b)
{
	return strcmp(a, b);
}

/* ---- the first time: references -------------------------------------------------------------- */

static void refer(struct xml *x, struct wdac *w, const char *id)
{
	char *copy = strdup(id);
	void *node = copy ? tsearch(copy, &w->references, compare) : NULL;

	if (!node)
		x->rc = -ENOMEM;
	if (!node || *(char **)node != copy)
		free(copy);
	w->any = true;
}

static void begin_reference(struct xml *x, const char *name, const char **attributes)
{
	const char *id = xml_attribute(attributes, "RuleID");

	if (id && !strcmp(name, "FileRuleRef"))
		refer(x, x->context, id);
}

static void end_option(struct xml *x, const char *name, const char *text)
{
	struct wdac *w = x->context;

	if (!strcmp(name, "Option") && !strcmp(text, "Enabled:Audit Mode"))
		w->audit = true;
}

/* ---- the second time: rules ------------------------------------------------------------------ */

static enum import_reason against(const struct wdac *w, const char **attributes, const char *hash)
{
	const char *id = xml_attribute(attributes, "ID");
	const char *friendly = xml_attribute(attributes, "FriendlyName");

	if (w->any && (!id || !tfind(id, &w->references, compare)))
		return IMPORT_UNUSED;
	if (!hash)
		return IMPORT_FILE_NAME;
	if (friendly && strcasestr(friendly, "Hash Page"))
		return IMPORT_PAGE_HASH;
	return IMPORT_REASONS;
}

static void take_deny(struct xml *x, const char **attributes)
{
	const char *hash = xml_attribute(attributes, "Hash");
	struct import_item item =
		item_of(FINGERPRINT_AUTHENTIHASH, xml_attribute(attributes, "FriendlyName"));
	enum import_reason reason = against(x->context, attributes, hash);

	if (reason == IMPORT_REASONS)
		x->rc = input_digest(x->in, &item, hash, strlen(hash));
	else
		input_leave(x->in, reason);
}

static void begin_rule(struct xml *x, const char *name, const char **attributes)
{
	if (!strcmp(name, "Deny") && xml_is_in(x, "FileRules"))
		take_deny(x, attributes);
	else if (!strcmp(name, "Allow") && xml_is_in(x, "FileRules"))
		input_leave(x->in, IMPORT_ALLOWED);
	else if (!strcmp(name, "DeniedSigner"))
		input_leave(x->in, IMPORT_SIGNER);
}

static void end_rule(struct xml *x, const char *name, const char *text)
{
}

int wdac_read(struct input *in)
{
	struct wdac w = {};
	struct xml x = {.in = in, .begin = begin_reference, .end = end_option, .context = &w};
	int rc;

	rc = xml_read(&x);
	if (!rc) {
		x.begin = begin_rule;
		x.end = end_rule;
		rc = xml_read(&x);
	}
	tdestroy(w.references, free);
	if (!rc && w.audit)
		diag_warning(in->im->d, in->path, 0,
			     "is in audit mode, which records and denies nothing: give --mode "
			     "monitor to keep it so");
	return rc;
}
