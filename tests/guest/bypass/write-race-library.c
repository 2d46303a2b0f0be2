/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A library is rewritten without pause, to the listed one and back, through a descriptor that stays
 * open, while it is mapped: it may change between its digest and its first instruction.
 *
 * expect: denied
 * limit: a library may be rewritten after it was mapped: only programs are held against writing
 * race: yes
 * on: ext4 tmpfs
 */
#include "race.h"

static struct bytes listed, unlisted;
static int fd;

static void rewrite(void)
{
	write_over(fd, listed);
	usleep(1000);
	write_over(fd, unlisted);
	usleep(1000);
}

int main(void)
{
	pid_t rival;
	time_t end;

	listed = load(content("LIBRARY"));
	unlisted = load(content("FILLER_LIBRARY"));
	put("target", unlisted);
	fd = open_to_change("target");
	offset_of_ran();
	no_complaints();
	rival = begin_rival(rewrite);
	for (end = race_end(); time(NULL) < end;)
		use("target");
	end_rival(rival);
	write_over(fd, listed);
	use("target");
	return 0;
}
