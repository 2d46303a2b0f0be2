/* SPDX-License-Identifier: GPL-2.0-only */
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "actor.h"

#ifndef SO_PEERPIDFD
#define SO_PEERPIDFD 77 /* Linux 6.5 */
#endif

/* The first line of a file of /proc/PID, which seems to have no size. */
static bool read_line(pid_t pid, const char *file, char *line, size_t size)
{
	char path[64];
	bool got;
	FILE *in;

	snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, file);
	in = fopen(path, "re");
	got = in && fgets(line, size, in);
	if (in)
		fclose(in);
	if (got)
		line[strcspn(line, "\n")] = 0;
	return got;
}

static void look_up(struct actor *a)
{
	char line[32];

	if (read_line(a->pid, "loginuid", line, sizeof(line)))
		a->login_uid = strtoul(line, NULL, 10);
	if (!read_line(a->pid, "comm", a->name, sizeof(a->name)))
		*a->name = 0;
}

void actor_self(struct actor *a)
{
	*a = (struct actor){.pid = getpid(), .uid = getuid(), .login_uid = LOGIN_UID_UNSET};
	look_up(a);
}

static int open_peer(int socket, pid_t pid)
{
	socklen_t len = sizeof(int);
	int fd;

	if (!getsockopt(socket, SOL_SOCKET, SO_PEERPIDFD, &fd, &len))
		return fd;
	return syscall(SYS_pidfd_open, pid, 0);
}

int actor_of_peer(struct actor *a, int socket)
{
	struct ucred peer;
	socklen_t len = sizeof(peer);
	int pidfd;

	if (getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &len))
		return -errno;
	*a = (struct actor){.pid = peer.pid, .uid = peer.uid, .login_uid = LOGIN_UID_UNSET};
	pidfd = open_peer(socket, peer.pid);
	if (pidfd < 0)
		return 0;
	look_up(a);
	/* Gone meanwhile: its number may be another's by now. */
	if (syscall(SYS_pidfd_send_signal, pidfd, 0, NULL, 0)) {
		a->login_uid = LOGIN_UID_UNSET;
		*a->name = 0;
	}
	close(pidfd);
	return 0;
}
