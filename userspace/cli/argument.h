/* SPDX-License-Identifier: GPL-2.0-only */
/* What arguments and options may say that end up in a policy file: digests, dates, text. */
#ifndef INTERDICT_CLI_ARGUMENT_H
#define INTERDICT_CLI_ARGUMENT_H

#include <stdbool.h>
#include <stdint.h>

#include "cli/apply.h"
#include "digests.h"

/** argument_is_printable() - whether @text is not empty and no terminal would obey it. */
bool argument_is_printable(const char *text);
/** argument_fits_policy() - whether @text stays what it is as the value of a key: what it may not
 * be is another line, or another value. */
bool argument_fits_policy(const char *text);
/**
 * argument_vendor() - whether --vendor is an Id that may be used, and --name a line of text.
 * @vendor: NULL when it was not given, which is an error
 * @name: NULL when it was not given, which is none
 * Return: EXIT_YES, or EXIT_USAGE after saying what is wrong.
 */
int argument_vendor(const char *command, const char *vendor, const char *name);
/**
 * argument_dates() - read --from and --until.
 * @from, @until: ns since 1970 UTC; 0 for what was not given
 * @from_text, @until_text: as given, or NULL
 * Return: EXIT_YES, or EXIT_USAGE after saying what is wrong.
 */
int argument_dates(const char *command, uint64_t *from, const char *from_text, uint64_t *until,
		   const char *until_text);
/**
 * argument_digest() - take "[sha256:]DIGEST[:SIZE]", or read a file for its digest and size.
 * @list: appended to
 *
 * Return: EXIT_YES; EXIT_USAGE after saying what is wrong; EXIT_FAILED with the reason in @a->d.
 */
int argument_digest(struct apply *a, struct digests *list, const char *text);

#endif
