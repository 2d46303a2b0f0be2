/* SPDX-License-Identifier: GPL-2.0-only */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/apply.h"
#include "cli/cli.h"
#include "cli/output.h"
#include "cli/preview.h"
#include "kernel/kernel.h"
#include "machine/build.h"
#include "machine/control.h"
#include "machine/inventory.h"

#define RULES_SHOWN 20

/* ---- options --------------------------------------------------------------------------------- */

static bool add_scan(struct apply *a, const char *path)
{
	const char **v = reallocarray(a->scan, a->scan_count + 2, sizeof(*v));

	if (!v)
		return false;
	a->scan = v;
	v[a->scan_count++] = path;
	v[a->scan_count] = NULL;
	return true;
}

bool apply_option(struct apply *a, int option, const char *value)
{
	switch (option) {
	case 'n':
		return a->dry_run = true;
	case 'f':
		return a->force = true;
	case 'j':
		return a->json = true;
	case 'P':
		a->base = value;
		return true;
	case 's':
		return add_scan(a, value);
	}
	return false;
}

int apply_check_options(const struct apply *a)
{
	if (a->base && !a->dry_run)
		return cli_usage(a->command, "--policy goes with --dry-run only");
	if (a->scan && !a->dry_run)
		return cli_usage(a->command, "--scan goes with --dry-run only");
	return EXIT_YES;
}

int apply_parse(struct apply *a, int argc, char **argv)
{
	static const struct option options[] = {APPLY_OPTIONS};
	int option;

	a->command = argv[0];
	while ((option = options_next(argc, argv, options)) != -1)
		if (!apply_option(a, option, optarg))
			return option == 'h' ? OPTIONS_HELP : EXIT_USAGE;
	return apply_check_options(a);
}

/* ---- the stage ------------------------------------------------------------------------------- */

static const char *base_of(const struct apply *a)
{
	if (a->base)
		return a->base;
	return a->bundles ? BUNDLE_DIR : POLICY_DIR_LOCAL;
}

int apply_begin(struct apply *a)
{
	if (a->dry_run)
		return stage_rehearse_from(&a->stage, base_of(a), a->from ? a->from : base_of(a),
					   &a->d);
	if (a->from)
		return stage_begin_from(&a->stage, base_of(a), a->from, &a->d);
	return stage_begin(&a->stage, base_of(a), &a->d);
}

/* What would be in force with the stage. A directory that the user names is the policy, whatever
 * this machine's interdict.conf says of bundles. */
static struct places places_of(const struct apply *a)
{
	struct places places = machine_places();

	if (a->bundles && a->stage.dir) {
		places.bundles = a->stage.dir;
		return places;
	}
	places.edited = a->stage.dir;
	places.dirs[1] = a->stage.dir ? a->stage.dir : base_of(a);
	if (a->base)
		places.bundles = NULL;
	return places;
}

int apply_read_policy(struct apply *a)
{
	struct places places = places_of(a);

	policy_free(&a->policy);
	return policy_read(&a->policy, places.dirs, &a->d);
}

bool apply_is_staged(const struct apply *a, const struct policy_file *file)
{
	size_t len = strlen(a->stage.dir);

	return !strncmp(file->path, a->stage.dir, len) && file->path[len] == '/';
}

void apply_end(struct apply *a)
{
	size_t i;

	for (i = 0; i < a->origin_count; i++) {
		free(a->origins[i].name);
		free(a->origins[i].path);
	}
	free(a->origins);
	free(a->scan);
	policy_free(&a->policy);
	stage_end(&a->stage);
	diag_free(&a->d);
	json_decref(a->details);
}

/* ---- out of the stage, into the user's words ------------------------------------------------- */

void apply_show_as(struct apply *a, const char *name, const char *path)
{
	struct apply_origin *v = reallocarray(a->origins, a->origin_count + 1, sizeof(*v));

	if (!v)
		return;
	a->origins = v;
	v += a->origin_count;
	*v = (struct apply_origin){strdup(name), strdup(path)};
	if (v->name && v->path)
		a->origin_count++;
}

const char *apply_origin(const struct apply *a, const char *name)
{
	size_t i;

	for (i = 0; i < a->origin_count; i++)
		if (!strcmp(a->origins[i].name, name))
			return a->origins[i].path;
	return NULL;
}

