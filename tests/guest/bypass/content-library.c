/* SPDX-License-Identifier: GPL-2.0-only */
/* The library under test: says that it ran when it is loaded, and whenever ran() is called. */
#include "content.h"

__attribute__((constructor)) static void loaded(void)
{
	ran();
}

/* For LD_AUDIT: what makes a library an auditing one. */
unsigned int la_version(unsigned int version);
unsigned int la_version(unsigned int version)
{
	return version;
}
