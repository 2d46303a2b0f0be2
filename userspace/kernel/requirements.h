/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef INTERDICT_REQUIREMENTS_H
#define INTERDICT_REQUIREMENTS_H

#include "kernel.h"

/* The one requirement that is about who asks, not about the machine. */
#define REQUIREMENT_PRIVILEGE "privilege"

/**
 * requirements_at() - kernel_requirements() of a machine whose files lie below @root.
 * @root: "" for this machine; another directory for tests
 */
size_t requirements_at(const char *root, struct requirement v[REQUIREMENTS_MAX]);

#endif
