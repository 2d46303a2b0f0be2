/* SPDX-License-Identifier: GPL-2.0-only */
/* dlopen LIBRARY: load it, as any program may; exit 0 if that was possible. */
#include <dlfcn.h>
#include <stdio.h>

int main(int argc, char **argv)
{
	if (argc != 2) {
		fprintf(stderr, "usage: dlopen LIBRARY\n");
		return 2;
	}
	if (dlopen(argv[1], RTLD_NOW)) {
		printf("loaded %s\n", argv[1]);
		return 0;
	}
	fprintf(stderr, "%s\n", dlerror());
	return 1;
}
