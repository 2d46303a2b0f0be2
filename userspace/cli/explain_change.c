/* SPDX-License-Identifier: GPL-2.0-only */
/* interdict explain: where a rule stands, why it does nothing, and what would change the answer. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cli/decides.h"
#include "cli/explain.h"
#include "conf.h"

#define NS_PER_S     1000000000ULL
#define DAY	     (24 * 60 * 60)
#define EXCEPTED_FOR (30 * DAY) /* what is proposed for an exception, from today on */

void explain_format_time(char text[32], uint64_t ns)
{
	time_t seconds = ns / NS_PER_S;
	struct tm tm;

	if (!gmtime_r(&seconds, &tm))
		strcpy(text, "?");
	else
		strftime(text, 32, seconds % DAY ? "%Y-%m-%d %H:%M:%S" : "%Y-%m-%d", &tm);
}

const char *explain_kind(const struct explain_rule *r)
{
	static const char *const names[] = {
		[PACKAGE_BY_NAME] = "package",
		[PACKAGE_BY_MAINTAINER] = "package-maintainer",
		[PACKAGE_BY_VENDOR] = "package-vendor",
		[PACKAGE_BY_KEY] = "package-key",
	};

	return r->package ? names[r->package->by] : kind_name(r->f.kind);
}

void explain_rule_id(char id[RULE_ID_LEN], const struct explain_rule *r)
{
	if (!r->package)
		rule_id(id, r->rule->vendor, &r->f);
	else if (snprintf(id, RULE_ID_LEN, "%.*s/%s:%s", RULE_NAME_LEN, r->rule->vendor,
			  explain_kind(r), r->package->text) >= RULE_ID_LEN)
		id[RULE_ID_LEN - 1] = 0;
}

static void find_place(const struct explain *x, struct policy_place *place,
		       const struct explain_rule *r)
{
	if (r->package)
		*place = (struct policy_place){.section = r->section,
					       .line = r->package->line,
					       .value = r->package->text,
					       .package = r->package};
	else
		policy_place(place, &x->policy, r->rule, &r->f);
}

char *explain_place(const struct explain *x, struct policy_place *place,
		    const struct explain_rule *r)
{
	const struct section *s;
	char *text;

	find_place(x, place, r);
	s = place->section;
	if (!s || asprintf(&text, "%s:%lu", s->file->path, place->line ? place->line : s->line) < 0)
		return NULL;
	return text;
}

/* ---- why a rule does nothing ----------------------------------------------------------------- */

static bool is_signer(const struct explain_rule *r)
{
	return KIND_BIT(r->f.kind) & KINDS_SIGNER;
}

static const char *why_untold(const struct explain *x, const struct explained *f)
{
	if (f->e.known.content.kind != CONTENT_DRIVER_PACKED)
		return "this machine cannot tell it of programs and libraries: "
		       "" DECIDES_REMEDY_KMOD;
	if (f->e.way_count && strstr(f->e.ways[0].name, "modprobe"))
		return "modprobe unpacks it before the kernel sees it: list what is in it: "
		       "interdict digest";
	return "the kernel unpacks it unseen: " DECIDES_REMEDY_KMOD;
}

const char *explain_why_not(const struct explain *x, const struct explained *f,
			    const struct explain_rule *r)
{
	switch (r->standing) {
	case STANDING_UNTOLD:
		return why_untold(x, f);
	case STANDING_OTHER_SIZE:
		return "listed with the size of another file: correct the size, or leave it out";
	case STANDING_OTHER_STATE:
		if (is_signer(r) && !ability_checks(&x->x.able))
			return "asks for another state of the signature, and nobody checks it "
			       "here: " DECIDES_REMEDY_KMOD;
		return "asks for another state of the signature";
	default:
		return "";
	}
}

/* ---- what would change it -------------------------------------------------------------------- */

/* As one word of a shell's. */
static void write_word(FILE *out, const char *word)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789_./:+,@%=-";

	if (*word && *word != '-' && word[strspn(word, plain)] == 0) {
		fputs(word, out);
		return;
	}
	fputs(*word == '-' ? "'./" : "'", out);
	for (; *word; word++)
		fputs(*word == '\'' ? "'\\''" : (char[]){*word, 0}, out);
	fputc('\'', out);
}

/* Whether one way shows the kernel the bytes that a packed driver unpacks to. */
static bool shows_plain(const struct explain *x, const struct explained *f,
			const struct explain_way *way)
{
	return f->e.known.plain.identity.count &&
	       (strcmp(way->name, "loaded, packed") != 0 || ability_checks(&x->x.able));
}

/* What an exception must name: of a packed driver, the bytes that each denied way shows. */
static void write_subject(FILE *out, const struct explain *x, const struct explained *f)
{
	const struct identity *plain = &f->e.known.plain.identity;
	const struct explain_way *way = f->e.ways;
	bool as_it_is = false, unpacked = false;
	char hex[2 * FINGERPRINT_LEN + 1];

	for (; way < f->e.ways + f->e.way_count; way++) {
		unpacked |= way->verdict.deny && shows_plain(x, f, way);
		as_it_is |= way->verdict.deny && !shows_plain(x, f, way);
	}
	if (as_it_is || !unpacked)
		write_word(out, f->path);
	if (!unpacked)
		return;
	digest_format(hex, plain->fingerprints[0].value);
	fprintf(out, "%ssha256:%s:%llu", as_it_is ? " " : "", hex, plain->stamp.size);
}

