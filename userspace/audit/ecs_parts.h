/* SPDX-License-Identifier: GPL-2.0-only */
/* The parts of a record in ECS's words: what the ecs*.c share, and nobody else. */
#ifndef INTERDICT_ECS_PARTS_H
#define INTERDICT_ECS_PARTS_H

#include <stdbool.h>

#include "audit/ecs.h"

#define UNSET 4294967295u /* a login uid or session that nobody set */

/** ecs_is_driver() - whether it is of a driver. */
bool ecs_is_driver(const struct event *e);
/** ecs_set_text() - a member that is left out if there is no text. */
void ecs_set_text(json_t *part, const char *name, const char *text);

/* ---- who (ecs_who.c) ---- */

json_t *ecs_process(const struct event *e, const struct additions *a);
json_t *ecs_user(const struct event *e, const struct additions *a);
json_t *ecs_ancestors(const struct event *e, const struct additions *a);
/** ecs_namespaces() - NULL: they were not looked at. */
json_t *ecs_namespaces(const struct event *e);
/** ecs_add_control_group() - the control group, and whom it says that the process belongs to. */
void ecs_add_control_group(json_t *record, json_t *own, const struct event *e);
/** ecs_add_terminal() - "pts3", as the kernel names it, is /dev/pts/3. */
void ecs_add_terminal(json_t *own, const struct event *e);

/* ---- what (ecs_file.c) ---- */

json_t *ecs_file(const struct event *e, const struct additions *a);
/** ecs_whole_digest() - of the whole file; NULL: nobody knows it. */
const __u8 *ecs_whole_digest(const struct event *e, const struct additions *a);
/** ecs_filesystem() - the name of a file system, by the magic number of its super block; or NULL.
 */
const char *ecs_filesystem(uint32_t magic);

#endif
