/* SPDX-License-Identifier: GPL-2.0-only */
/* Policy files of a user's, with what they use, into a stage: for push and bundle. */
#ifndef INTERDICT_CLI_PUT_H
#define INTERDICT_CLI_PUT_H

#include "cli/apply.h"

/** put_base_name() - what follows the last slash of a path. */
const char *put_base_name(const char *path);
/**
 * put_check() - what can be said of a file without reading it as a policy.
 * Return: 0, or a negative errno that is in @a->d.
 */
int put_check(struct apply *a, const char *path);
/**
 * put_policy() - put a policy file, and the lists and certificates that it names and that lie
 * beside it, into the stage of @a. Return: 0, or a negative errno that is in @a->d.
 */
int put_policy(struct apply *a, const char *path);

#endif
