/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The program lies deeper than a path can be long (PATH_MAX), so that no path names it; it is
 * started by a short one from where it is.
 *
 * expect: denied
 */
#include "technique.h"

#define DEPTH 24

int main(void)
{
	char name[252];
	int depth;

	memset(name, 'd', sizeof(name) - 1);
	name[sizeof(name) - 1] = 0;
	for (depth = 0; depth < DEPTH; depth++)
		must(!mkdir(name, 0755) && !chdir(name), "mkdir");
	place(content("PROGRAM"), "program");
	place(content("LIBRARY"), "library");
	start("program");
	start("./program");
	use("library");
	return 0;
}
