/* SPDX-License-Identifier: GPL-2.0-only */
/* The journal, when there is one. */
#ifndef INTERDICT_JOURNAL_H
#define INTERDICT_JOURNAL_H

#include <jansson.h>

#include "fold.h"
#include "interdict/abi.h"

/* A denial, or what would have been one. */
#define MESSAGE_DENIED_ID "3e9f3f7a57d24d0ab4c8f1d66d5b1b5e"

/**
 * journal_write() - send an event and its record to the journal; never waits for it.
 * @e: as for ecs_record()
 * @r: as for ecs_record()
 * @record: what ecs_record() made of them
 */
void journal_write(const struct event *e, const struct repeats *r, const json_t *record);

#endif
