/* SPDX-License-Identifier: GPL-2.0-only */
#include "suggest.h"

#include <ctype.h>
#include <string.h>

#define WORD_MAX 40

static unsigned int min3(unsigned int a, unsigned int b, unsigned int c)
{
	unsigned int m = a < b ? a : b;

	return m < c ? m : c;
}

/* Levenshtein's, a row at a time. */
static unsigned int distance(const char *a, size_t a_len, const char *b, size_t b_len)
{
	unsigned int row[WORD_MAX + 1], diagonal, above;
	size_t i, j;

	for (j = 0; j <= b_len; j++)
		row[j] = j;
	for (i = 1; i <= a_len; i++) {
		diagonal = row[0];
		row[0] = i;
		for (j = 1; j <= b_len; j++) {
			above = row[j];
			row[j] = min3(above + 1, row[j - 1] + 1,
				      diagonal + (tolower((unsigned char)a[i - 1]) !=
						  tolower((unsigned char)b[j - 1])));
			diagonal = above;
		}
	}
	return row[b_len];
}

unsigned int suggest_distance(const char *typed, const char *known)
{
	size_t typed_len = strnlen(typed, WORD_MAX + 1), known_len = strnlen(known, WORD_MAX + 1);
	unsigned int edits;

	if (typed_len > WORD_MAX || known_len > WORD_MAX)
		return SUGGEST_NONE;
	edits = distance(typed, typed_len, known, known_len);
	/* A third of the word, and one edit even in a short one. */
	return edits <= 1 || edits <= known_len / 3 ? edits : SUGGEST_NONE;
}
