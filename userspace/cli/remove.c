/* SPDX-License-Identifier: GPL-2.0-only */
#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/apply.h"
#include "cli/cli.h"
#include "cli/local.h"
#include "image/image.h"
#include "machine/machine_policy.h"

#define HEX_MIN	   12
#define HEX_LEN	   (2 * FINGERPRINT_LEN)
#define ALLOW_NAME "allow"

/* "kaspersky/sha256:44aef3025d9c" */
struct target {
	char vendor[RULE_NAME_LEN]; /* "allow": exceptions */
	char hex[HEX_LEN + 1];	    /* its first digits */
	struct fingerprint f;	    /* of its kind; the value of the last that was found */
	size_t rules;		    /* different fingerprints that it names */
};

static int help(void)
{
	puts("Usage: interdict remove [OPTION]... ID...\n\n"
	     "Take rules or policy files away and put the rest in force. An ID is\n"
	     "  - a rule's, as 'interdict events' and 'interdict deny' print it:\n"
	     "    VENDOR/KIND:DIGITS, with 12 or more of its digits. A KIND is sha256, build-id,\n"
	     "    authentihash, signed-digest, signer-cert, signer-key, signer-key-id,\n"
	     "    signer-serial, signer-org, path or module-name. Of a certificate's file, any "
	     "rule\n"
	     "    takes away all that the certificate stands for; or\n"
	     "  - a policy file's name, or its [Policy] Id=: the file goes, with the lists and\n"
	     "    certificates that no other file names.\n"
	     "Only files in " POLICY_DIR_LOCAL " are changed.\n\n" APPLY_HELP "\n"
	     "Exit status: 0 removed, 1 there is no such rule or file, 2 usage, 4 refused.\n\n"
	     "Examples:\n"
	     "  interdict remove kaspersky/sha256:44aef3025d9c\n"
	     "  interdict remove kaspersky/signer-org:3f0c1d2e4b5a\n"
	     "  interdict remove us-2024.policy --dry-run");
	return EXIT_YES;
}

/* ---- rules ----------------------------------------------------------------------------------- */

static bool parse_target(struct target *t, const char *id)
{
	const char *slash = strchr(id, '/'), *colon = slash ? strchr(slash, ':') : NULL;
	const char *hex = colon ? colon + 1 : "";
	size_t digits = strspn(hex, "0123456789abcdefABCDEF"), i;

	*t = (struct target){};
	if (!colon || slash == id || slash - id >= RULE_NAME_LEN || hex[digits] ||
	    digits < HEX_MIN || digits > HEX_LEN)
		return false;
	t->f.kind = kind_find(slash + 1, colon - slash - 1);
	if (!t->f.kind)
		return false;
	memcpy(t->vendor, id, slash - id);
	for (i = 0; i < digits; i++)
		t->hex[i] = tolower((unsigned char)hex[i]);
	return true;
}

static bool is_owner(const struct target *t, const struct section *s)
{
	if (s->effect == RULE_ALLOW)
		return !strcmp(t->vendor, ALLOW_NAME);
	return s->vendor && !strcmp(t->vendor, s->vendor);
}

static bool is_target(const struct target *t, const uint8_t value[FINGERPRINT_LEN])
{
	char hex[HEX_LEN + 1];

	digest_format(hex, value);
	return !strncmp(hex, t->hex, strlen(t->hex));
}

/* Note a value that the target names; another one makes it ambiguous. */
static void note(struct target *t, const uint8_t value[FINGERPRINT_LEN])
{
	if (t->rules && !memcmp(t->f.value, value, FINGERPRINT_LEN))
		return;
	memcpy(t->f.value, value, FINGERPRINT_LEN);
	t->rules++;
}

static bool lists_target(const struct target *t, const struct policy_list *list)
{
	size_t i;

	for (i = 0; i < list->digests.n; i++)
		if (is_target(t, list->digests.v[i].value))
			return true;
	return false;
}

/* Note what a list has of the target. Return: whether that is anything. */
static bool note_listed(struct target *t, const struct policy_list *list)
{
	bool found = false;
	size_t i;

	for (i = 0; i < list->digests.n; i++) {
		if (!is_target(t, list->digests.v[i].value))
			continue;
		note(t, list->digests.v[i].value);
		found = true;
	}
	return found;
}

/* Note what a section has of the target. Return: whether that is anything. */
static bool note_all(struct target *t, const struct section *s)
{
	bool found = false;
	size_t i;

	for (i = 0; t->f.kind == FINGERPRINT_SHA256 && i < s->list_count; i++)
		found |= note_listed(t, &s->lists[i]);
	for (i = 0; i < s->named_count; i++) {
		if (s->named[i].f.kind != t->f.kind || !is_target(t, s->named[i].f.value))
			continue;
		note(t, s->named[i].f.value);
		found = true;
	}
	return found;
}

