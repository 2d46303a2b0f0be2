/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What an .rpm says of itself: its headers, read here rather than by librpm, which is not
 * everywhere, not thread safe, and runs macros. Hostile bytes; no signature is checked: what it
 * claims is enough to be denied.
 */
#ifndef INTERDICT_RPM_FILE_H
#define INTERDICT_RPM_FILE_H

#include "bytes.h"
#include "packages.h"

/**
 * rpm_file_read() - read the fields that rules may ask for.
 * @p: filled, likewise as packages_open() has what is installed; rpm_file_free() releases it in
 *	each case
 * @from: the file, or as much of its beginning as there is
 *
 * Return: 0; -EBADMSG when it is none, is cut within its headers, or has no name; -ENOMEM; or what
 * pread(2) gives.
 */
int rpm_file_read(struct package *p, const struct bytes *from);
/** rpm_file_free() - release what @p holds. */
void rpm_file_free(struct package *p);

#endif
