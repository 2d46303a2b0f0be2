/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Who listens to fanotify's permission events is asked when a program is opened to be run, and puts
 * listed bytes into it before it answers.
 *
 * expect: denied
 * on: ext4 tmpfs
 */
#include <sys/fanotify.h>

#include "technique.h"

static int watch(const char *path)
{
	int fd = fanotify_init(FAN_CLASS_CONTENT | FAN_CLOEXEC, O_RDONLY | O_LARGEFILE);

	if (fd < 0 || fanotify_mark(fd, FAN_MARK_ADD, FAN_OPEN_EXEC_PERM, AT_FDCWD, path))
		missing("permission events of fanotify in this kernel");
	return fd;
}

static void answer(int fd, struct bytes b)
{
	static char room[4096] __attribute__((aligned(8)));
	struct fanotify_event_metadata *event = (void *)room;
	struct fanotify_response response = {.response = FAN_ALLOW};
	int target;

	must(read(fd, room, sizeof(room)) > 0, "fanotify");
	target = open_to_change("target");
	write_over(target, b);
	close(target);
	response.fd = event->fd;
	must(write(fd, &response, sizeof(response)) > 0, "answer");
	_exit(0);
}

int main(void)
{
	struct bytes b = load(content("PROGRAM"));
	pid_t pid;
	int fd;

	keep_program("target");
	fd = watch("target");
	pid = begin_child();
	if (!pid)
		answer(fd, b);
	start("target");
	kill(pid, SIGKILL);
	wait_for(pid);
	return 0;
}
