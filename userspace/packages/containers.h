/* SPDX-License-Identifier: GPL-2.0-only */
/* Package databases that processes here see instead of this machine's own: those of containers. */
#ifndef INTERDICT_CONTAINERS_H
#define INTERDICT_CONTAINERS_H

#include <stddef.h>

/**
 * containers_count() - mount namespaces of running processes whose root has a database of dpkg's or
 * rpm's that is not this machine's.
 *
 * A service whose mounts are its own, but whose database is this machine's, does not count; what
 * has its root on FUSE does, without being asked. A database on a file system of its own below such
 * a root is not seen.
 *
 * Return: how many; or what opendir(3) gives for /proc. An ordinary user sees his own.
 */
int containers_count(void);

#endif
