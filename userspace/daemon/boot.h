/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A boot waits until a policy is in force, and not for ever: interdict-wait.service is what it
 * waits for, and interdictd.service may take as long as it needs.
 */
#ifndef INTERDICT_DAEMON_BOOT_H
#define INTERDICT_DAEMON_BOOT_H

#include <stdbool.h>

/**
 * boot_note() - let a boot that waits go on.
 * @why: nothing is in force; or NULL
 */
void boot_note(const char *why);
/**
 * boot_wait() - wait until boot_note() was called in this boot.
 * @seconds: at most
 *
 * What comes of it is said on standard error.
 */
void boot_wait(unsigned int seconds);
/** boot_is_over() - whether it has reached its target already, as systemctl(1) tells it. */
bool boot_is_over(void);
/**
 * boot_confirm() - tell the interdictd that runs that the boot has reached its target. For one that
 * is being started anew it waits up to a minute.
 * Return: an exit status.
 */
int boot_confirm(void);

#endif
