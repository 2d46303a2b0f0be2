/* SPDX-License-Identifier: GPL-2.0-only */
/* The canary, run in a child: an exec that hangs in somebody's hook hangs there. */
#ifndef INTERDICT_CANARY_APART_H
#define INTERDICT_CANARY_APART_H

#include <stdbool.h>

#include "apart.h"
#include "canary.h"

/** canary_apart_begin() - canary_run(); as apart_begin(), and @done has its result. */
struct apart *canary_apart_begin(sd_event *loop,
				 void (*done)(void *userdata, const char *result, size_t len),
				 void *userdata);
/** canary_apart_read() - such a result. Return: false if the child ended early: it has none. */
bool canary_apart_read(struct canary_result *r, const char *result, size_t len);
/**
 * canary_apart_wait() - canary_run(), and wait for it.
 * @seconds: no longer than so; then the child is ended, and what hangs with it
 *
 * Return: 0; -ETIMEDOUT without an answer; -ECHILD when the child ended early; -EAGAIN without
 * memory, descriptors or processes.
 */
int canary_apart_wait(struct canary_result *r, unsigned int seconds);

#endif
