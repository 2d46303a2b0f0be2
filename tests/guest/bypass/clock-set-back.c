/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A harmless file is judged and its identity kept; the clock is set back to the moment of its last
 * change, and listed bytes are written: size and time of change are what they were.
 *
 * expect: denied
 * on: ext4 xfs btrfs
 */
#include "by-hand.h"

static struct timespec changed_at(const char *path)
{
	struct stat st;

	if (stat(path, &st))
		err(1, "%s", path);
	return st.st_ctim;
}

/* Return: whether the change fell into the tick that the last one fell into. */
static int write_at(const char *path, const char *from, const struct timespec *then)
{
	struct timespec now;
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd < 0 || clock_settime(CLOCK_REALTIME, then))
		err(1, "%s", path);
	fill(fd, from);
	close(fd);
	now = changed_at(path);
	return now.tv_sec == then->tv_sec && now.tv_nsec == then->tv_nsec;
}

int main(void)
{
	const char *path = copy_of(getenv("FILLER_PROGRAM"), "program");
	struct timespec then = changed_at(path), now;
	int turn;

	settle();
	run_in_child(path);
	run_in_child(path);
	clock_gettime(CLOCK_REALTIME, &now);
	for (turn = 0; turn < 300 && !write_at(path, getenv("PROGRAM"), &then); turn++)
		;
	clock_settime(CLOCK_REALTIME, &now);
	fprintf(stderr, "%d turns\n", turn);
	return run_in_child(path);
}
