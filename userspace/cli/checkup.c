/* SPDX-License-Identifier: GPL-2.0-only */
#include "cli/checkup.h"
#include "cli/output.h"

static const char *const words[] = {"ok", "weak", "missing"};

const char *check_word(enum check_state state)
{
	return words[state];
}

void check_add(json_t *checks, enum check_state state, const char *name, const char *found,
	       const char *means, const char *remedy)
{
	json_t *check =
		json_pack("{s:s, s:s, s:s}", "name", name, "state", words[state], "means", means);

	/* A file's name, a boot parameter: any bytes. */
	json_object_set_new(check, "found", output_text(found));
	json_object_set_new(check, "remedy", output_text(remedy));
	json_array_append_new(checks, check);
}
