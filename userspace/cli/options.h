/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef INTERDICT_CLI_OPTIONS_H
#define INTERDICT_CLI_OPTIONS_H

#include <getopt.h>
#include <stdbool.h>

/* What is given instead of an exit status when --help was asked for. */
#define OPTIONS_HELP (-1)

/**
 * options_next() - getopt_long(), which a command calls until it gives -1.
 *
 * -h is --help and, of a command whose --output has the character o, -o that.
 * Options may stand anywhere before "--". What is wrong with one is said on stderr.
 *
 * Return: the option's character, '?' after saying what is wrong, or -1 behind the last.
 */
int options_next(int argc, char **argv, const struct option *options);
/**
 * options_json() - read the command line of a command that takes --json and --help alone.
 * Return: EXIT_YES, OPTIONS_HELP, or EXIT_USAGE after saying what is wrong.
 */
int options_json(int argc, char **argv, bool *json);

#endif
