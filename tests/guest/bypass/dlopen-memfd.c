/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A library that is a file of memory only.
 *
 * expect: denied
 */
#include "by-hand.h"

int main(void)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", memory_of(getenv("LIBRARY"), 0));
	if (!dlopen(path, RTLD_NOW))
		errx(1, "%s", dlerror());
	return 0;
}
