/* SPDX-License-Identifier: GPL-2.0-only */
/* A status file of dpkg's, or one of its updates: a paragraph a package. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "packages_dpkg.h"

/* package.place */
enum { GONE, ON_DISK };

struct paragraph {
	struct package p;
	char *origin;
	bool no_memory;
	bool in_conffiles; /* their lines follow */
	size_t conffile_capacity;
};

/* ---- its fields ------------------------------------------------------------------------------ */

static char *trim(char *text)
{
	char *end;

	text += strspn(text, " \t");
	end = text + strlen(text);
	while (end > text && strchr(" \t\r", end[-1]))
		end--;
	*end = 0;
	return text;
}

static void set(struct paragraph *g, char **field, const char *value)
{
	free(*field);
	*field = strndup(value, PACKAGE_TEXT_MAX);
	g->no_memory |= !*field;
}

/* "install ok installed": the last word says what there is on the disk. */
static void set_status(struct paragraph *g, const char *value)
{
	static const char *const gone[] = {"not-installed", "config-files"};
	const char *state = strrchr(value, ' ');
	size_t i;

	state = state ? state + 1 : value;
	g->p.place = ON_DISK;
	for (i = 0; i < sizeof(gone) / sizeof(gone[0]); i++)
		if (!strcmp(state, gone[i]))
			g->p.place = GONE;
}

static struct conffile *new_conffile(struct paragraph *g)
{
	struct conffiles *c = g->p.conffiles;
	size_t capacity = g->conffile_capacity ? 2 * g->conffile_capacity : 8;
	struct conffiles *more;

	if (c && c->n < g->conffile_capacity)
		return &c->v[c->n];
	more = realloc(c, sizeof(*more) + capacity * sizeof(more->v[0]));
	if (!more) {
		g->no_memory = true;
		return NULL;
	}
	if (!c)
		more->n = 0;
	g->p.conffiles = more;
	g->conffile_capacity = capacity;
	return &more->v[more->n];
}

/* "/etc/x.conf MD5", and flags. The path may have blanks. */
static void add_conffile(struct paragraph *g, char *line)
{
	char *path = trim(line), *md5 = strrchr(path, ' ');
	struct conffile *c;
	uint8_t value[CONTENT_MD5_LEN];

	/* "obsolete", "remove-on-upgrade" */
	while (md5 && !dpkg_take_md5(value, md5 + 1, strlen(md5 + 1))) {
		*md5 = 0;
		md5 = strrchr(path, ' ');
	}
	if (!md5 || *path != '/')
		return;
	*md5 = 0;
	c = new_conffile(g);
	if (!c)
		return;
	memcpy(c->md5, value, sizeof(value));
	c->path = strdup(path);
	g->no_memory |= !c->path;
	g->p.conffiles->n += !!c->path;
}

static void take_field(struct paragraph *g, const char *name, const char *value)
{
	if (!strcasecmp(name, "Package") && dpkg_is_name(value))
		set(g, &g->p.name, value);
	else if (!strcasecmp(name, "Status"))
		set_status(g, value);
	else if (!strcasecmp(name, "Version"))
		set(g, &g->p.version, value);
	else if (!strcasecmp(name, "Architecture"))
		set(g, &g->p.architecture, value);
	else if (!strcasecmp(name, "Maintainer"))
		set(g, &g->p.maintainer, value);
	else if (!strcasecmp(name, "Vendor"))
		set(g, &g->p.vendor, value);
	else if (!strcasecmp(name, "Origin"))
		set(g, &g->origin, value);
	g->in_conffiles = !strcasecmp(name, "Conffiles");
}

static void take_line(struct paragraph *g, char *line)
{
	char *colon;

	if (*line == ' ' || *line == '\t') {
		if (g->in_conffiles)
			add_conffile(g, line);
		return;
	}
	colon = strchr(line, ':');
	if (!colon)
		return;
	*colon = 0;
	take_field(g, line, trim(colon + 1));
}

/* ---- paragraphs ------------------------------------------------------------------------------ */

static bool is_same(const struct package *a, const struct package *b)
{
	return a->format == b->format && !strcmp(a->name, b->name) &&
	       !strcmp(a->architecture ? a->architecture : "",
		       b->architecture ? b->architecture : "");
}

static struct package *find(struct packages *db, const struct package *p)
{
	size_t i;

	for (i = 0; i < db->n; i++)
		if (is_same(&db->v[i], p))
			return &db->v[i];
	return NULL;
}

/* Returns whether there was memory for it. */
static bool end_paragraph(struct packages *db, struct paragraph *g, bool update)
{
	bool kept = !g->no_memory;
	struct package *old;

	if (!g->p.vendor) {
		g->p.vendor = g->origin;
		g->origin = NULL;
	}
	if (kept && g->p.name) {
		old = update ? find(db, &g->p) : NULL;
		if (old) {
			package_free(old);
			*old = g->p;
			memset(&g->p, 0, sizeof(g->p));
		} else {
			kept = !packages_add(db, &g->p);
		}
	}
	package_free(&g->p);
	free(g->origin);
	memset(g, 0, sizeof(*g));
	return kept;
}

int dpkg_parse_status(struct packages *db, char *text, bool update)
{
	struct paragraph g = {};
	bool kept = true;
	char *line;

	while (kept && (line = dpkg_next_line(&text))) {
		if (*line)
			take_line(&g, line);
		else
			kept = end_paragraph(db, &g, update);
	}
	/* What was cut off in the middle has no Status yet, and then is not there. */
	return end_paragraph(db, &g, update) && kept ? 0 : -ENOMEM;
}

void dpkg_drop_removed(struct packages *db)
{
	size_t i, n = 0;

	for (i = 0; i < db->n; i++) {
		if (db->v[i].format != PACKAGE_DPKG || db->v[i].place == ON_DISK)
			db->v[n++] = db->v[i];
		else
			package_free(&db->v[i]);
	}
	db->n = n;
}
