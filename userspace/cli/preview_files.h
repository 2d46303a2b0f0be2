/* SPDX-License-Identifier: GPL-2.0-only */
/* What the parts of a preview share; of no use to anybody else. */
#ifndef INTERDICT_CLI_PREVIEW_FILES_H
#define INTERDICT_CLI_PREVIEW_FILES_H

#include <jansson.h>

#include "policy/policy.h"
#include "running/running.h"

/**
 * preview_files() - judge the programs of the usual directories, and all files below @scan and
 *below the directories that rules by path name.
 * @p: the policy; of its paths those from the root on are walked: who names directories anywhere
 *	would have every file system searched
 * @scan: NULL terminated, or NULL
 *
 * The usual directories only where their sizes tell most of their programs: nobody asked for all of
 * them to be read.
 *
 * Return: 0, or -ENOMEM.
 */
int preview_files(const struct running_search *search, const struct policy *p,
		  const char *const *scan, json_t *answer);
/** preview_verdict() - "denied", "recorded" or "excepted". */
const char *preview_verdict(const struct verdict *v);

#endif
