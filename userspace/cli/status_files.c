/* SPDX-License-Identifier: GPL-2.0-only */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cli/cli.h"
#include "cli/output.h"
#include "cli/status_files.h"
#include "machine/inventory.h"
#include "machine/machine_policy.h"

#define NS_PER_S 1000000000ULL
#define INDENT	 "             "

static int64_t integer(json_t *object, const char *name)
{
	return json_integer_value(json_object_get(object, name));
}

static const char *string(json_t *object, const char *name)
{
	return json_string_value(json_object_get(object, name)) ?: "";
}

/* ---- where it is from ---------------------------------------------------------------------- */

/* @answer, interdictd's or what it wrote, if it speaks of the image in force. */
static json_t *take_files(const struct condition *c, json_t *answer, const char *name)
{
	char digest[2 * FINGERPRINT_LEN + 1];
	json_t *files = json_object_get(answer, name);

	digest_format(digest, c->state.header.digest);
	if (!json_is_array(files) || strcmp(string(answer, "digest"), digest) != 0)
		return NULL;
	return json_deep_copy(files);
}

static json_t *read_files(const struct condition *c)
{
	json_t *files = take_files(c, c->daemon, "policies"), *note;

	if (files)
		return files;
	note = json_load_file(INVENTORY_FILE, 0, NULL);
	files = take_files(c, note, "files");
	json_decref(note);
	return files;
}

/* Whether everything that the file says waits for its date. */
static bool is_waiting(json_t *file)
{
	json_t *from = json_object_get(file, "from");

	return from && !integer(file, "allows") &&
	       integer(from, "sections") == integer(file, "denies") &&
	       (uint64_t)integer(from, "first") > (uint64_t)time(NULL) * NS_PER_S;
}

/* Hold @files against what is installed by now. Return: what is new. */
static json_t *compare(json_t *files)
{
	struct places places = machine_places();
	struct machine_conf conf;
	struct policy now = {};
	json_t *added;

	machine_conf_read(&conf, CONF_FILE, NULL);
	/* Which of the local files are taken at all, only reading them can tell. */
	if (conf.bundles_only)
		machine_policy_read(&now, &conf, &places, NULL);
	added = inventory_compare(files, places.dirs, conf.bundles_only ? &now : NULL);
	machine_conf_free(&conf);
	policy_free(&now);
	return added;
}

void status_files_read(struct status_files *s, const struct condition *c)
{
	json_t *file;
	size_t i;

	*s = (struct status_files){};
	if (c->state.loaded)
		s->files = read_files(c);
	if (!s->files)
		return;
	s->added = compare(s->files);
	s->changed = json_array_size(s->added);
	json_array_foreach(s->files, i, file)
	{
		json_object_set_new(file, "waiting", json_boolean(is_waiting(file)));
		s->changed |= json_object_get(file, "changed") != NULL;
	}
}

void status_files_free(struct status_files *s)
{
	json_decref(s->files);
	json_decref(s->added);
	*s = (struct status_files){};
}

/* ---- as text ------------------------------------------------------------------------------- */

static void print_date(int64_t ns)
{
	time_t seconds = ns / (int64_t)NS_PER_S;
	char date[32] = "?";
	struct tm tm;

	if (gmtime_r(&seconds, &tm))
		strftime(date, sizeof(date), seconds % 86400 ? "%Y-%m-%d %H:%M:%S" : "%Y-%m-%d",
			 &tm);
	fputs(date, stdout);
}

static void print_state(json_t *file)
{
	const char *state = string(file, "state");

	if (!strcmp(state, "masked")) {
		printf("masked by ");
		cli_print_escaped(string(file, "by"));
	} else if (!strcmp(state, "mask")) {
		printf("only masks others");
	} else if (!strcmp(state, "elsewhere")) {
		printf("not for this machine: ");
		cli_print_escaped(string(file, "mismatch"));
		printf(" does not hold");
	} else if (json_is_true(json_object_get(file, "waiting"))) {
		printf("waits until ");
		print_date(integer(json_object_get(file, "from"), "first"));
	} else {
		printf("in force");
	}
}

