/* SPDX-License-Identifier: GPL-2.0-only */
/* Where things are, and interdict.conf(5). The Makefile sets the directories. */
#ifndef INTERDICT_CONF_H
#define INTERDICT_CONF_H

#ifndef SYSCONFDIR
#define SYSCONFDIR "/etc"
#endif
#ifndef LIBDIR
#define LIBDIR "/usr/lib"
#endif
#ifndef LIBEXECDIR
#define LIBEXECDIR "/usr/libexec"
#endif

#define CONF_FILE	  SYSCONFDIR "/interdict/interdict.conf"
#define TAGS_FILE	  SYSCONFDIR "/interdict/tags"
#define POLICY_DIR_VENDOR LIBDIR "/interdict/policy.d"
#define POLICY_DIR_LOCAL  SYSCONFDIR "/interdict/policy.d"
#define POLICY_DIR_RUN	  "/run/interdict/policy.d"
#define STATE_DIR	  "/var/lib/interdict"
/* Signed bundles, each by its Id; and the highest version of each that was here. */
#define BUNDLE_DIR  STATE_DIR "/bundles"
#define FLOORS_FILE STATE_DIR "/versions"
/* The image that was put in force last. */
#define IMAGE_FILE	  STATE_DIR "/image"
#define CERTIFICATES_FILE STATE_DIR "/certificates.pem"
/* The one that a boot has reached its target with last, and how many have not (confirmation.h). */
#define CONFIRMED_FILE		    STATE_DIR "/confirmed"
#define CONFIRMED_CERTIFICATES_FILE STATE_DIR "/confirmed.pem"
#define BOOTS_FILE		    STATE_DIR "/boots"
/* When the last heartbeat was, and which exceptions are known: what is told once. */
#define HEARTBEAT_FILE	STATE_DIR "/heartbeat"
#define EXCEPTIONS_FILE STATE_DIR "/exceptions"
/* The local policy directory as it was before the last command that changed it. */
#define PREVIOUS_DIR   STATE_DIR "/previous"
#define LOG_DIR	       "/var/log/interdict"
#define EVENTS_FILE    LOG_DIR "/events.jsonl"
#define RUN_DIR	       "/run/interdict"
#define CONTROL_SOCKET RUN_DIR "/control"
#define METRICS_FILE   RUN_DIR "/interdict.prom"
#define CANARY_DENY    LIBEXECDIR "/interdict/canary-deny"
#define CANARY_ALLOW   LIBEXECDIR "/interdict/canary-allow"
/* Likewise scripts, which an interpreter runs. */
#define CANARY_DENY_SCRIPT  LIBEXECDIR "/interdict/canary-deny.sh"
#define CANARY_ALLOW_SCRIPT LIBEXECDIR "/interdict/canary-allow.sh"

#define LOCAL_POLICY "90-local.policy"

/* Exit status, everywhere. */
enum exit_status {
	EXIT_YES = 0,	     /* yes, or done */
	EXIT_NO = 1,	     /* denied, found, not equal */
	EXIT_USAGE = 2,	     /* the command line is wrong */
	EXIT_INCOMPLETE = 3, /* not everything could be looked at */
	EXIT_FAILED = 4,
};

#endif
