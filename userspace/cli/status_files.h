/* SPDX-License-Identifier: GPL-2.0-only */
/* The policy in force, file by file, and what of it lies in the directories by now. */
#ifndef INTERDICT_CLI_STATUS_FILES_H
#define INTERDICT_CLI_STATUS_FILES_H

#include <jansson.h>

#include "cli/condition.h"

struct status_files {
	json_t *files; /* inventory_make(), and inventory_compare()d; NULL: not known */
	json_t *added; /* paths that the policy in force knows nothing of */
	bool changed;  /* the directories are not what is in force */
};

/**
 * status_files_read() - ask interdictd, or read what it has left; status_files_free() releases it.
 *
 * "waiting" is set on each file whose rules all wait for a date.
 */
void status_files_read(struct status_files *s, const struct condition *c);
void status_files_free(struct status_files *s);
/** status_files_print() - as lines of `interdict status`. */
void status_files_print(const struct status_files *s);

#endif
