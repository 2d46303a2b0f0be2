/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * dpkg's database, as dpkg 1.15 to 1.22 write it (dpkg's lib/dpkg/parse.c, dbmodify.c, divertdb.c).
 *
 * dpkg writes what it does to updates/NNNN first, a paragraph a file, and at times merges them into
 * status: what is newest is read in that order, so that a package shows up while dpkg still runs.
 */
#include <ctype.h>
#include <errno.h>
#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "packages_reader.h"

#define STATUS	   "/var/lib/dpkg/status"
#define UPDATES	   "/var/lib/dpkg/updates"
#define DIVERSIONS "/var/lib/dpkg/diversions"
#define INFO	   "/var/lib/dpkg/info"

#define UPDATES_MAX 1000 /* dpkg merges them every 250 */
#define NAME_LEN    128

/* package.place */
enum { GONE, ON_DISK };

/* ---- words ----------------------------------------------------------------------------------- */

/* The next line without its end, or NULL; @text moves on. A NUL byte ends all. */
static char *next_line(char **text)
{
	char *line = *text, *end;

	if (!*line)
		return NULL;
	end = strchrnul(line, '\n');
	*text = *end ? end + 1 : end;
	*end = 0;
	return line;
}

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

/* What becomes part of a file's name. */
static bool is_name(const char *text)
{
	return isalnum((unsigned char)*text) && strlen(text) < NAME_LEN &&
	       text[strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				 "0123456789+-._~")] == 0;
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool take_md5(uint8_t md5[CONTENT_MD5_LEN], const char *text, size_t len)
{
	int high, low;
	size_t i;

	if (len != 2 * CONTENT_MD5_LEN)
		return false;
	for (i = 0; i < CONTENT_MD5_LEN; i++) {
		high = hex_digit(text[2 * i]);
		low = hex_digit(text[2 * i + 1]);
		if (high < 0 || low < 0)
			return false;
		md5[i] = high << 4 | low;
	}
	return true;
}

/* ---- status ---------------------------------------------------------------------------------- */

