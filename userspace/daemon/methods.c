/* SPDX-License-Identifier: GPL-2.0-only */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "canary_proof.h"
#include "canary_watch.h"
#include "clock.h"
#include "conf.h"
#include "confirmed.h"
#include "daemon.h"
#include "disable.h"
#include "earlier.h"
#include "excepted.h"
#include "follow.h"
#include "heartbeats.h"
#include "kernel/kernel.h"
#include "loaded.h"
#include "machine.h"
#include "machine/build.h"
#include "machine/control.h"
#include "machine/disablement.h"
#include "machine/inventory.h"
#include "methods.h"
#include "text.h"

static const char description[] =
	"# Control of interdictd: its policy and its life.\n"
	"interface " CONTROL_INTERFACE "\n"
	"\n"
	"# What is in force.\n"
	"method Status() -> (pid: int, version: string, generation: int, digest: string,\n"
	"  events: ?(emitted: int, written: int, suppressed: int, canary: int, lost: int,\n"
	"  write_failed: int, pending: int, earlier: int, fold_records: int, torn: int),\n"
	"  canary: (denied: bool, failures: int, minutes: int, last_tried: ?string,\n"
	"  last_denied: ?string, error: ?string),\n"
	"  packages: ?(followed: bool, packages: int, files: int, shared: int, suspended: int,\n"
	"  missing: int, unread: int),\n"
	"  sinks: [](name: string, state: (off, idle, writing, failing), why: ?string,\n"
	"  written: int, waiting: int, missed: int))\n"
	"# Read the policy directories again, or put the directory stage in the place of the "
	"local\n"
	"# one, or of that of bundles. Whole or not at all. command says on whose behalf: push,\n"
	"# deny, allow, remove, reload or rollback; it is on record.\n"
	"method Reload(stage: ?string, force: ?bool, command: ?string) -> (changed: bool, "
	"generation: int, "
	"digest: string, warnings: []string)\n"
	"# Try the canary: whether the hooks deny. With ways, on every way, one by one, and "
	"nothing\n"
	"# is refused: fault says why the canary was not denied.\n"
	"method Test(ways: ?bool) -> (fault: ?string, milliseconds: ?int,\n"
	"  ways: ?[](name: string, hook: string, state: (ok, weak, missing), found: string,\n"
	"  means: string, remedy: string))\n"
	"# Disable enforcement until then (ns since boot), for the login that asks; enable it "
	"again.\n"
	"method Disable(until: int, reason: string) -> (until: int)\n"
	"method Enable() -> (changed: bool)\n"
	"# The boot has reached its target: the policy that it began with is confirmed.\n"
	"method Confirm() -> (confirmed: bool)\n"
	"# Lift all enforcement and end interdictd.\n"
	"method Unload() -> ()\n"
	"\n"
	"error Refused (diagnoses: []string)\n";

static json_t *reply(json_t *parameters)
{
	return json_pack("{s:o}", "parameters", parameters);
}

static json_t *fail(const char *error, const char *key, json_t *value)
{
	return json_pack("{s:s, s:{s:o}}", "error", error, "parameters", key, value);
}

/* One line of a diagnosis; it may name a file in bytes that are no UTF-8. */
static json_t *line_of(const char *prefix, const char *text)
{
	char *utf8 = text_to_utf8(text, strlen(text));
	json_t *line = json_sprintf("%s%s", prefix, utf8 ? utf8 : "");

	free(utf8);
	return line;
}

static json_t *all_lines(const struct diag *d)
{
	json_t *lines = json_array();
	size_t i;

	for (i = 0; i < d->kept; i++)
		json_array_append_new(
			lines, line_of(d->lines[i].level == DIAG_WARNING ? "warning: " : "error: ",
				       d->lines[i].text));
	return lines;
}

static json_t *warnings_of(const struct diag *d)
{
	json_t *lines = json_array();
	size_t i;

	for (i = 0; i < d->kept; i++)
		if (d->lines[i].level == DIAG_WARNING)
			json_array_append_new(lines, line_of("", d->lines[i].text));
	return lines;
}

static json_t *refuse(struct diag *d)
{
	json_t *answer = fail(CONTROL_INTERFACE ".Refused", "diagnoses", all_lines(d));

	diag_free(d);
	return answer;
}

