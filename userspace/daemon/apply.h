/* SPDX-License-Identifier: GPL-2.0-only */
/* From the policy directories to the kernel: read, guard, compile, install, remember. */
#ifndef INTERDICT_APPLY_H
#define INTERDICT_APPLY_H

#include <jansson.h>
#include <stdbool.h>

#include "audit/exception.h"
#include "conf.h"
#include "diag.h"
#include "machine/build.h"
#include "program.h"

/* How stages begin: what follows is theirs alone (stage.h). */
#define POLICY_STAGE SYSCONFDIR "/interdict/.policy.d."
#define BUNDLE_STAGE STATE_DIR "/.bundles."

/* What is in force, as the daemon knows it beyond what the kernel holds. */
struct applied {
	struct image_header header;
	json_t *policies; /* inventory_make() */
	bool last_good;	  /* the directories did not compile: an earlier image is in force */
	/* Of a policy that names packages, to be built anew when others are installed: */
	struct policy policy; /* as it was read; else empty */
	bool forced;	      /* past the guard */
	struct hashed_files hashed;
	struct resolution resolution;
	struct exceptions exceptions; /* v is NULL: they are what they were (excepted.h) */
	struct remembered needed;     /* what the guard has read of what the machine needs */
};

/** applied_free() - release what it holds. */
void applied_free(struct applied *applied);

/**
 * apply_policy() - put what the directories say in force.
 * @stage: a directory to read instead of POLICY_DIR_LOCAL or, if it is BUNDLE_STAGE and more, of
 *	BUNDLE_DIR, and to put in its place; or NULL
 * @force: what the guard rejects is only warned of
 * @changed: whether the policy differs from the one that was in force
 * @d: diagnoses
 *
 * Whole or not at all: on any failure the policy in force and the directories are as they were. The
 * generation grows with each change, across reboots.
 *
 * Return: 0, or what build_image(), the file system or bpf(2) gives.
 */
int apply_policy(struct program *p, struct applied *applied, const char *stage, bool force,
		 bool *changed, struct diag *d);
/**
 * apply_image() - put an image in force that was built of the policy in force.
 * @changed: whether it differs from the one in force
 *
 * Return: 0, or what the file system or bpf(2) gives; then that one stays in force.
 */
int apply_image(struct program *p, struct applied *applied, struct image *image, bool *changed,
		struct diag *d);
/**
 * apply_nothing() - put a policy in force that denies nothing but the canary.
 * Return: 0, or what build_image() and bpf(2) give.
 */
int apply_nothing(struct program *p, struct diag *d);
/**
 * apply_before() - put the last good image of this machine in force, until it is known what the
 * directories say: compiling them takes longer than a boot should wait. Where there is none, what
 * is in force stays. Return: whether some policy is in force.
 */
bool apply_before(struct program *p);
/**
 * apply_at_start() - apply_policy() for a start, which must end with some policy in force.
 *
 * What confirmed_refuses() is no policy of the directories. If they do not compile, a program that
 * has a policy keeps it and one without gets the last good image of this machine, or an empty one;
 * all of it is in @d as warnings.
 *
 * Return: 0, or a negative errno when not even that can be installed.
 */
int apply_at_start(struct program *p, struct applied *applied, struct diag *d);
#endif
