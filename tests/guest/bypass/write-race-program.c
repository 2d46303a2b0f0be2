/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A program is rewritten without pause, to the listed one and back, while it is executed. The
 * kernel lets nobody write to it while it runs, nor run it while somebody may write.
 *
 * expect: denied
 * race: yes
 * on: ext4 tmpfs
 */
#include "race.h"

static struct bytes listed, unlisted;

static void rewrite(void)
{
	static int turn;
	int fd = open("target", O_WRONLY | O_CLOEXEC);

	if (fd < 0)
		return;
	write_over(fd, turn++ % 2 ? listed : unlisted);
	close(fd);
	usleep(1000);
}

int main(void)
{
	pid_t rival;
	time_t end;

	listed = load(content("PROGRAM"));
	unlisted = load(content("FILLER_PROGRAM"));
	put("target", unlisted);
	settle();
	no_complaints();
	rival = begin_rival(rewrite);
	for (end = race_end(); time(NULL) < end;)
		start("target");
	end_rival(rival);
	put("target", listed);
	start("target");
	return 0;
}
