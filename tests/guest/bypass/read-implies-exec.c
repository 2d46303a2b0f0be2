/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A personality in which whatever can be read can be executed; only reading is asked for.
 *
 * expect: denied
 * on: ext4 tmpfs overlay
 */
#include "by-hand.h"

int main(void)
{
	copy_of(getenv("LIBRARY"), "library.so");
	if (personality(READ_IMPLIES_EXEC) < 0)
		return failed("personality");
	return map_and_call("library.so", PROT_READ, MAP_PRIVATE);
}
