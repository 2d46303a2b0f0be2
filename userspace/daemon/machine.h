/* SPDX-License-Identifier: GPL-2.0-only */
/* interdict.conf, put in force. */
#ifndef INTERDICT_MACHINE_H
#define INTERDICT_MACHINE_H

#include "diag.h"
#include "program.h"

/**
 * machine_apply() - set the machine's ceiling to what interdict.conf says.
 * @d: a warning when the kernel does not take it
 *
 * What is wrong with the file, build_image() says, which reads it too; then the ceiling stays as it
 * is, unless the file names one.
 */
void machine_apply(struct program *p, struct diag *d);

#endif
