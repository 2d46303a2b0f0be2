/* SPDX-License-Identifier: GPL-2.0-only */
/* The end of a child process that may hang in the kernel, where no signal reaches it. */
#ifndef INTERDICT_CHILD_H
#define INTERDICT_CHILD_H

#include <sys/types.h>

/**
 * child_end() - kill a child, and reap it.
 * @pid: of a child that nobody else waits for
 *
 * It is waited for for a tenth of a second at most: one that is not gone by then is reaped by a
 * later call.
 */
void child_end(pid_t pid);

#endif