static json_t *status(struct daemon *daemon, json_t *parameters)
{
	json_t *answer = build_summary(&daemon->applied.header);
	json_t *account = events_account(daemon->events, &daemon->program);

	json_object_set_new_nocheck(answer, "packages", follow_status(daemon));
	json_object_set_new_nocheck(answer, "canary", canary_status(&daemon->canary));
	json_object_set_new_nocheck(answer, "sinks", sinks_status(daemon->sinks));
	json_object_update_new(answer,
			       json_pack("{s:i, s:s, s:b, s:o?, s:O?}", "pid", getpid(), "version",
					 VERSION, "last_good", daemon->applied.last_good, "events",
					 account, "policies", daemon->applied.policies));
	return reply(answer);
}

static bool is_beside(const char *stage, const char *prefix)
{
	return !strncmp(stage, prefix, strlen(prefix)) && !strchr(stage + strlen(prefix), '/');
}

/* A stage is a directory of root's beside the one of policies, or that of bundles: nothing else is
 * put in its place. */
static bool stage_is_sound(const char *stage)
{
	struct stat st;

	return (is_beside(stage, POLICY_STAGE) || is_beside(stage, BUNDLE_STAGE)) &&
	       !lstat(stage, &st) && S_ISDIR(st.st_mode) && !st.st_uid && !(st.st_mode & 022);
}

/* ---- what is put on record ----------------------------------------------------------------- */

/* What a command calls itself when it has one; else somebody else asks, over varlink. */
static const char *command_of(json_t *parameters)
{
	static const char *const commands[] = {"push",	 "deny",   "allow",
					       "remove", "reload", "rollback"};
	const char *command = json_string_value(json_object_get(parameters, "command"));
	size_t i;

	for (i = 0; command && i < sizeof(commands) / sizeof(*commands); i++)
		if (!strcmp(command, commands[i]))
			return commands[i];
	return NULL;
}

static const char *action_of(const char *command, const char *stage, bool force)
{
	if (force)
		return CHANGE_FORCE;
	if (command && !strcmp(command, "rollback"))
		return CHANGE_ROLLBACK;
	return stage ? CHANGE_PUSH : CHANGE_RELOAD;
}

static void record_refused(struct daemon *daemon, const char *command, const struct diag *d)
{
	events_change(daemon->events, &(struct change){.action = CHANGE_REFUSED,
						       .by = &daemon->caller,
						       .before = &daemon->applied.header,
						       .after = &daemon->applied.header,
						       .diagnoses = d,
						       .command = command});
}

/* What was put in force, and what was forced past the guard, is on record in the daemon's log. */
static void log_reload(struct daemon *daemon, const struct change *c, bool changed,
		       const struct diag *d)
{
	bool force = !strcmp(c->action, CHANGE_FORCE);

	diag_print(d, "interdictd");
	if (changed || force)
		fprintf(stderr, "interdictd: generation %llu in force%s\n",
			(unsigned long long)daemon->applied.header.generation,
			force ? ", forced past the guard" : "");
	if (changed)
		events_change(daemon->events, c);
	excepted_policy(daemon, &daemon->caller);
}

static json_t *answer_reload(struct daemon *daemon, bool changed, struct diag *d)
{
	json_t *answer = build_summary(&daemon->applied.header);

	json_object_set_new(answer, "changed", json_boolean(changed));
	json_object_set_new(answer, "elsewhere", inventory_elsewhere(daemon->applied.policies));
	json_object_set_new(answer, "warnings", warnings_of(d));
	diag_free(d);
	return reply(answer);
}

/* Where records go, and how often the heartbeat is, may have changed. */
static void take_log_conf(struct daemon *daemon)
{
	struct log_conf conf;

	machine_log_conf(&conf);
	sinks_configure(daemon->sinks, &conf);
	heartbeats_configure(daemon, conf.heartbeat_hours);
	events_configure(daemon->events, &conf);
}

static json_t *reload(struct daemon *daemon, json_t *parameters)
{
	const char *stage = json_string_value(json_object_get(parameters, "stage"));
	bool force = json_is_true(json_object_get(parameters, "force")), changed = false;
	struct image_header before = daemon->applied.header;
	struct change c = {.by = &daemon->caller,
			   .before = &before,
			   .after = &daemon->applied.header,
			   .command = command_of(parameters)};
	struct diag d = {};

	if (stage && !stage_is_sound(stage))
		return fail("org.varlink.service.InvalidParameter", "parameter",
			    json_string("stage"));
	/* The mode holds even where the policy is refused: it is a way out of one. */
	machine_apply(&daemon->program, &d);
	machine_watch(daemon);
	take_log_conf(daemon);
	if (apply_policy(&daemon->program, &daemon->applied, stage, force, &changed, &d)) {
		record_refused(daemon, c.command, &d);
		return refuse(&d);
	}
	confirmed_change();
	machine_apply(&daemon->program, &d);
	follow_policy(daemon);
	c.action = action_of(c.command, stage, force);
	log_reload(daemon, &c, changed, &d);
	earlier_look(daemon->earlier);
	loaded_look(daemon->loaded);
	return answer_reload(daemon, changed, &d);
}

