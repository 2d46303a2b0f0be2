/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The tree below each place, by several threads that share a stack of what is still to be looked
 * at: directories, and files large enough to be somebody else's work. The last that was found comes
 * first, and a directory of very many names is put back in the middle, below what was found in it:
 * so the stack stays short however wide a tree is, and what it holds of a deep one is one name a
 * level.
 */
#ifndef INTERDICT_WALK_H
#define INTERDICT_WALK_H

#include "looking.h"
#include "places.h"

/**
 * walk_all() - look at every file of every place.
 * @l: what is found goes there
 * Return: 0; or -ENOMEM. That it was stopped is no error.
 */
int walk_all(struct looking *l, const struct scan_places *places);

#endif
