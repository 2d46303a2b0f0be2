/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What `interdict doctor` looks at. First facts are gathered, then groups of checks judge them and
 * ask nobody: each says what it found, what that means, and what mends it.
 */
#ifndef INTERDICT_CLI_CHECKUP_H
#define INTERDICT_CLI_CHECKUP_H

#include <jansson.h>
#include <stdbool.h>

#include "cli/condition.h"
#include "cli/decides.h"
#include "kernel/kept.h"
#include "kernel/kmod.h"
#include "kernel/peers.h"

enum check_state {
	CHECK_OK,
	CHECK_WEAK,    /* weaker than it could be, or than it seems */
	CHECK_MISSING, /* something is let through that should not be */
};

/* Where programs lie on most machines. */
#define CHECKUP_PLACES 7

struct place {
	const char *dir; /* NULL: not there */
	struct kept on;
};

struct facts {
	const struct condition *condition;
	bool files_changed; /* the policy files are not what is in force */
	json_t *unsized;    /* condition_unsized(), or NULL */
	enum kmod_state kmod;
	char *kmod_file; /* where modprobe finds the module; NULL: nowhere */
	bool kmod_unsigned;
	bool signed_only; /* the kernel loads no driver that is not signed: sig_enforce, lockdown */
	char lockdown[32]; /* "none", "integrity", "confidentiality"; empty: there is none */
	char packing[16];  /* how drivers are packed that the kernel unpacks itself; empty: none */
	struct peers peers;
	struct place places[CHECKUP_PLACES];
};

/** checkup_look() - gather the facts; checkup_forget() releases them. @condition is the caller's.
 */
void checkup_look(struct facts *f, const struct condition *condition);
void checkup_forget(struct facts *f);

/** check_word() - "ok", "weak", "missing". */
const char *check_word(enum check_state state);
/**
 * check_add() - add what a check gives.
 * @checks: an array of {"name","state","found","means","remedy"}
 * @means: what it means for enforcement; "" where all is well
 * @remedy: the command or line that mends it, or ""
 */
void check_add(json_t *checks, enum check_state state, const char *name, const char *found,
	       const char *means, const char *remedy);

/* The groups, in the order that they are shown in. */
/** checkup_kernel() - what the kernel must have, and switches that silence it; and the module. */
void checkup_kernel(json_t *checks, const struct facts *f);
/** checkup_boot() - what was chosen when it was started: LSMs, IMA, lockdown. */
void checkup_boot(json_t *checks, const struct facts *f);
/** checkup_policy() - whether what is in force is what the administrator wrote, and counts. */
void checkup_policy(json_t *checks, const struct facts *f);
/** checkup_machine() - interdictd, file systems, and who else enforces something. */
void checkup_machine(json_t *checks, const struct facts *f);

#endif
