/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The whole library, mapped shared and executable, is called without a loader.
 *
 * expect: denied
 * on: ext4 xfs btrfs tmpfs overlay
 */
#include "by-hand.h"

int main(void)
{
	return map_and_call(copy_of(getenv("LIBRARY"), "library.so"), PROT_READ | PROT_EXEC,
			    MAP_SHARED);
}
