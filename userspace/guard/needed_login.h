/* SPDX-License-Identifier: GPL-2.0-only */
/* What the parts of needed.c share; of no use to anybody else. */
#ifndef INTERDICT_NEEDED_LOGIN_H
#define INTERDICT_NEEDED_LOGIN_H

#include "closure.h"

#define PLACES_MAX 64

/* Directories, each once and through all links: as the closure's tree has them. */
struct places {
	const char *v[PLACES_MAX];
	size_t n;
};

/** needed_add_named() - add what is called @name, or matches it, in each of the directories. */
int needed_add_named(struct closure *c, const struct places *p, const char *name);
/**
 * needed_add_login() - add what it takes to log in: shells, PAM modules, NSS modules.
 * @lib: where libraries are
 * Return: 0, or -ENOMEM.
 */
int needed_add_login(struct closure *c, const struct places *lib);

#endif