/* The next section that names the target, here or on other machines, from number *@next on; NULL
 * when there is none. */
static const struct section *find_section(const struct policy *p, struct target *t, size_t *next)
{
	const struct section *s;

	while ((s = policy_section_at(p, *next))) {
		(*next)++;
		if (is_owner(t, s) && note_all(t, s))
			return s;
	}
	return NULL;
}

static void refuse_foreign(struct apply *a, const char *id, const struct policy_file *file)
{
	diag_error(&a->d, NULL, 0,
		   "%s comes from %s, which is not changed here: to mask the file: "
		   "ln -s /dev/null " POLICY_DIR_LOCAL "/%s && interdict reload",
		   id, file->path, file->name);
}

/* A section of somebody else's that uses list @name, or NULL. */
static const struct section *find_sharer(const struct apply *a, const struct target *t,
					 const char *name)
{
	const struct section *s;
	size_t i, k;

	for (i = 0; (s = policy_section_at(&a->policy, i)); i++) {
		if (is_owner(t, s) || !apply_is_staged(a, s->file))
			continue;
		for (k = 0; k < s->list_count; k++)
			if (s->lists[k].name && !strcmp(s->lists[k].name, name))
				return s;
	}
	return NULL;
}

/* To take a digest out of a list must not take it from another vendor. */
static bool check_lists(struct apply *a, const char *id, const struct target *t,
			const struct section *s)
{
	const struct section *sharer;
	size_t i;

	for (i = 0; t->f.kind == FINGERPRINT_SHA256 && i < s->list_count; i++) {
		if (!s->lists[i].name || !lists_target(t, &s->lists[i]))
			continue;
		sharer = find_sharer(a, t, s->lists[i].name);
		if (!sharer)
			continue;
		diag_error(&a->d, sharer->file->path, sharer->line,
			   "uses the list %s, which %s comes from, for %s: give each its own list",
			   s->lists[i].name, id, sharer->vendor ? sharer->vendor : "an exception");
		return false;
	}
	return true;
}

/* Whether the line of @named comes to more of its kind: its file has several certificates. */
static bool has_siblings(const struct section *s, const struct named_fingerprint *named)
{
	size_t i;

	for (i = 0; i < s->named_count; i++)
		if (s->named[i].line == named->line && s->named[i].f.kind == named->f.kind &&
		    !local_is_named_by(&s->named[i], &named->f))
			return true;
	return false;
}

/* To take one certificate away must not take those that share its file. */
static bool check_siblings(struct apply *a, const char *id, const struct target *t,
			   const struct section *s)
{
	const struct named_fingerprint *named;
	size_t i;

	for (i = 0; i < s->named_count; i++) {
		named = &s->named[i];
		if (named->f.kind != t->f.kind || !is_target(t, named->f.value) ||
		    !has_siblings(s, named))
			continue;
		diag_error(&a->d, s->file->path, named->line,
			   "%s is one of several certificates in %s: take it out of that file", id,
			   named->text);
		return false;
	}
	return true;
}

/* No local file has it; what a signed bundle says is in force all the same. */
static int refuse_missing(struct apply *a, const char *id, struct target *t)
{
	struct places places = machine_places();
	const struct section *s = NULL;
	struct policy policy = {};
	size_t next = 0;

	if (!a->base && !machine_policy_look(&policy, &places))
		s = find_section(&policy, t, &next);
	if (s && !s->file->bundle)
		s = NULL;
	if (s)
		diag_error(&a->d, NULL, 0, "%s comes from %s: push a later version without it", id,
			   s->file->bundle);
	else
		diag_error(&a->d, NULL, 0, "%s: there is no such rule", id);
	policy_free(&policy);
	return s ? EXIT_FAILED : EXIT_NO;
}

/* Whether the rule can be removed: an exit status, its reason in @a->d. */
static int check_rule(struct apply *a, const char *id, struct target *t)
{
	const struct section *s;
	size_t next = 0;

	while ((s = find_section(&a->policy, t, &next))) {
		if (!apply_is_staged(a, s->file))
			refuse_foreign(a, id, s->file);
		else if (check_lists(a, id, t, s) && check_siblings(a, id, t, s))
			continue;
		return EXIT_FAILED;
	}
	if (t->rules == 1)
		return EXIT_YES;
	if (!t->rules)
		return refuse_missing(a, id, t);
	diag_error(&a->d, NULL, 0, "%s names %zu rules: write more of its digits", id, t->rules);
	return EXIT_USAGE;
}

