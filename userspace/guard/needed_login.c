/* SPDX-License-Identifier: GPL-2.0-only */
/* What it takes to log in here, as the files of /etc say. */
#include <glob.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "needed_login.h"

#define BLANKS " \t\n"

/* ---- shells ---------------------------------------------------------------------------------- */

/* Behind the sixth colon of a line of passwd(5); or NULL. */
static char *shell_of(char *line)
{
	int i;

	if (*line == '#')
		return NULL;
	line[strcspn(line, "\n")] = 0;
	for (i = 0; i < 6 && line; i++) {
		line = strchr(line, ':');
		line = line ? line + 1 : NULL;
	}
	return line;
}

/*
 * Those of people, too: who logs in to mend the machine is not root at first. They may be many, and
 * fgetpwent(3) makes two system calls for each.
 */
static int add_users_shells(struct closure *c)
{
	FILE *in = fopen("/etc/passwd", "re");
	char *line = NULL, *shell;
	size_t capacity = 0;
	int err = 0;

	while (in && !err && getline(&line, &capacity, in) > 0) {
		shell = shell_of(line);
		if (shell && *shell == '/')
			err = closure_add(c, shell);
	}
	free(line);
	if (in)
		fclose(in);
	return err;
}

static int add_login_shells(struct closure *c)
{
	FILE *in = fopen("/etc/shells", "re");
	char line[PATH_MAX];
	int err = 0;

	while (in && !err && fgets(line, sizeof(line), in)) {
		line[strcspn(line, BLANKS)] = 0;
		if (*line == '/')
			err = closure_add(c, line);
	}
	if (in)
		fclose(in);
	return err;
}

/* ---- modules --------------------------------------------------------------------------------- */

static int add_pam_module(struct closure *c, const struct places *lib, const char *word)
{
	char name[NAME_MAX + sizeof("security/")];
	size_t len = strlen(word);

	if (len < 4 || len > NAME_MAX || strcmp(word + len - 3, ".so"))
		return 0;
	if (*word == '/')
		return closure_add(c, word);
	snprintf(name, sizeof(name), "security/%s", word);
	return needed_add_named(c, lib, name);
}

/* Whatever ends in .so is a module, wherever it stands in the line. */
static int add_pam_file(struct closure *c, const struct places *lib, const char *path)
{
	FILE *in = fopen(path, "re");
	char line[PATH_MAX], *word, *state;
	int err = 0;

	while (in && !err && fgets(line, sizeof(line), in)) {
		line[strcspn(line, "#")] = 0;
		word = strtok_r(line, BLANKS, &state);
		for (; word && !err; word = strtok_r(NULL, BLANKS, &state))
			err = add_pam_module(c, lib, word);
	}
	if (in)
		fclose(in);
	return err;
}

static int add_pam(struct closure *c, const struct places *lib)
{
	static const char *const patterns[] = {"/etc/pam.conf", "/etc/pam.d/*", "/usr/lib/pam.d/*"};
	glob_t found;
	size_t i, k;
	int err = 0;

	for (i = 0; i < sizeof(patterns) / sizeof(patterns[0]) && !err; i++) {
		if (glob(patterns[i], 0, NULL, &found))
			continue;
		for (k = 0; k < found.gl_pathc && !err; k++)
			err = add_pam_file(c, lib, found.gl_pathv[k]);
		globfree(&found);
	}
	return err;
}

/* "hosts: files [NOTFOUND=return] dns": each word behind the colon, actions aside. */
static int add_nss(struct closure *c, const struct places *lib)
{
	FILE *in = fopen("/etc/nsswitch.conf", "re");
	char line[PATH_MAX], name[NAME_MAX + 16], *word, *state;
	int err = 0;

	while (in && !err && fgets(line, sizeof(line), in)) {
		line[strcspn(line, "#")] = 0;
		word = strchr(line, ':');
		word = word ? strtok_r(word + 1, BLANKS, &state) : NULL;
		for (; word && !err; word = strtok_r(NULL, BLANKS, &state)) {
			if (strpbrk(word, "[]/*?=!") || strlen(word) > NAME_MAX)
				continue;
			snprintf(name, sizeof(name), "libnss_%s.so.2", word);
			err = needed_add_named(c, lib, name);
		}
	}
	if (in)
		fclose(in);
	return err;
}

int needed_add_login(struct closure *c, const struct places *lib)
{
	int err = add_users_shells(c);

	if (!err)
		err = add_login_shells(c);
	if (!err)
		err = add_pam(c, lib);
	if (!err)
		err = add_nss(c, lib);
	return err;
}
