/* SPDX-License-Identifier: GPL-2.0-only */
/* What a program, library or script says that it needs to run; where that lies is closure.c's. */
#ifndef INTERDICT_NEEDS_H
#define INTERDICT_NEEDS_H

#include "remembered.h"

/*
 * Each need is one of these, a text and a NUL, in the order in which they count. A path for
 * libraries stands before those that it is meant for.
 */
enum need {
	NEED_FILE = 'F',    /* a path: its interpreter */
	NEED_PROGRAM = 'P', /* a name that $PATH leads to */
	NEED_LIBRARY = 'L', /* DT_NEEDED */
	NEED_RPATH = 'R',   /* DT_RPATH */
	NEED_RUNPATH = 'U', /* DT_RUNPATH */
};

/**
 * needs_read() - read what a file needs.
 * @r: where it is remembered
 * @path: the file, through all links
 * @st: of it; if it is another one by now, that is read and not remembered
 * @file: what is known of it then, until remembered_end(): its class, machine and needs
 *
 * The bytes are taken for hostile: what is out of bounds is passed over. Only the header of a file,
 * its dynamic section and the strings of that are read.
 *
 * Return: 0; -ENOMEM; -ENOTSUP or -EISDIR when it is no regular file any more; or what open(2)
 * gives.
 */
int needs_read(struct remembered *r, const char *path, const struct stat *st,
	       struct remembered_file **file);

#endif
