/* SPDX-License-Identifier: GPL-2.0-only */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/output.h"
#include "cli/preview.h"

#define SHOWN		20 /* lines of a kind */
#define PROCESSES_SHOWN 5

static const char *string(json_t *object, const char *name)
{
	return json_string_value(json_object_get(object, name)) ?: "";
}

static int64_t integer(json_t *object, const char *name)
{
	return json_integer_value(json_object_get(object, name));
}

static void print_rest(uint64_t n)
{
	char count[COUNT_LEN];

	if (n > SHOWN)
		printf("  and %s\n", output_count(count, n - SHOWN, "more", "more"));
}

static void print_ids(json_t *change, char mark)
{
	json_t *id;
	size_t i;

	json_array_foreach(json_object_get(change, "ids"), i, id)
	{
		if (i < SHOWN)
			printf("  %c %s\n", mark, json_string_value(id));
	}
	print_rest(integer(change, "count"));
}

static void print_changes(json_t *answer)
{
	json_t *added = json_object_get(answer, "rules_added");
	json_t *removed = json_object_get(answer, "rules_removed");
	json_t *changed = json_object_get(answer, "rules_changed");
	char a[COUNT_LEN], b[COUNT_LEN], c[COUNT_LEN];

	if (!added) {
		puts("what differs is not known: the policy until now cannot be read");
		return;
	}
	printf("against %s: %s, %s, %s\n", string(answer, "against"),
	       output_count(a, integer(added, "count"), "rule more", "rules more"),
	       output_count(b, integer(removed, "count"), "less", "less"),
	       output_count(c, integer(changed, "count"), "changed", "changed"));
	print_ids(added, '+');
	print_ids(removed, '-');
	print_ids(changed, '~');
}

static void print_elsewhere(json_t *answer)
{
	json_t *file;
	size_t i;

	json_array_foreach(json_object_get(answer, "elsewhere"), i, file)
	{
		cli_print_escaped(string(file, "path"));
		printf(" is not for this machine: ");
		cli_print_escaped(string(file, "mismatch"));
		printf(" does not hold\n");
	}
}

/* "process 4711 (clamd), 4712 (sh) and 3 more" */
static void print_processes(json_t *processes)
{
	size_t n = json_array_size(processes), i;
	json_t *process;

	printf("%s ", n == 1 ? "process" : "processes");
	for (i = 0; i < n && i < PROCESSES_SHOWN; i++) {
		process = json_array_get(processes, i);
		printf("%s%" PRIi64 " (", i ? ", " : "", integer(process, "pid"));
		cli_print_escaped(string(process, "name"));
		putchar(')');
	}
	if (n > PROCESSES_SHOWN)
		printf(" and %zu more", n - PROCESSES_SHOWN);
}

static void print_named(json_t *file)
{
	printf("  %s: ", string(file, "verdict"));
	cli_print_escaped(string(file, "path"));
	printf("%s, by %s", json_is_true(json_object_get(file, "deleted")) ? " (deleted)" : "",
	       string(file, "rule"));
	if (json_object_get(file, "processes")) {
		printf(": ");
		print_processes(json_object_get(file, "processes"));
	}
	if (json_object_get(file, "ended_after"))
		printf(", ended after %" PRIi64 " s", integer(file, "ended_after"));
	putchar('\n');
}

/* Those with one verdict. Return: how many lines may still be shown. */
static size_t print_with(json_t *files, const char *verdict, size_t left)
{
	json_t *file;
	size_t i;

	json_array_foreach(files, i, file)
	{
		if (!left || strcmp(string(file, "verdict"), verdict) != 0)
			continue;
		print_named(file);
		left--;
	}
	return left;
}

/* What would be denied comes first. */
static void print_all(json_t *files)
{
	size_t left = print_with(files, "denied", SHOWN);

	left = print_with(files, "recorded", left);
	print_with(files, "excepted", left);
	print_rest(json_array_size(files));
}

static void print_running(json_t *answer)
{
	json_t *running = json_object_get(answer, "running");
	int64_t hidden = integer(answer, "running_hidden");
	char count[COUNT_LEN];

	if (json_array_size(running))
		printf("running: %s that the policy names; what runs goes on, and is denied when "
		       "it is started again\n",
		       output_count(count, json_array_size(running), "file", "files"));
	else
		puts("running: nothing that the policy names");
	print_all(running);
	if (hidden)
		printf("  %s could not be looked at%s\n",
		       output_count(count, hidden, "process", "processes"),
		       geteuid() ? ": run this as root" : "");
}

static void print_files(json_t *answer)
{
	json_t *files = json_object_get(answer, "files_named");
	char count[COUNT_LEN];

	if (!json_is_array(files))
		puts("files: not looked at, since each would have to be read: --scan /usr/bin "
		     "does");
	else if (json_array_size(files))
		printf("files: %s that the policy names\n",
		       output_count(count, json_array_size(files), "file", "files"));
	else
		puts("files: none that the policy names");
	print_all(files);
	if (json_is_array(files) && json_is_true(json_object_get(answer, "files_skipped")))
		puts("  programs elsewhere were not looked at, since each would have to be read: "
		     "--scan /usr/bin does");
	if (integer(answer, "files_unread"))
		printf("  %s could not be read\n",
		       output_count(count, integer(answer, "files_unread"), "file", "files"));
}

void preview_print(json_t *answer)
{
	print_elsewhere(answer);
	if (!json_is_true(json_object_get(answer, "dry_run")))
		return;
	print_changes(answer);
	print_running(answer);
	print_files(answer);
}