/* Edits move lines, so that the policy is read again after each. */
static int reread(struct apply *a)
{
	struct diag broken = a->d;
	int err;

	/* What is wrong in the rest of the policy is for the reload to say. */
	a->d = (struct diag){};
	err = apply_read_policy(a);
	diag_free(&a->d);
	a->d = broken;
	return err == -EINVAL ? 0 : err;
}

/* At least as many as there are lines that could name a rule: each edit takes one or more. */
static size_t count_lines(const struct policy *p)
{
	const struct section *s;
	size_t n = 4, i;

	for (i = 0; (s = policy_section_at(p, i)); i++)
		n += s->list_count + s->named_count + 4;
	return n;
}

static int remove_rule(struct apply *a, struct target *t)
{
	const struct section *s;
	size_t next = 0, left = count_lines(&a->policy);
	int err = 0;

	while (!err && left-- && (s = find_section(&a->policy, t, &next))) {
		err = local_remove_fingerprint(a, s, &t->f);
		if (!err)
			err = reread(a);
		next = 0;
	}
	if (!err && strcmp(t->vendor, ALLOW_NAME))
		err = local_forget_vendor(a, t->vendor);
	return err ? err : reread(a);
}

/* ---- files ----------------------------------------------------------------------------------- */

static bool is_named(const struct policy_file *file, const char *id)
{
	return !strcmp(file->name, id) || (file->id && !strcmp(file->id, id));
}

static int check_file(struct apply *a, const char *id, const struct policy_file **found)
{
	size_t i;

	*found = NULL;
	for (i = 0; i < a->policy.file_count; i++) {
		if (!is_named(a->policy.files[i], id))
			continue;
		if (*found) {
			diag_error(&a->d, NULL, 0, "%s is %s and %s: name the file", id,
				   (*found)->name, a->policy.files[i]->name);
			return EXIT_USAGE;
		}
		*found = a->policy.files[i];
	}
	if (!*found) {
		diag_error(&a->d, NULL, 0,
			   "%s: there is no such policy, and a rule's ID reads "
			   "VENDOR/KIND:DIGITS with %d digits or more",
			   id, HEX_MIN);
		return EXIT_NO;
	}
	if (apply_is_staged(a, *found))
		return EXIT_YES;
	refuse_foreign(a, id, *found);
	return EXIT_FAILED;
}

static void warn_of_masked(struct apply *a, const char *name)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/%s", POLICY_DIR_VENDOR, name);
	if (!access(path, F_OK))
		diag_warning(&a->d, path, 0, "comes into force in its place");
}

static int remove_file(struct apply *a, const struct policy_file *file)
{
	int err = local_remove_file(a, file);

	warn_of_masked(a, file->name);
	return err ? err : reread(a);
}

/* ---- the command ----------------------------------------------------------------------------- */

static int check(struct apply *a, const char *id)
{
	const struct policy_file *file;
	struct target target;

	return parse_target(&target, id) ? check_rule(a, id, &target) : check_file(a, id, &file);
}

/* A rule may have gone with one before it: those of one certificate go together. */
static bool is_still_there(struct apply *a, const char *id, struct target *t)
{
	struct diag before = a->d;
	int status;

	a->d = (struct diag){};
	status = check_rule(a, id, t);
	diag_free(&a->d);
	a->d = before;
	return !status;
}

static int take_away(struct apply *a, const char *id)
{
	const struct policy_file *file;
	struct target target;

	if (!parse_target(&target, id))
		return check_file(a, id, &file) ? 0 : remove_file(a, file);
	return is_still_there(a, id, &target) ? remove_rule(a, &target) : 0;
}

static int remove_all(struct apply *a, char **ids, int n)
{
	json_t *removed = json_array();
	int status = EXIT_YES, i;

	apply_detail(a, "removed", removed);
	if (apply_begin(a) || reread(a))
		return apply_failed(a, EXIT_FAILED);
	for (i = 0; i < n && !status; i++)
		status = check(a, ids[i]);
	if (status)
		return apply_failed(a, status);
	for (i = 0; i < n; i++) {
		if (take_away(a, ids[i]))
			return apply_failed(a, EXIT_FAILED);
		json_array_append_new(removed, json_string(ids[i]));
	}
	return apply_commit(a);
}

int remove_main(int argc, char **argv)
{
	struct apply a = {};
	int status = apply_parse(&a, argc, argv);

	if (status)
		return status == OPTIONS_HELP ? help() : status;
	if (optind == argc)
		return cli_usage(argv[0], "remove what? Name a rule or a policy file");
	status = remove_all(&a, argv + optind, argc - optind);
	apply_end(&a);
	return status;
}
