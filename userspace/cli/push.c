/* SPDX-License-Identifier: GPL-2.0-only */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/apply.h"
#include "cli/cli.h"
#include "cli/edit.h"
#include "file.h"

#define LOOK_LEN 4096

static int help(void)
{
	puts("Usage: interdict push [OPTION]... FILE.policy...\n\n"
	     "Check policy files, put them and the digest lists and certificates they name (which\n"
	     "lie beside them) into " POLICY_DIR_LOCAL ", and put the whole in force:\n"
	     "all of it or nothing.\n\n" APPLY_HELP "\n"
	     "Exit status: 0 in force, 2 usage, 4 refused (nothing was changed).\n\n"
	     "Examples:\n"
	     "  interdict push --dry-run us-2024.policy\n"
	     "  interdict push us-2024.policy\n"
	     "  interdict push --json *.policy | jq .generation");
	return EXIT_YES;
}

static const char *base_name(const char *path)
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

/* What can be said of a file without reading it as a policy. */
static int check_file(struct apply *a, const char *path)
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
	else if (!policy_is_file_name(base_name(path)))
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
	const char *name = base_name(source);
	size_t i;

	for (i = 0; i < a->origin_count; i++) {
		if (strcmp(a->origins[i].name, name))
			continue;
		if (same_file(a->origins[i].path, source))
			return 0;
		diag_error(&a->d, source, 0, "would take the place of %s: rename one of the two",
			   a->origins[i].path);
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
	int dir = base_name(path) - path;

	/* A name that is none is the policy reader's to refuse. */
	if (!line->value_len || memchr(line->value, '/', line->value_len) ||
	    snprintf(source, sizeof(source), "%.*s%.*s", dir, path, (int)line->value_len,
		     line->value) >= PATH_MAX)
		return 0;
	if (!list && policy_check_file_name(base_name(source)))
		return 0;
	if (!list && !access(source, F_OK) && check_certificate(a, source))
		return -EBADMSG;
	if (!access(source, F_OK))
		return take_beside(a, source);
	snprintf(staged, sizeof(staged), "%s/%s", a->stage.dir, base_name(source));
	if (!access(staged, F_OK))
		return 0;
	diag_error(&a->d, path, line->number, "the %s %s is not beside the policy: put it there",
		   list ? "list" : "certificate", base_name(source));
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

	err = stage_read_text(&a->stage, base_name(path), &text, &len, &a->d);
	if (!err)
		err = edit_begin(&e, text, len);
	while (!err && edit_next(&e, &line))
		if (names_file(&line))
			err = put_beside(a, path, &line);
	edit_free(&e);
	return err;
}

static int put_policy(struct apply *a, const char *path)
{
	int err = stage_put_file(&a->stage, path, base_name(path), &a->d);

	if (err)
		return err;
	apply_show_as(a, base_name(path), path);
	return put_files(a, path);
}

static const char *find_namesake(char **paths, int n)
{
	int i, k;

	for (i = 0; i < n; i++)
		for (k = 0; k < i; k++)
			if (!strcmp(base_name(paths[i]), base_name(paths[k])))
				return paths[i];
	return NULL;
}

static int push(struct apply *a, char **paths, int n)
{
	int i;

	for (i = 0; i < n; i++)
		check_file(a, paths[i]);
	if (a->d.errors || apply_begin(a))
		return apply_failed(a, EXIT_FAILED);
	for (i = 0; i < n; i++)
		put_policy(a, paths[i]);
	return a->d.errors ? apply_failed(a, EXIT_FAILED) : apply_commit(a);
}

int push_main(int argc, char **argv)
{
	struct apply a = {};
	int status = apply_parse(&a, argc, argv);
	const char *twice;

	if (status)
		return status == OPTIONS_HELP ? help() : status;
	if (optind == argc)
		return cli_usage(argv[0], "which policy? Name one or more policy files");
	twice = find_namesake(argv + optind, argc - optind);
	if (twice)
		return cli_usage(argv[0], "two files of the name %s: they would be one",
				 base_name(twice));
	status = push(&a, argv + optind, argc - optind);
	apply_end(&a);
	return status;
}
