/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Two names are exchanged (RENAME_EXCHANGE) without pause, an unlisted library's and the listed
 * one's, while one of them is opened and mapped.
 *
 * expect: denied
 * race: yes
 * on: ext4 overlay
 */
#include "race.h"

static void exchange(void)
{
	renameat2(AT_FDCWD, "target", AT_FDCWD, "other", RENAME_EXCHANGE);
}

int main(void)
{
	pid_t rival;
	time_t end;

	place(content("FILLER_LIBRARY"), "target");
	place(content("LIBRARY"), "other");
	settle();
	offset_of_ran();
	no_complaints();
	rival = begin_rival(exchange);
	for (end = race_end(); time(NULL) < end;)
		use("target");
	end_rival(rival);
	use("target");
	use("other");
	return 0;
}
