/* SPDX-License-Identifier: GPL-2.0-only */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "audit/change.h"
#include "cli/break_glass.h"
#include "kernel/kernel.h"
#include "machine/control.h"
#include "machine/machine_conf.h"

/* What is wrong with interdict.conf is said by others. */
static struct sinks *open_sinks(void)
{
	struct machine_conf conf;
	struct sinks *sinks;

	machine_conf_read(&conf, CONF_FILE, NULL);
	sinks = sinks_open(&conf.log);
	machine_conf_free(&conf);
	return sinks;
}

void break_glass_record(const struct change *c, struct diag *d)
{
	struct sinks *sinks = open_sinks();
	struct jsonl log = {.fd = -1};
	int err;

	if (mkdir(LOG_DIR, 0750) && errno != EEXIST)
		diag_warning(d, LOG_DIR, 0, "cannot be made: %s", strerror(errno));
	jsonl_open(&log, EVENTS_FILE);
	err = change_write(&log, sinks, c);
	if (err)
		diag_warning(d, EVENTS_FILE, 0, "cannot be written: only the journal knows");
	jsonl_close(&log);
	sinks_close(sinks);
}

/* What is in force; @nothing is said, and -ENOENT given, where nothing is. */
static int read_kernel(struct kernel_state *state, const char *nothing, struct diag *d)
{
	int err = kernel_read_state(state);

	if (err == -EPERM)
		diag_error(d, NULL, 0, "only root may: run this as root");
	else if (err)
		diag_error(d, PIN_DIR, 0,
			   "cannot be read: %s: `interdict unload` lifts whatever is there",
			   strerror(-err));
	if (err || state->loaded)
		return err;
	diag_error(d, NULL, 0, "%s", nothing);
	return -ENOENT;
}

/* Ask interdictd; what it refuses is final, what it does not answer is done without it. */
static int ask(const char *method, json_t *parameters, json_t **reply, struct diag *d)
{
	struct diag answer = {};
	int err = control_call(method, parameters, reply, &answer);
	size_t i;

	for (i = 0; i < answer.kept && err == -EREMOTEIO; i++)
		diag_error(d, NULL, 0, "%s", answer.lines[i].text);
	diag_free(&answer);
	return err;
}

int break_glass(struct disablement *x, struct diag *d)
{
	struct kernel_state state;
	json_t *reply = NULL;
	int err = read_kernel(&state, "nothing is enforced, so there is nothing to disable", d);

	if (err)
		return err;
	actor_self(&x->by);
	err = ask("Disable",
		  json_pack("{s:I, s:s}", "until", (json_int_t)x->until, "reason", x->reason),
		  &reply, d);
	json_decref(reply);
	if (!err || err == -EREMOTEIO)
		return err;
	err = disablement_begin(x, d);
	if (err)
		diag_error(d, PIN_DIR, 0, "enforcement cannot be disabled: %s", strerror(-err));
	else
		break_glass_record(&(struct change){.action = CHANGE_DISABLE,
						    .by = &x->by,
						    .disablement = x,
						    .before = &state.header,
						    .after = &state.header},
				   d);
	return err;
}

static int mend_directly(const struct kernel_state *state, struct diag *d)
{
	struct disablement x;
	bool disabled = disablement_read(&x, state->control.disabled_until);
	int err = disablement_end();

	if (err) {
		diag_error(d, PIN_DIR, 0, "cannot be written: %s", strerror(-err));
		return err;
	}
	if (disabled)
		break_glass_record(&(struct change){.action = CHANGE_ENABLE,
						    .disablement = &x,
						    .before = &state->header,
						    .after = &state->header},
				   d);
	return disabled;
}

int mend_glass(struct diag *d)
{
	struct kernel_state state;
	json_t *reply = NULL;
	int err = read_kernel(&state,
			      "nothing is loaded, so that nothing can be enforced: systemctl start "
			      "interdictd",
			      d);

	if (err)
		return err;
	err = ask("Enable", NULL, &reply, d);
	if (!err)
		err = json_is_true(json_object_get(reply, "changed"));
	json_decref(reply);
	return err >= 0 || err == -EREMOTEIO ? err : mend_directly(&state, d);
}
