/* SPDX-License-Identifier: GPL-2.0-only */
/* An event as a record of the Elastic Common Schema. */
#ifndef INTERDICT_ECS_H
#define INTERDICT_ECS_H

#include <jansson.h>
#include <stdint.h>

#include "additions.h"
#include "fold.h"
#include "interdict/abi.h"

#define ECS_VERSION "8.11.0"
#define ECS_SCHEMA  "1.1" /* interdict.schema: interdict-events(5) */

#define ECS_ID_LEN 128

/**
 * ecs_id() - the name of a record, unique for all times: event.id.
 * @e: as for ecs_record()
 * @r: as for ecs_record()
 *
 * BOOT-EPOCH-SEQUENCE; of repeats, with the last one's sequence and "-repeats"; of a driver that
 * was found loaded, BOOT-loaded-NAME-TIME; of what was found running,
 * BOOT-running-PID-START-DEVICE-INODE-TIME.
 */
void ecs_id(char id[ECS_ID_LEN], const struct event *e, const struct repeats *r);

/**
 * ecs_record() - describe an event.
 * @e: as the kernel gave it; of repeats, the last one
 * @r: the repeats that the record stands for, or NULL
 * @a: what was found out besides, or NULL; the record says what of it comes from there
 *
 * Names that are not UTF-8 have their bad bytes written as \xNN (and a backslash as \\), so that a
 * record is always valid JSON and the name can be had back.
 *
 * Return: a new object, or NULL without memory.
 */
json_t *ecs_record(const struct event *e, const struct repeats *r, const struct additions *a);

/* ---- what every record has ---- */

/** ecs_timestamp() - ns since boot as "2026-11-21T22:50:00.123456Z", by the clocks as they are now.
 */
json_t *ecs_timestamp(uint64_t since_boot);
/** ecs_text() - bytes of anybody's, @max at most or up to a NUL, as a string, as ecs_record() does.
 */
json_t *ecs_text(const char *bytes, size_t max);
/** ecs_filesystem_magic() - the magic number of a file system's super block, by the name that
 * mountinfo has for it; 0: not known. */
uint32_t ecs_filesystem_magic(const char *type);
/** ecs_host() - the machine: host.hostname and host.id. */
json_t *ecs_host(void);

#endif
