/* SPDX-License-Identifier: GPL-2.0-only */
#include <errno.h>
#include <glob.h>
#include <stdlib.h>
#include <string.h>

#include "catalog.h"
#include "file.h"
#include "ini.h"
#include "policy_reader.h"
#include "suggest.h"

#define FILE_LEN_MAX (1024 * 1024)

static const char *const fact_keys[FACT_KINDS] = {
	[FACT_LEGAL_ENTITY] = "LegalEntity",
	[FACT_REFERENCE] = "Reference",
	[FACT_EVENT] = "Event",
	[FACT_PACKAGE] = "Package",
	[FACT_PATH_PREFIX] = "PathPrefix",
	[FACT_PATH] = "Path",
	[FACT_PROGRAM] = "Program",
	[FACT_UNIT] = "Unit",
	[FACT_MODULE_NAME] = "ModuleName",
	[FACT_SIGNER_ORGANIZATION] = "SignerOrganization",
	[FACT_PACKAGE_DIGEST_LIST] = "PackageDigestList",
	[FACT_NOTE] = "Note",
};

static const char *const evidence_names[EVIDENCES] = {
	[EVIDENCE_PRIMARY] = "primary",
	[EVIDENCE_SECONDARY] = "secondary",
	[EVIDENCE_PUBLISHED] = "published",
	[EVIDENCE_INFERRED] = "inferred",
};

const char *fact_key(enum fact_kind kind)
{
	return fact_keys[kind];
}

bool fact_is_rule(enum fact_kind kind)
{
	return kind == FACT_PACKAGE || kind == FACT_PATH_PREFIX || kind == FACT_MODULE_NAME ||
	       kind == FACT_SIGNER_ORGANIZATION || kind == FACT_PACKAGE_DIGEST_LIST;
}

const char *evidence_name(enum evidence evidence)
{
	return evidence_names[evidence];
}

/* ---- one file -------------------------------------------------------------------------------- */

enum place { PLACE_NONE, PLACE_UNKNOWN, PLACE_VENDOR, PLACE_FACTS };

struct vendor_reader {
	struct catalog_vendor *vendor;
	struct ini ini;
	enum place place;
	bool has_evidence; /* of the section that is open */
	bool no_memory;
};

static void complain(struct vendor_reader *r, const char *name, const char *value, const char *what)
{
	diag_error(r->ini.d, r->ini.path, r->ini.line, "%.64s=%.64s: %s", name, value, what);
}

static void *grow(struct vendor_reader *r, void *array, size_t n, size_t size)
{
	void *more = reallocarray(array, n + 1, size);

	r->no_memory |= !more;
	return more;
}

/* A key that stands once. */
static void set_text(struct vendor_reader *r, char **to, const char *name, const char *value)
{
	if (*to) {
		complain(r, name, value, "for the second time: keep one");
		return;
	}
	*to = strdup(value);
	r->no_memory |= !*to;
}

static void add_fact(struct vendor_reader *r, enum fact_kind kind, const char *value)
{
	struct catalog_vendor *vendor = r->vendor;
	struct fact *v = grow(r, vendor->facts, vendor->fact_count, sizeof(*v));

	if (!v)
		return;
	vendor->facts = v;
	v += vendor->fact_count;
	*v = (struct fact){.kind = kind,
			   .value = strdup(value),
			   .source = vendor->source_count - 1,
			   .line = r->ini.line};
	r->no_memory |= !v->value;
	vendor->fact_count += !!v->value;
}

static void set_evidence(struct vendor_reader *r, const char *value)
{
	struct fact_source *source = &r->vendor->sources[r->vendor->source_count - 1];
	int i;

	for (i = 0; i < EVIDENCES; i++) {
		if (strcmp(value, evidence_names[i]))
			continue;
		source->evidence = i;
		r->has_evidence = true;
		return;
	}
	complain(r, "Evidence", value, "write primary, secondary, published or inferred");
}

static void set_version(struct vendor_reader *r, const char *value)
{
	if (!policy_take_number(&r->vendor->version, value))
		complain(r, "Version", value, "a version is a whole number: correct it");
}

static void take_of_vendor(struct vendor_reader *r, const char *name, const char *value)
{
	if (!strcmp(name, "Id") && policy_is_id(value))
		set_text(r, &r->vendor->id, name, value);
	else if (!strcmp(name, "Id"))
		complain(r, name, value, "is no Id (interdict.policy(5)): correct it");
	else if (!strcmp(name, "Name"))
		set_text(r, &r->vendor->name, name, value);
	else if (!strcmp(name, "Version"))
		set_version(r, value);
	else
		complain(r, name, value, "[Vendor] has Id=, Name= and Version= only");
}

static void refuse_key(struct vendor_reader *r, const char *name, const char *value)
{
	unsigned int edits, best = SUGGEST_NONE;
	const char *nearest = NULL;
	int i;

	for (i = 0; i < FACT_KINDS; i++) {
		edits = suggest_distance(name, fact_keys[i]);
		if (edits < best)
			nearest = fact_keys[i];
		if (edits < best)
			best = edits;
	}
	if (nearest)
		diag_error(r->ini.d, r->ini.path, r->ini.line,
			   "unknown key %.64s=: did you mean %s=?", name, nearest);
	else
		complain(r, name, value, "unknown key: remove the line (interdict-vendors(1))");
}

static void take_fact(struct vendor_reader *r, const char *name, const char *value)
{
	struct fact_source *source = &r->vendor->sources[r->vendor->source_count - 1];
	int i;

	if (!strcmp(name, "Source")) {
		set_text(r, &source->text, name, value);
	} else if (!strcmp(name, "Product")) {
		set_text(r, &source->product, name, value);
	} else if (!strcmp(name, "Evidence")) {
		set_evidence(r, value);
	} else {
		for (i = 0; i < FACT_KINDS && strcmp(name, fact_keys[i]); i++)
			;
		if (i < FACT_KINDS)
			add_fact(r, i, value);
		else
			refuse_key(r, name, value);
	}
}

