/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The program under test: says that it ran. Its variants are of the same size and layout, so that
 * one can be written over another while that waits for a byte: program [wait]
 */
#include <unistd.h>

#include "content.h"

int main(int argc, char **argv)
{
	char byte;

	(void)argv;
	if (argc > 1 && read(0, &byte, 1) < 0)
		return 1;
	return ran();
}
