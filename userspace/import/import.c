/* SPDX-License-Identifier: GPL-2.0-only */
/* The formats, and which one a file is in. */
#include "import/import.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "file.h"
#include "import/reader.h"

#define ERRORS_NAMED 10

/* Probed in this order: CSV is what nothing else is. */
static const struct import_format formats[] = {
	{"sha256sum", "digests and names, a line each; sha256sum --tag too", SYNTAX_TEXT,
	 sha256sum_probe, sha256sum_read},
	{"fapolicyd", "a trust file: path, size, digest", SYNTAX_TEXT, fapolicyd_probe,
	 fapolicyd_read},
	{"clamav", "ClamAV's .hsb (and .hdb, which has MD5 digests)", SYNTAX_TEXT, clamav_probe,
	 clamav_read},
	{"stix", "STIX 2.1 or 2.0: a bundle or its objects", SYNTAX_JSON, stix_probe, stix_read},
	{"misp", "MISP events, as the API exports them", SYNTAX_JSON, misp_probe, misp_read},
	{"openioc", "OpenIOC 1.0", SYNTAX_XML, openioc_probe, openioc_read},
	{"santa", "Santa's rules, JSON or a property list", SYNTAX_JSON | SYNTAX_XML, santa_probe,
	 santa_read},
	{"wdac", "an App Control (WDAC) policy, XML: as authentihash", SYNTAX_XML, wdac_probe,
	 wdac_read},
	{"cyclonedx", "a CycloneDX bill of materials, JSON or XML", SYNTAX_JSON | SYNTAX_XML,
	 cyclonedx_probe, cyclonedx_read},
	{"spdx", "an SPDX 2 or 3 document, JSON or tag-value", SYNTAX_JSON | SYNTAX_TEXT,
	 spdx_probe, spdx_read},
	{"csv", "a table with a column of SHA-256 digests", SYNTAX_TEXT, csv_probe, csv_read},
	{},
};

#define FORGED "can be forged and does not identify a file here"
static const struct import_reason_text reasons[IMPORT_REASONS] = {
	[IMPORT_MD5] = {"md5", "MD5 digest", "MD5 digests", "an MD5 " FORGED, true},
	[IMPORT_SHA1] = {"sha1", "SHA-1 digest", "SHA-1 digests", "a SHA-1 " FORGED, true},
	[IMPORT_OTHER_DIGEST] = {"other-digest", "digest of another algorithm",
				 "digests of other algorithms", "files are known by SHA-256 here",
				 true},
	[IMPORT_MALFORMED] = {"malformed", "malformed entry", "malformed entries",
			      "what should be a SHA-256 digest, a pattern or a date is none", true},
	[IMPORT_NO_DIGEST] = {"no-digest", "entry without a digest", "entries without a digest",
			      "there is nothing to know the file by", true},
	[IMPORT_OTHER_FACT] = {"other-fact", "indicator of something else",
			       "indicators of something else",
			       "addresses, names and the like are no digests of files", true},
	[IMPORT_COMBINED] = {"combined", "combined condition", "combined conditions",
			     "a rule denies by one fact: AND, NOT, FOLLOWEDBY, ranges and "
			     "qualifiers narrow it down in ways that no rule can",
			     true},
	[IMPORT_OTHER_SYNTAX] = {"other-syntax", "pattern in another language",
				 "patterns in other languages",
				 "YARA, Snort and the like are not read", true},
	[IMPORT_SIGNER] = {"signer", "rule by signer", "rules by signer",
			   "it names a signer by what no file on Linux has", true},
	[IMPORT_FILE_NAME] = {"file-name", "rule by name or version", "rules by name or version",
			      "it names no content", true},
	[IMPORT_PAGE_HASH] = {"page-hash", "page hash", "page hashes", "it is of a part of a file",
			      true},
	[IMPORT_ALLOWED] = {"allowed", "rule that allows", "rules that allow",
			    "only what is to be blocked is imported", false},
	[IMPORT_NOT_TO_IDS] = {"not-to-ids", "attribute that is not to be acted upon",
			       "attributes that are not to be acted upon", "to_ids is not set",
			       false},
	[IMPORT_REVOKED] = {"revoked", "revoked entry", "revoked entries",
			    "its author took it back, or deleted it", false},
	[IMPORT_EXPIRED] = {"expired", "expired entry", "expired entries",
			    "it ends before now, or before it begins", false},
	[IMPORT_UNUSED] = {"unused", "rule that is not in force", "rules that are not in force",
			   "no signing scenario refers to it", false},
	[IMPORT_EMPTY_FILE] = {"empty-file", "digest of the empty file",
			       "digests of the empty file", "it identifies nothing", false},
};

const struct import_reason_text *import_reason_text(enum import_reason reason)
{
	return &reasons[reason];
}

const struct import_format *import_formats(void)
{
	return formats;
}

const struct import_format *import_find_format(const char *name)
{
	const struct import_format *format;

	for (format = formats; format->name; format++)
		if (!strcmp(format->name, name))
			return format;
	return NULL;
}

