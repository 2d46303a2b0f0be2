/* SPDX-License-Identifier: GPL-2.0-only */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "audit/seal.h"
#include "build.h"
#include "cli/cli.h"
#include "cli/condition.h"
#include "cli/decides.h"
#include "cli/options.h"
#include "cli/output.h"
#include "cli/status.h"
#include "containers.h"
#include "digests.h"

static int help(void)
{
	puts("Usage: interdict status [--json]\n\n"
	     "Say whether this machine enforces a policy, which one, file by file, and what it\n"
	     "decides. It asks the kernel: the answer does not depend on interdictd.\n\n"
	     "  --json   print one JSON object\n"
	     "  --help   this text\n\n"
	     "Exit status: 0 enforcing, 1 not (or only in part, only recording, or disabled),\n"
	     "2 usage, 4 it cannot be told.\n\n"
	     "Examples:\n"
	     "  interdict status\n"
	     "  interdict status --json | jq .policy.generation\n"
	     "  interdict status --json | jq '.files[] | {path, state, sha256}'");
	return EXIT_YES;
}

/* ---- as JSON --------------------------------------------------------------------------------- */

static json_t *hooks_json(const struct condition *c)
{
	json_t *hooks = json_object();
	int hook;

	for (hook = 0; hook < HOOKS; hook++)
		json_object_set_new(hooks, hook_names[hook],
				    json_boolean(c->state.hooks >> hook & 1));
	return hooks;
}

static json_t *per_hook_json(const __u64 counts[HOOKS])
{
	json_t *hooks = json_object();
	int hook;

	for (hook = 0; hook < HOOKS; hook++)
		json_object_set_new(hooks, hook_names[hook], json_integer(counts[hook]));
	return hooks;
}

static json_t *counters_json(const struct counters *n)
{
	return json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:o, s:o}", "events",
			 (json_int_t)n->sequence, "lost", (json_int_t)n->lost_ring, "hashed",
			 (json_int_t)n->hashed, "hash_failed", (json_int_t)n->hash_failed,
			 "hashed_bytes", (json_int_t)n->hashed_bytes, "identities",
			 (json_int_t)n->cached, "examined", (json_int_t)n->examined, "denied",
			 per_hook_json(n->denied), "monitored", per_hook_json(n->monitored));
}

static void format_time(char text[32], __u64 ns)
{
	time_t seconds = ns / 1000000000;
	struct tm tm;

	*text = 0;
	if (ns && gmtime_r(&seconds, &tm))
		strftime(text, 32, "%Y-%m-%dT%H:%M:%SZ", &tm);
}

static json_t *policy_json(const struct condition *c)
{
	json_t *policy = build_summary(&c->state.header);
	char created[32];

	format_time(created, c->state.header.created);
	json_object_set_new(policy, "created", json_string(created));
	return policy;
}

/* Of the policy in force. */
static json_t *boots_json(const struct condition *c)
{
	static const char *const fallen[] = {
		[STAGE_BEFORE] = "policy before",
		[STAGE_MONITOR] = "monitor",
	};
	const char *to = fallen[c->boots.stage];

	return json_pack("{s:b, s:i, s:o}", "confirmed", c->confirmed, "unconfirmed",
			 c->boots.unconfirmed, "fallen_back", to ? json_string(to) : json_null());
}

static const char *mode_word(const struct condition *c)
{
	return c->state.control.ceiling == MODE_ENFORCE ? "enforce" : "monitor";
}

static json_t *disabled_json(const struct disablement *x)
{
	json_t *disabled;
	char end[32];

	disablement_format_end(end, x);
	disabled = json_pack("{s:s}", "until", end);
	if (!*x->reason)
		return disabled;
	json_object_set_new(disabled, "reason", json_string(x->reason));
	json_object_set_new(disabled, "uid", json_integer(x->by.uid));
	json_object_set_new(disabled, "login_uid",
			    x->by.login_uid == LOGIN_UID_UNSET ? json_null()
							       : json_integer(x->by.login_uid));
	return disabled;
}

/* What interdictd says of packages, and of whose it does not know; NULL: the policy names none. */
static json_t *packages_json(const struct condition *c)
{
	json_t *packages = json_deep_copy(json_object_get(c->daemon, "packages"));
	int containers = packages ? containers_count() : 0;

	if (packages)
		json_object_set_new(packages, "containers",
				    containers < 0 ? json_null() : json_integer(containers));
	return packages;
}

