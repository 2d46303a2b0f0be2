/* SPDX-License-Identifier: GPL-2.0-only */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "hash.h"
#include "metrics.h"
#include "text.h"

#define NS	   1000000000UL
#define IMA_SHA256 4

/* Those without which something that is listed may run. */
static const unsigned int needed_hooks = 1u << HOOK_EXEC | 1u << HOOK_MMAP | 1u << HOOK_MPROTECT;

/* ---- the format ------------------------------------------------------------------------------ */

static void begin(FILE *out, const char *name, const char *type, const char *help)
{
	fprintf(out, "# HELP interdict_%s %s\n# TYPE interdict_%s %s\n", name, help, name, type);
}

/* A label's value: whoever's it is, it stays one. */
static void print_value(FILE *out, const char *value)
{
	char *line = text_escape(value), *at;

	for (at = line; at && *at; at++) {
		if (*at == '\\' || *at == '"')
			fputc('\\', out);
		fputc(*at, out);
	}
	free(line);
}

static void print_label(FILE *out, const char *name, const char *value)
{
	fprintf(out, "%s=\"", name);
	print_value(out, value);
	fputc('"', out);
}

static void print_number(FILE *out, const char *name, uint64_t value)
{
	fprintf(out, "interdict_%s %" PRIu64 "\n", name, value);
}

static void print_labelled(FILE *out, const char *name, const char *label, const char *text,
			   uint64_t value)
{
	fprintf(out, "interdict_%s{", name);
	print_label(out, label, text);
	fprintf(out, "} %" PRIu64 "\n", value);
}

static void print_gauge(FILE *out, const char *name, const char *help, uint64_t value)
{
	begin(out, name, "gauge", help);
	print_number(out, name, value);
}

static void print_counter(FILE *out, const char *name, const char *help, uint64_t value)
{
	begin(out, name, "counter", help);
	print_number(out, name, value);
}

static void print_time(FILE *out, const char *name, const char *help, uint64_t ns)
{
	begin(out, name, "gauge", help);
	fprintf(out, "interdict_%s %" PRIu64 ".%03u\n", name, ns / NS,
		(unsigned int)(ns % NS / 1000000));
}

/* ---- what is in force ------------------------------------------------------------------------ */

bool metrics_enforcing(const struct metrics *m)
{
	uint64_t algorithm = m->state.counters.hash_algorithm;

	return m->state.loaded && !(needed_hooks & ~m->state.hooks) &&
	       m->state.control.ceiling == MODE_ENFORCE && !m->disabled_until && m->canary_holds &&
	       (!algorithm || algorithm == IMA_SHA256);
}

static void print_hooks(FILE *out, const struct metrics *m)
{
	int hook;

	begin(out, "hook_attached", "gauge", "1: the hook is in force.");
	for (hook = 0; hook < HOOKS; hook++)
		print_labelled(out, "hook_attached", "hook", hook_names[hook],
			       m->state.loaded && m->state.hooks >> hook & 1);
}

static void print_mode(FILE *out, const struct metrics *m)
{
	static const char *const modes[] = {[MODE_MONITOR] = "monitor", [MODE_ENFORCE] = "enforce"};
	int mode;

	begin(out, "mode", "gauge", "1: the most that a rule may do on this machine.");
	for (mode = 0; mode <= MODE_ENFORCE; mode++)
		print_labelled(out, "mode", "mode", modes[mode],
			       m->state.loaded && m->state.control.ceiling == (uint32_t)mode);
}

static void print_capabilities(FILE *out, const struct metrics *m)
{
	static const struct {
		const char *name;
		uint32_t bit;
	} v[] = {{"kmod", CAN_KMOD}, {"dynptr", CAN_DYNPTR}, {"unpacked", CAN_UNPACKED}};
	size_t i;

	begin(out, "capability", "gauge",
	      "1: what the machine can decide beyond digests: kmod signatures of everything, "
	      "dynptr signers unchecked, unpacked drivers that the kernel unpacks.");
	for (i = 0; i < sizeof(v) / sizeof(*v); i++)
		print_labelled(out, "capability", "name", v[i].name,
			       !!(m->state.control.capabilities & v[i].bit));
}

static void print_policy(FILE *out, const struct metrics *m)
{
	const struct image_header *h = &m->state.header;
	char digest[2 * FINGERPRINT_LEN + 1];

	digest_format(digest, h->digest);
	begin(out, "policy_info", "gauge", "The policy in force, by the SHA-256 of its image.");
	print_labelled(out, "policy_info", "digest", digest, 1);
	print_gauge(out, "policy_generation", "Number of the policy on this machine.",
		    h->generation);
	print_time(out, "policy_loaded_timestamp_seconds", "When it was compiled.", h->created);
	begin(out, "policy_rules", "gauge", "Rules in it, in force or waiting.");
	print_labelled(out, "policy_rules", "effect", "deny", h->denies);
	print_labelled(out, "policy_rules", "effect", "allow", h->allows);
	print_gauge(out, "policy_fingerprints", "Fingerprints that they name.", h->fingerprints);
	print_gauge(out, "policy_vendors", "Vendors that they belong to.", h->vendors);
	print_gauge(out, "policy_unsized_digests",
		    "Digests listed without a size: if any, every file is hashed.", h->unsized);
	print_gauge(out, "policy_last_good",
		    "1: the policy files are in error, and an earlier policy is in force.",
		    m->last_good);
}