void input_error(struct input *in, unsigned long line, const char *fmt, ...)
{
	char text[1024];
	va_list args;

	if (in->errors++ >= ERRORS_NAMED)
		return;
	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	diag_error(in->im->d, in->path, line, "%s", text);
}

/* ---- which format ---------------------------------------------------------------------------- */

static const char *name_syntax(unsigned int syntax)
{
	return syntax == SYNTAX_JSON ? "JSON" : syntax == SYNTAX_XML ? "XML" : "text";
}

static unsigned int find_syntax(const struct input *in)
{
	const char *s = in->head;

	/* Of XML in UTF-16, expat knows the rest. */
	if (!memcmp(s, "\xff\xfe<", 4) || !memcmp(s, "\xfe\xff\0<", 4))
		return SYNTAX_XML;
	if (!strncmp(s, "\xef\xbb\xbf", 3))
		s += 3;
	s += strspn(s, " \t\r\n");
	if (*s == '<')
		return SYNTAX_XML;
	return *s == '{' || *s == '[' ? SYNTAX_JSON : SYNTAX_TEXT;
}

static const struct import_format *find_format(struct input *in)
{
	const struct import_format *format;

	for (format = formats; format->name; format++)
		if (format->syntaxes & in->syntax && format->probe(in))
			return format;
	return NULL;
}

static void refuse_unknown(struct input *in)
{
	if (in->syntax == SYNTAX_TEXT)
		input_error(in, 0,
			    "this text is in no format that is known here: check that it is the "
			    "list, or name its format: --format");
	else if (in->syntax == SYNTAX_XML && !*in->root)
		input_error(in, 0,
			    "begins as XML and is none, or defines entities of its own: check "
			    "that it is the list");
	else
		input_error(in, 0, "this %s is neither %s: check that it is the list",
			    name_syntax(in->syntax),
			    in->syntax == SYNTAX_XML ? "OpenIOC, Santa, WDAC nor CycloneDX"
						     : "STIX, MISP, Santa, CycloneDX nor SPDX");
}

/* Return: NULL after saying why. */
static const struct import_format *choose_format(struct input *in)
{
	const struct import_format *format = in->im->format ? in->im->format : find_format(in);

	if (!format)
		refuse_unknown(in);
	if (!format || format->syntaxes & in->syntax)
		return format;
	input_error(in, 0, "this is %s, as which %s is not written: leave --format out",
		    name_syntax(in->syntax), format->name);
	return NULL;
}

/* ---- the file -------------------------------------------------------------------------------- */

static int read_head(struct input *in)
{
	ssize_t n;

	do
		n = pread(in->fd, in->head, INPUT_HEAD, 0);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return -errno;
	in->head_len = n;
	in->head[n] = '\0';
	return 0;
}

static int check_head(struct input *in)
{
	if (!in->head_len)
		input_error(in, 0, "is empty: check that it is the list");
	else if (!memcmp(in->head, "\x1f\x8b", 2) || !memcmp(in->head, "PK\3\4", 4) ||
		 !memcmp(in->head,
			 "\xfd"
			 "7zXZ",
			 5))
		input_error(in, 0, "is compressed: unpack it, and name what is inside");
	else if (!strncmp(in->head, "ClamAV-VDB:", 11))
		input_error(in, 0,
			    "is a ClamAV database: unpack it (sigtool --unpack), and name "
			    "its .hsb");
	return in->errors ? -EINVAL : 0;
}

static int read_list(struct input *in, const struct import_format **format)
{
	int rc = read_head(in);

	if (!rc)
		rc = check_head(in);
	if (rc)
		return rc;
	in->syntax = find_syntax(in);
	if (in->syntax == SYNTAX_JSON)
		rc = input_load_json(in);
	else if (in->syntax == SYNTAX_XML)
		input_find_root(in);
	if (rc)
		return rc;
	*format = choose_format(in);
	if (!*format)
		return -EINVAL;
	rc = (*format)->read(in);
	return rc ? rc : in->errors ? -EINVAL : 0;
}

static void finish(struct input *in, int rc)
{
	if (in->errors > ERRORS_NAMED)
		diag_error(in->im->d, in->path, 0, "%lu more errors", in->errors - ERRORS_NAMED);
	if (rc && rc != -ECANCELED && !in->errors)
		file_complain(in->im->d, in->path, rc);
	progress_end(&in->progress);
	json_decref(in->json);
	if (in->fd >= 0)
		close(in->fd);
}

int import_file(struct import *im, const char *path, const struct import_format **format)
{
	struct input *in = calloc(1, sizeof(*in));
	const struct import_format *found = NULL;
	struct stat st;
	int rc;

	if (!in)
		return -ENOMEM;
	in->im = im;
	in->path = path;
	rc = in->fd = file_open(path);
	if (rc >= 0) {
		progress_start(&in->progress, "reading", fstat(in->fd, &st) ? 0 : st.st_size);
		in->progress.terminal &= im->progress;
		rc = read_list(in, &found);
	}
	finish(in, rc);
	if (format)
		*format = found;
	free(in);
	return rc;
}
