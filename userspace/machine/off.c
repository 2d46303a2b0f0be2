/* SPDX-License-Identifier: GPL-2.0-only */
#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "conf.h"
#include "file.h"
#include "off.h"

#define PARAMETER  "interdict=off"
#define CREDENTIAL "interdict.off"
#define OF_SYSTEM  "/run/credentials/@system"
#define NOTE	   RUN_DIR "/off"

static const char by_parameter[] = PARAMETER " on the kernel's command line";
static const char by_credential[] = "the credential " CREDENTIAL " is there";

/* /proc/cmdline seems to have no size. What stands behind "--" is for init. */
static bool has_parameter(void)
{
	char line[4096], *word, *state;
	FILE *in = fopen("/proc/cmdline", "re");
	bool found = false;

	if (!in)
		return false;
	word = fgets(line, sizeof(line), in) ? strtok_r(line, " \n", &state) : NULL;
	for (; word && !found && strcmp(word, "--"); word = strtok_r(NULL, " \n", &state))
		found = !strcmp(word, PARAMETER);
	fclose(in);
	return found;
}

static bool has_credential(const char *dir)
{
	char path[PATH_MAX];

	return dir && snprintf(path, sizeof(path), "%s/" CREDENTIAL, dir) < (int)sizeof(path) &&
	       !access(path, F_OK);
}

const char *off_reason(void)
{
	if (has_parameter())
		return by_parameter;
	if (has_credential(getenv("CREDENTIALS_DIRECTORY")) || has_credential(OF_SYSTEM))
		return by_credential;
	return NULL;
}

const char *off_read_note(void)
{
	return access(NOTE, F_OK) ? NULL : by_credential;
}

void off_note(void)
{
	if (mkdir(RUN_DIR, 0755) && errno != EEXIST)
		return;
	file_write(NOTE, "", 0, 0644);
}

void off_remove_note(void)
{
	unlink(NOTE);
}
