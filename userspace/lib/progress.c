/* SPDX-License-Identifier: GPL-2.0-only */
#include "progress.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define SECOND	  (1000 * 1000 * 1000ULL)
#define QUIET	  SECOND
#define INTERVAL  (SECOND / 10)
#define BAR_WIDTH 30

static uint64_t now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * SECOND + ts.tv_nsec;
}

/* A terminal that can wipe a line. */
static int can_draw(void)
{
	const char *term = getenv("TERM");

	return isatty(STDERR_FILENO) && term && *term && strcmp(term, "dumb");
}

void progress_start(struct progress *p, const char *what, uint64_t total)
{
	*p = (struct progress){
		.what = what,
		.total = total,
		.started = now(),
		.terminal = can_draw(),
	};
}

static void draw(const struct progress *p)
{
	char bar[BAR_WIDTH + 1] = "";
	double part;

	if (!p->total) {
		fprintf(stderr, "\r%s: %" PRIu64 "\033[K", p->what, p->done);
		return;
	}
	part = p->done < p->total ? (double)p->done / p->total : 1;
	memset(bar, '.', BAR_WIDTH);
	memset(bar, '#', (size_t)(part * BAR_WIDTH));
	fprintf(stderr, "\r%s: [%s] %3.0f %%\033[K", p->what, bar, part * 100);
}

void progress_add(struct progress *p, uint64_t n)
{
	uint64_t t;

	p->done += n;
	if (!p->terminal)
		return;
	t = now();
	if (t - p->started < QUIET || t - p->drawn < INTERVAL)
		return;
	p->drawn = t;
	draw(p);
}

void progress_end(struct progress *p)
{
	if (p->drawn)
		fputs("\r\033[K", stderr);
	p->drawn = 0;
	p->terminal = 0;
}
