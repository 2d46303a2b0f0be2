/* SPDX-License-Identifier: GPL-2.0-only */
/* Work that may take long, or reads what anybody wrote, in a child process: the loop goes on. */
#ifndef INTERDICT_APART_H
#define INTERDICT_APART_H

#include <stdio.h>
#include <systemd/sd-event.h>

struct apart;

/**
 * apart_begin() - do some work in a child.
 * @loop: where its end is waited for
 * @work: done in the child, which has a copy of everything; what it writes to @out is its result
 * @done: called in this process when the child has ended, with its result, good until it returns;
 *	NULL if the child was killed or @work did not return 0. The struct is gone then.
 *
 * Return: NULL without memory, descriptors or processes.
 */
struct apart *apart_begin(sd_event *loop, int (*work)(FILE *out, void *userdata),
			  void (*done)(void *userdata, const char *result, size_t len),
			  void *userdata);
/** apart_cancel() - end it at once: @done is not called. NULL is allowed. */
void apart_cancel(struct apart *a);

#endif