static json_t *test(struct daemon *daemon, json_t *parameters)
{
	uint64_t begun = clock_ns(CLOCK_MONOTONIC);
	json_t *answer, *ways;
	struct diag d = {};
	int err = canary_prove(daemon, &d);

	if (!json_is_true(json_object_get(parameters, "ways")))
		return err ? refuse(&d) : reply(json_object());
	diag_free(&d);
	ways = canary_proof(daemon);
	answer = json_pack("{s:o, s:I}", "ways", ways, "milliseconds",
			   (json_int_t)((clock_ns(CLOCK_MONOTONIC) - begun) / 1000000));
	if (err)
		json_object_set_new(answer, "fault", line_of("", daemon->canary.error));
	return reply(answer);
}

static json_t *disable(struct daemon *daemon, json_t *parameters)
{
	json_t *answer = NULL;
	struct diag d = {};

	if (disable_method(daemon, parameters, &answer, &d))
		return refuse(&d);
	diag_print(&d, "interdictd");
	diag_free(&d);
	return reply(answer);
}

static json_t *enable(struct daemon *daemon, json_t *parameters)
{
	json_t *answer = NULL;
	struct diag d = {};

	return disable_end_method(daemon, parameters, &answer, &d) ? refuse(&d) : reply(answer);
}

static json_t *confirm(struct daemon *daemon, json_t *parameters)
{
	bool anew = confirmed_confirm(daemon);

	if (anew)
		events_change(daemon->events, &(struct change){.action = CHANGE_CONFIRMED,
							       .by = &daemon->caller,
							       .before = &daemon->applied.header,
							       .after = &daemon->applied.header});
	return reply(json_pack("{s:b}", "confirmed", anew));
}

static json_t *unload(struct daemon *daemon, json_t *parameters)
{
	struct image_header none = {};
	struct diag d = {};
	int err = kernel_unload();

	if (err && err != -ENOENT) {
		diag_error(&d, PIN_DIR, 0, "cannot be lifted: %s", strerror(-err));
		return refuse(&d);
	}
	disablement_remove_note();
	events_change(daemon->events, &(struct change){.action = CHANGE_UNLOAD,
						       .by = &daemon->caller,
						       .before = &daemon->applied.header,
						       .after = &none});
	daemon->applied.header = none;
	sd_event_exit(daemon->loop, 0);
	return reply(json_object());
}

static json_t *get_info(struct daemon *daemon, json_t *parameters)
{
	return reply(json_pack("{s:s, s:s, s:s, s:s, s:[s, s]}", "vendor", "interdict", "product",
			       "interdictd", "version", VERSION, "url", "", "interfaces",
			       "org.varlink.service", CONTROL_INTERFACE));
}

static json_t *get_description(struct daemon *daemon, json_t *parameters)
{
	const char *interface = json_string_value(json_object_get(parameters, "interface"));

	if (!interface || strcmp(interface, CONTROL_INTERFACE))
		return fail("org.varlink.service.InterfaceNotFound", "interface",
			    json_string(interface ? interface : ""));
	return reply(json_pack("{s:s}", "description", description));
}

static const struct {
	const char *name;
	json_t *(*answer)(struct daemon *daemon, json_t *parameters);
} methods[] = {
	{CONTROL_INTERFACE ".Status", status},
	{CONTROL_INTERFACE ".Reload", reload},
	{CONTROL_INTERFACE ".Test", test},
	{CONTROL_INTERFACE ".Disable", disable},
	{CONTROL_INTERFACE ".Enable", enable},
	{CONTROL_INTERFACE ".Confirm", confirm},
	{CONTROL_INTERFACE ".Unload", unload},
	{"org.varlink.service.GetInfo", get_info},
	{"org.varlink.service.GetInterfaceDescription", get_description},
};

json_t *methods_call(struct daemon *daemon, const char *method, json_t *parameters)
{
	size_t i;

	for (i = 0; i < sizeof(methods) / sizeof(*methods); i++)
		if (!strcmp(method, methods[i].name))
			return methods[i].answer(daemon, parameters);
	return fail("org.varlink.service.MethodNotFound", "method", json_string(method));
}
