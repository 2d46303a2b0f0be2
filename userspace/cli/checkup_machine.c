/* SPDX-License-Identifier: GPL-2.0-only */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cli/checkup.h"
#include "conf.h"

static void add_daemon(json_t *checks, const struct condition *c)
{
	static const char name[] = "interdictd";

	if (c->daemon)
		check_add(checks, CHECK_OK, name, "answers", "", "");
	else if (c->daemon_error == -EACCES)
		check_add(checks, CHECK_WEAK, name, "only root may ask it",
			  "what it knows is not looked at here", "run this as root");
	else
		check_add(checks, CHECK_WEAK, name, "does not answer: events are not written",
			  "denials go on; packages that change are not followed, and what is "
			  "denied is on no record yet",
			  "systemctl start interdictd");
}

/* What interdictd itself has tried last. */
static void add_canary(json_t *checks, const struct condition *c)
{
	static const char name[] = "canary, as interdictd has tried it";
	json_t *canary = condition_canary(c);
	const char *error = json_string_value(json_object_get(canary, "error"));
	const char *tried = json_string_value(json_object_get(canary, "last_tried"));
	char found[128];

	if (!canary)
		return;
	snprintf(found, sizeof(found), "denied %.64s", tried ? tried : "never");
	if (error)
		check_add(checks, CHECK_WEAK, name, error,
			  "that hooks are attached is no proof: this one did not deny, or was not "
			  "asked",
			  "interdict doctor --test says which hooks do");
	else if (!json_integer_value(json_object_get(canary, "minutes")))
		check_add(checks, CHECK_WEAK, name, "tried at a start alone (CanaryMinutes=0)",
			  "hooks that are lifted later are noticed by nobody",
			  "take CanaryMinutes=0 out of " CONF_FILE ", then: interdict reload");
	else
		check_add(checks, CHECK_OK, name, found, "", "");
}

/* ---- file systems ---------------------------------------------------------------------------- */

/* With the module the layers of an overlay are what counts. */
static bool is_kept(const struct place *p, const struct facts *f)
{
	return p->on.kept || (p->on.stacked && decides(f->condition).checked);
}

static void add_places(json_t *checks, const struct facts *f)
{
	static const char name[] = "file systems";
	char found[512] = "";
	const struct place *p;
	size_t used = 0;

	for (p = f->places; p < f->places + CHECKUP_PLACES; p++)
		if (p->dir && !is_kept(p, f))
			used += snprintf(found + used, sizeof(found) - used, "%s%s is on %s%s",
					 used ? ", " : "", p->dir, p->on.type,
					 p->on.on_a_file ? " in a file" : "");
	if (!used)
		check_add(checks, CHECK_OK, name,
			  "what is found out about files is kept, where programs lie", "", "");
	else
		check_add(checks, CHECK_WEAK, name, found,
			  "nothing is let through: files of a listed size are read anew each time, "
			  "and what is mapped first and made executable later is refused there if "
			  "its size is listed, be it listed itself or not",
			  "keep programs on ext4, xfs, btrfs or f2fs on a disk; on an overlay: "
			  "" DECIDES_REMEDY_KMOD);
}

/* ---- others ---------------------------------------------------------------------------------- */

/* They do no harm to what is denied here: an administrator is to know who says no. */
static void add_peer(json_t *checks, bool there, const char *name, const char *found,
		     const char *means)
{
	if (there)
		check_add(checks, CHECK_OK, name, found, means, "");
}

static void add_peers(json_t *checks, const struct peers *p)
{
	add_peer(checks, p->fapolicyd, "fapolicyd", "runs beside interdict",
		 "it is asked first: what it refuses has no event here; the canaries must be in "
		 "its trust");
	add_peer(checks, p->ima_appraise, "IMA appraisal", "enforced beside interdict",
		 "what fits no signature or hash is refused before interdict is asked: its own "
		 "files need them, too, and canaries prove nothing without");
	add_peer(checks, p->ipe, "IPE", "enforces a policy beside interdict",
		 "what it refuses has no event here: its policy must name where interdict lies");
	add_peer(checks, p->selinux, "SELinux", "enforces beside interdict",
		 "what it refuses first has no event here (ausearch -m avc); interdictd needs a "
		 "domain that may use bpf");
}

void checkup_machine(json_t *checks, const struct facts *f)
{
	add_daemon(checks, f->condition);
	add_canary(checks, f->condition);
	if (f->condition->state.loaded)
		add_places(checks, f);
	add_peers(checks, &f->peers);
}
