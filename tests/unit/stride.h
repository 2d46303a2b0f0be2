/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * For tests that try every bit, byte, cut or combination: the step of their loops. It is 1, and
 * where each instruction costs thirty times as much, under valgrind, what TEST_STRIDE says; that is
 * printed, so that nobody takes the one for the other.
 */
#ifndef INTERDICT_TEST_STRIDE_H
#define INTERDICT_TEST_STRIDE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static inline size_t stride(void)
{
	static size_t step;
	const char *text = getenv("TEST_STRIDE");

	if (step)
		return step;
	step = text ? strtoul(text, NULL, 10) : 1;
	if (!step)
		step = 1;
	if (step > 1)
		fprintf(stderr, "TEST_STRIDE: one in %zu is tried\n", step);
	return step;
}

/* How many of @n that are, rounded up. */
static inline size_t strided(size_t n)
{
	return (n + stride() - 1) / stride();
}

/* Where a program is valgrind's own, with another one's word inside: who refused an exec is not
 * told. */
static inline bool under_valgrind(void)
{
	const char *preloaded = getenv("LD_PRELOAD");

	return preloaded && strstr(preloaded, "vgpreload");
}

#endif
