/* SPDX-License-Identifier: GPL-2.0-only */
/* The drivers that the running kernel has loaded. */
#ifndef INTERDICT_MODULES_H
#define INTERDICT_MODULES_H

#include <stdbool.h>
#include <stddef.h>

#include "interdict/abi.h"

struct loaded_module {
	char name[MODULE_NAME_LEN];  /* as lsmod has it */
	struct fingerprint build_id; /* of kind FINGERPRINT_NONE: it has none */
	char *path;		     /* where modprobe would find it; or NULL */
	bool needed;		     /* modules_mark_needed() */
};

struct loaded_modules {
	struct loaded_module *v;
	size_t n;
};

/**
 * modules_read() - list what is loaded now.
 * @m: filled; modules_free() releases it, also after a failure
 *
 * Return: 0; -ENOMEM; or what opendir(3) gives for /sys/module.
 */
int modules_read(struct loaded_modules *m);
/**
 * modules_mark_needed() - mark those that carry the root file system and the network, and what
 * these use: without them the machine cannot be started, or not be reached.
 */
void modules_mark_needed(struct loaded_modules *m);
/**
 * modules_find() - where modprobe would find the file of driver @name.
 * Return: a new string; NULL: nowhere, or there is no memory.
 */
char *modules_find(const char *name);
/** modules_free() - release the list. */
void modules_free(struct loaded_modules *m);
/** module_name_fingerprint() - the fingerprint of a driver's name. Return: 0, or -ENOMEM. */
int module_name_fingerprint(struct fingerprint *f, const char *name);

#endif
