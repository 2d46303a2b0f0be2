/* SPDX-License-Identifier: GPL-2.0-only */
/* What a scan has found: a record each, dataset interdict.finding, in the log and each sink. */
#ifndef INTERDICT_AUDIT_FINDING_H
#define INTERDICT_AUDIT_FINDING_H

#include <jansson.h>

#include "audit/jsonl.h"
#include "audit/sink.h"
#include "scan/scan.h"

#define MESSAGE_FINDING_ID "5f0c2f8f7c0c4f0e9e1d3a6b84c2d713"

/**
 * finding_record() - describe a finding.
 * @s: the scan that it is of
 * Return: a new object; NULL without memory.
 */
json_t *finding_record(const struct scan *s, const struct finding *f);
/**
 * finding_write() - record one.
 * @sinks: or NULL
 * Return: 0, or what jsonl_write() gives; the sinks have it in each case.
 */
int finding_write(struct jsonl *log, struct sinks *sinks, const struct scan *s,
		  const struct finding *f);
/**
 * findings_write() - record all of a scan in EVENTS_FILE, whose chain goes on, whether interdictd
 * writes to it, too, or not.
 * Return: 0, or what jsonl_write() gave for the first that it did not take.
 */
int findings_write(const struct scan *s);

#endif
