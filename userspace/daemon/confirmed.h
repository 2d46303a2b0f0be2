/* SPDX-License-Identifier: GPL-2.0-only */
/* What interdictd does so that a policy which keeps a machine from booting does not stay. */
#ifndef INTERDICT_DAEMON_CONFIRMED_H
#define INTERDICT_DAEMON_CONFIRMED_H

#include <stdbool.h>

#include "diag.h"
#include "image/image.h"
#include "machine/confirmation.h"

struct daemon;

/* What a start has found: on record once there is a log. */
struct fallen {
	enum confirmation_stage stage; /* STAGE_POLICY: it has not fallen */
	struct image_header before;    /* of what was in force in the boots before */
};

/**
 * confirmed_begin() - a boot's start, before anything is attached: count it, and fall back.
 * @fallen: filled
 * @d: what it came to, as warnings
 *
 * What it falls back to takes the place of IMAGE_FILE. What cannot be read or written stands in
 * nobody's way.
 */
void confirmed_begin(struct fallen *fallen, struct diag *d);
/** confirmed_record() - put it on record, if it has fallen. */
void confirmed_record(struct daemon *daemon, const struct fallen *fallen);
/** confirmed_refuses() - whether a start leaves this image alone. */
bool confirmed_refuses(image_t *image);
/** confirmed_try() - a start is about to put this image in force. */
void confirmed_try(image_t *image);
/** confirmed_change() - somebody has put a policy in force, and answers for it. */
void confirmed_change(void);
/** confirmed_is_monitor() - whether nothing but recording is trusted to boot. */
bool confirmed_is_monitor(void);
/**
 * confirmed_confirm() - the boot has reached its target.
 * Return: whether the policy in force is confirmed by that, and was not before.
 */
bool confirmed_confirm(struct daemon *daemon);

#endif
