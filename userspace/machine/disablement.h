/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Enforcement that is disabled for a while. The kernel alone ends it, by its own clock; who asked
 * for it and why is noted beside, for status, and where login shows it.
 */
#ifndef INTERDICT_DISABLEMENT_H
#define INTERDICT_DISABLEMENT_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "actor.h"
#include "conf.h"
#include "diag.h"

#define DISABLED_NOTE	    RUN_DIR "/disabled"
#define DISABLED_MOTD	    "/run/motd.d/interdict"
#define DISABLED_LEAST	    (60 * 1000000000ULL)	   /* ns */
#define DISABLED_MOST	    (24 * 60 * 60 * 1000000000ULL) /* ns */
#define DISABLED_REASON_MAX 200				   /* bytes */

struct disablement {
	uint64_t until; /* ns since boot, CLOCK_BOOTTIME; 0: none */
	struct actor by;
	char reason[DISABLED_REASON_MAX + 1]; /* empty: not known */
};

/**
 * disablement_parse_span() - read a span of time as systemd.time(7) writes it.
 * @ns: filled
 * @text: "90s", "10min", "1h", "1h 30m"; a number without its unit is an error
 *
 * Return: 0; -EINVAL for anything else; -ERANGE below DISABLED_LEAST or above DISABLED_MOST.
 */
int disablement_parse_span(uint64_t *ns, const char *text);
/** disablement_check_reason() - what is wrong with a reason and what to do, or NULL: a constant. */
const char *disablement_check_reason(const char *reason);

/**
 * disablement_begin() - disable enforcement: in the kernel, then note it.
 * @d: a warning where it cannot be noted
 *
 * Return: 0; -ENOENT when nothing is loaded; or what bpf(2) gives.
 */
int disablement_begin(const struct disablement *x, struct diag *d);
/** disablement_end() - likewise, enforce again. */
int disablement_end(void);
/**
 * disablement_read() - whether enforcement is disabled now.
 * @x: filled; what its note does not say is zero, and by.login_uid LOGIN_UID_UNSET
 * @until: what the kernel's control map says
 *
 * Return: true when it is.
 */
bool disablement_read(struct disablement *x, uint64_t until);
/** disablement_read_note() - the note that was left, of one that may be over. Return: whether there
 * is one. */
bool disablement_read_note(struct disablement *x);
/** disablement_remove_note() - remove the note, and what login shows. */
void disablement_remove_note(void);

#define DISABLEMENT_TEXT_LEN 512

/** disablement_describe() - "until 2026-11-22T07:00:00Z by login uid 1000: REASON". Return: @text.
 */
const char *disablement_describe(char text[DISABLEMENT_TEXT_LEN], const struct disablement *x);
/** disablement_format_end() - when it ends: "2026-11-22T07:00:00Z", by the clocks as they are now.
 */
void disablement_format_end(char text[32], const struct disablement *x);

#endif
