/* SPDX-License-Identifier: GPL-2.0-only */
/* A record's parts in OCSF's words: what the ocsf*.c share, and nobody else. */
#ifndef INTERDICT_OCSF_PARTS_H
#define INTERDICT_OCSF_PARTS_H

#include <stdbool.h>

#include "audit/notice.h"
#include "audit/ocsf.h"

enum { FILE_REGULAR = 1, FILE_EXECUTABLE = 8 };

/* What a record becomes. */
struct class
{
	const char *dataset, *action; /* of the record; a NULL action: any other */
	int category, uid, activity;
	bool control; /* the profile security_control */
};

/** ocsf_copy() - what the record has at @path as member @name; nothing where it has nothing. */
void ocsf_copy(json_t *to, const char *name, const json_t *record, const char *path);
/** ocsf_milliseconds() - "2026-11-21T22:50:00.123456Z" → ms since 1970; 0: it is none. */
json_int_t ocsf_milliseconds(const char *text);
/** ocsf_add_time() - ocsf_copy() of a time. */
void ocsf_add_time(json_t *to, const char *name, const json_t *record, const char *path);

/** ocsf_product() - interdict. */
json_t *ocsf_product(void);
json_t *ocsf_metadata(const struct class *c, const json_t *record);
json_t *ocsf_device(const json_t *record);
/** ocsf_process() - who tried: the process as it was. */
json_t *ocsf_process(const json_t *record);
/** ocsf_actor() - who did what the class is about; of a finding, who looked. */
json_t *ocsf_actor(const struct class *c, const json_t *record);
/** ocsf_file() - @type: FILE_REGULAR or FILE_EXECUTABLE */
json_t *ocsf_file(const json_t *record, int type);

#endif
