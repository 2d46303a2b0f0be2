/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * An unlisted program is started and, before its first instruction, rewritten through a descriptor
 * that has been open all the time; and through one that is opened only then. The kernel refuses
 * both (ETXTBSY), so that the target is run again at the end, as what it has become.
 *
 * expect: denied
 * on: ext4 tmpfs overlay
 */
#include "technique.h"

int main(void)
{
	int run, fd;
	pid_t pid;

	keep_program("target");
	run = open("target", O_RDONLY | O_CLOEXEC);
	fd = open_to_change("target");
	pid = start_stopped(run);
	close(fd);
	if (pid < 0)
		pid = start_stopped(run);
	fd = open("target", O_RDWR | O_CLOEXEC);
	if (fd < 0)
		perror("open");
	else
		write_over(fd, load(content("PROGRAM")));
	go_on(pid);
	close(run);
	if (fd < 0)
		fd = open_to_change("target");
	write_over(fd, load(content("PROGRAM")));
	close(fd);
	start("target");
	return 0;
}
