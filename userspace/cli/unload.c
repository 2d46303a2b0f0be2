/* SPDX-License-Identifier: GPL-2.0-only */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "audit/account.h"
#include "audit/change.h"
#include "cli/break_glass.h"
#include "cli/cli.h"
#include "cli/options.h"
#include "cli/output.h"
#include "kernel/kernel.h"
#include "machine/control.h"

static int help(void)
{
	puts("Usage: interdict unload [--json]\n\n"
	     "Lift all enforcement at once: nothing is denied any more until interdictd is\n"
	     "started again. The policy files stay. Without a running interdictd the kernel is\n"
	     "told directly. Only root may.\n\n"
	     "  --json   print one JSON object\n"
	     "  --help   this text\n\n"
	     "Exit status: 0 nothing is enforced any more (or was), 2 usage, 4 failed.\n\n"
	     "Examples:\n"
	     "  interdict unload && interdict status\n"
	     "  systemctl stop interdictd && interdict unload");
	return EXIT_YES;
}

/* What waits in the ring goes with it, when there is no interdictd to write it down. */
static void warn_of_pending(struct diag *d)
{
	const struct ledger_totals unknown = {};
	int ring = kernel_open_pin(PIN_EVENTS);
	struct kernel_state state;
	struct account account;

	if (ring < 0)
		return;
	if (!kernel_read_state(&state)) {
		account_make(&account, &state.counters, &unknown, ring);
		if (account.pending)
			diag_warning(d, NULL, 0,
				     "%llu events that no interdictd has written down go with it: "
				     "start interdictd before to have them",
				     (unsigned long long)account.pending);
	}
	close(ring);
}

static void record(const struct kernel_state *before, struct diag *d)
{
	struct image_header none = {};

	break_glass_record(&(struct change){.action = CHANGE_UNLOAD,
					    .before = before->loaded ? &before->header : &none,
					    .after = &none},
			   d);
}

/* Whether anything was lifted: 1 or 0, or a negative errno. */
static int unload(struct diag *d)
{
	struct diag unanswered = {};
	struct kernel_state before;
	json_t *reply = NULL;
	int err;

	if (geteuid()) {
		diag_error(d, NULL, 0, "only root may lift enforcement: run this as root");
		return -EPERM;
	}
	err = control_call("Unload", NULL, &reply, &unanswered);
	json_decref(reply);
	/* What is broken must not keep enforcement in place. */
	if (err) {
		if (kernel_read_state(&before))
			before.loaded = false;
		warn_of_pending(d);
		err = kernel_unload();
		disablement_remove_note();
		if (!err)
			record(&before, d);
	}
	diag_free(&unanswered);
	if (err && err != -ENOENT)
		diag_error(d, PIN_DIR, 0, "cannot be unpinned: %s", strerror(-err));
	return err == -ENOENT ? 0 : err ? err : 1;
}

int unload_main(int argc, char **argv)
{
	bool json = false;
	int status = options_json(argc, argv, &json), lifted;
	struct diag d = {};

	if (status)
		return status == OPTIONS_HELP ? help() : status;
	lifted = unload(&d);
	if (lifted < 0)
		return cli_failed(&d);
	diag_print(&d, PROGRAM);
	diag_free(&d);
	if (json)
		return output_json(json_pack("{s:b}", "changed", lifted));
	puts(lifted ? "nothing is enforced any more; systemctl start interdictd puts the policy in "
		      "force again"
		    : "nothing was enforced");
	return EXIT_YES;
}
