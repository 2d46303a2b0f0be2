/* SPDX-License-Identifier: GPL-2.0-only */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cli/checkup.h"
#include "conf.h"

static void add_enforcement(json_t *checks, const struct condition *c)
{
	static const char *const means[] = {
		[ENFORCEMENT_ON] = "",
		[ENFORCEMENT_PARTIAL] = "what the policy denies is let through in part",
		[ENFORCEMENT_MONITOR] = "what the policy denies runs, and is recorded",
		[ENFORCEMENT_DISABLED] = "what the policy denies runs, and is recorded",
		[ENFORCEMENT_OFF] = "what the policy denies runs",
		[ENFORCEMENT_UNKNOWN] = "whether anything is denied cannot be told",
	};
	static const char name[] = "enforcement";
	const char *word = condition_word(c->enforcement);

	/* What keeps it off is above, with its remedy. */
	if (c->enforcement == ENFORCEMENT_ON)
		check_add(checks, CHECK_OK, name, word, "", "");
	else if (condition_first_unmet(c))
		check_add(checks, CHECK_MISSING, name, word, means[c->enforcement],
			  "mend what is missing above");
	else
		check_add(checks, CHECK_WEAK, name, word, means[c->enforcement], c->why);
}

static void add_generation(json_t *checks, const struct facts *f)
{
	const struct condition *c = f->condition;
	static const char name[] = "policy in force";
	char found[128];

	snprintf(found, sizeof(found), "generation %" PRIu64, (uint64_t)c->state.header.generation);
	if (c->boots.stage == STAGE_BEFORE)
		check_add(checks, CHECK_WEAK, name, CONDITION_BEFORE,
			  "what was added since then is not denied", CONDITION_FALLEN_REMEDY);
	else if (condition_is_last_good(c))
		check_add(checks, CHECK_WEAK, name, CONDITION_LAST_GOOD,
			  "what was added since then is not denied", "interdict reload");
	else if (f->files_changed)
		check_add(checks, CHECK_WEAK, name,
			  "an old generation: the policy files say something else by now",
			  "what was added to them is not denied",
			  "interdict status says which; interdict reload");
	else if (!c->state.header.denies)
		check_add(checks, CHECK_WEAK, name, "it denies nothing",
			  "every file of every vendor runs",
			  "interdict deny --vendor ID, or interdict push FILE...");
	else
		check_add(checks, CHECK_OK, name, found, "", "");
}

static void add_unsized(json_t *checks, const struct facts *f)
{
	static const char name[] = "sizes of listed digests";
	__u32 unsized = f->condition->state.header.unsized;
	char found[8192];
	json_t *list;
	size_t i, used;

	if (!unsized) {
		check_add(checks, CHECK_OK, name, "all known", "", "");
		return;
	}
	used = snprintf(found, sizeof(found), "%u unknown, so that every file is hashed:", unsized);
	json_array_foreach(f->unsized, i, list) if (used < sizeof(found) / 2) used +=
		snprintf(found + used, sizeof(found) - used, " %.1024s",
			 json_string_value(json_object_get(list, "file")));
	check_add(checks, CHECK_WEAK, name, found,
		  "nothing is let through; each file costs a digest before it first runs",
		  "make the lists with: interdict digest FILE...");
}

static void add_events(json_t *checks, const struct condition *c)
{
	static const char name[] = "events";
	char found[64];

	snprintf(found, sizeof(found), "%" PRIu64 " lost", (uint64_t)c->state.counters.lost_ring);
	if (condition_write_failures(c))
		check_add(checks, CHECK_WEAK, name, CONDITION_WRITE_FAILED,
			  "denials go on, and some are on no record",
			  "make room in, or correct, " LOG_DIR);
	else if (c->state.counters.lost_ring)
		check_add(checks, CHECK_WEAK, name, found,
			  "those were denied as all others, and are on no record",
			  "journalctl -u interdictd may say why it was slow");
	else
		check_add(checks, CHECK_OK, name, "none lost", "", "");
}

void checkup_policy(json_t *checks, const struct facts *f)
{
	add_enforcement(checks, f->condition);
	if (!f->condition->state.loaded)
		return;
	add_generation(checks, f);
	add_unsized(checks, f);
	add_events(checks, f->condition);
}
