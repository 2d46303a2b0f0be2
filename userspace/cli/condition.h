/* SPDX-License-Identifier: GPL-2.0-only */
/* The condition of this machine, as status and doctor tell it. */
#ifndef INTERDICT_CLI_CONDITION_H
#define INTERDICT_CLI_CONDITION_H

#include <jansson.h>
#include <stdbool.h>

#include "kernel/kernel.h"
#include "machine/confirmation.h"
#include "machine/disablement.h"

enum enforcement {
	ENFORCEMENT_ON,
	ENFORCEMENT_PARTIAL,  /* some hooks are missing, or did not deny the canary */
	ENFORCEMENT_MONITOR,  /* denials are only recorded */
	ENFORCEMENT_DISABLED, /* likewise, until a time */
	ENFORCEMENT_OFF,
	ENFORCEMENT_UNKNOWN, /* may not be looked at */
};

struct condition {
	enum enforcement enforcement;
	char why[BOOT_REMEDY_LEN + 512]; /* it is not on: what it is and what to do */
	struct kernel_state state;
	int state_error;
	struct disablement disablement; /* its until is 0: not disabled now */
	struct confirmation boots; /* with this policy; its boot is empty: nobody counts them */
	bool confirmed;		   /* a boot with it has reached its target */
	struct requirement requirements[REQUIREMENTS_MAX];
	size_t requirement_count;
	json_t *daemon;	  /* what interdictd says of itself, or NULL */
	json_t *events;	  /* what became of the events (account_json()), or NULL */
	int daemon_error; /* why: -EACCES, or it does not answer */
};

/** condition_read() - look at everything; condition_free() releases it. */
void condition_read(struct condition *c);
void condition_free(struct condition *c);
/** condition_word() - "enforcing", "partial", "monitor", "disabled", "not enforced",
 * "unknown". */
const char *condition_word(enum enforcement e);
#define CONDITION_LAST_GOOD                                                                        \
	"the policy files are in error: an earlier policy is in force: interdict reload says why"
#define CONDITION_WRITE_FAILED "events could not be written: journalctl -u interdictd says why"

/* What a machine has fallen back from, and how that ends. */
#define CONDITION_BEFORE                                                                           \
	"boots with the last policy have not reached their target: the one before is in force"
#define CONDITION_BEFORE_MONITOR                                                                   \
	"boots have not reached their target: what the policy denies is only recorded"
#define CONDITION_FALLEN_REMEDY                                                                    \
	"correct the policy: interdict push or rollback; or try it once more: interdict reload"

/** condition_is_last_good() - whether the policy in force is not what the files say. */
bool condition_is_last_good(const struct condition *c);
/** condition_write_failures() - events that interdictd could not write. */
int64_t condition_write_failures(const struct condition *c);
/** condition_canary() - what interdictd knows of the canary; borrowed, or NULL. */
json_t *condition_canary(const struct condition *c);
/** condition_first_unmet() - the first thing that the machine lacks, or NULL. */
const struct requirement *condition_first_unmet(const struct condition *c);
/**
 * condition_unsized() - who lists digests without sizes, as far as the policy files tell.
 * Return: an array of {"file","line","digests"}; line is 0 for a list.
 */
json_t *condition_unsized(void);

#endif
