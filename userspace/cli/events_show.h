/* SPDX-License-Identifier: GPL-2.0-only */
/* What `interdict events` is asked for, and what shows it. */
#ifndef INTERDICT_CLI_EVENTS_SHOW_H
#define INTERDICT_CLI_EVENTS_SHOW_H

#include <stdbool.h>
#include <stddef.h>

#include "cli/event_formats.h"
#include "log/selection.h"

struct request {
	const char **files;
	size_t file_count;
	struct selection selection;
	char user[16]; /* its number */
	size_t last;   /* 0: all */
	bool follow, sum;
	enum event_format format;
};

/** events_show() - read the logs and show what is wanted. Return: an exit status. */
int events_show(const struct request *request);

#endif
