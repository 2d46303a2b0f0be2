/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A library ends with a byte other than 0 where the listed one has 0. It is judged at once, and cut
 * off and grown again by truncate(2), which opens nothing; all within the tick of the clock that
 * its ctime has from being written. No clock is set, nobody has to be root.
 *
 * expect: denied
 * on: ext4 xfs btrfs overlay
 */
#include "technique.h"

#define ATTEMPTS 300

/* What a change would be stamped with now. Not asked of the file: 7.x moves a stamp that somebody
 * has looked at. */
static struct timespec tick(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME_COARSE, &now);
	return now;
}

static int is_over(struct timespec then)
{
	struct timespec now = tick();

	return now.tv_sec != then.tv_sec || now.tv_nsec != then.tv_nsec;
}

/* Its last change. */
static void write_again(struct bytes b)
{
	int fd = open_to_change("target");

	must(pwrite(fd, b.at, 1, 0) == 1 && !close(fd), "pwrite");
}

/* Judge it, without a child: that would take too long. */
static void map_once(size_t len)
{
	int fd = open("target", O_RDONLY | O_CLOEXEC);
	void *at = mmap(NULL, len, PROT_READ | PROT_EXEC, MAP_PRIVATE, fd, 0);

	must(at != MAP_FAILED, "the library is mapped");
	munmap(at, len);
	close(fd);
}

int main(void)
{
	struct bytes b = load(content("LIBRARY"));
	struct timespec begin;
	int turn;

	if (b.at[b.len - 1])
		missing("a library that ends with a zero");
	b.at[b.len - 1] = 1;
	offset_of_ran();
	for (turn = 0; turn < ATTEMPTS; turn++) {
		put("target", b);
		begin = tick();
		write_again(b);
		map_once(b.len);
		must(!truncate("target", b.len - 1) && !truncate("target", b.len), "truncate");
		if (!is_over(begin))
			break;
	}
	fprintf(stderr, "%s within a tick, turn %d\n", turn < ATTEMPTS ? "all" : "never", turn);
	use("target");
	return 0;
}
