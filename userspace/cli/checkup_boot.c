/* SPDX-License-Identifier: GPL-2.0-only */
#include <stdio.h>
#include <string.h>

#include "cli/checkup_requirements.h"

static const struct requirement_meaning meanings[] = {
	{"bpf in the LSM list",
	 "nothing is denied: programs are loaded and attached, and never asked"},
	{"IMA in the kernel", "nothing can be denied by digest"},
	{"IMA hashes by SHA-256",
	 "nothing is denied: digests are of another kind than every list's"},
	{"lockdown below confidentiality", "nothing can be enforced: no program may read memory"},
	{},
};

/* What IMA keeps of a file it does not look at anew, and in the algorithm of its own. */
static void add_ima_policy(json_t *checks, const struct facts *f)
{
	static const char name[] = "digests while IMA has a policy";

	if (!f->peers.ima_policy)
		return;
	if (decides(f->condition).checked)
		check_add(checks, CHECK_OK, name, "taken by interdict.ko, not by IMA", "", "");
	else
		check_add(checks, CHECK_WEAK, name,
			  "taken by IMA, which may answer from what it has kept",
			  "a digest may be an older content's, or of another algorithm",
			  DECIDES_REMEDY_KMOD);
}

void checkup_boot(json_t *checks, const struct facts *f)
{
	checkup_requirements(checks, f->condition, meanings);
	add_ima_policy(checks, f);
}
