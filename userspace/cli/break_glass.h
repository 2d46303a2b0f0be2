/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Disable and enable: through interdictd, or without it, so that what is broken keeps nobody out.
 */
#ifndef INTERDICT_CLI_BREAK_GLASS_H
#define INTERDICT_CLI_BREAK_GLASS_H

#include <jansson.h>
#include <stdbool.h>

#include "audit/change.h"
#include "machine/disablement.h"

/**
 * break_glass() - disable enforcement.
 * @x: until and reason; by is filled
 * @d: why not; or what could not be written down
 *
 * Return: 0, or a negative errno.
 */
int break_glass(struct disablement *x, struct diag *d);
/** break_glass_record() - write down what was done without interdictd: change_write(). */
void break_glass_record(const struct change *c, struct diag *d);
/** mend_glass() - enforce again. Return: 1; 0 when it was not disabled; or a negative errno. */
int mend_glass(struct diag *d);

#endif