/* @text with every @from replaced by @to; takes @text. */
static char *replace(char *text, const char *from, const char *to)
{
	size_t skip = strlen(from), len;
	char *result = NULL, *hit;
	const char *s = text;
	FILE *out;

	if (!text || !strstr(text, from))
		return text;
	out = open_memstream(&result, &len);
	if (!out)
		return text;
	for (; (hit = strstr(s, from)); s = hit + skip)
		fprintf(out, "%.*s%s", (int)(hit - s), s, to);
	fputs(s, out);
	fclose(out);
	free(text);
	return result;
}

/* Takes @text, which names files of the stage. */
static char *shown(const struct apply *a, char *text)
{
	char staged[8192];
	size_t i;

	if (!a->stage.dir)
		return text;
	for (i = 0; i < a->origin_count; i++) {
		snprintf(staged, sizeof(staged), "%s/%s:", a->stage.dir, a->origins[i].name);
		if (text && strstr(text, staged)) {
			staged[strlen(staged) - 1] = 0;
			text = replace(text, staged, a->origins[i].path);
		}
	}
	return replace(text, a->stage.dir, base_of(a));
}

char *apply_shown(const struct apply *a, const char *path)
{
	return shown(a, strdup(path));
}

static void show_diagnoses(struct apply *a)
{
	size_t i;

	for (i = 0; i < a->d.kept; i++)
		a->d.lines[i].text = shown(a, a->d.lines[i].text);
}

/* ---- answers --------------------------------------------------------------------------------- */

void apply_detail(struct apply *a, const char *name, json_t *value)
{
	if (!a->details)
		a->details = json_object();
	json_object_set_new(a->details, name, value);
}

static void print_rules(const struct apply *a)
{
	json_t *rules = json_object_get(a->details, "rules"), *rule;
	size_t i;

	json_array_foreach(rules, i, rule) if (i < RULES_SHOWN)
		printf("rule %s\n", json_string_value(rule));
	if (json_array_size(rules) > RULES_SHOWN)
		printf("and %zu more rules\n", json_array_size(rules) - RULES_SHOWN);
}

static json_t *diagnoses(const struct diag *d)
{
	json_t *lines = json_array();
	size_t i;

	for (i = 0; i < d->kept; i++)
		json_array_append_new(
			lines, json_sprintf("%s: %s",
					    d->lines[i].level == DIAG_ERROR ? "error" : "warning",
					    d->lines[i].text));
	return lines;
}

int apply_failed(struct apply *a, int status)
{
	show_diagnoses(a);
	if (a->json)
		output_json(json_pack("{s:b, s:o}", "changed", 0, "diagnoses", diagnoses(&a->d)));
	cli_failed(&a->d);
	return status;
}

static uint64_t number(json_t *answer, const char *name)
{
	return json_integer_value(json_object_get(answer, name));
}

/* Whether an answer's policy names digests only. */
static bool names_digests(json_t *answer)
{
	json_t *kinds = json_object_get(answer, "kinds"), *kind;
	size_t i;

	json_array_foreach(kinds, i, kind)
	{
		if (strcmp(json_string_value(kind) ?: "", kind_name(FINGERPRINT_SHA256)) != 0)
			return false;
	}
	return true;
}

/* "generation 7: 3 rules, 1,204 digests from 2 policies, image sha256:44aef3025d9c" */
static void print_answer(const struct apply *a, json_t *answer)
{
	char rules[COUNT_LEN], digests[COUNT_LEN], policies[COUNT_LEN];
	const char *digest = json_string_value(json_object_get(answer, "digest"));
	bool changed = json_is_true(json_object_get(answer, "changed"));
	bool plain = names_digests(answer);

	if (a->dry_run)
		printf("would be in force: ");
	else
		printf("%sgeneration %" PRIu64 ": ",
		       changed ? "" : "nothing changed: ", number(answer, "generation"));
	printf("%s, %s from %s, image sha256:%.12s\n",
	       output_count(rules, number(answer, "denies") + number(answer, "allows"), "rule",
			    "rules"),
	       output_count(digests, number(answer, "fingerprints"),
			    plain ? "digest" : "fingerprint", plain ? "digests" : "fingerprints"),
	       output_count(policies, number(answer, "policies"), "policy", "policies"),
	       digest ? digest : "?");
}

