/* SPDX-License-Identifier: GPL-2.0-only */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "boot.h"
#include "canary_watch.h"
#include "confirmed.h"
#include "enforce.h"
#include "generation.h"
#include "kernel/kernel.h"
#include "kernel/kmod.h"
#include "machine.h"

/* ---- what is there is taken over ----------------------------------------------------------- */

static int open_events(struct daemon *daemon, struct diag *d)
{
	daemon->events = events_open(&daemon->program, daemon->fold, daemon->sinks);
	if (daemon->events)
		return 0;
	diag_error(d, NULL, 0, "the event ring cannot be read: %s", strerror(errno));
	return -EIO;
}

/* Who holds up an exec does not keep a machine from what it enforces: the status has it, and it is
 * tried again. */
static int prove(struct daemon *daemon, struct diag *d)
{
	struct diag said = {};
	int err = canary_prove(daemon, &said);

	if (err != -EAGAIN) {
		diag_move(d, &said);
		return err;
	}
	diag_warning(d, NULL, 0, "nothing proves so far that anything is denied: %s",
		     daemon->canary.error);
	diag_free(&said);
	return 0;
}

/* A program of ours is there already: take it over, and prove that it still denies. */
static int adopt(struct daemon *daemon, struct diag *d)
{
	int err = open_events(daemon, d);

	boot_note(NULL);
	machine_apply(&daemon->program, d);
	if (!err)
		events_adopt_ledgers(daemon->events);
	if (!err)
		err = apply_at_start(&daemon->program, &daemon->applied, d);
	if (!err)
		err = prove(daemon, d);
	return err;
}

/* ---- or replaced --------------------------------------------------------------------------- */

/* What another build has reported and nobody has written down yet. */
static void drain(const struct daemon *daemon, int ring)
{
	events_close(events_open_replaced(ring, daemon->fold, daemon->sinks));
	if (ring >= 0)
		close(ring);
}

/*
 * What was replaced, or has not come so far, ends here: its links, then its events, then the rest.
 */
static void end_replaced(const struct daemon *daemon)
{
	drain(daemon, program_release_replaced());
	program_forget_replaced();
}

/* Load and attach, and prove that it denies: with the canary alone, so that what is enforced is
 * still what was. */
static int load_and_prove(struct daemon *daemon, struct diag *d)
{
	int err = program_load(&daemon->program, d);

	if (!err)
		machine_apply(&daemon->program, d);
	if (!err)
		err = apply_nothing(&daemon->program, d);
	if (!err)
		err = program_attach(&daemon->program, d);
	if (!err)
		err = open_events(daemon, d);
	if (!err)
		err = prove(daemon, d);
	return err;
}

/* What the pinned program enforces and this one cannot read. Where there is nothing to put in its
 * place, that program stays: an upgrade lifts nothing. */
static int compile_anew(struct daemon *daemon, struct diag *d)
{
	int err = apply_at_start(&daemon->program, &daemon->applied, d);

	if (err || daemon->applied.header.generation)
		return err;
	diag_error(d, NULL, 0,
		   "the policy in force is another version's, and stays: correct the policy files, "
		   "then: systemctl restart interdictd");
	return -EBADMSG;
}

/* The image in force goes on; only one that this program cannot read is compiled anew before. */
static int take_the_place(struct daemon *daemon, struct diag *d)
{
	int err = program_share_image(&daemon->program);

	if (err && err != -ENOENT)
		err = compile_anew(daemon, d);
	else
		err = 0;
	if (!err)
		err = program_commit(&daemon->program, d);
	return err;
}

/* What held last goes first: to compile what the directories say may take long, and a boot waits.
 */
static int apply_early(struct daemon *daemon, struct diag *d)
{
	int err;

	if (apply_before(&daemon->program))
		boot_note(NULL);
	err = apply_at_start(&daemon->program, &daemon->applied, d);
	/* Of another policy than the one that boots have failed with, all is enforced. */
	machine_apply(&daemon->program, d);
	return err;
}

/* What was written and not yet counted when interdictd was killed is the log's last record: so the
 * ring that is replaced is read before anything else is written, and once more when it has ended.
 */
static int load(struct daemon *daemon, struct diag *d)
{
	int err;

	drain(daemon, kernel_open_pin(PIN_EVENTS));
	err = load_and_prove(daemon, d);
	if (!err)
		err = take_the_place(daemon, d);
	if (err)
		return err;
	end_replaced(daemon);
	events_adopt_ledgers(daemon->events);
	daemon->fresh = true;
	if (!daemon->applied.header.magic)
		err = apply_early(daemon, d);
	boot_note(NULL);
	/* Not even an earlier policy is to be had: do not seem to enforce. */
	if (err)
		kernel_unload();
	return err;
}

/* ---- on record ----------------------------------------------------------------------------- */

static int enforce(struct daemon *daemon, struct diag *d)
{
	int err;

	end_replaced(daemon);
	kmod_load(d);
	err = program_adopt(&daemon->program);
	if (!err)
		return adopt(daemon, d);
	if (err != -ENOENT && err != -ESTALE) {
		diag_error(d, PIN_DIR, 0, "what is pinned cannot be read: %s", strerror(-err));
		return err;
	}
	return load(daemon, d);
}

/* Who has begun or ended what is on record, with what was in force before. */
void enforce_record(struct daemon *daemon, const char *action, const struct image_header *before)
{
	events_change(daemon->events, &(struct change){.action = action,
						       .before = before,
						       .after = &daemon->applied.header});
}

int enforce_on_record(struct daemon *daemon, struct diag *d)
{
	struct fallen fallen = {};
	struct kernel_state before;
	int err;

	if (kernel_read_state(&before) || !before.loaded)
		memset(&before, 0, sizeof(before));
	generation_recover(&before.header);
	if (!before.loaded && daemon->boot && !boot_is_over())
		confirmed_begin(&fallen, d);
	err = enforce(daemon, d);
	if (err)
		return err;
	confirmed_record(daemon, &fallen);
	enforce_record(daemon, CHANGE_START, &before.header);
	enforce_record(daemon, daemon->fresh ? CHANGE_LOAD : CHANGE_ADOPT, &before.header);
	if (daemon->applied.last_good)
		events_change(daemon->events, &(struct change){.action = CHANGE_REFUSED,
							       .before = &before.header,
							       .after = &daemon->applied.header,
							       .diagnoses = d});
	return 0;
}
