/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A file of memory, which no file system has.
 *
 * expect: denied
 */
#include "by-hand.h"

int main(void)
{
	return execute(memory_of(getenv("PROGRAM"), MFD_CLOEXEC), 0);
}
