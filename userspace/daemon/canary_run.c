/* SPDX-License-Identifier: GPL-2.0-only */
#include <errno.h>
#include <spawn.h>
#include <sys/wait.h>

#include "canary_run.h"

int canary_run_one(const char *path)
{
	char *argv[] = {(char *)path, NULL}, *envp[] = {NULL};
	int err, status;
	pid_t pid;

	err = posix_spawn(&pid, path, NULL, NULL, argv, envp);
	if (err)
		return err;
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return CANARY_FAILED;
	return WIFEXITED(status) && !WEXITSTATUS(status) ? 0 : CANARY_FAILED;
}
