/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The descriptor is one that can neither be read nor written (O_PATH).
 *
 * expect: denied
 */
#include "by-hand.h"

int main(void)
{
	return execute(open(copy_of(getenv("PROGRAM"), "program"), O_PATH | O_CLOEXEC), 0);
}
