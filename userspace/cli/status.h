/* SPDX-License-Identifier: GPL-2.0-only */
/* What `interdict status` prints. */
#ifndef INTERDICT_CLI_STATUS_H
#define INTERDICT_CLI_STATUS_H

#include <jansson.h>

#include "cli/condition.h"
#include "cli/status_files.h"

/** status_json() - all of it as a new object; NULL without memory. */
json_t *status_json(const struct condition *c, const struct status_files *files);
/** status_packages() - what interdictd says of packages, and of whose it does not know; NULL: the
 * policy names none. */
json_t *status_packages(const struct condition *c);
/** status_format_time() - "2027-01-01T00:00:00Z" of ns since 1970; "" for 0. */
void status_format_time(char text[32], __u64 ns);
/** status_print() - all of it as text. Return: EXIT_YES. */
int status_print(const struct condition *c, const struct status_files *files);
/** status_print_scan() - the last scan in a line; nothing where none is on record. */
void status_print_scan(void);

#endif
