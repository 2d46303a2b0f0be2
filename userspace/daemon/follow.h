/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Installed packages, followed: when dpkg's or rpm's database changes, what the policy says of
 * packages is resolved anew, and what runs already is looked at.
 *
 * The work is done in a child process. What it finds replaces the image in force, if that changes;
 * the policy is the one that was put in force, not what the directories say by now.
 */
#ifndef INTERDICT_FOLLOW_H
#define INTERDICT_FOLLOW_H

#include <jansson.h>

struct daemon;

/**
 * follow_begin() - watch the databases, and resolve once: they may have changed since the policy
 * was built. Return: 0, or a negative errno; then a line says so, and nothing is followed.
 */
int follow_begin(struct daemon *daemon);
/** follow_policy() - another policy is in force: what is being resolved for the last one is void.
 */
void follow_policy(struct daemon *daemon);
/** follow_status() - what packages come to, as status has it; NULL: the policy names none. */
json_t *follow_status(const struct daemon *daemon);
/** follow_end() - let go. */
void follow_end(struct daemon *daemon);

#endif
