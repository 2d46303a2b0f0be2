/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A symbolic link points by turns to an unlisted program and to the listed one, while it is
 * executed.
 *
 * expect: denied
 * race: yes
 */
#include "race.h"

static void point_to(const char *path)
{
	unlink("next");
	if (!symlink(path, "next"))
		rename("next", "target");
}

static void swap(void)
{
	point_to("unlisted");
	point_to("listed");
}

int main(void)
{
	pid_t rival;
	time_t end;

	place(content("FILLER_PROGRAM"), "unlisted");
	place(content("PROGRAM"), "listed");
	point_to("unlisted");
	settle();
	no_complaints();
	rival = begin_rival(swap);
	for (end = race_end(); time(NULL) < end;)
		start("target");
	end_rival(rival);
	point_to("listed");
	start("target");
	return 0;
}
