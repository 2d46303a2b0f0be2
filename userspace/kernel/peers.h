/* SPDX-License-Identifier: GPL-2.0-only */
/* Who else refuses to run files here: what is refused by them first has no event of ours. */
#ifndef INTERDICT_PEERS_H
#define INTERDICT_PEERS_H

#include <stdbool.h>

struct peers {
	bool fapolicyd;	   /* runs */
	bool ima_policy;   /* IMA measures or appraises by a policy */
	bool ima_appraise; /* and refuses what does not fit its signature or hash */
	bool ipe;	   /* a policy is active, and enforced */
	bool selinux;	   /* enforces */
};

/** peers_read() - who there is on a machine whose files lie below @root; "" for this one. */
void peers_read(struct peers *p, const char *root);
/**
 * peers_suspect() - who has probably refused a file before we were asked.
 * @error: the errno of the refusal
 *
 * Return: a name, or NULL.
 */
const char *peers_suspect(const struct peers *p, int error);
/** peers_way_out() - the command that lets the canary past that one; what finds out who, of NULL.
 */
const char *peers_way_out(const char *suspect);

#endif
