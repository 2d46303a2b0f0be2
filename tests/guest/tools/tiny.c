/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A program without a library: quick to start, quick to digest. What stands behind its end is not
 * loaded: suites make variants of it by appending a word.
 */
#include <unistd.h>

void _start(void);
void _start(void)
{
	_exit(0);
}