/* "2 rules (1 only records), 1 exception: 1,204 sha256, 1 signer-org" */
static void print_contents(json_t *file)
{
	char rules[COUNT_LEN], count[COUNT_LEN];
	json_t *kinds = json_object_get(file, "fingerprints"), *n;
	int64_t monitors = integer(file, "monitors");
	const char *kind, *before = ": ";

	printf(INDENT "  %s", output_count(rules, integer(file, "denies"), "rule", "rules"));
	if (monitors)
		printf(" (%" PRIi64 " only record%s)", monitors, monitors == 1 ? "s" : "");
	if (integer(file, "allows"))
		printf(", %s",
		       output_count(count, integer(file, "allows"), "exception", "exceptions"));
	json_object_foreach(kinds, kind, n)
	{
		printf("%s%s", before, output_count(count, json_integer_value(n), kind, kind));
		before = ", ";
	}
	putchar('\n');
}

/* "3 of its rules wait for a date, the last until 2027-01-01": of those that had one ahead. */
static void print_dates(json_t *file)
{
	json_t *from = json_object_get(file, "from");

	if (!from || json_is_true(json_object_get(file, "waiting")) ||
	    (uint64_t)integer(from, "last") <= (uint64_t)time(NULL) * NS_PER_S)
		return;
	printf(INDENT "  part of it waits, until ");
	print_date(integer(from, "last"));
	printf(" at the latest\n");
}

/* "what runs of 2 rules is ended after 30 s" */
static void print_kills(json_t *file)
{
	json_t *kills = json_object_get(file, "kills");
	int64_t grace = integer(kills, "grace");
	char rules[COUNT_LEN];

	if (!kills)
		return;
	printf(INDENT "  what runs of %s is ended",
	       output_count(rules, integer(kills, "sections"), "rule", "rules"));
	if (grace)
		printf(" after %" PRIi64 " s", grace);
	putchar('\n');
}

static void print_digest(json_t *object)
{
	if (*string(object, "sha256"))
		printf("sha256:%s", string(object, "sha256"));
	if (!json_object_get(object, "changed"))
		return;
	printf(", ");
	output_coloured(COLOUR_YELLOW, string(object, "changed"));
	printf(" since");
}

static void print_lists(json_t *file)
{
	json_t *lists = json_object_get(file, "lists"), *list;
	char count[COUNT_LEN];
	size_t i;

	json_array_foreach(lists, i, list)
	{
		printf(INDENT "  ");
		cli_print_escaped(string(list, "name"));
		if (json_object_get(list, "digests"))
			printf(": %s",
			       output_count(count, integer(list, "digests"), "digest", "digests"));
		if (!json_object_get(file, "bundle")) {
			printf(json_object_get(list, "digests") ? ", " : ": ");
			print_digest(list);
		}
		putchar('\n');
	}
}

static void print_file(json_t *file, bool first)
{
	printf("%s", first ? "  files      " : INDENT);
	cli_print_escaped(string(file, "path"));
	if (*string(file, "id"))
		printf(": %s version %" PRIi64, string(file, "id"), integer(file, "version"));
	printf("%s", *string(file, "id") ? ", " : ": ");
	print_state(file);
	putchar('\n');
	if (!json_object_get(file, "denies"))
		return;
	print_contents(file);
	print_dates(file);
	print_kills(file);
	printf(INDENT "  %s", json_object_get(file, "bundle") ? "bundle " : "");
	print_digest(file);
	putchar('\n');
	print_lists(file);
}

void status_files_print(const struct status_files *s)
{
	json_t *value;
	size_t i;

	json_array_foreach(s->files, i, value)
	{
		print_file(value, !i);
	}
	json_array_foreach(s->added, i, value)
	{
		printf(INDENT);
		cli_print_escaped(json_string_value(value));
		printf(": ");
		output_coloured(COLOUR_YELLOW, "new");
		putchar('\n');
	}
	if (!s->changed)
		return;
	printf("  ");
	output_coloured(COLOUR_YELLOW, "changed");
	printf("    the policy files are not what is in force: interdict reload\n");
}
