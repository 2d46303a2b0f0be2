/* SPDX-License-Identifier: GPL-2.0-only */
#include <errno.h>
#include <string.h>

#include "canary.h"
#include "canary_apart.h"
#include "canary_run.h"
#include "conf.h"
#include "events.h"
#include "kernel/kernel.h"

#define IMA_SHA256 4
/* Whoever has asked waits, and so does the daemon's loop. */
#define PATIENCE_S 5

void canary_run(struct canary_result *r)
{
	r->denied = canary_run_one(CANARY_DENY);
	r->allowed = r->denied == EPERM ? canary_run_one(CANARY_ALLOW) : 0;
}

static bool is_hashed_otherwise(struct diag *d)
{
	struct kernel_state state;

	if (kernel_read_state(&state) || !state.counters.hash_algorithm ||
	    state.counters.hash_algorithm == IMA_SHA256)
		return false;
	diag_error(d, NULL, 0,
		   "IMA digests files with algorithm %llu here, not with SHA-256 (4): boot with "
		   "ima_hash=sha256",
		   (unsigned long long)state.counters.hash_algorithm);
	return true;
}

/* It ran, in whole or in part. */
static void explain_run(const struct canary_result *r, struct diag *d)
{
	if (is_hashed_otherwise(d))
		return;
	if (r->denied < 0)
		diag_error(
			d, CANARY_DENY, 0,
			"it was started although it is listed, and ended only later: exec denies "
			"nothing here: systemctl restart interdictd");
	else
		diag_error(d, CANARY_DENY, 0,
			   "it ran although it is listed: the hooks are attached and deny nothing "
			   "here; `interdict doctor` says why");
}

static int explain(const struct canary_result *r, struct diag *d)
{
	if (r->denied == ENOENT) {
		diag_error(d, CANARY_DENY, 0, "is not installed: `make install` puts it there");
		return -ENOENT;
	}
	if (r->denied <= 0)
		explain_run(r, d);
	else
		diag_error(d, CANARY_DENY, 0,
			   "was refused (%s), and not by interdict, which proves nothing: let "
			   "whatever refuses it first (fapolicyd, IMA, a noexec mount) leave it to "
			   "interdict",
			   strerror(r->denied));
	return -EPROTO;
}

int canary_judge(const struct canary_result *r, struct diag *d)
{
	if (r->denied != EPERM || !r->counted)
		return explain(r, d);
	if (!r->allowed)
		return 0;
	if (r->allowed == ENOENT) {
		diag_error(d, CANARY_ALLOW, 0, "is not installed: `make install` puts it there");
		return -ENOENT;
	}
	diag_error(d, CANARY_ALLOW, 0, "did not run although nothing lists it: %s",
		   r->allowed > 0 ? strerror(r->allowed) : "it failed");
	return -EPROTO;
}

int canary_untried(int err, unsigned int seconds, struct diag *d)
{
	if (err == -ETIMEDOUT)
		diag_error(d, CANARY_DENY, 0,
			   "did not answer within %u seconds: see who holds up its exec: a file "
			   "system that hangs, or who is asked by fanotify",
			   seconds);
	else if (err == -ECHILD)
		diag_error(d, CANARY_DENY, 0,
			   "the process that was to run it ended early: free some memory");
	else
		diag_error(d, CANARY_DENY, 0, "no process can be made to run it: free some memory");
	return -EAGAIN;
}

int canary_try(struct events *events, struct diag *d)
{
	struct canary_result r = {};
	unsigned long long before;
	int turn, err;

	for (turn = 0; turn < CANARY_TURNS && !r.counted; turn++) {
		events_drain(events);
		before = events_canaries(events, HOOK_EXEC);
		err = canary_apart_wait(&r, PATIENCE_S);
		if (err)
			return canary_untried(err, PATIENCE_S, d);
		if (r.denied != EPERM)
			break;
		events_drain(events);
		r.counted = events_canaries(events, HOOK_EXEC) != before;
	}
	return canary_judge(&r, d);
}
