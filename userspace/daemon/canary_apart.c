/* SPDX-License-Identifier: GPL-2.0-only */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "canary_apart.h"

static int run_canary(FILE *out, void *userdata)
{
	struct canary_result r;

	canary_run(&r);
	return fprintf(out, "%d %d", r.denied, r.allowed) < 0 ? -EIO : 0;
}

struct apart *canary_apart_begin(sd_event *loop,
				 void (*done)(void *userdata, const char *result, size_t len),
				 void *userdata)
{
	return apart_begin(loop, run_canary, done, userdata);
}

bool canary_apart_read(struct canary_result *r, const char *result, size_t len)
{
	char text[32] = "";

	if (len < sizeof(text))
		memcpy(text, result ? result : "", len);
	return sscanf(text, "%d %d", &r->denied, &r->allowed) == 2;
}

/* ---- waited for ------------------------------------------------------------------------------ */

struct waited {
	sd_event *loop; /* its own: the daemon's has not begun, or stands still meanwhile */
	struct apart *child;
	struct canary_result *result;
	int err;
};

static void on_answer(void *userdata, const char *result, size_t len)
{
	struct waited *w = userdata;

	w->child = NULL;
	w->err = canary_apart_read(w->result, result, len) ? 0 : -ECHILD;
	sd_event_exit(w->loop, 0);
}

static int on_silence(sd_event_source *source, uint64_t usec, void *userdata)
{
	struct waited *w = userdata;

	w->err = -ETIMEDOUT;
	return sd_event_exit(w->loop, 0);
}

int canary_apart_wait(struct canary_result *r, unsigned int seconds)
{
	struct waited w = {.result = r, .err = -EAGAIN};

	if (sd_event_new(&w.loop) < 0)
		return -EAGAIN;
	w.child = canary_apart_begin(w.loop, on_answer, &w);
	if (w.child && sd_event_add_time_relative(w.loop, NULL, CLOCK_MONOTONIC,
						  seconds * 1000000ULL, 0, on_silence, &w) >= 0)
		sd_event_loop(w.loop);
	apart_cancel(w.child);
	sd_event_unref(w.loop);
	return w.err;
}
