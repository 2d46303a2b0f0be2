/* SPDX-License-Identifier: GPL-2.0-only */
/* From the start of interdictd to its end. */
#ifndef INTERDICT_SERVE_H
#define INTERDICT_SERVE_H

#include "daemon.h"

#define PROGRAM "interdictd"

/**
 * serve() - put a policy in force and serve until SIGTERM; or stay off, if interdict=off says so.
 * @fold: seconds in which repeats of a denial are folded
 * @boot: boots are counted
 *
 * Return: an exit status. What is in force stays.
 */
int serve(unsigned int fold, bool boot);
/**
 * serve_nothing() - write down that nothing is put in force. The administrator said so before
 * anything ran: nothing that is there is lifted.
 * Return: an exit status.
 */
int serve_nothing(void);
/**
 * serve_check() - whether this machine has what enforcement needs; standard error says what not.
 * Return: 0, or -ENOTSUP.
 */
int serve_check(void);

#endif