json_t *status_json(const struct condition *c, const struct status_files *files)
{
	json_t *answer = json_pack("{s:s, s:s, s:s, s:b, s:O*, s:o}", "enforcement",
				   condition_word(c->enforcement), "why", c->why, "version",
				   VERSION, "loaded", c->state.loaded, "daemon", c->daemon,
				   "decides", decides_json(c));
	json_t *log;

	if (c->state.loaded) {
		json_object_set_new(answer, "policy", policy_json(c));
		if (*c->boots.boot)
			json_object_set_new(answer, "boots", boots_json(c));
		json_object_set_new(answer, "mode", json_string(mode_word(c)));
		json_object_set_new(answer, "hooks", hooks_json(c));
		json_object_set_new(answer, "counters", counters_json(&c->state.counters));
		json_object_set_new(json_object_get(answer, "counters"), "hits",
				    json_integer(c->state.hits));
		json_object_set(answer, "events", c->events);
		if (condition_canary(c))
			json_object_set(answer, "canary", condition_canary(c));
		json_object_set_new(answer, "packages", packages_json(c));
		json_object_set(answer, "sinks", json_object_get(c->daemon, "sinks"));
		if (c->disablement.until)
			json_object_set_new(answer, "disabled", disabled_json(&c->disablement));
		if (c->state.header.unsized)
			json_object_set_new(answer, "unsized", condition_unsized());
		if (files->files) {
			json_object_set(answer, "files", files->files);
			json_object_set(answer, "files_added", files->added);
			json_object_set_new(answer, "files_changed", json_boolean(files->changed));
		}
	}
	log = seal_head_json(SEAL_DIR);
	if (log)
		json_object_set_new(answer, "log", log);
	return answer;
}

/* ---- as text --------------------------------------------------------------------------------- */

static void print_headline(const struct condition *c)
{
	static const enum colour colours[] = {
		[ENFORCEMENT_ON] = COLOUR_GREEN,       [ENFORCEMENT_PARTIAL] = COLOUR_RED,
		[ENFORCEMENT_MONITOR] = COLOUR_YELLOW, [ENFORCEMENT_DISABLED] = COLOUR_RED,
		[ENFORCEMENT_OFF] = COLOUR_RED,	       [ENFORCEMENT_UNKNOWN] = COLOUR_RED,
	};

	output_coloured(colours[c->enforcement], condition_word(c->enforcement));
	if (*c->why) {
		printf(": ");
		cli_print_escaped(c->why);
	}
	putchar('\n');
}

static void print_kinds(json_t *kinds)
{
	json_t *kind;
	size_t i;

	printf("             by ");
	json_array_foreach(kinds, i, kind) printf("%s%s", i ? ", " : "", json_string_value(kind));
	putchar('\n');
}

/* Whether a boot with it has reached its target, where that is counted. */
static void print_boots(const struct condition *c)
{
	char count[COUNT_LEN];

	if (!*c->boots.boot)
		return;
	if (c->boots.stage != STAGE_POLICY) {
		printf("             ");
		output_coloured(COLOUR_RED, "fallen back");
		printf(": %s: " CONDITION_FALLEN_REMEDY "\n", c->boots.stage == STAGE_BEFORE
								      ? CONDITION_BEFORE
								      : CONDITION_BEFORE_MONITOR);
	} else if (c->confirmed) {
		printf("             confirmed: a boot with it has reached its target\n");
	} else if (!*c->boots.tried || !c->boots.unconfirmed) {
		printf("             not confirmed yet: no boot has begun with it\n");
	} else {
		printf("             not confirmed yet: %s with it\n",
		       output_count(count, c->boots.unconfirmed, "boot", "boots"));
	}
}

static void print_policy(const struct condition *c)
{
	const struct image_header *h = &c->state.header;
	json_t *summary = build_summary(h);
	bool digests = !(h->kinds & ~KIND_BIT(FINGERPRINT_SHA256));
	char a[COUNT_LEN], b[COUNT_LEN], e[COUNT_LEN], f[COUNT_LEN], time[32];

	format_time(time, h->created);
	printf("  policy     generation %" PRIu64 "%s%s\n", (uint64_t)h->generation,
	       *time ? ", since " : "", time);
	printf("             %s of %s, from %s of %s\n",
	       output_count(a, h->denies + h->allows, "rule", "rules"),
	       output_count(b, h->fingerprints, digests ? "digest" : "fingerprint",
			    digests ? "digests" : "fingerprints"),
	       output_count(e, h->policies, "policy", "policies"),
	       output_count(f, h->vendors, "vendor", "vendors"));
	if (!digests)
		print_kinds(json_object_get(summary, "kinds"));
	print_boots(c);
	printf("  image      %s\n", json_string_value(json_object_get(summary, "digest")));
	json_decref(summary);
}

