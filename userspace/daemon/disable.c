/* SPDX-License-Identifier: GPL-2.0-only */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "audit/change.h"
#include "clock.h"
#include "disable.h"
#include "earlier.h"
#include "kernel/kernel.h"
#include "machine/disablement.h"

#define NS_PER_US 1000

/* What the kernel says: ns since boot, 0 for not disabled. */
static uint64_t disabled_until(void)
{
	struct kernel_state state;

	return kernel_read_state(&state) ? 0 : state.control.disabled_until;
}

/* ---- its end --------------------------------------------------------------------------------- */

/* It is over, and the kernel knew without us. */
static void record_end(struct daemon *daemon, const struct disablement *x)
{
	events_change(daemon->events, &(struct change){.action = CHANGE_ENABLED,
						       .time = x->until,
						       .disablement = x,
						       .before = &daemon->applied.header,
						       .after = &daemon->applied.header});
	disablement_remove_note();
	earlier_look(daemon->earlier);
	fprintf(stderr, "interdictd: enforcing again: the time is over\n");
}

static int on_end(sd_event_source *source, uint64_t usec, void *userdata)
{
	struct daemon *daemon = userdata;
	struct disablement x;

	daemon->end_of_disablement = sd_event_source_unref(source);
	/* It may have been made longer, or ended, without us. */
	if (disablement_read(&x, disabled_until()))
		return disable_watch(daemon);
	if (disablement_read_note(&x))
		record_end(daemon, &x);
	return 0;
}

static void forget_end(struct daemon *daemon)
{
	daemon->end_of_disablement = sd_event_source_disable_unref(daemon->end_of_disablement);
}

static int wait_for_end(struct daemon *daemon, uint64_t until)
{
	forget_end(daemon);
	return sd_event_add_time(daemon->loop, &daemon->end_of_disablement, CLOCK_BOOTTIME,
				 until / NS_PER_US + 1, 0, on_end, daemon);
}

int disable_watch(struct daemon *daemon)
{
	struct disablement x;
	int err = 0;

	if (disablement_read(&x, disabled_until()))
		err = wait_for_end(daemon, x.until);
	else if (disablement_read_note(&x) && x.until <= clock_ns(CLOCK_BOOTTIME))
		record_end(daemon, &x);
	else
		disablement_remove_note();
	return err < 0 ? err : 0;
}

/* ---- on demand ------------------------------------------------------------------------------- */

static int check(const struct disablement *x, const char *reason, struct diag *d)
{
	uint64_t now = clock_ns(CLOCK_BOOTTIME);
	const char *wrong = reason ? disablement_check_reason(reason) : "there is none";

	if (wrong)
		diag_error(d, "reason", 0, "%s", wrong);
	else if (x->until <= now || x->until - now > DISABLED_MOST)
		diag_error(d, "until", 0,
			   "at most 24 hours from now, in nanoseconds since boot "
			   "(CLOCK_BOOTTIME): correct it");
	else
		return 0;
	return -EINVAL;
}

int disable_method(struct daemon *daemon, json_t *parameters, json_t **answer, struct diag *d)
{
	const char *reason = json_string_value(json_object_get(parameters, "reason"));
	json_int_t until = json_integer_value(json_object_get(parameters, "until"));
	struct disablement x = {.until = until > 0 ? until : 0, .by = daemon->caller};
	char text[DISABLEMENT_TEXT_LEN];
	int err = check(&x, reason, d);

	if (err)
		return err;
	snprintf(x.reason, sizeof(x.reason), "%s", reason);
	err = disablement_begin(&x, d);
	if (err) {
		diag_error(d, PIN_DIR, 0, "enforcement cannot be disabled: %s", strerror(-err));
		return err;
	}
	events_change(daemon->events, &(struct change){.action = CHANGE_DISABLE,
						       .by = &x.by,
						       .disablement = &x,
						       .before = &daemon->applied.header,
						       .after = &daemon->applied.header});
	wait_for_end(daemon, x.until);
	fprintf(stderr, "interdictd: enforcement is disabled %s\n", disablement_describe(text, &x));
	*answer = json_pack("{s:I}", "until", (json_int_t)x.until);
	return 0;
}

int disable_end_method(struct daemon *daemon, json_t *parameters, json_t **answer, struct diag *d)
{
	struct disablement x;
	bool disabled = disablement_read(&x, disabled_until());
	int err = disabled ? disablement_end() : 0;

	if (err) {
		diag_error(d, PIN_DIR, 0, "cannot be written: %s", strerror(-err));
		return err;
	}
	if (disabled) {
		forget_end(daemon);
		events_change(daemon->events, &(struct change){.action = CHANGE_ENABLE,
							       .by = &daemon->caller,
							       .disablement = &x,
							       .before = &daemon->applied.header,
							       .after = &daemon->applied.header});
		earlier_look(daemon->earlier);
		fprintf(stderr, "interdictd: enforcing again: asked for\n");
	}
	*answer = json_pack("{s:b}", "changed", disabled);
	return 0;
}
