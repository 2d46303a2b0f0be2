/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The same, by a descriptor of a file that is removed already.
 *
 * expect: denied
 */
#include "by-hand.h"

int main(void)
{
	int fd = open(copy_of(getenv("LIBRARY"), "library.so"), O_RDONLY);
	char path[64];

	unlink("library.so");
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	if (!dlopen(path, RTLD_NOW))
		errx(1, "%s", dlerror());
	return 0;
}
