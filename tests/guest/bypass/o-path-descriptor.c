/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A program is executed by a descriptor that gives no access (O_PATH), by itself and by its name in
 * /proc; and a library is opened through such a name.
 *
 * expect: denied
 * on: ext4 overlay
 */
#include "technique.h"

int main(void)
{
	char name[64];
	int fd;

	place(content("PROGRAM"), "program");
	place(content("LIBRARY"), "library");
	fd = open("program", O_PATH);
	must(fd >= 0, "program");
	start_at(fd, "program");
	snprintf(name, sizeof(name), "/proc/self/fd/%d", fd);
	start(name);
	fd = open("library", O_PATH);
	must(fd >= 0, "library");
	snprintf(name, sizeof(name), "/proc/self/fd/%d", fd);
	use(name);
	return 0;
}
