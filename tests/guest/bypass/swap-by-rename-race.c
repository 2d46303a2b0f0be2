/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Two names are exchanged (RENAME_EXCHANGE) without pause, an unlisted program's and the listed
 * one's, while one of them is executed: what is judged must be what runs.
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

	place(content("FILLER_PROGRAM"), "target");
	place(content("PROGRAM"), "other");
	settle();
	no_complaints();
	rival = begin_rival(exchange);
	for (end = race_end(); time(NULL) < end;)
		start("target");
	end_rival(rival);
	start("target");
	start("other");
	return 0;
}
