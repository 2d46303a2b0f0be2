/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Linux audit, as a sink (sink_audit): a user record of type TRUSTED_APP (1121) for each record, so
 * that `ausearch -m TRUSTED_APP` shows them beside the machine's own.
 *
 * TRUSTED_APP is audit's type for text of a program's own; fapolicyd's and usbguard's types are
 * assigned to them, and RESP_ALERT says that a mail was sent. Its fields are KEY=VALUE; what comes
 * from anybody (paths, names, reasons) is encoded as audit does it, in hexadecimal where it holds a
 * space, a quote or a control character, so that no file name can forge a field. Which they are is
 * in notice_fields; the kernel puts interdictd's own pid, uid and login uid in front, so that those
 * of the process that was denied are called opid, ouid, oauid.
 *
 * The kernel makes whoever sends to audit wait, uninterruptible and for up to a minute, while its
 * backlog is full (kernel/audit.c, audit_receive()): auditd that is stopped is enough. So a child
 * process sends, one record at a time, and interdictd waits for nobody.
 */
#ifndef INTERDICT_AUDIT_H
#define INTERDICT_AUDIT_H

#include "audit/sink.h"

#define AUDIT_TEXT_MAX 8000 /* bytes: audit takes 8,970, and libaudit adds who sends */

#define AUDIT_VALUE_MAX 1024 /* bytes, before they are encoded */

/**
 * audit_text() - the fields of a record.
 * @text: written; a value of more than AUDIT_VALUE_MAX bytes is cut there, and fields that do not
 *	fit are left out, whole
 */
void audit_text(char text[AUDIT_TEXT_MAX], const struct notice *n);

#endif
