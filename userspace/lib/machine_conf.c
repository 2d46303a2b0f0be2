/* SPDX-License-Identifier: GPL-2.0-only */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "file.h"
#include "ini.h"
#include "machine_conf.h"
#include "suggest.h"

#define SECTION	     "Machine"
#define FILE_LEN_MAX (64 * 1024)

struct reader {
	struct machine_conf *conf;
	bool in_section;    /* [Machine] is open */
	bool passes_over;   /* an unknown section is */
	unsigned long mode; /* the line of Mode=, 0: none */
	bool no_memory;
	struct ini ini;
};

struct key {
	const char *name;
	void (*take)(struct reader *r, const char *value);
};

static void take_mode(struct reader *r, const char *value)
{
	struct machine_conf *conf = r->conf;

	if (r->mode) {
		diag_error(r->ini.d, r->ini.path, r->ini.line,
			   "Mode= for the second time, the first is in line %lu: keep one",
			   r->mode);
		return;
	}
	r->mode = r->ini.line;
	if (!strcmp(value, "monitor"))
		conf->mode = MODE_MONITOR;
	else if (!strcmp(value, "enforce"))
		conf->mode = MODE_ENFORCE;
	else {
		diag_error(r->ini.d, r->ini.path, r->ini.line,
			   "Mode=%.64s: write enforce or monitor", value);
		return;
	}
	conf->mode_is_known = true;
}

static void take_path(struct reader *r, struct strings *s, const char *key, const char *value)
{
	char **v;

	if (*value != '/') {
		diag_error(r->ini.d, r->ini.path, r->ini.line,
			   "%s=%.64s: write the whole path, from / on", key, value);
		return;
	}
	/* A NULL ends the list. */
	v = reallocarray(s->v, s->n + 2, sizeof(*v));
	if (v) {
		s->v = v;
		v[s->n] = strdup(value);
		v[s->n + 1] = NULL;
	}
	if (!v || !v[s->n])
		r->no_memory = true;
	else
		s->n++;
}

static void take_protect(struct reader *r, const char *value)
{
	take_path(r, &r->conf->protect, "Protect", value);
}

static void take_trusted_key(struct reader *r, const char *value)
{
	r->conf->bundles_only = true;
	take_path(r, &r->conf->trusted_keys, "TrustedKey", value);
}

static void take_local_exceptions(struct reader *r, const char *value)
{
	r->conf->local_exceptions = !strcmp(value, "yes");
	if (strcmp(value, "yes") != 0 && strcmp(value, "no") != 0)
		diag_error(r->ini.d, r->ini.path, r->ini.line,
			   "LocalExceptions=%.64s: write yes or no", value);
}

static const struct key keys[] = {
	{"LocalExceptions", take_local_exceptions},
	{"Mode", take_mode},
	{"Protect", take_protect},
	{"TrustedKey", take_trusted_key},
};

#define KEY_COUNT (sizeof(keys) / sizeof(keys[0]))

static const struct key *nearest_key(const char *name, unsigned int *edits)
{
	const struct key *nearest = NULL;
	unsigned int n, best = SUGGEST_NONE;
	size_t i;

	for (i = 0; i < KEY_COUNT; i++) {
		n = suggest_distance(name, keys[i].name);
		if (n < best) {
			best = n;
			nearest = &keys[i];
		}
	}
	*edits = best;
	return nearest;
}

static const struct key *find_key(const struct reader *r, const char *name)
{
	unsigned int edits;
	const struct key *key = nearest_key(name, &edits);

	if (key && !strcmp(key->name, name))
		return key;
	if (key)
		diag_error(r->ini.d, r->ini.path, r->ini.line,
			   "unknown key %.64s=: did you mean %s=?", name, key->name);
	else
		diag_error(r->ini.d, r->ini.path, r->ini.line,
			   "unknown key %.64s=: remove the line (interdict.conf(5))", name);
	return NULL;
}

static void take_assignment(struct ini *ini, const char *name, const char *value)
{
	struct reader *r = ini->context;
	const struct key *key;

	if (r->passes_over)
		return;
	if (!r->in_section) {
		diag_error(ini->d, ini->path, ini->line,
			   "%.64s= before the first section: put it under [" SECTION "]", name);
		return;
	}
	key = find_key(r, name);
	if (!key)
		return;
	if (*value)
		key->take(r, value);
	else
		diag_error(ini->d, ini->path, ini->line, "%s= without a value: remove the line",
			   name);
}

static void take_header(struct ini *ini, const char *name)
{
	struct reader *r = ini->context;

	r->in_section = name && !strcmp(name, SECTION);
	r->passes_over = !r->in_section;
	if (name && !r->in_section)
		diag_error(ini->d, ini->path, ini->line,
			   "unknown section [%.64s]: there is [" SECTION "] only", name);
}

/* What is wrong stands in nobody's way: errors become warnings. */
static void pass_on(struct diag *d, const struct diag *found)
{
	size_t i;

	for (i = 0; i < found->kept; i++)
		diag_warning(d, NULL, 0, "%s", found->lines[i].text);
}

int machine_conf_read(struct machine_conf *conf, const char *path, struct diag *d)
{
	struct diag found = {};
	struct reader r = {.conf = conf,
			   .ini = {.path = path,
				   .d = &found,
				   .header = take_header,
				   .assignment = take_assignment}};
	int err;

	*conf = (struct machine_conf){.mode = MODE_ENFORCE};
	r.ini.context = &r;
	err = ini_read(&r.ini, FILE_LEN_MAX);
	if (err == -ENOENT)
		err = 0;
	if (err == -EFBIG)
		diag_error(&found, path, 0, "larger than %d KiB: is it another file?",
			   FILE_LEN_MAX >> 10);
	else if (err && err != -EINVAL)
		file_complain(&found, path, err);
	conf->is_whole = !found.errors;
	if (!found.errors)
		conf->mode_is_known = true;
	pass_on(d, &found);
	if (found.errors)
		err = -EINVAL;
	diag_free(&found);
	return r.no_memory ? -ENOMEM : err;
}

static void free_strings(struct strings *s)
{
	size_t i;

	for (i = 0; i < s->n; i++)
		free(s->v[i]);
	free(s->v);
}

void machine_conf_free(struct machine_conf *conf)
{
	free_strings(&conf->protect);
	free_strings(&conf->trusted_keys);
	memset(conf, 0, sizeof(*conf));
}
