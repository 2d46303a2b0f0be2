// SPDX-License-Identifier: GPL-2.0-only
#include "scan.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "looking.h"
#include "owners.h"
#include "places.h"
#include "walk.h"

/* ---- files -------------------------------------------------------------------------------------
 */

static void hand_over(struct scan *s, struct scan_places *p)
{
	s->places = p->v;
	s->place_count = p->n;
	p->v = NULL;
	p->n = 0;
}

static int look_at_files(struct looking *l)
{
	struct scan *s = l->scan;
	struct scan_places places;
	int err = places_find(&places, s->options, s->d);

	if (!err) {
		if (s->options->progress)
			progress_start(&l->progress, "scanning", places.files);
		l->progress.unit = "files";
		err = walk_all(l, &places);
		progress_end(&l->progress);
		hand_over(s, &places);
	}
	places_free(&places);
	return err;
}

/* ---- all together ------------------------------------------------------------------------------
 */

static void take_counts(struct scan *s, const struct looking *l)
{
	s->files = l->counts[COUNT_FILES];
	s->opened = l->counts[COUNT_OPENED];
	s->bytes = l->counts[COUNT_BYTES];
	s->archives = l->counts[COUNT_ARCHIVES];
	s->processes = l->counts[COUNT_PROCESSES];
	s->modules = l->counts[COUNT_MODULES];
}

static int why_over(struct looking *l)
{
	int failed = atomic_load(&l->failed);

	if (failed)
		return failed;
	return looking_is_over(l) ? -EINTR : 0;
}

static int look(struct looking *l)
{
	const struct scan_options *o = l->scan->options;
	int err = o->files ? look_at_files(l) : 0;

	if (!err && o->running)
		err = running_look(l);
	if (!err && o->running)
		err = modules_look(l);
	if (!err)
		err = why_over(l);
	take_counts(l->scan, l);
	return err;
}

int scan_run(struct scan *s, const atomic_bool *stop)
{
	struct looking l = {
		.scan = s,
		.kinds = image_header(s->image)->kinds,
		.stop = stop,
		.lock = PTHREAD_MUTEX_INITIALIZER,
	};
	int err;

	s->began = clock_ns(CLOCK_REALTIME);
	err = look(&l);
	if (!err)
		err = owners_find(&s->findings, s->d);
	if (!err)
		findings_sort(&s->findings);
	if (s->findings.more)
		diag_warning(s->d, NULL, 0,
			     "%" PRIu64 " more were found than are told: scan parts, by PATH",
			     s->findings.more);
	s->ended = clock_ns(CLOCK_REALTIME);
	return err;
}

bool scan_is_complete(const struct scan *s)
{
	return !s->unread_count && !s->unopened && !s->findings.more;
}

static void free_places(struct scan *s)
{
	size_t i;

	for (i = 0; i < s->place_count; i++) {
		free(s->places[i].path);
		free(s->places[i].type);
		free(s->places[i].why);
	}
	free(s->places);
	s->places = NULL;
	s->place_count = 0;
}

void scan_free(struct scan *s)
{
	size_t i;

	for (i = 0; i < s->unread_kept; i++)
		free(s->unread[i].path);
	free(s->unread);
	s->unread = NULL;
	s->unread_kept = 0;
	free_places(s);
	findings_free(&s->findings);
}
