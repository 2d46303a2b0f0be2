/* SPDX-License-Identifier: GPL-2.0-only */
/* The exceptions of the policy in force, put on record as they come and as they end. */
#ifndef INTERDICT_EXCEPTED_H
#define INTERDICT_EXCEPTED_H

#include "daemon.h"

/**
 * excepted_begin() - at a start: record what came and ended meanwhile, and wait for the next end.
 * Return: 0, -ENOMEM, or what sd_event_add_time(3) gives.
 */
int excepted_begin(struct daemon *daemon);
/** excepted_policy() - a policy was put in force @by somebody: record the exceptions it adds. */
void excepted_policy(struct daemon *daemon, const struct actor *by);
/** excepted_end() - no more of it. */
void excepted_end(struct daemon *daemon);

#endif
