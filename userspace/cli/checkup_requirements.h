/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef INTERDICT_CLI_CHECKUP_REQUIREMENTS_H
#define INTERDICT_CLI_CHECKUP_REQUIREMENTS_H

#include "cli/checkup.h"
#include "kernel/requirements.h"

struct requirement_meaning {
	const char *name;  /* of the requirement; NULL ends an array */
	const char *means; /* that it is not met */
};

/** checkup_requirements() - a check for each requirement of @c that @meanings names. */
void checkup_requirements(json_t *checks, const struct condition *c,
			  const struct requirement_meaning *meanings);

#endif
