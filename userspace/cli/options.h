/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef INTERDICT_CLI_OPTIONS_H
#define INTERDICT_CLI_OPTIONS_H

#include <getopt.h>

/**
 * options_next() - getopt_long(), which a command calls until it gives -1.
 *
 * Options may stand anywhere before "--". What is wrong with one is said on stderr.
 *
 * Return: the option's character, '?' after saying what is wrong, or -1 behind the last.
 */
int options_next(int argc, char **argv, const struct option *options);

#endif