static void print_hooks(const struct condition *c)
{
	int hook;

	printf("  hooks     ");
	for (hook = 0; hook < HOOKS; hook++)
		if (c->state.hooks >> hook & 1)
			printf(" %s", hook_names[hook]);
	for (hook = 0; hook < HOOKS; hook++)
		if (!(c->state.hooks >> hook & 1))
			printf(" (no %s)", hook_names[hook]);
	putchar('\n');
}

static void print_per_hook(const char *name, const __u64 counts[HOOKS])
{
	int hook;

	printf("  %-10s", name);
	for (hook = 0; hook < HOOK_DRIVER_FILE; hook++) /* those that deny */
		printf(" %s %" PRIu64, hook_names[hook], (uint64_t)counts[hook]);
	putchar('\n');
}

static void print_counters(const struct condition *c)
{
	const struct counters *n = &c->state.counters;
	char hashed[COUNT_LEN];

	print_per_hook("denied", n->denied);
	print_per_hook("recorded", n->monitored);
	printf("  hashed     %s, of which %" PRIu64 " failed\n",
	       output_count(hashed, n->hashed + n->hash_failed, "file", "files"),
	       (uint64_t)n->hash_failed);
}

static int64_t integer(json_t *object, const char *name)
{
	return json_integer_value(json_object_get(object, name));
}

static void print_part(json_t *events, const char *name, const char *what)
{
	char count[COUNT_LEN];

	if (integer(events, name))
		printf(", %s", output_count(count, integer(events, name), what, what));
}

/* What became of the events: it adds up. */
static void print_events(const struct condition *c)
{
	char count[COUNT_LEN], folds[COUNT_LEN], lost[COUNT_LEN];

	if (!c->events)
		return;
	printf("  events     %s: %" PRIi64 " written",
	       output_count(count, integer(c->events, "emitted"), "event", "events"),
	       integer(c->events, "written"));
	if (integer(c->events, "suppressed"))
		printf(", %" PRIi64 " repeats in %s", integer(c->events, "suppressed"),
		       output_count(folds, integer(c->events, "fold_records"), "record",
				    "records"));
	print_part(c->events, "canary", "of the canary");
	print_part(c->events, "write_failed", "not written");
	print_part(c->events, "earlier", "from before");
	print_part(c->events, "pending", "waiting");
	print_part(c->events, "lost", "lost");
	putchar('\n');
	if (!integer(c->events, "lost"))
		return;
	printf("  ");
	output_coloured(COLOUR_YELLOW, "lost");
	printf("       %s: nobody read them in time; nothing was let through\n",
	       output_count(lost, integer(c->events, "lost"), "event", "events"));
}

static void print_unsized(const struct condition *c)
{
	char count[COUNT_LEN];
	json_t *lists, *list;
	size_t i;

	if (!c->state.header.unsized)
		return;
	printf("  ");
	output_coloured(COLOUR_YELLOW, "unsized");
	printf("    %s without a size: every file that runs is read and hashed\n",
	       output_count(count, c->state.header.unsized, "digest", "digests"));
	lists = condition_unsized();
	json_array_foreach(lists, i, list)
	{
		printf("             ");
		cli_print_escaped(json_string_value(json_object_get(list, "file")));
		if (integer(list, "line"))
			printf(":%" PRIi64, integer(list, "line"));
		printf(": %s\n",
		       output_count(count, integer(list, "digests"), "digest", "digests"));
	}
	json_decref(lists);
}

/* What Package= and its kin come to, and what they do not reach. */
static void print_packages(const struct condition *c)
{
	json_t *packages = packages_json(c);
	char count[COUNT_LEN], files[COUNT_LEN];

	if (!packages)
		return;
	printf("  packages   %s installed, with %s",
	       output_count(count, integer(packages, "packages"), "package", "packages"),
	       output_count(files, integer(packages, "files"), "file", "files"));
	print_part(packages, "shared", "shared with others and left out");
	print_part(packages, "suspended", "suspended: this machine needs them");
	print_part(packages, "missing", "that could not be read");
	putchar('\n');
	if (!json_is_true(json_object_get(packages, "followed")))
		printf("             changes are not followed: systemctl restart interdictd\n");
	if (integer(packages, "unread"))
		printf("             %s cannot be read: journalctl -u interdictd says why\n",
		       output_count(count, integer(packages, "unread"), "database", "databases"));
	if (integer(packages, "containers"))
		printf("             not resolved: the packages of %s\n",
		       output_count(count, integer(packages, "containers"), "container",
				    "containers"));
	json_decref(packages);
}

