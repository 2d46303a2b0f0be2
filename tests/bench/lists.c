/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * usage: lists COUNT SPREAD [SIZE]... <SIZES
 *
 * Print a digest list: COUNT random digests, the first of them with each SIZE, the others with
 * sizes drawn from SIZES: one a line for each file, so that a size counts as often as it occurs.
 * Each drawn size is moved by up to SPREAD per cent to a multiple of 8, which nearly all ELF files
 * have: a list names other builds than those that are installed here. The same arguments give the
 * same list.
 */
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

static uint64_t state = 0x1d1c7;

/* splitmix64 */
static uint64_t next_random(void)
{
	uint64_t z = state += 0x9e3779b97f4a7c15ull;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ull;
	z = (z ^ z >> 27) * 0x94d049bb133111ebull;
	return z ^ z >> 31;
}

static uint64_t random_below(uint64_t limit)
{
	return (unsigned __int128)next_random() * limit >> 64;
}

static uint64_t *read_sizes(size_t *count)
{
	uint64_t *sizes = NULL, size;
	size_t capacity = 0;

	*count = 0;
	while (scanf("%" SCNu64, &size) == 1) {
		if (*count == capacity) {
			capacity = capacity ? 2 * capacity : 1024;
			sizes = reallocarray(sizes, capacity, sizeof(*sizes));
			if (!sizes)
				abort();
		}
		sizes[(*count)++] = size;
	}
	return sizes;
}

static uint64_t moved(uint64_t size, unsigned int spread)
{
	uint64_t reach = size * spread / 100;

	if (!reach)
		return size;
	size = size - reach + random_below(2 * reach + 1);
	return size < 8 ? 8 : size / 8 * 8;
}

static void print_digest(uint64_t size)
{
	int i;

	for (i = 0; i < 4; i++)
		printf("%016" PRIx64, next_random());
	printf(" %" PRIu64 "\n", size);
}

int main(int argc, char **argv)
{
	uint64_t *sizes, i, count, size;
	unsigned int spread;
	size_t n;

	if (argc < 3)
		return fputs("usage: lists COUNT SPREAD [SIZE]... <SIZES\n", stderr), 2;
	count = strtoull(argv[1], NULL, 10);
	spread = strtoul(argv[2], NULL, 10);
	sizes = read_sizes(&n);
	if (!n)
		return fputs("lists: no sizes to draw from\n", stderr), 1;
	for (i = 0; i < count; i++) {
		size = moved(sizes[random_below(n)], spread);
		if (i + 3 < (uint64_t)argc)
			size = strtoull(argv[i + 3], NULL, 10);
		print_digest(size);
	}
	return 0;
}
