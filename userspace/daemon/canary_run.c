/* SPDX-License-Identifier: GPL-2.0-only */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "canary_run.h"
#include "file.h"

/* What hangs in an exec has our descriptors, and so the lock: it ends with whoever waits for it. */
static void __attribute__((noreturn)) become(const char *path, int refusal, pid_t parent)
{
	char *argv[] = {(char *)path, NULL}, *envp[] = {NULL};
	int err;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(1);
	execve(path, argv, envp);
	err = errno;
	_exit(write(refusal, &err, sizeof(err)) == sizeof(err) ? 0 : 1);
}

/* How it ended; @refusal ends when it is run, or has why it is not. */
static int result_of(pid_t pid, int refusal)
{
	int err = 0, status;
	ssize_t n = file_read(refusal, &err, sizeof(err));

	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return CANARY_FAILED;
	if (n == sizeof(err))
		return err;
	return WIFEXITED(status) && !WEXITSTATUS(status) ? 0 : CANARY_FAILED;
}

int canary_run_one(const char *path)
{
	pid_t parent = getpid(), pid;
	int ends[2], result;

	if (pipe2(ends, O_CLOEXEC))
		return errno;
	pid = fork();
	if (!pid)
		become(path, ends[1], parent);
	result = errno;
	close(ends[1]);
	if (pid > 0)
		result = result_of(pid, ends[0]);
	close(ends[0]);
	return result;
}
