/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The exceptions in force, for the record: which [Allow] has come, and which one's Until is over.
 * What was told is remembered across starts, so that each is told once, also what happened while
 * nobody was there.
 */
#ifndef INTERDICT_EXCEPTION_H
#define INTERDICT_EXCEPTION_H

#include <jansson.h>
#include <stdbool.h>

#include "policy/policy.h"

#define EXCEPTION_DIGESTS 16 /* of one [Allow] that are named; the rest is counted */

struct exception {
	char key[2 * FINGERPRINT_LEN +
		 1];	/* of all that it says: one that was changed is another */
	uint64_t until; /* ns since 1970 UTC */
	bool expired;	/* and that is on record */
	/* {"policy","digests","count","until","approved_by","reason"}: as it is on record */
	json_t *text;
};

struct exceptions {
	struct exception *v;
	size_t n;
};

/**
 * exceptions_of() - the [Allow] sections of a policy that are in force here or were.
 * @e: filled; exceptions_free() releases it in each case
 * Return: 0, or -ENOMEM.
 */
int exceptions_of(struct exceptions *e, const struct policy *policy);
/** exceptions_free() - release everything and zero it. */
void exceptions_free(struct exceptions *e);

/**
 * exceptions_read() - read what was remembered.
 * Return: 0, also when there is no file; -EBADMSG when it is another's, or broken; -ENOMEM; or what
 * open(2) and read(2) give; then @e is empty.
 */
int exceptions_read(struct exceptions *e, const char *path);
/** exceptions_save() - remember it. Return: 0, -ENOMEM, or what file_write() gives. */
int exceptions_save(const struct exceptions *e, const char *path);

/**
 * typedef exception_tell - tell of one.
 * @expired: its time is over; otherwise it has come
 */
typedef void exception_tell(void *context, const struct exception *x, bool expired);

/**
 * exceptions_update() - put @now in the place of what was @known, and tell what has come.
 * @known: what was there; takes what @now has
 * @now: left empty
 * @time: ns since 1970 UTC; one that was over before it came is not told
 */
void exceptions_update(struct exceptions *known, struct exceptions *now, uint64_t time,
		       exception_tell *tell, void *context);
/**
 * exceptions_expire() - tell those whose time is over, once.
 * Return: whether any was told.
 */
bool exceptions_expire(struct exceptions *known, uint64_t time, exception_tell *tell,
		       void *context);
/** exceptions_next() - when the next one ends, ns since 1970 UTC; 0: none does. */
uint64_t exceptions_next(const struct exceptions *known);

#endif
