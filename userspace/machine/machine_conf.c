/* SPDX-License-Identifier: GPL-2.0-only */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "file.h"
#include "guard/guard_running.h"
#include "machine_conf_reader.h"
#include "suggest.h"

#define SECTION	     "Machine"
#define SECTION_LOG  "Log"
#define FILE_LEN_MAX (64 * 1024)

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

static void take_canary_minutes(struct reader *r, const char *value)
{
	unsigned long n;
	char *end;

	errno = 0;
	n = strtoul(value, &end, 10);
	if (*value < '0' || *value > '9' || *end || errno || n > CANARY_MINUTES_MAX)
		diag_error(r->ini.d, r->ini.path, r->ini.line,
			   "CanaryMinutes=%.64s: write a number from 0 (never) to %d", value,
			   CANARY_MINUTES_MAX);
	else
		r->conf->canary_minutes = n;
}

/* What a collector of text files takes, and a name that it does not take while it is written. */
static void take_text_file(struct reader *r, const char *value)
{
	size_t len = strlen(value);

	if (*value != '/' || len < 6 || strcmp(value + len - 5, ".prom") != 0) {
		diag_error(r->ini.d, r->ini.path, r->ini.line,
			   "TextFile=%.64s: write the whole path of a file that ends in .prom",
			   value);
		return;
	}
	free(r->conf->text_file);
	r->conf->text_file = strdup(value);
	r->no_memory |= !r->conf->text_file;
}

/* What is no number leaves it as it was. */
static void take_running_matches(struct reader *r, const char *value)
{
	unsigned long long n;
	char *end;

	if (!strcmp(value, "unlimited")) {
		r->conf->running_matches = RUNNING_MATCHES_UNLIMITED;
		return;
	}
	errno = 0;
	n = strtoull(value, &end, 10);
	if (errno || *end || value[strspn(value, "0123456789")])
		diag_error(r->ini.d, r->ini.path, r->ini.line,
			   "MaxRunningMatches=%.64s: write a number of processes, or unlimited",
			   value);
	else
		r->conf->running_matches = n;
}

/* ---- the keys -------------------------------------------------------------------------------- */

static const struct key keys[] = {
	{"CanaryMinutes", take_canary_minutes},
	{"LocalExceptions", take_local_exceptions},
	{"MaxRunningMatches", take_running_matches},
	{"Mode", take_mode},
	{"Protect", take_protect},
	{"TextFile", take_text_file},
	{"TrustedKey", take_trusted_key},
	{},
};

/* Of the section that is open. */
static const struct key *nearest_key(const struct reader *r, const char *name, unsigned int *edits)
{
	const struct key *key, *nearest = NULL;
	unsigned int n, best = SUGGEST_NONE;

	for (key = r->keys; key->name; key++) {
		n = suggest_distance(name, key->name);
		if (n < best) {
			best = n;
			nearest = key;
		}
	}
	*edits = best;
	return nearest;
}

static const struct key *find_key(const struct reader *r, const char *name)
{
	unsigned int edits;
	const struct key *key = nearest_key(r, name, &edits);

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
	if (!r->keys) {
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

	if (name && !strcmp(name, SECTION))
		r->keys = keys;
	else if (name && !strcmp(name, SECTION_LOG))
		r->keys = machine_conf_log_keys;
	else
		r->keys = NULL;
	r->passes_over = !r->keys;
	if (name && !r->keys)
		diag_error(ini->d, ini->path, ini->line,
			   "unknown section [%.64s]: there are [" SECTION "] and [" SECTION_LOG "]",
			   name);
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

	*conf = (struct machine_conf){
		.mode = MODE_ENFORCE,
		.canary_minutes = CANARY_MINUTES,
		.running_matches = RUNNING_MATCHES_MAX,
		.log = machine_conf_log_default,
	};
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
	free(conf->text_file);
	memset(conf, 0, sizeof(*conf));
}