struct paragraph {
	struct package p;
	char *origin;
	bool no_memory;
	bool in_conffiles; /* their lines follow */
	size_t conffile_capacity;
};

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
	while (md5 && !take_md5(value, md5 + 1, strlen(md5 + 1))) {
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
	if (!strcasecmp(name, "Package") && is_name(value))
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

	while (kept && (line = next_line(&text))) {
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

/* ---- its updates ----------------------------------------------------------------------------- */

static int is_update(const struct dirent *entry)
{
	size_t len = strlen(entry->d_name);

	return len && len < 16 && strspn(entry->d_name, "0123456789") == len;
}

static int read_update(struct packages *db, const char *name)
{
	char path[sizeof(UPDATES) + NAME_MAX + 2], *text;
	size_t len;
	int err;

	snprintf(path, sizeof(path), UPDATES "/%s", name);
	err = packages_read_text(db, path, &text, &len);
	/* Gone: it was merged, and the status will tell at the next reading. */
	if (err)
		return err == -ENOMEM ? err : 0;
	err = dpkg_parse_status(db, text, true);
	free(text);
	return err;
}

static int read_updates(struct packages *db)
{
	int dir = packages_below(db, UPDATES, O_RDONLY | O_DIRECTORY);
	struct dirent **names;
	int n, i, err = 0;

	if (dir < 0)
		return 0;
	n = scandirat(dir, ".", &names, is_update, alphasort);
	close(dir);
	if (n < 0)
		return errno == ENOMEM ? -ENOMEM : 0;
	for (i = 0; i < n; i++) {
		if (!err && i < UPDATES_MAX)
			err = read_update(db, names[i]->d_name);
		free(names[i]);
	}
	free(names);
	return err;
}

/* ---- diversions ------------------------------------------------------------------------------ */

static int add_diversion(struct packages *db, const char *from, const char *to, const char *by)
{
	struct diversion *v =
		reallocarray(db->diversions, db->diversion_count + 1, sizeof(*db->diversions));
	struct diversion *d;

	if (!v)
		return -ENOMEM;
	db->diversions = v;
	d = &v[db->diversion_count];
	*d = (struct diversion){strdup(from), strdup(to), strdup(by)};
	db->diversion_count++;
	return d->from && d->to && d->by ? 0 : -ENOMEM;
}

int dpkg_parse_diversions(struct packages *db, char *text)
{
	char *from, *to, *by;
	int err = 0;

	while (!err && (from = next_line(&text)) && (to = next_line(&text)) &&
	       (by = next_line(&text)))
		if (*from == '/' && *to == '/')
			err = add_diversion(db, from, to, by);
	return err;
}

static const char *diverted(const struct packages *db, const struct package *p, const char *path)
{
	const struct diversion *d;
	size_t i;

	for (i = 0; i < db->diversion_count; i++) {
		d = &db->diversions[i];
		if (!strcmp(d->from, path))
			return strcmp(d->by, p->name) ? d->to : path;
	}
	return path;
}

/* ---- lists ----------------------------------------------------------------------------------- */

/* A file of info/: of packages that several architectures may have at once, with its name. */
static int read_info(struct packages *db, const struct package *p, const char *what, char **text,
		     size_t *len)
{
	char path[sizeof(INFO) + 2 * NAME_LEN + 16];
	int err = -ENOENT;

	if (p->architecture && is_name(p->architecture)) {
		snprintf(path, sizeof(path), INFO "/%s:%s.%s", p->name, p->architecture, what);
		err = packages_read_text(db, path, text, len);
	}
	if (err != -ENOENT)
		return err;
	snprintf(path, sizeof(path), INFO "/%s.%s", p->name, what);
	return packages_read_text(db, path, text, len);
}

int dpkg_parse_list(struct packages *db, const struct package *p, char *text, package_file_fn fn,
		    void *context)
{
	struct package_file file = {.size = SIZE_UNKNOWN};
	char *line;
	int rc = 0;

	while (!rc && (line = next_line(&text))) {
		if (*line != '/')
			continue;
		file.path = diverted(db, p, line);
		rc = fn(context, &file);
	}
	return rc;
}

int dpkg_files(struct packages *db, const struct package *p, package_file_fn fn, void *context)
{
	char *text;
	size_t len;
	int rc = read_info(db, p, "list", &text, &len);

	if (rc)
		return rc == -ENOENT ? -ENODATA : rc;
	rc = dpkg_parse_list(db, p, text, fn, context);
	free(text);
	return rc;
}

/* "MD5  usr/bin/x" */
static int take_md5sum(struct packages *db, const struct package *p, char *line,
		       int (*fn)(void *context, const char *path, const uint8_t *md5),
		       void *context)
{
	uint8_t md5[CONTENT_MD5_LEN];
	size_t len = strcspn(line, " ");
	char *path = line + len;

	if (!take_md5(md5, line, len) || strlen(path) < 3)
		return 0;
	/* The second blank, or the asterisk of a binary file, gives way to a slash. */
	path += !strncmp(path + 2, "./", 2) ? 3 : path[2] == '/' ? 2 : 1;
	*path = '/';
	return fn(context, diverted(db, p, path), md5);
}

int dpkg_parse_md5sums(struct packages *db, const struct package *p, char *text,
		       int (*fn)(void *context, const char *path, const uint8_t *md5),
		       void *context)
{
	char *line;
	int rc = 0;

	while (!rc && (line = next_line(&text)))
		rc = take_md5sum(db, p, line, fn, context);
	return rc;
}

int dpkg_md5sums(struct packages *db, const struct package *p,
		 int (*fn)(void *context, const char *path, const uint8_t *md5), void *context)
{
	char *text;
	size_t len, i;
	int rc = read_info(db, p, "md5sums", &text, &len);

	if (rc)
		return rc == -ENOMEM ? rc : -ENODATA;
	rc = dpkg_parse_md5sums(db, p, text, fn, context);
	free(text);
	for (i = 0; !rc && p->conffiles && i < p->conffiles->n; i++)
		rc = fn(context, diverted(db, p, p->conffiles->v[i].path), p->conffiles->v[i].md5);
	return rc;
}

/* ---- the database ---------------------------------------------------------------------------- */

static int read_diversions(struct packages *db)
{
	char *text;
	size_t len;
	int err = packages_read_text(db, DIVERSIONS, &text, &len);

	if (err)
		return err == -ENOMEM ? err : 0;
	err = dpkg_parse_diversions(db, text);
	free(text);
	return err;
}

static int complain(struct packages *db, int err)
{
	if (err == -ENOMEM)
		return err;
	diag_warning(db->d, STATUS, 0, "packages of dpkg's cannot be told: %s", strerror(-err));
	db->unread++;
	return 0;
}

int dpkg_open(struct packages *db)
{
	char *text;
	size_t len;
	int err = packages_read_text(db, STATUS, &text, &len);

	/* Between a root without dpkg and a link to nothing there is no difference. */
	if (err == -ENOENT)
		return 0;
	if (err)
		return complain(db, err);
	err = dpkg_parse_status(db, text, false);
	free(text);
	if (!err)
		err = read_updates(db);
	if (!err)
		err = read_diversions(db);
	dpkg_drop_removed(db);
	return err;
}

void dpkg_close(struct packages *db)
{
	size_t i;

	for (i = 0; i < db->diversion_count; i++) {
		free(db->diversions[i].from);
		free(db->diversions[i].to);
		free(db->diversions[i].by);
	}
	free(db->diversions);
	db->diversions = NULL;
	db->diversion_count = 0;
}
