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
 * argument_date() - read the value of option --@option, which may be NULL: not given.
 * Return: EXIT_YES, or EXIT_USAGE after saying what is wrong.
 */
int argument_date(const char *command, const char *option, uint64_t *ns, const char *text);
/**
 * argument_digest() - take "[sha256:]DIGEST[:SIZE]", or read a file for its digest and size.
 * @list: appended to
 *
 * Return: EXIT_YES; EXIT_USAGE after saying what is wrong; EXIT_FAILED with the reason in @a->d.
 */
int argument_digest(struct apply *a, struct digests *list, const char *text);

#endif
