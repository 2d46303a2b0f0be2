/* SPDX-License-Identifier: GPL-2.0-only */
#include "progress.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
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

/* ---- the text -------------------------------------------------------------------------------- */

/* In the unit that a guess is good for. */
static void put_left(char *text, size_t len, uint64_t seconds)
{
	if (seconds < 60)
		snprintf(text, len, ", %" PRIu64 " s left", seconds);
	else if (seconds < 3600)
		snprintf(text, len, ", %" PRIu64 " min left", (seconds + 59) / 60);
	else
		snprintf(text, len, ", %" PRIu64 " h %" PRIu64 " min left", seconds / 3600,
			 seconds / 60 % 60);
}

static void put_rate(char *text, size_t len, const struct progress *p, uint64_t elapsed)
{
	if (p->unit)
		snprintf(text, len, ", %.0f %s/s", (double)p->done * SECOND / elapsed, p->unit);
}

void progress_format(char text[PROGRESS_LEN], const struct progress *p, uint64_t elapsed)
{
	char bar[BAR_WIDTH + 1] = "", rate[48] = "", left[48] = "";
	double part;

	if (elapsed)
		put_rate(rate, sizeof(rate), p, elapsed);
	if (!p->total) {
		snprintf(text, PROGRESS_LEN, "%s: %" PRIu64 "%s", p->what, p->done, rate);
		return;
	}
	part = p->done < p->total ? (double)p->done / p->total : 1;
	memset(bar, '.', BAR_WIDTH);
	memset(bar, '#', (size_t)(part * BAR_WIDTH));
	if (p->done && p->done < p->total)
		put_left(left, sizeof(left),
			 (uint64_t)((double)elapsed / SECOND * (1 - part) / part + 0.5));
	snprintf(text, PROGRESS_LEN, "%s: [%s] %3.0f %%%s%s", p->what, bar, part * 100, rate, left);
}

/* ---- on the terminal ------------------------------------------------------------------------- */

static size_t terminal_width(void)
{
	struct winsize size;

	return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) || !size.ws_col ? 80 : size.ws_col;
}

/* A line that is longer than the terminal could not be wiped. */
static void draw(const struct progress *p, uint64_t elapsed)
{
	char text[PROGRESS_LEN];

	progress_format(text, p, elapsed);
	fprintf(stderr, "\r%.*s\033[K", (int)terminal_width() - 1, text);
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
	draw(p, t - p->started);
}

void progress_end(struct progress *p)
{
	if (p->drawn)
		fputs("\r\033[K", stderr);
	p->drawn = 0;
	p->terminal = 0;
}