/* What local files may not say. Return: whether that is a command: it is none. */
static bool write_bundled(FILE *out, const char *what)
{
	fprintf(out,
		"%s a later version of a signed bundle, since " CONF_FILE " has TrustedKey=", what);
	return false;
}

static bool write_allow(FILE *out, const struct explain *x, const struct explained *f)
{
	time_t end = time(NULL) + EXCEPTED_FOR;
	char date[32];

	if (!x->exceptions_local)
		return write_bundled(out, "an [Allow] of its digest in");
	explain_format_time(date, (uint64_t)(end - end % DAY) * NS_PER_S);
	fprintf(out, "interdict allow --until %s --reason REASON --approved-by WHO ", date);
	write_subject(out, x, f);
	return true;
}

/* The only rule that denies the file, or NULL: there are more. */
static const struct explain_rule *only_denial(const struct explained *f)
{
	const struct explain_rule *r = f->e.rules, *only = NULL;

	for (; r < f->e.rules + f->e.rule_count; r++) {
		if (r->standing != STANDING_DENY)
			continue;
		if (only)
			return NULL;
		only = r;
	}
	return only;
}

/* What a local file lists itself; what a package comes to is no line of any. */
static bool is_local(const struct explain *x, const struct explain_rule *r)
{
	struct policy_place place;

	find_place(x, &place, r);
	return place.section && !place.package &&
	       !strncmp(place.section->file->path, POLICY_DIR_LOCAL "/",
			strlen(POLICY_DIR_LOCAL "/"));
}

static bool write_remove(FILE *out, const struct explain *x, const struct explain_rule *r)
{
	char id[RULE_ID_LEN];

	if (x->bundles_only && !is_local(x, r))
		return write_bundled(out, "its removal in");
	rule_id(id, r->rule->vendor, &r->f);
	fprintf(out, "interdict remove %s", id);
	return true;
}

/* A file of no bytes has no digest that an exception could name, and one that fails to be read none
 * that anybody knows. */
static bool may_be_excepted(const struct explained *f)
{
	return f->path && f->e.known.file.identity.stamp.size && f->e.unread != -EIO;
}

static bool write_undenied(FILE *out, const struct explain *x, const struct explained *f)
{
	const struct explain_rule *only = only_denial(f);

	if (f->e.rule_count && f->e.rules->rule->flags & RULE_CANARY) {
		fputs("nothing: this is interdict's own proof that denials work", out);
		return false;
	}
	/* A digest names this file alone: to take it away lets nothing else run. A path does not.
	 */
	if (only && (!f->path || (only->f.kind == FINGERPRINT_SHA256 && is_local(x, only))))
		return write_remove(out, x, only);
	if (may_be_excepted(f))
		return write_allow(out, x, f);
	if (only && is_local(x, only))
		return write_remove(out, x, only);
	fputs(only ? "its removal where it stands" : "remove each of these rules", out);
	return false;
}

static bool write_denied(FILE *out, const struct explain *x, const struct explained *f)
{
	const char *vendor = f->e.rule_count ? f->e.rules->rule->vendor : "";

	if (f->path && !f->e.known.content.digest.size && !f->e.unread) {
		fputs("nothing: an empty file is as any other", out);
		return false;
	}
	if (x->bundles_only)
		return write_bundled(out, "a [Deny] of it in");
	fprintf(out, "interdict deny --vendor %s ", *vendor ? vendor : "VENDOR");
	if (!f->path)
		fputs("--module ", out);
	write_word(out, f->path ? f->path : f->module);
	return true;
}

static bool write_strict(FILE *out, const struct explain *x)
{
	if (x->x.leniency == EVENT_DISABLED) {
		fputs("interdict enable", out);
		return true;
	}
	fputs("Mode=enforce in " CONF_FILE ", then: interdict reload", out);
	return false;
}

/* Return: whether it is a command. */
static bool write_change(FILE *out, const struct explain *x, const struct explained *f)
{
	switch (f->e.outcome) {
	case OUTCOME_DENIED:
	case OUTCOME_REFUSED:
		return write_undenied(out, x, f);
	case OUTCOME_LENIENT:
		return write_strict(out, x);
	case OUTCOME_EXCEPTED:
		return write_remove(out, x, f->e.rules);
	case OUTCOME_UNREADABLE:
		if (f->e.unread) {
			fputs("nothing here: the file cannot be read", out);
			return false;
		}
		fputs("sizes in the digest lists that have none: interdict status names them", out);
		return false;
	default:
		return write_denied(out, x, f);
	}
}

char *explain_change(const struct explain *x, const struct explained *f, bool *is_command)
{
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	if (!out)
		return NULL;
	*is_command = write_change(out, x, f);
	if (fclose(out))
		return NULL;
	return text;
}
