/* SPDX-License-Identifier: GPL-2.0-only */
#include <string.h>

#include "confirmed.h"
#include "daemon.h"
#include "machine.h"
#include "machine/machine_conf.h"

void machine_apply(struct program *p, struct diag *d)
{
	struct machine_conf conf;
	struct diag said = {};
	int err;

	machine_conf_read(&conf, CONF_FILE, &said);
	diag_free(&said);
	if (confirmed_is_monitor())
		err = program_set_ceiling(p, MODE_MONITOR);
	else
		err = conf.mode_is_known ? program_set_ceiling(p, conf.mode) : 0;
	if (err)
		diag_warning(d, CONF_FILE, 0, "its Mode= cannot be put in force: %s",
			     strerror(-err));
	machine_conf_free(&conf);
}

int machine_watch(struct daemon *daemon)
{
	struct machine_conf conf;
	struct diag said = {};
	int err;

	machine_conf_read(&conf, CONF_FILE, &said);
	diag_free(&said);
	err = canary_watch(daemon, conf.canary_minutes);
	if (!err)
		err = metrics_watch(daemon, conf.text_file ? conf.text_file : METRICS_FILE);
	machine_conf_free(&conf);
	return err;
}

void machine_log_conf(struct log_conf *conf)
{
	struct machine_conf all;
	struct diag said = {};

	machine_conf_read(&all, CONF_FILE, &said);
	*conf = all.log;
	diag_free(&said);
	machine_conf_free(&all);
}
