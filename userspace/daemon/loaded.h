/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What was loaded before the rule that names it came: by an initramfs, say, which needs no leave.
 * It is found, and recorded.
 */
#ifndef INTERDICT_LOADED_H
#define INTERDICT_LOADED_H

#include "daemon.h"

/** loaded_new() - what is needed to look. Return: NULL without memory. */
struct loaded *loaded_new(struct daemon *daemon);
/**
 * loaded_look() - look at all loaded drivers, one a turn of the loop, and record those that a rule
 * of the image in force names; each once, until the policy is another.
 *
 * A driver is told by its name and its build-id, and by its file, as long as that has this
 * build-id. A search that is under way begins anew. Where it cannot be looked, a line says so. NULL
 * is allowed.
 */
void loaded_look(struct loaded *l);
/** loaded_free() - let go. NULL is allowed. */
void loaded_free(struct loaded *l);

#endif
