/* SPDX-License-Identifier: GPL-2.0-only */
/* What the two halves of `interdict bundle` share: bundle.c makes, bundle_verify.c verifies. */
#ifndef INTERDICT_CLI_BUNDLING_H
#define INTERDICT_CLI_BUNDLING_H

#include <stdbool.h>
#include <stddef.h>

#include "bundle/bundle.h"
#include "diag.h"

/* The command line. */
struct bundle_options {
	const char *output, *key, *certificate;
	const char *id, *version, *date; /* as given, or NULL */
	const char *policy;		 /* a directory, or NULL */
	const char **trusted;		 /* files of --trusted-key */
	size_t trusted_count;
	bool verify, json;
};

/** bundle_verify() - verify the bundle at @path, and say what it is. Return: exit status. */
int bundle_verify(const struct bundle_options *o, const char *path);
/**
 * bundle_say() - print what a bundle is, and @d on stderr, which is released.
 * @status: "verified" of --json, and what is returned
 * @by: the file of the key that vouches for it, or NULL
 */
int bundle_say(const struct bundle_options *o, const struct manifest *m, const char *by, int status,
	       struct diag *d);

#endif
