/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The program lies in a file system that is mounted nowhere: no path leads to it.
 *
 * expect: denied
 * needs: fsmount(2)
 */
#include "by-hand.h"

int main(void)
{
	char *const arguments[] = {(char *)"it", NULL};
	int fs = fsopen("tmpfs", FSOPEN_CLOEXEC), at, fd;

	if (fs < 0)
		return lacks("fsmount(2)");
	if (fsconfig(fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0))
		return failed("fsconfig");
	at = fsmount(fs, FSMOUNT_CLOEXEC, 0);
	fd = openat(at, "program", O_WRONLY | O_CREAT | O_CLOEXEC, 0755);
	if (fd < 0)
		return failed("fsmount");
	fill(fd, getenv("PROGRAM"));
	close(fd);
	execveat(at, "program", arguments, environ, 0);
	return failed("execveat");
}
