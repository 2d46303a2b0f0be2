/* SPDX-License-Identifier: GPL-2.0-only */
/* What the keys of a [Vendor] say. */
#include <string.h>

#include "policy_reader.h"

void policy_set_vendor_id(struct reader *r, const char *value)
{
	if (!strcmp(value, "interdict") || !strcmp(value, "allow"))
		policy_error(r, "Id=%s is reserved: choose another", value);
	else
		r->vendor->id = policy_take_id(r, value);
}

void policy_set_vendor_name(struct reader *r, const char *value)
{
	r->vendor->name = policy_copy(r, value);
}

void policy_add_legal_entity(struct reader *r, const char *value)
{
	policy_add_string(r, &r->vendor->legal_entities, value);
}

void policy_add_reference(struct reader *r, const char *value)
{
	policy_add_string(r, &r->vendor->references, value);
}

void policy_set_vendor_from(struct reader *r, const char *value)
{
	policy_take_time(r, &r->vendor->from, value);
}

void policy_set_vendor_until(struct reader *r, const char *value)
{
	policy_take_until(
		r, &r->vendor->until, value,
		"the vendor's rules without an Until= of their own do nothing: remove them");
}

void policy_set_on_running(struct reader *r, const char *value)
{
	if (!strcmp(value, "monitor"))
		r->vendor->on_running = ON_RUNNING_MONITOR;
	else if (!strcmp(value, "kill"))
		r->vendor->on_running = ON_RUNNING_KILL;
	else
		policy_error(r, "OnRunning=%.64s: write monitor or kill", value);
}

void policy_set_grace(struct reader *r, const char *value)
{
	if (!policy_take_span(&r->vendor->grace, value, GRACE_MAX))
		policy_error(r, "OnRunningGrace=%.64s: write seconds, 30s or 5m, at most 1h",
			     value);
}
