/* SPDX-License-Identifier: GPL-2.0-only */
/* An event as a record of the Elastic Common Schema. */
#ifndef INTERDICT_ECS_H
#define INTERDICT_ECS_H

#include <jansson.h>

#include "interdict/abi.h"

#define ECS_VERSION "8.11.0"

/**
 * ecs_record() - describe an event.
 * @e: as the kernel gave it
 *
 * Names that are not UTF-8 have their bad bytes written as \xNN (and a backslash as \\), so that a
 * record is always valid JSON and the name can be had back.
 *
 * Return: a new object, or NULL without memory.
 */
json_t *ecs_record(const struct event *e);

#endif
