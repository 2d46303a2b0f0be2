/* SPDX-License-Identifier: GPL-2.0-only */
/* What is known of a loaded driver: by the kernel, and by the file that it seems to be from. */
#ifndef INTERDICT_MODULES_IDENTITY_H
#define INTERDICT_MODULES_IDENTITY_H

#include "identity/identity.h"
#include "modules.h"

/** module_in_memory() - what the kernel itself says: its name, and its build-id if it has one. */
void module_in_memory(struct identity *identity, const struct loaded_module *m);
/**
 * module_file() - what its file says, where modules.dep has one.
 * @k: filled; known_free() releases it, also after a failure
 * @trusted: as for identity_of_file()
 *
 * A file that was replaced since is another driver's: the build-ids tell. Without one in the
 * kernel, it is taken for the same.
 *
 * Return: 0; -ENOENT: none is known; -ESTALE: it is another one by now; or what identity_of_file()
 * gives.
 */
int module_file(struct known *k, const struct loaded_module *m, const struct certificates *trusted);
/**
 * module_place() - where that file lies, through all links, for rules by path.
 * Return: a new string, or NULL: there is none, or no memory.
 */
char *module_place(const struct loaded_module *m);

#endif
