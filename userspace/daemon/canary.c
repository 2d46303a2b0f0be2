/* SPDX-License-Identifier: GPL-2.0-only */
#include <errno.h>
#include <spawn.h>
#include <stdbool.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "canary.h"
#include "conf.h"
#include "events.h"
#include "kernel.h"

#define TURNS 5 /* for a record that found the ring full */

/* 0: it ran and ended well; an errno: it could not be run; -1: it ran and failed. */
static int run(const char *path)
{
	char *argv[] = {(char *)path, NULL}, *envp[] = {NULL};
	int err, status;
	pid_t pid;

	err = posix_spawn(&pid, path, NULL, NULL, argv, envp);
	if (err)
		return err;
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -1;
	return WIFEXITED(status) && !WEXITSTATUS(status) ? 0 : -1;
}

/* Why nothing was denied: what the program counted tells. */
static void explain(struct diag *d)
{
	struct kernel_state state;

	if (!kernel_read_state(&state) && state.counters.hash_algorithm &&
	    state.counters.hash_algorithm != 4) {
		diag_error(d, NULL, 0,
			   "IMA digests files with algorithm %llu here, not with SHA-256 (4): boot "
			   "with ima_hash=sha256",
			   (unsigned long long)state.counters.hash_algorithm);
		return;
	}
	diag_error(d, CANARY_DENY, 0,
		   "it ran although it is listed: the hooks are attached and deny nothing here; "
		   "`interdict doctor` says why");
}

static bool is_installed(const char *path, struct diag *d)
{
	if (!access(path, X_OK))
		return true;
	diag_error(d, path, 0, "is not installed: `make install` puts it there");
	return false;
}

/* Return: whether it was denied, and by a record of our own. A flood may have filled the ring. */
static bool is_denied(struct events *events)
{
	unsigned long long before;
	int turn;

	for (turn = 0; turn < TURNS; turn++) {
		events_drain(events);
		before = events_canaries(events);
		if (run(CANARY_DENY) != EPERM)
			return false;
		events_drain(events);
		if (events_canaries(events) != before)
			return true;
	}
	return false;
}

int canary_try(struct events *events, struct diag *d)
{
	int allowed;

	if (!is_installed(CANARY_DENY, d) || !is_installed(CANARY_ALLOW, d))
		return -ENOENT;
	if (!is_denied(events)) {
		explain(d);
		return -EPROTO;
	}
	allowed = run(CANARY_ALLOW);
	if (allowed) {
		diag_error(d, CANARY_ALLOW, 0, "did not run although nothing lists it: %s",
			   allowed > 0 ? strerror(allowed) : "it failed");
		return -EPROTO;
	}
	return 0;
}
