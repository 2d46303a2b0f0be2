// SPDX-License-Identifier: GPL-2.0-only
#include "finding.h"

#include <stdlib.h>
#include <string.h>

/* Of a deny that is not in force: its date lies ahead, or it only records. */
static enum finding_effect effect_of(const struct verdict *verdict, const struct rule *rule,
				     uint64_t now)
{
	if (verdict->allow)
		return FINDING_EXCEPTED;
	if (verdict->deny)
		return FINDING_DENIED;
	return rule->mode == MODE_ENFORCE && rule->from > now ? FINDING_AHEAD : FINDING_MONITORED;
}

void finding_match(struct finding *f, image_t *image, const struct verdict *verdict,
		   const struct fingerprint *matched, uint64_t now)
{
	const struct rule *rule = image_rule(image, verdict->rule);

	f->matched = *matched;
	f->effect = effect_of(verdict, rule, now);
	f->from = f->effect == FINDING_AHEAD ? rule->from : 0;
	f->version = rule->version;
	memcpy(f->vendor, rule->vendor, sizeof(f->vendor));
	memcpy(f->policy, rule->policy, sizeof(f->policy));
	rule_id(f->rule, rule->vendor, matched);
}

const char *finding_place_name(enum finding_place place)
{
	static const char *const names[FINDING_PLACES] = {
		[FINDING_FILE] = "file",       [FINDING_INSIDE] = "inside",
		[FINDING_PACKAGE] = "package", [FINDING_RUNNING] = "running",
		[FINDING_LOADED] = "loaded",
	};

	return place < FINDING_PLACES ? names[place] : "unknown";
}

const char *finding_effect_name(enum finding_effect effect)
{
	static const char *const names[FINDING_EFFECTS] = {
		[FINDING_DENIED] = "denied",
		[FINDING_MONITORED] = "monitored",
		[FINDING_AHEAD] = "ahead",
		[FINDING_EXCEPTED] = "excepted",
	};

	return effect < FINDING_EFFECTS ? names[effect] : "unknown";
}

void finding_free(struct finding *f)
{
	free(f->path);
	free(f->inside);
	free(f->package);
	free(f->package_version);
	free(f->package_architecture);
	*f = (struct finding){};
}
