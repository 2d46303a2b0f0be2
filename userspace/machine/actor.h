/* SPDX-License-Identifier: GPL-2.0-only */
/* Who changes what this machine enforces: for the record. */
#ifndef INTERDICT_ACTOR_H
#define INTERDICT_ACTOR_H

#include <stdint.h>
#include <sys/types.h>

#define LOGIN_UID_UNSET 4294967295u /* nobody has logged in: a service, or an early boot */

struct actor {
	pid_t pid;
	uid_t uid;
	uint32_t login_uid; /* who has logged in, whatever he became since; or LOGIN_UID_UNSET */
	char name[16];	    /* of the process, NUL terminated */
};

/** actor_self() - this process. */
void actor_self(struct actor *a);
/**
 * actor_of_peer() - who has connected to a socket.
 *
 * What /proc says of a process counts only if it is still the one that connected: one that has
 * ended has no login uid and no name here.
 *
 * Return: 0, or what getsockopt(2) gives.
 */
int actor_of_peer(struct actor *a, int socket);

#endif
