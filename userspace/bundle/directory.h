/* SPDX-License-Identifier: GPL-2.0-only */
/* Directories of policy files as a whole: copied, removed, made to last. */
#ifndef INTERDICT_BUNDLE_DIRECTORY_H
#define INTERDICT_BUNDLE_DIRECTORY_H

#include <stddef.h>

#include "diag.h"

/* How the entries of a copy are made. */
enum directory_copy {
	DIRECTORY_SHARE, /* files are linked, where the file system can */
	DIRECTORY_COPY,
	DIRECTORY_REFER, /* all are links to the originals */
};

/** directory_join() - "@dir/@name". Return: a new string, or NULL without memory. */
char *directory_join(const char *dir, const char *name);

/**
 * directory_copy() - make in @to, which is there, what is in @from.
 * Return: 0, also where there is no @from; or a negative errno that is in @d.
 */
int directory_copy(const char *from, const char *to, enum directory_copy how, struct diag *d);
/** directory_remove() - remove it and all that is in it; links in it are not followed. */
void directory_remove(const char *path);
/** directory_sync() - its entries outlive a crash. Return: 0, or a negative errno. */
int directory_sync(const char *path);

/** directory_copy_bytes() - from here to the end. Return: 0, or a negative errno of either. */
int directory_copy_bytes(int to, int from);
/** directory_write() - all of @len bytes. Return: 0, or a negative errno. */
int directory_write(int fd, const char *text, size_t len);
/** directory_failed() - say in @d what errno says of @path. Return: the negative errno. */
int directory_failed(struct diag *d, const char *path, const char *what);

#endif
