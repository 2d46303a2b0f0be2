/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef INTERDICT_CLI_EVENTS_VERIFY_H
#define INTERDICT_CLI_EVENTS_VERIFY_H

#include <stdbool.h>

/** events_verify_is_asked() - whether --verify is among the arguments: then it has its own options.
 */
bool events_verify_is_asked(int argc, char **argv);
/**
 * events_verify_main() - interdict events --verify: say whether a log is as it was written.
 * Return: EXIT_YES; EXIT_NO: it was changed; EXIT_USAGE; EXIT_INCOMPLETE: nothing wrong was found,
 * but not all of it is vouched for; EXIT_FAILED: it cannot be read.
 */
int events_verify_main(int argc, char **argv);

#endif
