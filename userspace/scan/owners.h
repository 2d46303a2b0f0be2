/* SPDX-License-Identifier: GPL-2.0-only */
/* Whose what was found is, by the package databases of this machine. */
#ifndef INTERDICT_OWNERS_H
#define INTERDICT_OWNERS_H

#include "diag.h"
#include "finding.h"

/**
 * owners_find() - name the package of each finding that has none, and lies where one lists it.
 * @d: warnings: a database that cannot be read
 *
 * Each package's list is read once. Without findings nothing is read. Of several packages that list
 * a path the first counts.
 *
 * Return: 0; or -ENOMEM.
 */
int owners_find(struct findings *all, struct diag *d);

#endif
