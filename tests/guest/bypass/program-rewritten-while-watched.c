/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A program is watched by fanotify before its content is used (FAN_PRE_ACCESS), by a watcher that
 * changes nothing: the kernel then holds nobody against writing to it. It is started and, before
 * its first instruction, rewritten.
 *
 * expect: denied
 * limit: a program that a watcher is asked for (FAN_PRE_ACCESS) may be rewritten while it runs
 */
#include <sys/fanotify.h>

#include "technique.h"

#ifndef FAN_PRE_ACCESS
#define FAN_PRE_ACCESS 0x00100000
#endif

static int watch(const char *path)
{
	int fd = fanotify_init(FAN_CLASS_PRE_CONTENT | FAN_CLOEXEC, O_RDWR | O_LARGEFILE);

	if (fd < 0 || fanotify_mark(fd, FAN_MARK_ADD, FAN_PRE_ACCESS, AT_FDCWD, path))
		missing("FAN_PRE_ACCESS in this kernel");
	return fd;
}

static void allow_all(int fd)
{
	static char room[4096] __attribute__((aligned(8)));
	struct fanotify_event_metadata *event = (void *)room;
	struct fanotify_response response = {.response = FAN_ALLOW};

	while (read(fd, room, sizeof(room)) > 0) {
		response.fd = event->fd;
		must(write(fd, &response, sizeof(response)) > 0, "answer");
		close(event->fd);
	}
	_exit(0);
}

int main(void)
{
	pid_t watcher, pid;
	int fd;

	keep_program("target");
	fd = watch("target");
	watcher = begin_child();
	if (!watcher)
		allow_all(fd);
	pid = start_stopped(open("target", O_RDONLY | O_CLOEXEC));
	must(pid > 0, "the filler starts");
	fd = open("target", O_RDWR | O_CLOEXEC);
	if (fd < 0)
		perror("open");
	else
		write_over(fd, load(content("PROGRAM")));
	go_on(pid);
	kill(watcher, SIGKILL);
	wait_for(watcher);
	return 0;
}
