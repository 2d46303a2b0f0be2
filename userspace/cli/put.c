/* SPDX-License-Identifier: GPL-2.0-only */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/edit.h"
#include "cli/put.h"
#include "file.h"

#define LOOK_LEN 4096

const char *put_base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* Whether the first line that says anything begins with a digest. */
static bool looks_like_list(const char *text)
{
	while (*text == '#' || *text == '\n' || *text == '\r') {
		text += strcspn(text, "\n");
		text += *text == '\n';
	}
	return strspn(text, "0123456789abcdefABCDEF") == 2 * FINGERPRINT_LEN;
}

static bool looks_like_certificate(const char *text)
{
	return strstr(text, "-----BEGIN CERTIFICATE-----") || strstr(text, "-----BEGIN PUBLIC");
}

int put_check(struct apply *a, const char *path)
{
	char look[LOOK_LEN] = "";
	int fd = file_open(path);
	ssize_t n;

	if (fd < 0) {
		file_complain(&a->d, path, fd);
		return fd;
	}
	n = file_read(fd, look, sizeof(look) - 1);
	close(fd);
	if (n < 0)
		file_complain(&a->d, path, n);
	else if (!n)
		diag_error(&a->d, path, 0,
			   "is empty: it denies nothing, and would only mask a file of its name");
	else if (looks_like_list(look))
		diag_error(&a->d, path, 0,
			   "is a digest list and not a policy: interdict deny "
			   "--vendor VENDOR --list %s",
			   path);
	else if (looks_like_certificate(look))
		diag_error(&a->d, path, 0,
			   "is a certificate or key and not a policy: interdict deny "
			   "--vendor VENDOR --signer-cert (or --signer-key) %s",
			   path);
	else if (!policy_is_file_name(put_base_name(path)))
		diag_error(&a->d, path, 0,
			   "a policy file's name ends in " POLICY_SUFFIX
			   " and does not begin with a dot: rename it");
	else
		return 0;
	return -EINVAL;
}

static bool same_file(const char *a, const char *b)
{
	struct stat x, y;

	return !stat(a, &x) && !stat(b, &y) && x.st_dev == y.st_dev && x.st_ino == y.st_ino;
}

/* Put @source, unless another of its name was put already. */
static int take_beside(struct apply *a, const char *source)
{
	const char *name = put_base_name(source);
	const char *other = apply_origin(a, name);

	if (other && same_file(other, source))
		return 0;
	if (other) {
		diag_error(&a->d, source, 0, "would take the place of %s: rename one of the two",
			   other);
		return -EEXIST;
	}
	apply_show_as(a, name, source);
	return stage_put_file(&a->stage, source, name, &a->d);
}

/* What no policy may hold is not even copied: others could read it. */
static int check_certificate(struct apply *a, const char *path)
{
	struct certificates found = {};
	const char *wrong;
	int err = certificates_read(&found, path, true, &wrong);

	if (err == -EBADMSG)
		diag_error(&a->d, path, 0, "%s", wrong);
	else if (err)
		file_complain(&a->d, path, err);
	certificates_free(&found);
	return err;
}

/* The file that @line of policy @path names: the one beside it, else the one that is installed. */
static int put_beside(struct apply *a, const char *path, const struct edit_line *line)
{
	bool list = edit_is(line, "DigestList", NULL) || edit_is(line, "PackageDigestList", NULL);
	char source[PATH_MAX], staged[2 * PATH_MAX];
	int dir = put_base_name(path) - path;

	/* A name that is none is the policy reader's to refuse. */
	if (!line->value_len || memchr(line->value, '/', line->value_len) ||
	    snprintf(source, sizeof(source), "%.*s%.*s", dir, path, (int)line->value_len,
		     line->value) >= PATH_MAX)
		return 0;
	if (!list && policy_check_file_name(put_base_name(source)))
		return 0;
	if (!list && !access(source, F_OK) && check_certificate(a, source))
		return -EBADMSG;
	if (!access(source, F_OK))
		return take_beside(a, source);
	snprintf(staged, sizeof(staged), "%s/%s", a->stage.dir, put_base_name(source));
	if (!access(staged, F_OK))
		return 0;
	diag_error(&a->d, path, line->number, "the %s %s is not beside the policy: put it there",
		   list ? "list" : "certificate", put_base_name(source));
	return -ENOENT;
}

/* Whether @line names a file that lies beside the policy. */
static bool names_file(const struct edit_line *line)
{
	const char *key;
	int kind;

	if (edit_is(line, "DigestList", NULL) || edit_is(line, "PackageDigestList", NULL))
		return true;
	for (kind = 0; kind < FINGERPRINT_KINDS; kind++) {
		key = policy_kind_has_files(kind) ? policy_kind_key(kind) : NULL;
		if (key && edit_is(line, key, NULL))
			return line->value_len && policy_is_file(line->value);
	}
	return false;
}

static int put_files(struct apply *a, const char *path)
{
	struct edit_line line = {};
	struct edit e = {};
	char *text;
	size_t len;
	int err;

	err = stage_read_text(&a->stage, put_base_name(path), &text, &len, &a->d);
	if (!err)
		err = edit_begin(&e, text, len);
	while (!err && edit_next(&e, &line))
		if (names_file(&line))
			err = put_beside(a, path, &line);
	edit_free(&e);
	return err;
}

int put_policy(struct apply *a, const char *path)
{
	int err = stage_put_file(&a->stage, path, put_base_name(path), &a->d);

	if (err)
		return err;
	apply_show_as(a, put_base_name(path), path);
	return put_files(a, path);
}
