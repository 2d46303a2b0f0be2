/* SPDX-License-Identifier: GPL-2.0-only */
/* Told to stay off before anything ran: by the boot loader, or by who started the machine. */
#ifndef INTERDICT_OFF_H
#define INTERDICT_OFF_H

/**
 * off_reason() - why nothing shall be put in force, or NULL.
 *
 * interdict=off on the kernel's command line, or a systemd credential interdict.off, handed to this
 * service or to the machine.
 */
const char *off_reason(void);
/**
 * off_read_note() - why the last interdictd that was started put nothing in force, or NULL.
 *
 * What its service was handed, others do not see.
 */
const char *off_read_note(void);
/** off_note() - leave that note. */
void off_note(void);
/** off_remove_note() - it does not hold any more. */
void off_remove_note(void);

#endif
