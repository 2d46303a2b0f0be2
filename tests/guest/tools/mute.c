/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * mute TOLD FILE…: one who is asked by fanotify whether the FILEs may be run, and never says. Makes
 * TOLD once it is asked; when it is killed, all may.
 */
#include <fcntl.h>
#include <stdio.h>
#include <sys/fanotify.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	int fd = fanotify_init(FAN_CLASS_CONTENT | FAN_CLOEXEC, O_RDONLY | O_LARGEFILE), i;

	for (i = 2; i < argc; i++) {
		if (!fanotify_mark(fd, FAN_MARK_ADD, FAN_OPEN_EXEC_PERM, AT_FDCWD, argv[i]))
			continue;
		perror(argv[i]);
		return 1;
	}
	if (argc < 3 || open(argv[1], O_CREAT | O_WRONLY, 0644) < 0)
		return 2;
	for (;;)
		pause();
}
