/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * notified SOCKET FILE: a service manager of one line: wait for READY=1 on SOCKET, then make FILE.
 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_DGRAM, 0);
	char message[4096];
	ssize_t got;

	if (argc != 3 || fd < 0)
		return 2;
	snprintf(address.sun_path, sizeof(address.sun_path), "%s", argv[1]);
	if (bind(fd, (struct sockaddr *)&address, sizeof(address)))
		return 1;
	do {
		got = recv(fd, message, sizeof(message) - 1, 0);
		if (got < 0)
			return 1;
		message[got] = 0;
	} while (!strstr(message, "READY=1"));
	return open(argv[2], O_CREAT | O_WRONLY, 0644) < 0;
}
