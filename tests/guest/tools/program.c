/* SPDX-License-Identifier: GPL-2.0-only */
/* A program. Built twice, alike but for this string: one is listed, the other is not. */
#include <stdio.h>

int main(void)
{
	puts("program " WHICH);
	return 0;
}
