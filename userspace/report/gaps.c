/* SPDX-License-Identifier: GPL-2.0-only */
/* What is not covered, in plain words, with what to do about it; and what never is. */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "report/parts.h"

/* Gaps of one kind are named one by one up to here, and then counted. */
#define NAMED_MAX 5

struct gaps {
	json_t *list, *model;
	const struct report_input *in;
	const struct census *census;
	char words[4][64]; /* what counted() gave last */
	unsigned int next;
};

/* "1,204 lines", good until the fourth call from now. */
static const char *counted(struct gaps *g, json_int_t n, const char *one, const char *many)
{
	char *text = report_count(n, one, many), *word = g->words[g->next++ % 4];

	snprintf(word, sizeof(g->words[0]), "%s", text ? text : many);
	free(text);
	return word;
}

/* @grave: something restricted may have run, or may run now. */
__attribute__((format(printf, 5, 6))) static void add(struct gaps *g, const char *id, bool grave,
						      const char *remedy, const char *fmt, ...)
{
	va_list args;
	char *text;
	int len;

	va_start(args, fmt);
	len = vasprintf(&text, fmt, args);
	va_end(args);
	if (len < 0)
		return;
	json_array_append_new(g->list, json_pack("{s:s, s:b, s:s, s:s}", "id", id, "grave",
						 (int)grave, "text", text, "remedy", remedy));
	free(text);
}

static json_int_t number(struct gaps *g, const char *path)
{
	return node_number(g->in->status, path);
}

/* A date for sentences: "2026-11-22 07:00". */
static const char *day_of(char text[TIME_LEN], time_t time)
{
	node_format_time(text, time);
	if (*text) {
		text[10] = ' ';
		text[16] = 0;
	}
	return text;
}

/* ---- now ------------------------------------------------------------------------------------- */

static void judge_state(struct gaps *g)
{
	const char *state = node_text(g->in->status, "enforcement");
	const char *why = node_text(g->in->status, "why");

	if (!strcmp(state, "enforcing"))
		return;
	if (!strcmp(state, "monitor"))
		add(g, "monitor", true, "Mode=enforce in interdict.conf",
		    "This machine only monitors: what the policy denies is recorded and runs.");
	else if (!strcmp(state, "disabled"))
		add(g, "disabled", true, "interdict enable", "Enforcement is disabled now %s.",
		    why);
	else if (!*state || !strcmp(state, "unknown"))
		add(g, "unknown", true, "make the report as root",
		    "Whether this machine enforces could not be told%s%s.", *why ? ": " : "", why);
	else
		add(g, "not-enforced", true, "interdict doctor", "The policy is %s here%s%s.",
		    !strcmp(state, "partial") ? "enforced in part only" : "not enforced",
		    *why ? ": " : "", why);
}

static void judge_abilities(struct gaps *g)
{
	json_t *decides = node_at(g->in->status, "decides");

	if (!decides || !node_is_true(g->in->status, "loaded"))
		return;
	if (!node_is_true(decides, "signers"))
		add(g, "signers", false, "make -C kmod && sudo make -C kmod install",
		    "Programs and libraries are recognised by digest and path only: rules on "
		    "signers and build-ids do not fire for them, as interdict.ko is not loaded.");
	if (!node_is_true(decides, "signatures_checked"))
		add(g, "signatures", false, "make -C kmod && sudo make -C kmod install",
		    "Signatures are not checked, only read: who claims to be a listed signer is "
		    "denied, and nobody is excepted by a signature.");
	if (!node_is_true(decides, "unpacked_drivers"))
		add(g, "packed-drivers", true, "make -C kmod && sudo make -C kmod install",
		    "Drivers that the kernel unpacks itself are seen packed only: a rule on what "
		    "is in them does not fire.");
}

static void judge_hooks(struct gaps *g)
{
	const char *hook;
	json_t *attached;

	json_object_foreach(node_at(g->in->status, "hooks"), hook, attached)
	{
		if (json_is_false(attached))
			add(g, "hook", true, "systemctl restart interdictd",
			    "What comes by %s is not looked at: its hook is not attached.", hook);
	}
}

static void judge_daemon(struct gaps *g)
{
	json_int_t lost = number(g, "events.lost"), failed = number(g, "events.write_failed");

	if (!node_is_true(g->in->status, "loaded"))
		return;
	if (!json_is_object(node_at(g->in->status, "daemon")))
		add(g, "daemon", false, "systemctl start interdictd",
		    "interdictd does not answer: denials go on, and are not written down.");
	if (node_is_true(g->in->status, "daemon.last_good"))
		add(g, "last-good", true, "interdict reload",
		    "The policy files are in error: an earlier policy is in force.");
	if (lost)
		add(g, "lost", false, "",
		    "Since the program was loaded, %s found no room: that is missing in the "
		    "numbers "
		    "below; nothing was let through.",
		    counted(g, lost, "event", "events"));
	if (failed)
		add(g, "write-failed", false, "journalctl -u interdictd",
		    "%s could not be written to the log: that is missing in the numbers below.",
		    counted(g, failed, "event", "events"));
}