static void take_assignment(struct ini *ini, const char *name, const char *value)
{
	struct vendor_reader *r = ini->context;

	if (r->place == PLACE_UNKNOWN || r->no_memory)
		return;
	if (r->place == PLACE_NONE)
		complain(r, name, value, "before the first section: put it under [Vendor]");
	else if (!*value)
		complain(r, name, value, "without a value: remove the line");
	else if (r->place == PLACE_VENDOR)
		take_of_vendor(r, name, value);
	else
		take_fact(r, name, value);
}

/* Nothing is stated without saying where it is known from. */
static void close_section(struct vendor_reader *r)
{
	const struct fact_source *source;

	if (r->place != PLACE_FACTS || r->no_memory)
		return;
	source = &r->vendor->sources[r->vendor->source_count - 1];
	if (!source->text || !r->has_evidence)
		diag_error(r->ini.d, r->ini.path, source->line,
			   "[Facts] without %s=: say where they are known from",
			   source->text ? "Evidence" : "Source");
	r->has_evidence = false;
}

static void open_facts(struct vendor_reader *r)
{
	struct catalog_vendor *vendor = r->vendor;
	struct fact_source *v = grow(r, vendor->sources, vendor->source_count, sizeof(*v));

	if (!v)
		return;
	vendor->sources = v;
	v[vendor->source_count++] = (struct fact_source){.line = r->ini.line};
}

static void take_header(struct ini *ini, const char *name)
{
	struct vendor_reader *r = ini->context;

	close_section(r);
	r->place = PLACE_UNKNOWN;
	if (name && !strcmp(name, "Vendor")) {
		r->place = PLACE_VENDOR;
	} else if (name && !strcmp(name, "Facts")) {
		r->place = PLACE_FACTS;
		open_facts(r);
	} else if (name) {
		diag_error(ini->d, ini->path, ini->line,
			   "unknown section [%.64s]: there are [Vendor] and [Facts] only", name);
	}
}

static int read_vendor(struct catalog_vendor *vendor, const char *path, struct diag *d)
{
	struct vendor_reader r = {.vendor = vendor,
				  .ini = {.path = path,
					  .d = d,
					  .header = take_header,
					  .assignment = take_assignment}};
	int err;

	r.ini.context = &r;
	vendor->path = strdup(path);
	err = ini_read(&r.ini, FILE_LEN_MAX);
	close_section(&r);
	if (err == -EFBIG)
		diag_error(d, path, 0, "larger than %d KiB: is it another file?",
			   FILE_LEN_MAX >> 10);
	else if (err && err != -EINVAL)
		file_complain(d, path, err);
	else if (!err && (!vendor->id || !vendor->name))
		diag_error(d, path, 0, "[Vendor] without %s=: add it", vendor->id ? "Name" : "Id");
	return r.no_memory || !vendor->path ? -ENOMEM : 0;
}

/* ---- the directory --------------------------------------------------------------------------- */

static int add_vendor(struct catalog *c, const char *path, struct diag *d)
{
	struct catalog_vendor *v = reallocarray(c->v, c->n + 1, sizeof(*v));

	if (!v)
		return -ENOMEM;
	c->v = v;
	v += c->n++;
	memset(v, 0, sizeof(*v));
	return read_vendor(v, path, d);
}

static int compare_vendors(const void *a, const void *b)
{
	const struct catalog_vendor *x = a, *y = b;

	return strcmp(x->id ? x->id : "", y->id ? y->id : "");
}

static void refuse_twins(const struct catalog *c, struct diag *d)
{
	size_t i;

	for (i = 1; i < c->n; i++)
		if (c->v[i].id && c->v[i - 1].id && !strcmp(c->v[i].id, c->v[i - 1].id))
			diag_error(d, c->v[i].path, 0, "describes %s, as %s does: remove one",
				   c->v[i].id, c->v[i - 1].path);
}

int catalog_read(struct catalog *c, const char *dir, struct diag *d)
{
	size_t errors = d->errors, i;
	char *pattern;
	glob_t found;
	int err = 0;

	*c = (struct catalog){};
	if (asprintf(&pattern, "%s/*" CATALOG_SUFFIX, dir) < 0)
		return -ENOMEM;
	if (!glob(pattern, 0, NULL, &found)) {
		for (i = 0; i < found.gl_pathc && !err; i++)
			err = add_vendor(c, found.gl_pathv[i], d);
		globfree(&found);
	}
	free(pattern);
	if (c->n)
		qsort(c->v, c->n, sizeof(*c->v), compare_vendors);
	refuse_twins(c, d);
	return err ? err : d->errors > errors ? -EINVAL : 0;
}

const struct catalog_vendor *catalog_find(const struct catalog *c, const char *id)
{
	size_t i;

	for (i = 0; i < c->n; i++)
		if (c->v[i].id && !strcmp(c->v[i].id, id))
			return &c->v[i];
	return NULL;
}

static void free_vendor(struct catalog_vendor *v)
{
	size_t i;

	for (i = 0; i < v->source_count; i++) {
		free(v->sources[i].text);
		free(v->sources[i].product);
	}
	for (i = 0; i < v->fact_count; i++)
		free(v->facts[i].value);
	free(v->sources);
	free(v->facts);
	free(v->path);
	free(v->id);
	free(v->name);
}

void catalog_free(struct catalog *c)
{
	size_t i;

	for (i = 0; i < c->n; i++)
		free_vendor(&c->v[i]);
	free(c->v);
	*c = (struct catalog){};
}
