/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A file of memory that nobody can change any more.
 *
 * expect: denied
 */
#include "by-hand.h"

int main(void)
{
	int fd = memory_of(getenv("PROGRAM"), MFD_CLOEXEC | MFD_ALLOW_SEALING);

	if (fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL))
		return failed("F_ADD_SEALS");
	return execute(fd, 0);
}
