/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A watcher that is asked before a file's content is used (fanotify, FAN_PRE_ACCESS, as for files
 * that are fetched when needed) puts listed bytes into it when it is mapped, after it was judged.
 *
 * expect: denied
 * limit: a library may be rewritten after it was mapped: only programs are held against writing
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

/* Fill it in before its content is used. */
static void answer(int fd, struct bytes b)
{
	static char room[4096] __attribute__((aligned(8)));
	struct fanotify_event_metadata *event = (void *)room;
	struct fanotify_response response = {.response = FAN_ALLOW};

	while (read(fd, room, sizeof(room)) > 0) {
		write_over(event->fd, b);
		response.fd = event->fd;
		must(write(fd, &response, sizeof(response)) > 0, "answer");
		close(event->fd);
	}
	_exit(0);
}

int main(void)
{
	struct bytes b = load(content("LIBRARY"));
	pid_t pid;
	int fd;

	place(content("FILLER_LIBRARY"), "target");
	settle();
	offset_of_ran();
	fd = watch("target");
	pid = begin_child();
	if (!pid)
		answer(fd, b);
	use("target");
	kill(pid, SIGKILL);
	wait_for(pid);
	return 0;
}
