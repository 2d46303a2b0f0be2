/* SPDX-License-Identifier: GPL-2.0-only */
/* interdict.conf while it is read: what the machine_conf*.c share, and nobody else. */
#ifndef INTERDICT_MACHINE_CONF_READER_H
#define INTERDICT_MACHINE_CONF_READER_H

#include "ini.h"
#include "machine_conf.h"

struct reader;

/* The last one of a section has no name. */
struct key {
	const char *name;
	void (*take)(struct reader *r, const char *value);
};

struct reader {
	struct machine_conf *conf;
	const struct key *keys; /* of the section that is open; NULL: none yet */
	bool passes_over;	/* an unknown section is */
	unsigned long mode;	/* the line of Mode=, 0: none */
	bool no_memory;
	struct ini ini;
};

/* The keys of [Log]. */
extern const struct key machine_conf_log_keys[];
/* What holds where nothing is said. */
extern const struct log_conf machine_conf_log_default;

#endif
