/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What was loaded before enforcement began: an initramfs needs no leave. It is found, and recorded.
 */
#ifndef INTERDICT_LOADED_H
#define INTERDICT_LOADED_H

#include "daemon.h"

/**
 * loaded_watch() - look at all loaded drivers, one a turn of the loop, and record those that a rule
 * names.
 *
 * A driver is told by its name and its build-id, and by its file, as long as that has this
 * build-id.
 *
 * Return: 0, or a negative errno; then a line says so and nothing is looked at.
 */
int loaded_watch(struct daemon *daemon);

#endif