static void take_warnings(struct apply *a, json_t *answer)
{
	static const char prefix[] = "warning: ";
	const char *text;
	json_t *value;
	size_t i;

	json_array_foreach(json_object_get(answer, "warnings"), i, value)
	{
		text = json_string_value(value);
		if (text && !strncmp(text, prefix, strlen(prefix)))
			text += strlen(prefix);
		if (text)
			diag_warning(&a->d, NULL, 0, "%s", text);
	}
}

static int succeeded(struct apply *a, json_t *answer)
{
	int status = EXIT_YES;

	take_warnings(a, answer);
	show_diagnoses(a);
	if (a->json) {
		json_object_set_new(answer, "warnings", diagnoses(&a->d));
		json_object_update(answer, a->details);
		status = output_json(answer);
	} else {
		print_answer(a, answer);
		preview_print(answer);
		json_decref(answer);
	}
	diag_print(&a->d, PROGRAM);
	return status;
}

int apply_unchanged(struct apply *a, const char *why)
{
	json_t *answer = json_pack("{s:b}", "changed", 0);

	show_diagnoses(a);
	diag_print(&a->d, PROGRAM);
	if (a->json) {
		json_object_set_new(answer, "warnings", diagnoses(&a->d));
		json_object_update(answer, a->details);
		return output_json(answer);
	}
	json_decref(answer);
	printf("nothing changed: %s\n", why);
	return EXIT_YES;
}

/* ---- handing over ---------------------------------------------------------------------------- */

/* Whether another policy is in force than @image; null where that cannot be seen. */
static json_t *would_change(image_t *image)
{
	struct kernel_state state;

	if (kernel_read_state(&state))
		return json_null();
	return json_boolean(!state.loaded ||
			    memcmp(state.header.digest, image_header(image)->digest,
				   sizeof(state.header.digest)));
}

static int rehearse(struct apply *a, json_t **answer)
{
	struct places places = places_of(a);
	struct kernel_state state;
	struct build b = {.force = a->force};
	struct image image;
	int err;

	policy_free(&a->policy);
	if (!kernel_read_state(&state) && state.loaded)
		b.in_force = state.header.digest;
	err = build_image(&image, &a->policy, &places, &b, &a->d);
	if (err)
		return err;
	*answer = build_summary(image_header(&image));
	json_object_del(*answer, "generation");
	json_object_set_new(*answer, "dry_run", json_true());
	json_object_set_new(*answer, "changed", would_change(&image));
	err = *answer ? preview(a, &image, a->scan, *answer) : -ENOMEM;
	json_object_set_new(*answer, "elsewhere",
			    inventory_elsewhere(json_object_get(*answer, "files")));
	image_free(&image);
	return err;
}

static int ask_daemon(struct apply *a, json_t **answer)
{
	return control_call("Reload",
			    json_pack("{s:s*, s:b, s:s*}", "stage", a->stage.dir, "force", a->force,
				      "command", a->command),
			    answer, &a->d);
}

static const char *outcome(const struct apply *a, int err)
{
	if (a->dry_run)
		return "this policy would be refused";
	if (err == -EPROTO)
		return "whether anything was changed is unknown: interdict status";
	return "nothing was changed";
}

int apply_commit(struct apply *a)
{
	json_t *answer = NULL;
	int err;

	err = a->dry_run ? rehearse(a, &answer) : ask_daemon(a, &answer);
	if (!err)
		return succeeded(a, answer);
	if (!a->d.errors)
		diag_error(&a->d, NULL, 0, "%s", strerror(-err));
	if (!a->json)
		diag_error(&a->d, NULL, 0, "%s", outcome(a, err));
	return apply_failed(a, EXIT_FAILED);
}

int apply_commit_rules(struct apply *a, bool changed)
{
	int status;

	if (!changed && a->dry_run)
		return apply_unchanged(a, "the policy says so already");
	status = apply_commit(a);
	if (!status && !a->json)
		print_rules(a);
	return status;
}
