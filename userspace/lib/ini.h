/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Files in systemd's syntax, a line at a time: [Section] and Key=value, each on a line of its own,
 * comments likewise. What the sections and keys mean is the caller's.
 */
#ifndef INTERDICT_INI_H
#define INTERDICT_INI_H

#include <stddef.h>

#include "diag.h"

#define INI_LINE_MAX (4 * 1024)

struct ini {
	const char *path;
	struct diag *d;
	void *context;	    /* the caller's */
	unsigned long line; /* that is read, from 1 */
	/* A section begins. @name: NULL for a header that is none, which is on record already. */
	void (*header)(struct ini *ini, const char *name);
	/* Blanks around @name and @value are gone; both are good until the function returns. */
	void (*assignment)(struct ini *ini, const char *name, const char *value);
};

/**
 * ini_read() - read a file to its end.
 * @ini: all but line filled
 * @max: bytes that it may have
 *
 * What is no text, no header and no assignment is an error in @ini->d, with file, line and remedy,
 * and the lines behind it are read all the same.
 *
 * Return: 0; -EINVAL when a NUL byte shows that it is no text: nothing behind it was read; -EFBIG;
 * -ENOMEM; or what file_open() and file_read() give. All but -EINVAL are left to the caller to
 * record.
 */
int ini_read(struct ini *ini, size_t max);

#endif
