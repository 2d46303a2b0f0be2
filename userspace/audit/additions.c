/* SPDX-License-Identifier: GPL-2.0-only */
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "additions.h"
#include "late_digest.h"
#include "running/process.h"

#define UNSET 4294967295u

/* ---- the process ----------------------------------------------------------------------------- */

static void add_process(struct additions *a, const struct event *e, bool with_arguments)
{
	if (!process_is(e->pid, e->start_time))
		return;
	if (!e->executable.whole)
		a->executable = process_link(e->pid, "exe");
	if (!e->directory.whole)
		a->directory = process_link(e->pid, "cwd");
	if (with_arguments)
		a->arguments = process_arguments(e->pid);
}

static void add_ancestors(struct additions *a, const struct event *e)
{
	int i;

	for (i = 0; i < ANCESTORS && e->ancestors[i].pid; i++)
		if (process_is(e->ancestors[i].pid, e->ancestors[i].start_time))
			a->ancestor_executables[i] = process_link(e->ancestors[i].pid, "exe");
}

/* Of this machine's own users: a directory in the network could keep us waiting. */
static void add_names(struct additions *a, const struct event *e)
{
	FILE *in = fopen("/etc/passwd", "re");
	struct passwd *user;

	while (in && (user = fgetpwent(in))) {
		if (user->pw_uid == e->uid && !a->user)
			a->user = strdup(user->pw_name);
		if (user->pw_uid == e->login_uid && e->login_uid != UNSET && !a->login)
			a->login = strdup(user->pw_name);
	}
	if (in)
		fclose(in);
}

void additions_gather(struct additions *a, const struct event *e, bool with_arguments)
{
	*a = (struct additions){};
	add_process(a, e, with_arguments);
	add_ancestors(a, e);
	add_names(a, e);
	a->hashed = late_digest(a->digest, e);
}

void additions_free(struct additions *a)
{
	size_t i;

	free(a->executable);
	free(a->directory);
	free(a->user);
	free(a->login);
	free(a->arguments);
	for (i = 0; i < ANCESTORS; i++)
		free(a->ancestor_executables[i]);
	*a = (struct additions){};
}
