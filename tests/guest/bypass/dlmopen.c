/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The same, into a name space of its own.
 *
 * expect: denied
 */
#include "by-hand.h"

int main(void)
{
	copy_of(getenv("LIBRARY"), "library.so");
	if (!dlmopen(LM_ID_NEWLM, "./library.so", RTLD_NOW))
		errx(1, "%s", dlerror());
	return 0;
}
