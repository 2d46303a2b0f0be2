/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef INTERDICT_IMPORT_STIX_PATTERN_H
#define INTERDICT_IMPORT_STIX_PATTERN_H

#include "import/reader.h"

/**
 * stix_pattern() - hand over the files that a STIX pattern names by digest (STIX 2.1, part 9).
 * @item: what they have in common: name and dates
 *
 * Comparisons of a file's hash by = or IN that are joined by OR are carried over, each by itself;
 * those of other things are counted. What joins anything in another way is counted, once, and not
 * carried over at all: it says less than its parts.
 *
 * Return: 0, or what ends the import.
 */
int stix_pattern(struct input *in, const char *pattern, const struct import_item *item);

#endif
