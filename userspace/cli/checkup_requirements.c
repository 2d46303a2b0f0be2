/* SPDX-License-Identifier: GPL-2.0-only */
#include <string.h>

#include "cli/checkup_requirements.h"

static const char *meaning_of(const struct requirement_meaning *meanings, const char *name)
{
	for (; meanings->name; meanings++)
		if (!strcmp(meanings->name, name))
			return meanings->means;
	return NULL;
}

void checkup_requirements(json_t *checks, const struct condition *c,
			  const struct requirement_meaning *meanings)
{
	const struct requirement *r;
	const char *means;

	for (r = c->requirements; r < c->requirements + c->requirement_count; r++) {
		means = meaning_of(meanings, r->name);
		if (means)
			check_add(checks, r->met ? CHECK_OK : CHECK_MISSING, r->name, r->found,
				  r->met ? "" : means, r->remedy);
	}
}
