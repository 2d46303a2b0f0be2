/* SPDX-License-Identifier: GPL-2.0-only */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/argument.h"
#include "cli/cli.h"
#include "cli/output.h"
#include "file.h"
#include "hash.h"
#include "moment.h"
#include "policy/policy_reader.h"

#define DIGEST_PREFIX "sha256:"

/* ---- text ------------------------------------------------------------------------------------ */

bool argument_is_printable(const char *text)
{
	char *escaped = output_escape(text);
	bool same = escaped && *text && !strcmp(escaped, text);

	free(escaped);
	return same;
}

bool argument_fits_policy(const char *text)
{
	size_t len = strlen(text);

	return argument_is_printable(text) && len < POLICY_LINE_MAX / 2 && text[len - 1] != '\\';
}

int argument_vendor(const char *command, const char *vendor, const char *name)
{
	if (!vendor)
		return cli_usage(command, "whose is it? Name a vendor: --vendor kaspersky");
	if (!policy_is_id(vendor))
		return cli_usage(command,
				 "--vendor %s: an Id is at most %d of a-z, 0-9, '.', '_', "
				 "'-', and begins with a letter or digit",
				 vendor, RULE_NAME_LEN - 1);
	if (!strcmp(vendor, "interdict") || !strcmp(vendor, "allow"))
		return cli_usage(command, "--vendor %s: is reserved: choose another", vendor);
	if (name && !argument_is_printable(name))
		return cli_usage(command, "--name: is empty, or has control characters in it");
	return EXIT_YES;
}

static int take_date(const char *command, const char *option, uint64_t *ns, const char *text)
{
	if (!text || !moment_of_date(ns, text))
		return EXIT_YES;
	return cli_usage(command,
			 "--%s %s is no date: write 2024-09-29, or '2024-09-29 18:00', in "
			 "UTC",
			 option, text);
}

int argument_dates(const char *command, uint64_t *from, const char *from_text, uint64_t *until,
		   const char *until_text)
{
	int status;

	*from = *until = 0;
	status = take_date(command, "from", from, from_text);
	if (!status)
		status = take_date(command, "until", until, until_text);
	if (!status && until_text && *until <= *from)
		status = cli_usage(command, "--until %s is not after the beginning", until_text);
	return status;
}

/* ---- digests --------------------------------------------------------------------------------- */

/* The size behind DIGEST: 0 when it is none. */
static uint64_t parse_size(const char *text)
{
	char *end;
	unsigned long long size;

	errno = 0;
	size = strtoull(text, &end, 10);
	return *text < '0' || *text > '9' || *end || errno || size > INT64_MAX ? 0 : size;
}

static int take_digest(struct apply *a, struct digests *list, const char *text, size_t digits)
{
	char hex[2 * FINGERPRINT_LEN + 1];
	struct digest digest = {.size = SIZE_UNKNOWN};

	snprintf(hex, sizeof(hex), "%s", text);
	if (digits != 2 * FINGERPRINT_LEN || digest_parse(digest.value, hex))
		return cli_usage(a->command,
				 "%s: %zu hexadecimal digits instead of the %d of "
				 "SHA-256",
				 text, digits, 2 * FINGERPRINT_LEN);
	if (text[digits] == ':')
		digest.size = parse_size(text + digits + 1);
	if (!digest.size)
		return cli_usage(a->command, "%s: a size is a number of bytes, 1 or more", text);
	if (digests_add(list, digest.value, digest.size))
		return EXIT_FAILED;
	return EXIT_YES;
}

static int take_file(struct apply *a, struct digests *list, const char *path)
{
	struct digest digest;
	int err = hash_file(&digest, path);

	if (err)
		file_complain(&a->d, path, err);
	else if (!digest.size)
		diag_error(&a->d, path, 0, "is empty: its digest is that of every empty file");
	else
		err = digests_add(list, digest.value, digest.size);
	return err || a->d.errors ? EXIT_FAILED : EXIT_YES;
}

int argument_digest(struct apply *a, struct digests *list, const char *text)
{
	bool marked = !strncmp(text, DIGEST_PREFIX, strlen(DIGEST_PREFIX));
	const char *hex = marked ? text + strlen(DIGEST_PREFIX) : text;
	size_t digits = strspn(hex, "0123456789abcdefABCDEF");
	bool whole = !hex[digits] || hex[digits] == ':';

	if (marked || (whole && digits == 2 * FINGERPRINT_LEN))
		return take_digest(a, list, hex, digits);
	if (!access(text, F_OK) || !whole || digits < 32)
		return take_file(a, list, text);
	return take_digest(a, list, hex, digits);
}
