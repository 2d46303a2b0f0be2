/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What push, deny, remove and reload have in common: a stage that they edit, and that interdictd
 * then puts in force whole or not at all; or a rehearsal of it.
 */
#ifndef INTERDICT_CLI_APPLY_H
#define INTERDICT_CLI_APPLY_H

#include <jansson.h>
#include <stdbool.h>

#include "bundle/stage.h"
#include "cli/options.h"
#include "diag.h"
#include "policy/policy.h"

/* Where the user has what is a file of the stage. */
struct apply_origin {
	char *name, *path;
};

struct apply {
	const char *command;
	const char *base;  /* --policy, or NULL: what is installed */
	bool bundles;	   /* the stage is of BUNDLE_DIR, and not of POLICY_DIR_LOCAL */
	const char *from;  /* what the stage begins as, if not as base */
	const char **scan; /* --scan, NULL terminated; or NULL */
	size_t scan_count;
	bool dry_run, force, json;
	struct stage stage;   /* dir is NULL until apply_begin() */
	struct policy policy; /* as the stage was at apply_read_policy() */
	struct diag d;
	struct apply_origin *origins;
	size_t origin_count;
	json_t *details; /* of the command's own, for --json */
};

/* The options that all take; a command's own come before them. */
#define APPLY_OPTIONS                                                                              \
	{"dry-run", no_argument, NULL, 'n'}, {"force", no_argument, NULL, 'f'},                    \
		{"json", no_argument, NULL, 'j'}, {"policy", required_argument, NULL, 'P'},        \
		{"scan", required_argument, NULL, 's'}, {"help", no_argument, NULL, 'h'},          \
	{                                                                                          \
	}

#define APPLY_HELP_DRY_RUN                                                                         \
	"  --dry-run           check it, and say which rules come and go and what on this "        \
	"machine\n"                                                                                \
	"                      would be denied; change nothing; needs no interdictd\n"             \
	"  --scan PATH         with --dry-run: look at all files below PATH, too; repeatable\n"

#define APPLY_HELP_COMMON                                                                          \
	"  --force             take what the guard refuses; it is on record\n"                     \
	"  --json              print one JSON object\n"                                            \
	"  --help              this text\n"

#define APPLY_HELP                                                                                 \
	APPLY_HELP_DRY_RUN                                                                         \
	"  --policy DIR        with --dry-run: start from DIR instead of " POLICY_DIR_LOCAL        \
	"\n" APPLY_HELP_COMMON
#define APPLY_HELP_NO_POLICY APPLY_HELP_DRY_RUN APPLY_HELP_COMMON

/**
 * apply_parse() - read the command line of a command that has no options of its own.
 * Return: EXIT_YES, OPTIONS_HELP, or EXIT_USAGE after saying what is wrong.
 */
int apply_parse(struct apply *a, int argc, char **argv);
/** apply_option() - take one of APPLY_OPTIONS. Return: false for any other, and for --help. */
bool apply_option(struct apply *a, int option, const char *value);
/** apply_check_options() - once all are read. Return: EXIT_YES, or EXIT_USAGE after saying why. */
int apply_check_options(const struct apply *a);

/** apply_begin() - make the stage. Return: 0, or a negative errno; then it is in @a->d. */
int apply_begin(struct apply *a);
/** apply_read_policy() - read the policy that the stage would make, into @a->policy. */
int apply_read_policy(struct apply *a);
/** apply_is_staged() - whether @file is one of the local files, which a command may edit. */
bool apply_is_staged(const struct apply *a, const struct policy_file *file);
/**
 * apply_shown() - the path of @file as a user knows it, out of the stage.
 * Return: a new string, or NULL without memory.
 */
char *apply_shown(const struct apply *a, const char *path);
/** apply_show_as() - name file @name of the stage @path in diagnoses: where the user has it. */
void apply_show_as(struct apply *a, const char *name, const char *path);
/** apply_origin() - where the user has file @name of the stage; NULL: it was not said. */
const char *apply_origin(const struct apply *a, const char *name);
/** apply_detail() - set a member of the --json answer; takes @value. */
void apply_detail(struct apply *a, const char *name, json_t *value);

/** apply_commit() - hand the stage (or, without one, the directories) over. Return: exit status. */
int apply_commit(struct apply *a);
/**
 * apply_commit_rules() - likewise, and name the first rules of the detail "rules", a line each.
 * @changed: whether the stage was edited; what its files say already is put in force all the same,
 *           should it not be
 */
int apply_commit_rules(struct apply *a, bool changed);
/** apply_unchanged() - end without a change, saying @why. Return: EXIT_YES. */
int apply_unchanged(struct apply *a, const char *why);
/** apply_failed() - end with what is in @a->d. Return: @status. */
int apply_failed(struct apply *a, int status);
/** apply_end() - release everything; the stage goes. */
void apply_end(struct apply *a);

#endif
