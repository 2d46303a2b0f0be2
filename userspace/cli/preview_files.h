/* SPDX-License-Identifier: GPL-2.0-only */
/* What the parts of a preview share; of no use to anybody else. */
#ifndef INTERDICT_CLI_PREVIEW_FILES_H
#define INTERDICT_CLI_PREVIEW_FILES_H

#include <jansson.h>

#include "running.h"

/**
 * preview_files() - judge the programs of the usual directories, and all files below @scan.
 *
 * The former only where their sizes tell most of them: nobody asked for all of them to be read.
 *
 * @scan: NULL terminated, or NULL
 * Return: 0, or -ENOMEM.
 */
int preview_files(const struct running_search *search, const char *const *scan, json_t *answer);
/** preview_verdict() - "denied", "recorded" or "excepted". */
const char *preview_verdict(const struct verdict *v);

#endif
