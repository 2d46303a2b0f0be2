// SPDX-License-Identifier: GPL-2.0-only
/* What those who look call, from any thread. */
#include "looking.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "image/names.h"

void looking_fail(struct looking *l, int error)
{
	int none = 0;

	atomic_compare_exchange_strong(&l->failed, &none, error);
}

/* ---- findings -------------------------------------------------------------------------------- */

bool looking_judge(const struct looking *l, struct finding *f, const struct identity *identity,
		   const char *path)
{
	const struct scan *s = l->scan;
	const struct image_header *h = image_header(s->image);
	struct verdict v = evaluate(s->image, h, identity, s->now);
	struct fingerprint matched = {}, name;

	if (v.rule)
		matched = identity->fingerprints[v.fingerprint];
	if (path && l->kinds & KIND_BIT(FINGERPRINT_PATH)) {
		name = names_evaluate(&v, s->image, path, s->now);
		if (name.kind)
			matched = name;
	}
	if (!v.rule || image_rule(s->image, v.rule)->flags & RULE_CANARY)
		return false;
	finding_match(f, s->image, &v, &matched, s->now);
	if (s->ceiling == MODE_MONITOR && f->effect == FINDING_DENIED)
		f->effect = FINDING_MONITORED;
	return true;
}

int looking_found(struct looking *l, struct finding *f)
{
	int err;

	pthread_mutex_lock(&l->lock);
	err = findings_take(&l->scan->findings, f);
	pthread_mutex_unlock(&l->lock);
	if (err)
		looking_fail(l, err);
	return err;
}

/* ---- what could not be read --------------------------------------------------------------------
 */

static bool has_vanished(int error)
{
	return error == -ENOENT || error == -ESTALE || error == -ESRCH || error == -EBUSY ||
	       error == -ENOTDIR;
}

static bool keep_unread(struct scan *s, const char *path, int error)
{
	if (s->unread_kept == SCAN_UNREAD_MAX)
		return true;
	if (!s->unread)
		s->unread = calloc(SCAN_UNREAD_MAX, sizeof(*s->unread));
	if (!s->unread)
		return false;
	s->unread[s->unread_kept].path = strdup(path);
	if (!s->unread[s->unread_kept].path)
		return false;
	s->unread[s->unread_kept++].error = error;
	return true;
}

void looking_unread(struct looking *l, const char *path, int error)
{
	struct scan *s = l->scan;
	bool kept = error != -ENOMEM;

	pthread_mutex_lock(&l->lock);
	if (has_vanished(error)) {
		s->vanished++;
	} else if (kept) {
		s->unread_count++;
		kept = keep_unread(s, path, error);
	}
	pthread_mutex_unlock(&l->lock);
	if (!kept)
		looking_fail(l, -ENOMEM);
}

void looking_unopened(struct looking *l, const char *path, const char *fmt, ...)
{
	char why[512];
	va_list args;

	va_start(args, fmt);
	vsnprintf(why, sizeof(why), fmt, args);
	va_end(args);
	pthread_mutex_lock(&l->lock);
	l->scan->unopened++;
	diag_warning(l->scan->d, path, 0, "%s", why);
	pthread_mutex_unlock(&l->lock);
}

/* ---- the bar -----------------------------------------------------------------------------------
 */

/* Whoever comes while another draws goes on: the next one brings his names along. */
void looking_walked(struct looking *l, uint64_t names)
{
	uint64_t walked = atomic_fetch_add(&l->walked, names) + names;

	if (!l->progress.terminal || pthread_mutex_trylock(&l->lock))
		return;
	if (walked > l->drawn) {
		progress_add(&l->progress, walked - l->drawn);
		l->drawn = walked;
	}
	pthread_mutex_unlock(&l->lock);
}
