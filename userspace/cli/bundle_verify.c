/* SPDX-License-Identifier: GPL-2.0-only */
/* interdict bundle --verify: whether a bundle is whole, and who vouches for it. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "bundle/trust.h"
#include "cli/bundling.h"
#include "cli/cli.h"
#include "cli/output.h"
#include "cli/trusted.h"
#include "digests.h"

#define NS_PER_S 1000000000ULL
#define DATE_LEN 32

/* ---- what it is ------------------------------------------------------------------------------ */

/* "2026-11-22T07:00:00Z" */
static const char *format_date(char text[DATE_LEN], uint64_t ns)
{
	time_t seconds = (time_t)(ns / NS_PER_S);
	struct tm tm;

	if (!gmtime_r(&seconds, &tm) || !strftime(text, DATE_LEN, "%Y-%m-%dT%H:%M:%SZ", &tm))
		strcpy(text, "?");
	return text;
}

static uint64_t bytes_of(const struct manifest *m)
{
	uint64_t bytes = 0;
	size_t i;

	for (i = 0; i < m->file_count; i++)
		bytes += m->files[i].size;
	return bytes;
}

static json_t *files_json(const struct manifest *m)
{
	char hex[2 * FINGERPRINT_LEN + 1];
	json_t *files = json_array();
	size_t i;

	for (i = 0; i < m->file_count; i++) {
		digest_format(hex, m->files[i].digest);
		json_array_append_new(
			files, json_pack("{s:o, s:I, s:s}", "name", output_text(m->files[i].name),
					 "size", (json_int_t)m->files[i].size, "sha256", hex));
	}
	return files;
}

static json_t *manifest_json(const struct manifest *m)
{
	char hex[2 * FINGERPRINT_LEN + 1], date[DATE_LEN];

	digest_format(hex, m->key);
	return json_pack("{s:s, s:I, s:s?, s:s, s:o}", "id", m->id, "version",
			 (json_int_t)m->version, "date",
			 m->date ? format_date(date, m->date) : NULL, "key", hex, "files",
			 files_json(m));
}

/* "us-2024, version 7 of 2026-11-22T07:00:00Z: 3 files, 1,204 bytes, signed by sha256:44ae…" */
static void print_manifest(const struct manifest *m, const char *by)
{
	char files[COUNT_LEN], bytes[COUNT_LEN], hex[2 * FINGERPRINT_LEN + 1], date[DATE_LEN];

	digest_format(hex, m->key);
	printf("%s, version %" PRIu64 "%s%s: %s, %s, signed by sha256:%.12s%s", m->id, m->version,
	       m->date ? " of " : "", m->date ? format_date(date, m->date) : "",
	       output_count(files, m->file_count, "file", "files"),
	       output_count(bytes, bytes_of(m), "byte", "bytes"), hex, by ? ", trusted: " : "");
	if (by)
		cli_print_escaped(by);
	putchar('\n');
}

static json_t *lines_of(const struct diag *d)
{
	json_t *lines = json_array();
	char *text;
	size_t i;

	for (i = 0; i < d->kept; i++) {
		text = output_escape(d->lines[i].text);
		json_array_append_new(
			lines, json_sprintf("%s: %s",
					    d->lines[i].level == DIAG_ERROR ? "error" : "warning",
					    text ? text : ""));
		free(text);
	}
	return lines;
}

int bundle_say(const struct bundle_options *o, const struct manifest *m, const char *by, int status,
	       struct diag *d)
{
	json_t *answer = m->id[0] ? manifest_json(m) : json_object();

	if (o->json) {
		if (o->verify)
			json_object_set_new(answer, "verified", json_boolean(!status));
		json_object_set_new(answer, "trusted_key", by ? output_text(by) : json_null());
		json_object_set_new(answer, "diagnoses", lines_of(d));
		if (output_json(json_incref(answer)))
			status = EXIT_FAILED;
	} else if (status == EXIT_YES || status == EXIT_INCOMPLETE) {
		print_manifest(m, by);
	}
	json_decref(answer);
	diag_print(d, PROGRAM);
	diag_free(d);
	return status;
}

/* ---- verifying ------------------------------------------------------------------------------- */

static const char *path_of(const struct bundle_options *o, const struct certificate *by)
{
	const char *name;
	size_t i;

	for (i = 0; by && i < o->trusted_count; i++) {
		name = strrchr(o->trusted[i], '/');
		if (!strcmp(name ? name + 1 : o->trusted[i], by->file))
			return o->trusted[i];
	}
	return by ? by->file : NULL;
}

static int status_of(int err, const struct trust *trust)
{
	switch (-err) {
	case 0:
		return trust->keys.n ? EXIT_YES : EXIT_INCOMPLETE;
	case EBADMSG:
	case ENODATA:
	case EPROTO:
	case ENOKEY:
	case EKEYREJECTED:
		return EXIT_NO;
	}
	return EXIT_FAILED;
}

static int verify(const struct bundle_options *o, struct trust *trust, const char *path,
		  struct diag *d)
{
	const struct certificate *by = NULL;
	struct bundle bundle;
	int err, status;

	err = bundle_open(&bundle, path, d);
	if (!err && trust->keys.n)
		err = trust_verify(trust, &bundle, &by, d);
	if (!err)
		err = bundle_check_files(&bundle, d);
	if (!err && !trust->keys.n)
		diag_warning(d, path, 0,
			     "is whole, and nothing says whether its signer may be trusted: "
			     "--trusted-key FILE");
	status = bundle_say(o, &bundle.manifest, path_of(o, by), status_of(err, trust), d);
	bundle_close(&bundle);
	return status;
}

int bundle_verify(const struct bundle_options *o, const char *path)
{
	struct trust trust = {};
	struct diag d = {};
	int status;

	if (trusted_read(&trust, o->trusted, o->trusted_count, &d))
		status = cli_failed(&d);
	else
		status = verify(o, &trust, path, &d);
	trust_free(&trust);
	return status;
}
