/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The command line: a table of subcommands (main.c), a file each. A subcommand gets its own
 * arguments, argv[0] being its name, and returns an exit status (conf.h).
 */
#ifndef INTERDICT_CLI_H
#define INTERDICT_CLI_H

#include "conf.h"
#include "diag.h"

#define PROGRAM "interdict"

struct command {
	const char *name;
	const char *summary; /* of one line, for `interdict --help` */
	int (*main)(int argc, char **argv);
};

int allow_main(int argc, char **argv);
int bundle_main(int argc, char **argv);
int deny_main(int argc, char **argv);
int digest_main(int argc, char **argv);
int disable_main(int argc, char **argv);
int doctor_main(int argc, char **argv);
int enable_main(int argc, char **argv);
int events_main(int argc, char **argv);
int explain_main(int argc, char **argv);
int identify_main(int argc, char **argv);
int import_main(int argc, char **argv);
int push_main(int argc, char **argv);
int reload_main(int argc, char **argv);
int remove_main(int argc, char **argv);
int report_main(int argc, char **argv);
int rollback_main(int argc, char **argv);
int scan_main(int argc, char **argv);
int status_main(int argc, char **argv);
int unload_main(int argc, char **argv);
int vendors_main(int argc, char **argv);

/**
 * cli_usage() - say what is wrong with the command line, and where help is.
 * Return: EXIT_USAGE.
 */
int cli_usage(const char *command, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/**
 * cli_failed() - print diagnoses, if any, and release them.
 * Return: EXIT_FAILED.
 */
int cli_failed(struct diag *d);
/** cli_print_escaped() - write hostile text to a terminal: control characters and invalid UTF-8 as
 * \xNN. */
void cli_print_escaped(const char *text);

#endif
