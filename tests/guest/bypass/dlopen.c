/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A running program loads the listed library.
 *
 * expect: denied
 * on: ext4 xfs btrfs tmpfs overlay
 */
#include "by-hand.h"

int main(void)
{
	copy_of(getenv("LIBRARY"), "library.so");
	if (!dlopen("./library.so", RTLD_NOW))
		errx(1, "%s", dlerror());
	return 0;
}