static void judge_policy(struct gaps *g)
{
	if (!g->in->policy)
		add(g, "policy", true, "interdict reload says what is wrong",
		    "The policy files cannot be read without an error: vendors and exceptions are "
		    "missing in this report.");
	if (node_is_true(g->in->status, "files_changed"))
		add(g, "files-changed", false, "interdict reload",
		    "The policy files are not what is in force: what this report says of rules and "
		    "exceptions is not in force yet.");
	if (node_size(g->in->status, "unsized"))
		add(g, "unsized", false, "interdict digest",
		    "%s without sizes: in force, at the price of hashing each file that runs.",
		    counted(g, (json_int_t)node_size(g->in->status, "unsized"), "digest list is",
			    "digest lists are"));
}

static void judge_packages(struct gaps *g)
{
	json_int_t n = number(g, "packages.suspended");

	if (n)
		add(g, "suspended", true, "interdict status",
		    "Not denied, as this machine needs it: %s of listed packages.",
		    counted(g, n, "file", "files"));
	n = number(g, "packages.containers");
	if (n)
		add(g, "containers", false, "list what is in them by digest",
		    "Packages inside %s are not resolved: rules by package do not reach them.",
		    counted(g, n, "container", "containers"));
	n = number(g, "packages.unread") + number(g, "packages.missing");
	if (n)
		add(g, "packages", true, "journalctl -u interdictd",
		    "Of packages, %s could not be read: rules by package may not reach all that is "
		    "installed.",
		    counted(g, n, "database or file", "databases or files"));
}

static void judge_vendors(struct gaps *g)
{
	json_t *vendors = node_at(g->model, "vendors"), *vendor;
	const char *mode;
	size_t i;

	if (g->in->policy && !json_array_size(vendors))
		add(g, "no-vendors", true, "interdict vendors; interdict deny --vendor ID",
		    "The policy names no vendor: nothing is denied here.");
	json_array_foreach(vendors, i, vendor)
	{
		mode = node_text(vendor, "mode");
		if (!strcmp(mode, "enforce"))
			continue;
		add(g, "vendor", strcmp(mode, "waiting") != 0, "", "%s: %s.",
		    node_text(vendor, "name"),
		    !strcmp(mode, "monitor")	? "its rules only monitor: what they name runs"
		    : !strcmp(mode, "waiting")	? "its rules wait for their date"
		    : !strcmp(mode, "ended")	? "its rules have ended"
		    : !strcmp(mode, "no rules") ? "it is described, and no rule denies it"
						: "some of its rules only monitor");
	}
}

/* ---- in the period --------------------------------------------------------------------------- */

static void judge_pauses(struct gaps *g)
{
	const struct census *t = g->census;
	char from[TIME_LEN], to[TIME_LEN];
	const struct census_pause *p;
	size_t i, n = 0;

	for (i = 0; i < t->pause_count; i++) {
		p = &t->pauses[i];
		if (p->from >= t->until || (p->to && p->to < t->since) || n++ >= NAMED_MAX)
			continue;
		add(g, "pause", true, "", "Enforcement was lifted (%s) from %s %s%s UTC: %s.",
		    node_text(p->change, "action"), day_of(from, p->from), p->to ? "until " : "on",
		    day_of(to, p->to),
		    *node_text(p->change, "reason") ? node_text(p->change, "reason")
						    : node_text(p->change, "what"));
	}
	if (n > NAMED_MAX)
		add(g, "pause", true, "", "It was lifted %s in the period.",
		    counted(g, (json_int_t)(n - NAMED_MAX), "more time", "more times"));
}

static void judge_heartbeats(struct gaps *g)
{
	const struct census *t = g->census;
	json_int_t days = (t->until - t->since + DAY - 1) / DAY;
	json_int_t with = (json_int_t)json_object_size(t->heartbeat_days);

	if (!t->heartbeats)
		add(g, "no-heartbeats", false, "",
		    "The log has no heartbeats in the period: that the machine enforced between "
		    "its records is not shown by it.");
	else if (with < days)
		add(g, "silent-days", false, "",
		    "On %lld of %s there was no heartbeat: the machine was off, or nothing was "
		    "written.",
		    (long long)(days - with), counted(g, days, "day", "days"));
	if (t->heartbeats_off)
		add(g, "heartbeats-off", true, "", "The machine did not enforce, by %lld of %s.",
		    (long long)t->heartbeats_off,
		    counted(g, t->heartbeats, "heartbeat", "heartbeats"));
	if (t->canary_failed)
		add(g, "canary", true, "interdict doctor --test",
		    "The canary, which is always listed, was not denied, by %s.",
		    counted(g, t->canary_failed, "heartbeat", "heartbeats"));
}

