/* SPDX-License-Identifier: GPL-2.0-only */
/* What `interdict status --json` prints. */
#ifndef INTERDICT_CLI_STATUS_H
#define INTERDICT_CLI_STATUS_H

#include <jansson.h>

#include "cli/condition.h"
#include "cli/status_files.h"

/** status_json() - all of it as a new object; NULL without memory. */
json_t *status_json(const struct condition *c, const struct status_files *files);
/** status_print_scan() - the last scan in a line; nothing where none is on record. */
void status_print_scan(void);

#endif