static void print_state(FILE *out, const struct metrics *m)
{
	begin(out, "build_info", "gauge", "The version of interdictd.");
	print_labelled(out, "build_info", "version", m->version, 1);
	print_gauge(out, "enforcing",
		    "1: what the policy says is denied: the hooks are there, the mode is enforce, "
		    "nothing is disabled, and the canary was denied.",
		    metrics_enforcing(m));
	print_mode(out, m);
	print_hooks(out, m);
	print_capabilities(out, m);
	print_time(out, "disabled_until_timestamp_seconds",
		   "Until when enforcement is disabled; 0: it is not.", m->disabled_until);
	if (m->state.loaded)
		print_policy(out, m);
}

/* ---- what was counted ------------------------------------------------------------------------ */

static void print_verdicts(FILE *out, const struct metrics *m)
{
	const struct tally *t;

	begin(out, "verdicts_total", "counter",
	      "Denials, and what would have been some, that interdictd has handled since boot; "
	      "repeats are counted, the canary is not.");
	for (t = m->verdicts; t < m->verdicts + TALLIES; t++) {
		if (!t->count || t->hook >= HOOKS)
			continue;
		fputs("interdict_verdicts_total{", out);
		print_label(out, "hook", hook_names[t->hook]);
		fputc(',', out);
		print_label(out, "vendor", t->vendor);
		fputc(',', out);
		print_label(out, "verdict", t->denied ? "denied" : "monitored");
		fprintf(out, "} %" PRIu64 "\n", t->count);
	}
}

static void print_by_hook(FILE *out, const __u64 counts[HOOKS], const char *verdict)
{
	int hook;

	for (hook = 0; hook < HOOK_DRIVER_FILE; hook++) /* those that deny */
		fprintf(out,
			"interdict_kernel_verdicts_total{hook=\"%s\",verdict=\"%s\"} %" PRIu64 "\n",
			hook_names[hook], verdict, (uint64_t)counts[hook]);
}

static void print_events(FILE *out, const struct account *a)
{
	const struct ledger_totals *t = &a->totals;

	print_counter(out, "events_emitted_total",
		      "Events that the program has numbered since it was loaded.", a->emitted);
	begin(out, "events_total", "counter",
	      "What became of them; with those that are pending, they add up.");
	print_labelled(out, "events_total", "result", "written", t->written);
	print_labelled(out, "events_total", "result", "folded", t->folded);
	print_labelled(out, "events_total", "result", "canary", t->canary);
	print_labelled(out, "events_total", "result", "earlier", t->earlier);
	print_labelled(out, "events_total", "result", "lost_ring", a->lost);
	print_labelled(out, "events_total", "result", "write_failed", t->write_failed);
	print_counter(out, "fold_records_total", "Records that stand for several events.",
		      t->folds);
	print_counter(out, "log_torn_lines_total", "Lines of the log that were found cut off.",
		      t->torn);
	print_gauge(out, "ring_pending_events", "Events that wait in the ring.", a->pending);
}

/* The work of the program. What it does not count yet, look-ups of the cache and the bytes that
 * were hashed, belongs here. */
static void print_work(FILE *out, const struct counters *n, uint64_t hits)
{
	begin(out, "kernel_verdicts_total", "counter",
	      "Verdicts as the program counts them since it was loaded: those whose event was lost "
	      "and the canary's, too.");
	print_by_hook(out, n->denied, "denied");
	print_by_hook(out, n->monitored, "monitored");
	print_counter(out, "hashed_files_total", "Files whose digest was taken.", n->hashed);
	print_counter(out, "hashed_bytes_total", "Bytes of those, by their sizes.",
		      n->hashed_bytes);
	print_counter(out, "hash_failures_total", "Files whose digest could not be taken.",
		      n->hash_failed);
	print_counter(out, "examined_files_total",
		      "Files and drivers looked into for signers and the like.", n->examined);
	print_counter(out, "identity_cache_hits_total",
		      "Times that what is kept of a file was of use: about.", hits);
	print_counter(out, "identity_cache_kept_total", "Identities kept.", n->cached);
	print_counter(out, "identity_cache_dropped_total",
		      "Identities let go, for a writer or for new ones.", n->dropped);
}

static void print_canary(FILE *out, const struct metrics *m)
{
	print_gauge(out, "canary_denied", "1: the canary was denied when it was tried last.",
		    m->canary_holds);
	print_time(out, "canary_last_tried_timestamp_seconds", "When that was.", m->canary_tried);
	print_time(out, "canary_last_denied_timestamp_seconds",
		   "When it was denied last; 0: never since boot.", m->canary_denied);
	print_gauge(out, "canary_period_seconds",
		    "How often it is tried; 0: when interdictd starts, alone.",
		    m->canary_period / NS);
	print_counter(out, "canary_failures_total",
		      "Tries since boot in which it was not denied, by interdict.",
		      m->canary_failures);
}

void metrics_print(FILE *out, const struct metrics *m)
{
	print_state(out, m);
	print_canary(out, m);
	print_verdicts(out, m);
	if (m->accounted) {
		print_events(out, &m->account);
		print_work(out, &m->state.counters, m->state.hits);
	}
	print_gauge(out, "ring_size_bytes", "Room in the ring of events.", m->ring_size);
	print_counter(out, "metrics_write_failures_total",
		      "Times since interdictd began that this file could not be written.",
		      m->write_failures);
}
