/* SPDX-License-Identifier: GPL-2.0-only */
/* interdict.conf, put in force. */
#ifndef INTERDICT_MACHINE_H
#define INTERDICT_MACHINE_H

#include "diag.h"
#include "machine/machine_conf.h"
#include "program.h"

struct daemon;

/**
 * machine_apply() - set the machine's ceiling to what interdict.conf says.
 * @d: a warning when the kernel does not take it
 *
 * What is wrong with the file, build_image() says, which reads it too; then the ceiling stays as it
 * is, unless the file names one.
 */
void machine_apply(struct program *p, struct diag *d);
/**
 * machine_watch() - try the canary, and write metrics, as often and where interdict.conf says.
 * Return: 0, or -errno of sd-event.
 */
int machine_watch(struct daemon *daemon);
/**
 * machine_log_conf() - what interdict.conf says of where records go.
 * @conf: filled; of a file in error, what can be read of it
 */
void machine_log_conf(struct log_conf *conf);

#endif
