/* SPDX-License-Identifier: GPL-2.0-only */
/* "Did you mean …?" */
#ifndef INTERDICT_SUGGEST_H
#define INTERDICT_SUGGEST_H

#include <stdint.h>

#define SUGGEST_NONE UINT32_MAX

/**
 * suggest_distance() - how many edits make @typed into @known, upper and lower case aside.
 * Return: 0 when only case differs; SUGGEST_NONE when they are too far apart for a slip.
 */
unsigned int suggest_distance(const char *typed, const char *known);

#endif
