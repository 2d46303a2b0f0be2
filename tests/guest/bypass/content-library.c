/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The library under test: says that it ran when it is loaded, whenever ran() is called, and when
 * the kernel starts it as a program or as a program's loader.
 */
#include "content.h"

__attribute__((constructor)) static void loaded(void)
{
	say();
}

/* For LD_AUDIT: what makes a library an auditing one. */
unsigned int la_version(unsigned int version);
unsigned int la_version(unsigned int version)
{
	return version;
}

/* There is nothing to return to. */
void start(void);
void start(void)
{
	say();
	raw_exit();
}