/* Where records go besides the log; who is as he should be is named alone. */
static void print_sinks(const struct condition *c)
{
	json_t *sinks = json_object_get(c->daemon, "sinks"), *sink;
	const char *state, *why;
	size_t i;

	json_array_foreach(sinks, i, sink)
	{
		state = json_string_value(json_object_get(sink, "state"));
		why = json_string_value(json_object_get(sink, "why"));
		printf("  %-10s ", i ? "" : "records to");
		cli_print_escaped(json_string_value(json_object_get(sink, "name")) ?: "?");
		printf(": ");
		if (why)
			output_coloured(COLOUR_YELLOW, "failing");
		else
			cli_print_escaped(state ?: "?");
		if (why)
			printf(": %s", why);
		print_part(sink, "written", "written");
		print_part(sink, "waiting", "waiting");
		print_part(sink, "missed", "missed: the log has them");
		putchar('\n');
	}
}

static void print_daemon(const struct condition *c)
{
	const char *version = json_string_value(json_object_get(c->daemon, "version"));

	if (!c->daemon) {
		printf("  interdictd does not answer: events are not written: systemctl start "
		       "interdictd\n");
		return;
	}
	printf("  interdictd %s, process %" PRIi64 "\n", version ? version : "?",
	       integer(c->daemon, "pid"));
	if (condition_is_last_good(c))
		printf("             " CONDITION_LAST_GOOD "\n");
	if (condition_write_failures(c))
		printf("             %" PRIi64 " " CONDITION_WRITE_FAILED "\n",
		       condition_write_failures(c));
}

/* Whether the hooks deny, as far as interdictd has tried. */
static void print_canary(const struct condition *c)
{
	json_t *canary = condition_canary(c);
	const char *denied = json_string_value(json_object_get(canary, "last_denied"));
	const char *tried = json_string_value(json_object_get(canary, "last_tried"));
	char failures[COUNT_LEN];

	if (!tried)
		return;
	if (json_is_true(json_object_get(canary, "denied"))) {
		printf("  canary     denied %s", tried);
	} else {
		printf("  ");
		output_coloured(COLOUR_RED, "canary");
		printf("     not denied %s; denied last: %s", tried, denied ? denied : "never");
	}
	if (integer(canary, "failures"))
		printf(" (not denied in %s since boot)",
		       output_count(failures, integer(canary, "failures"), "try", "tries"));
	if (!integer(canary, "minutes"))
		printf(" (CanaryMinutes=0: tried at a start alone)");
	putchar('\n');
}

/* Where the log stands; its root is what `interdict events --verify --key` asks for. */
static void print_log(void)
{
	char count[COUNT_LEN], root[2 * FINGERPRINT_LEN + 1];
	struct seal_head h;

	if (seal_head(&h, SEAL_DIR))
		return;
	digest_format(root, h.root);
	printf("  log        %s, vouched for up to %" PRIu64 "\n",
	       output_count(count, h.number, "record", "records"), h.covered);
	printf("             root %s\n", root);
}

static int print_text(const struct condition *c, const struct status_files *files)
{
	print_headline(c);
	if (c->state.loaded) {
		print_policy(c);
		status_files_print(files);
		print_hooks(c);
		decides_print(c);
		print_counters(c);
		print_events(c);
		print_canary(c);
		print_sinks(c);
		print_unsized(c);
		print_packages(c);
	}
	if (c->enforcement != ENFORCEMENT_UNKNOWN)
		print_daemon(c);
	print_log();
	status_print_scan();
	return EXIT_YES;
}

int status_main(int argc, char **argv)
{
	bool json = false;
	int status = options_json(argc, argv, &json);
	struct status_files files;
	struct condition c;

	if (status)
		return status == OPTIONS_HELP ? help() : status;
	condition_read(&c);
	status_files_read(&files, &c);
	status = json ? output_json(status_json(&c, &files)) : print_text(&c, &files);
	status_files_free(&files);
	if (c.enforcement == ENFORCEMENT_UNKNOWN)
		status = EXIT_FAILED;
	else if (c.enforcement != ENFORCEMENT_ON && !status)
		status = EXIT_NO;
	condition_free(&c);
	return status;
}
