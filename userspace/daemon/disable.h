/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Enforcement disabled for a while, from the daemon's side: who asks for it, and when it is over.
 */
#ifndef INTERDICT_DISABLE_H
#define INTERDICT_DISABLE_H

#include <jansson.h>

#include "daemon.h"

/**
 * disable_method() - disable enforcement until a time, for the caller.
 * @parameters: "until", ns since boot; "reason"
 * @answer: on success the answer's parameters: {"until"}
 * @d: why not
 *
 * Return: 0; -EINVAL for what may not be asked; or what disablement_begin() gives.
 */
int disable_method(struct daemon *daemon, json_t *parameters, json_t **answer, struct diag *d);
/** disable_end_method() - enforce again, for the caller. @answer: {"changed"}. */
int disable_end_method(struct daemon *daemon, json_t *parameters, json_t **answer, struct diag *d);
/**
 * disable_watch() - at a start: wait for the end of what is disabled, and record what has ended
 * while nobody was there.
 * Return: 0, or what sd_event_add_time(3) gives; the kernel ends it in any case.
 */
int disable_watch(struct daemon *daemon);

#endif
