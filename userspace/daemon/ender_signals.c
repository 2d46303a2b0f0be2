/* SPDX-License-Identifier: GPL-2.0-only */
#include <errno.h>
#include <signal.h>
#include <sys/pidfd.h>

#include "earlier.h"
#include "ender_entries.h"
#include "running/process.h"

#define AGAIN_NS  500000000ULL /* when the facts could not be found */
#define TRIES_MAX 20	       /* … so often */

void entry_try_again(struct entry *e, int error)
{
	e->not_till = ender_now() + AGAIN_NS;
	if (++e->tries < TRIES_MAX)
		return;
	entry_record_failed(e, error);
	entry_drop(e);
}

static int on_exit_of(sd_event_source *source, int fd, uint32_t revents, void *userdata)
{
	struct entry *e = userdata;
	struct ender *x = e->ender;

	entry_record_ended(e);
	entry_drop_process(e);
	ender_wait(x);
	/* There may be more than one look could hold. */
	if (!x->all)
		earlier_look_for_more(x->daemon->earlier);
	return 0;
}

/* Behind this the number is nobody else's. Return: 0, or -ESRCH when it has ended. */
static int hold(struct entry *e)
{
	if (e->pidfd >= 0)
		return 0;
	e->pidfd = pidfd_open(e->found->pid, 0);
	if (e->pidfd < 0)
		return -errno;
	return process_is(e->found->pid, e->found->start_time) ? 0 : -ESRCH;
}

static int send_signal(struct entry *e, const struct running_use *use)
{
	int err = hold(e), number = stop_signal(e->step);

	if (err)
		return err;
	/* It was judged a moment ago; by now it may be another program. */
	if (!running_still_has(use, ender_device(e->found), e->found->inode))
		return -EAGAIN;
	if (pidfd_send_signal(e->pidfd, number, NULL, 0))
		return -errno;
	e->step = number == SIGTERM ? STOP_TERMINATED : STOP_KILLED;
	e->since = ender_now();
	e->tries = e->not_till = 0;
	entry_record(e, &(struct stopped){.action = number == SIGTERM ? STOPPED_TERMINATE
								      : STOPPED_KILL});
	if (!e->exit &&
	    sd_event_add_io(e->ender->daemon->loop, &e->exit, e->pidfd, EPOLLIN, on_exit_of, e) < 0)
		e->exit = NULL;
	return 0;
}

void entry_signal(struct entry *e, const struct running_use *use)
{
	int err = send_signal(e, use);

	if (err == -EAGAIN || err == -EMFILE || err == -ENFILE || err == -ENOMEM) {
		entry_try_again(e, err);
	} else if (err == -ESRCH) {
		entry_record_ended(e);
		entry_drop_process(e);
	} else if (err) {
		entry_record_failed(e, err);
		entry_drop(e);
	}
}
