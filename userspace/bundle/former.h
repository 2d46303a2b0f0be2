/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A directory as it was before the last change of it that was put in force: what rollback goes back
 * to. It is copied before the change is made, and the copy takes its place once the change is in
 * force. The name of the copy has the inode of the directory: after a kill, or a loss of power, in
 * between, another inode there says that the change was made.
 */
#ifndef INTERDICT_BUNDLE_FORMER_H
#define INTERDICT_BUNDLE_FORMER_H

#include "diag.h"

/**
 * former_copy() - copy the directory @of (if there is none: an empty one) beside @to, to the disk.
 * Nobody else may be doing the same; what another change has left is removed.
 * Return: 0, -ENOMEM, or what the file system gives, in @d; then there is no copy.
 */
int former_copy(const char *of, const char *to, struct diag *d);
/**
 * former_put() - the change is in force: the copy takes the place of @to.
 * Return: 0; -ENOENT where there is no copy; -ENOMEM; or what rename(2) gives, in @d. Killed, it is
 * ended by former_recover().
 */
int former_put(const char *to, struct diag *d);
/** former_drop() - the change was not made, or undone: the copy is removed. @to stays. */
void former_drop(const char *to);
/**
 * former_recover() - do one or the other, where a kill came in between.
 * Return: as former_put(), and 0 where there is no copy.
 */
int former_recover(const char *of, const char *to, struct diag *d);

#endif
