/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Whether the boot that a policy is in reaches its target: then it is confirmed. Two boots in
 * succession without that, and the machine falls back to the policy that was confirmed last; two
 * more, and what it denies is only recorded. What is counted outlasts the boot.
 *
 * A policy that was confirmed once is not counted again: who can switch a machine off twice cannot
 * lift it by that. What a machine has fallen back to is.
 */
#ifndef INTERDICT_CONFIRMATION_H
#define INTERDICT_CONFIRMATION_H

#include <stdbool.h>
#include <stdint.h>

#include "interdict/abi.h"

#define CONFIRMATION_BOOTS 2 /* in succession, before something is changed */

enum confirmation_stage {
	STAGE_POLICY,  /* what the policy files say is in force */
	STAGE_BEFORE,  /* the policy before is, until somebody changes the policy */
	STAGE_MONITOR, /* what is in force only records, until then */
};

struct confirmation {
	enum confirmation_stage stage;
	unsigned int unconfirmed; /* boots that did not reach their target, this one included */
	char boot[33];		  /* id of the boot that was counted last; empty: none */
	/* Digests of images, as text; empty: none. */
	char tried[2 * FINGERPRINT_LEN + 1];	/* what this boot has begun with */
	char rejected[2 * FINGERPRINT_LEN + 1]; /* what no start puts in force again */
	uint64_t confirmed; /* ns since 1970 UTC: when a policy last was; 0: not written down */
};

/* What is there when a boot begins. */
struct confirmation_images {
	const char *last;      /* digest of the image that was in force last, as text; or "" */
	const char *confirmed; /* of the one that was confirmed last; or "" */
	bool last_confirmed;   /* the first needs no confirmation (any more) */
};

/**
 * confirmation_read() - read what was counted.
 * @c: filled; what cannot be read, or is not of this form, counts as nothing
 */
void confirmation_read(struct confirmation *c, const char *path);
/**
 * confirmation_write() - write it down, to the disk.
 * Return: 0, or what file_write() gives.
 */
int confirmation_write(const struct confirmation *c, const char *path);
/**
 * confirmation_begin() - a start; count the boot, unless it is counted already.
 * @boot: its id
 * @images: what it would begin with, and could fall back to
 *
 * Return: whether it has fallen: c->stage then says to what, and differs from what it was.
 */
bool confirmation_begin(struct confirmation *c, const char *boot,
			const struct confirmation_images *images);
/**
 * confirmation_try() - another image than the one that the boot has begun with is put in force,
 * since the policy files were changed before it: it has yet to be confirmed.
 * @digest: as text
 */
void confirmation_try(struct confirmation *c, const char *digest);
/**
 * confirmation_confirm() - the boot has reached its target.
 * @digest: of the image in force
 *
 * Return: whether that image is confirmed by it: it was in force from the beginning.
 */
bool confirmation_confirm(struct confirmation *c, const char *digest);
/** confirmation_change() - somebody has changed the policy: what was counted is of another. */
void confirmation_change(struct confirmation *c);
/** confirmation_refuses() - whether a start leaves this image alone. @digest: as text */
bool confirmation_refuses(const struct confirmation *c, const char *digest);
/** confirmation_boot_id() - of the boot that runs. */
void confirmation_boot_id(char boot[33]);

#endif
