/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A program ends with a byte other than 0 where the listed one has 0. Cut off and grown again by
 * truncate(2), which opens nothing, it is the listed one; and the clock is set back meanwhile to
 * its last change, so that its ctime is what it was.
 *
 * expect: denied
 * on: ext4 xfs btrfs overlay
 */
#include "technique.h"

#define ATTEMPTS 10

static int same(struct timespec a, struct timespec b)
{
	return a.tv_sec == b.tv_sec && a.tv_nsec == b.tv_nsec;
}

int main(void)
{
	struct bytes b = load(content("PROGRAM"));
	struct stat before, after;
	struct timespec now;
	int turn;

	if (b.at[b.len - 1])
		missing("a program that ends with a zero");
	b.at[b.len - 1] = 1;
	for (turn = 0; turn < ATTEMPTS; turn++) {
		put("target", b);
		settle();
		must(!start_unheard("target") && !start_unheard("target"), "the program runs");
		must(!stat("target", &before), "stat");
		clock_gettime(CLOCK_REALTIME, &now);
		clock_settime(CLOCK_REALTIME, &before.st_ctim);
		must(!truncate("target", b.len - 1) && !truncate("target", b.len), "truncate");
		clock_settime(CLOCK_REALTIME, &now);
		must(!stat("target", &after), "stat");
		if (same(before.st_ctim, after.st_ctim))
			break;
	}
	fprintf(stderr, "ctime %s after %d turns\n", turn < ATTEMPTS ? "kept" : "moved", turn + 1);
	return start("target");
}
