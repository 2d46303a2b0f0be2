/* SPDX-License-Identifier: GPL-2.0-only */
/* interdict.conf(5): what the administrator of a machine says, whatever its policy. */
#ifndef INTERDICT_MACHINE_CONF_H
#define INTERDICT_MACHINE_CONF_H

#include "conf.h"
#include "diag.h"
#include "policy/policy.h"

#define CANARY_MINUTES	   15
#define CANARY_MINUTES_MAX 1440

/* Whether records go to Linux audit. */
enum log_audit {
	LOG_AUDIT_AUTO, /* where auditd runs */
	LOG_AUDIT_NO,
	LOG_AUDIT_YES, /* to the kernel, whoever takes them there */
};

#define LOG_HEARTBEAT_HOURS 24

/* [Log]: how much is kept of the log, how often what is kept is vouched for, and where else records
 * go. */
struct log_conf {
	enum log_audit audit;	      /* Audit= */
	bool no_journal;	      /* Journal=no */
	bool ocsf;		      /* Format=ocsf: a copy of the log as OCSF has it */
	unsigned int heartbeat_hours; /* HeartbeatHours=; 0: none */
	bool arguments;		      /* Arguments=: command lines are recorded */
	uint64_t rotate_size;	      /* RotateSize=, bytes; 0: never */
	unsigned int rotate_keep;     /* RotateKeep=, files */
	uint64_t checkpoint_seconds;  /* CheckpointSeconds=; 0: not by time */
	uint64_t checkpoint_records;  /* CheckpointRecords=; 0: not by number */
};

struct machine_conf {
	enum rule_mode mode;	     /* Mode=: the machine's ceiling; without one, enforce */
	bool mode_is_known;	     /* false: the file is in error, and may have said another */
	struct strings protect;	     /* Protect=: files, directories and patterns */
	uint64_t running_matches;    /* MaxRunningMatches=: guard_running.h */
	bool bundles_only;	     /* a line says TrustedKey=, be it in error */
	bool is_whole;		     /* false: the file is in error, and may have said so */
	struct strings trusted_keys; /* TrustedKey=: files */
	bool local_exceptions;	     /* LocalExceptions= */
	unsigned int canary_minutes; /* CanaryMinutes=: from try to try; 0: none is made */
	char *text_file;	     /* TextFile=: where metrics are written; NULL: METRICS_FILE */
	struct log_conf log;
};

/**
 * machine_conf_read() - read interdict.conf.
 * @conf: filled; machine_conf_free() releases it in each case
 * @path: CONF_FILE; a file that does not exist says nothing
 * @d: one warning for each thing wrong, with file, line and remedy
 *
 * A file in error is no reason to enforce nothing: what can be read of it counts, and where it says
 * no mode, the mode stays what it was.
 *
 * Return: 0; -EINVAL when anything was wrong; -ENOMEM.
 */
int machine_conf_read(struct machine_conf *conf, const char *path, struct diag *d);
/** machine_conf_free() - release everything and zero @conf. */
void machine_conf_free(struct machine_conf *conf);

#endif
