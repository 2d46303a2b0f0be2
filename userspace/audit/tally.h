/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Tallies: how many verdicts there were, by vendor, hook and outcome, since boot. Those of an epoch
 * are in its ledger, and change in the commit that says what became of the event; so a kill neither
 * loses nor repeats one. Those of an epoch that is over are kept in a file in /run.
 */
#ifndef INTERDICT_TALLY_H
#define INTERDICT_TALLY_H

#include <stdbool.h>
#include <stdint.h>

#include "interdict/abi.h"

/* More vendors times hooks than any policy has; what finds no room is counted as TALLY_OTHER's. */
#define TALLIES	    512
#define TALLY_NONE  UINT32_MAX
#define TALLY_OTHER "(other)" /* no vendor's Id has parentheses */

struct tally {
	uint64_t count;		    /* 0: not in use */
	char vendor[RULE_NAME_LEN]; /* NUL terminated; empty: no rule was asked */
	uint8_t hook;		    /* enum hook */
	uint8_t denied;		    /* 0: it would have been */
	uint8_t reserved[6];
};
_Static_assert(sizeof(struct tally) == 48, "tally");

/**
 * tally_find() - where an event belongs.
 * @t: filled with the tally as it is, its names set
 *
 * Return: its index in @v; TALLY_NONE for a hook that there is not.
 */
uint32_t tally_find(const struct tally v[TALLIES], const struct event *e, struct tally *t);
/** tally_add() - add the counts of @more to those of @v. */
void tally_add(struct tally v[TALLIES], const struct tally more[TALLIES]);
/** tally_save() - write a file whole or not at all, mode 0600. Return: 0, or as file_write(). */
int tally_save(const char *path, const struct tally v[TALLIES]);
/**
 * tally_load() - read it.
 * @v: filled; zeroes on failure
 *
 * Return: 0; -EBADMSG when it is none of ours; or what file_read_whole() gives.
 */
int tally_load(const char *path, struct tally v[TALLIES]);

#endif
