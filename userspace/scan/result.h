/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a scan has found, as an object: interdict-report(1) has its members under "The record of a
 * scan". The last one is kept for reports in RESULT_FILE.
 */
#ifndef INTERDICT_SCAN_RESULT_H
#define INTERDICT_SCAN_RESULT_H

#include <jansson.h>

#include "conf.h"
#include "scan/scan.h"

#define RESULT_FILE	STATE_DIR "/scan.json"
#define RESULT_SIZE_MAX (24 << 20) /* bytes; a report reads a third more */

/**
 * result_make() - the record of a scan that has ended.
 * @in_force: whether its policy is the one in force
 * Return: a new object; NULL without memory.
 */
json_t *result_make(const struct scan *s, bool in_force);
/**
 * result_write() - keep it, whole or not at all, mode 0640; what a killed one has left goes.
 * @path: RESULT_FILE; its directory is made
 *
 * Of more than RESULT_SIZE_MAX bytes the last findings are left out, and counted with those that
 * no scan tells: "findings_more".
 *
 * Return: 0, -ENOMEM, or what file_write() gives.
 */
int result_write(json_t *result, const char *path);

/**
 * result_path() - where a finding is: "/srv/vendor.deb:opt/vendor/bin/x" of what lies inside.
 * Return: a new string of any bytes; NULL without memory.
 */
char *result_path(const struct finding *f);
/** result_has_size() - whether its size is known: of a file, or of what lies inside one. */
static inline bool result_has_size(const struct finding *f)
{
	return f->size != SIZE_UNKNOWN && (f->inode || f->inside);
}

/** result_vendor() - the vendor's name by the policy, else its id. The pointer is into @s. */
const char *result_vendor(const struct scan *s, const struct finding *f);
/**
 * result_methods() - by what the scan tells: kind_name() of what the policy lists, and where else
 * it looked. Return: a new array.
 */
json_t *result_methods(const struct scan *s);
/** result_time() - ns since 1970 UTC as "2026-11-22T07:00:00Z". */
void result_time(char text[32], uint64_t ns);

#endif
