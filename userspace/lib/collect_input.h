/* SPDX-License-Identifier: GPL-2.0-only */
/* What collect.c and collect_archive.c share. */
#ifndef INTERDICT_COLLECT_INPUT_H
#define INTERDICT_COLLECT_INPUT_H

#include "collect.h"

struct findings {
	struct component *v;
	size_t n, capacity;
};

/**
 * findings_add() - add what the content at @path comes to: nothing, a component, or a driver in
 * both its forms.
 * @c: @unread counts, and @d names, a packed driver that cannot be unpacked
 * @maintainer: a component in any case
 * @path: copied
 *
 * Return: 0, or -ENOMEM.
 */
int findings_add(struct findings *f, struct collect *c, const struct content *content,
		 bool maintainer, const char *path);

/**
 * collect_archive() - find the components of an archive.
 * @fd: at its beginning; it can seek
 * @package: a .deb or .rpm, by its first bytes
 *
 * Return: as collect(); -ENODATA, which is not in @d, also when it is no archive.
 */
int collect_archive(struct collect *c, struct findings *found, const char *path, int fd,
		    bool package);

#endif
