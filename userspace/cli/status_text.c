/* SPDX-License-Identifier: GPL-2.0-only */
/* What `interdict status` prints: what is in force, then what came of it. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "audit/seal.h"
#include "cli/cli.h"
#include "cli/decides.h"
#include "cli/output.h"
#include "cli/status.h"
#include "digests.h"
#include "machine/build.h"

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

/* ---- what is in force ------------------------------------------------------------------------ */

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

	status_format_time(time, h->created);
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
	json_t *packages = status_packages(c);
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

/* ---- what came of it ------------------------------------------------------------------------- */

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

/* ---- all of it ------------------------------------------------------------------------------- */

int status_print(const struct condition *c, const struct status_files *files)
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
