/* SPDX-License-Identifier: GPL-2.0-only */
/* What a dry run tells: which rules would come and go, and what on this machine would be denied. */
#ifndef INTERDICT_CLI_PREVIEW_H
#define INTERDICT_CLI_PREVIEW_H

#include <jansson.h>

#include "cli/apply.h"
#include "image/image.h"

/**
 * preview() - look at a policy that is not in force.
 * @a: of a dry run; its policy is the one that @image was compiled from
 * @scan: directories and files to look at besides those in which programs lie; NULL terminated, or
 *	NULL
 * @answer: receives the members below
 *
 * rules_added, rules_removed and rules_changed are each {count, ids}, and "against" says what they
 * are compared with: "the policy in force" or "the policy files". None of the four is there when
 * neither can be read.
 *
 * running is [{path, deleted, rule, verdict, processes: [{pid, name}]}], and running_hidden how
 * many processes only root may look at. files_named is [{path, rule, verdict}], or null if no file
 * was looked at; files_unread how many could not be read, and files_skipped whether the directories
 * in which programs lie were left out. files is what inventory_make() gives.
 *
 * A verdict is "denied", "recorded" or "excepted". What may be wrong is in @a->d.
 *
 * Return: 0, or -ENOMEM.
 */
int preview(struct apply *a, image_t *image, const char *const *scan, json_t *answer);
/** preview_print() - what preview() has found, for people. */
void preview_print(json_t *answer);

#endif
