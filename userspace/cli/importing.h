/* SPDX-License-Identifier: GPL-2.0-only */
/* What the parts of `interdict import` share: import.c reads the lists and writes the policy,
 * import_outcome.c says what came of it. */
#ifndef INTERDICT_CLI_IMPORTING_H
#define INTERDICT_CLI_IMPORTING_H

#include <jansson.h>

#include "diag.h"
#include "import/compose.h"

/* What is asked for, and what comes of it. */
struct order {
	const char *command;
	struct compose compose;
	struct import import;
	struct gather gather;
	struct diag d;
	const char *from_text, *until_text; /* as given, or NULL */
	uint64_t from, until;
	const char *path; /* that is read */
	char *id;	  /* by the output's name */
	json_t *inputs;
	bool json;
};

/**
 * import_finish() - say what was written, and what was not carried over.
 * @written: false when nothing could be
 *
 * Return: an exit status.
 */
int import_finish(struct order *o, bool written);

#endif