static void judge_log(struct gaps *g)
{
	const struct census *t = g->census;
	char date[TIME_LEN];

	if (!g->in->has_log) {
		add(g, "no-log", true, "systemctl start interdictd",
		    "There is no log: nothing is known of denials and changes.");
		return;
	}
	if (g->in->log_is_partly)
		add(g, "log-partly", true, "make the report as root",
		    "Not all of the log could be read: the numbers below are the least.");
	if (t->first > t->since)
		add(g, "log-begins", false, "",
		    "The log begins on %s UTC: nothing is known of the time before.",
		    day_of(date, t->first));
	if (t->broken || t->untimed)
		add(g, "log-broken", true, "interdict events --verify",
		    "The log has %s that are no records, or have no time: they count nowhere.",
		    counted(g, t->broken + t->untimed, "line", "lines"));
	if (t->foreign)
		add(g, "log-foreign", true, "",
		    "The log has %s of another machine, which count here like others: this one may "
		    "be a copy.",
		    counted(g, t->foreign, "record", "records"));
}

static void judge_forced(struct gaps *g)
{
	json_t *change;
	size_t i, n = 0;

	json_array_foreach(g->census->changes, i, change)
	{
		n += !strcmp(node_text(change, "action"), "suspend");
	}
	if (n)
		add(g, "was-suspended", false, "",
		    "Rules were suspended %s, as this machine needed what they would deny: see the "
		    "changes.",
		    counted(g, (json_int_t)n, "time", "times"));
}

/* ---- the scan -------------------------------------------------------------------------------- */

static void judge_scan(struct gaps *g)
{
	json_t *scan = node_at(g->model, "scan");
	time_t when = node_parse_time(node_text(scan, "time"));
	const char *policy = node_text(scan, "policy_digest");
	size_t skipped = node_size(scan, "filesystems.skipped");

	if (!json_is_object(scan)) {
		add(g, "no-scan", true, "interdict scan --record",
		    "No scan is on record: whether restricted software lies on this machine is not "
		    "known. Running it is what the policy denies.");
		return;
	}
	if (g->in->now - when > REPORT_SCAN_AGE * DAY)
		add(g, "old-scan", false, "interdict scan --record", "The last scan is %s old.",
		    counted(g, (g->in->now - when) / DAY, "day", "days"));
	if (!node_is_true(scan, "complete"))
		add(g, "scan-incomplete", true, "interdict scan --record",
		    "The last scan is not complete: what it found is the least.");
	if (skipped)
		add(g, "scan-skipped", false, "", "The last scan left out %s, named with it.",
		    counted(g, (json_int_t)skipped, "place", "places"));
	if (*policy && *node_text(g->in->status, "policy.digest") &&
	    strcmp(policy, node_text(g->in->status, "policy.digest")) != 0)
		add(g, "scan-policy", false, "interdict scan --record",
		    "The last scan was by another policy than is in force now.");
	if (report_scan_found(scan))
		add(g, "findings", true, "remove what was found",
		    "The last scan found %s of restricted vendors on this machine.",
		    counted(g, report_scan_found(scan), "file", "files"));
}

static void judge_exceptions(struct gaps *g)
{
	json_t *exception;
	size_t i, n = 0;

	json_array_foreach(node_at(g->model, "exceptions"), i, exception)
	{
		n += !strcmp(node_text(exception, "state"), "in force");
	}
	if (n)
		add(g, "exceptions", false, "",
		    "What %s runs, and how often is not known: it is not counted.",
		    counted(g, (json_int_t)n, "exception in force names",
			    "exceptions in force name"));
}

json_t *report_gaps(const struct report_input *in, json_t *model)
{
	struct gaps g = {.list = json_array(), .model = model, .in = in, .census = in->census};

	judge_state(&g);
	judge_hooks(&g);
	judge_abilities(&g);
	judge_policy(&g);
	judge_vendors(&g);
	judge_packages(&g);
	judge_scan(&g);
	judge_exceptions(&g);
	judge_pauses(&g);
	judge_forced(&g);
	judge_daemon(&g);
	judge_heartbeats(&g);
	judge_log(&g);
	return g.list;
}

json_t *report_limits(void)
{
	static const char *const limits[] = {
		"A denylist names what is known. A build that nobody has listed runs, unless its "
		"signer, package, build-id or directory is listed.",
		"Who is root can lift enforcement. It leaves a record, in this log at least until "
		"root edits it.",
		"Code that a program makes in its own memory, and bytes that are written below the "
		"file system, are not seen.",
		"Files that lie on a disk and are never run, mapped or loaded are found by a scan, "
		"not by enforcement.",
		"A denial shows that something was attempted on this machine, not who in person "
		"did it.",
	};
	json_t *list = json_array();
	size_t i;

	for (i = 0; i < sizeof(limits) / sizeof(*limits); i++)
		json_array_append_new(list, json_string(limits[i]));
	return list;
}
