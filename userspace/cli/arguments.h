/* SPDX-License-Identifier: GPL-2.0-only */
/* Arguments that more than one command takes, and that go into a policy as they are. */
#ifndef INTERDICT_CLI_ARGUMENTS_H
#define INTERDICT_CLI_ARGUMENTS_H

#include <stdbool.h>
#include <stdint.h>

/** arguments_is_printable() - whether @text is not empty, and UTF-8 without control characters. */
bool arguments_is_printable(const char *text);
/**
 * arguments_check_vendor() - whether --vendor is an Id that may be used, and --name a line of text.
 * @vendor: NULL when it was not given, which is an error
 * @name: NULL when it was not given, which is none
 * Return: EXIT_YES, or EXIT_USAGE after saying what is wrong.
 */
int arguments_check_vendor(const char *command, const char *vendor, const char *name);
/**
 * arguments_take_dates() - read --from and --until.
 * @from, @until: ns since 1970 UTC; 0 for what was not given
 * @from_text, @until_text: as given, or NULL
 * Return: EXIT_YES, or EXIT_USAGE after saying what is wrong.
 */
int arguments_take_dates(const char *command, uint64_t *from, const char *from_text,
			 uint64_t *until, const char *until_text);

#endif
