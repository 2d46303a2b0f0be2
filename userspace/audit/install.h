/* SPDX-License-Identifier: GPL-2.0-only */
/* A package that was refused, or would have been, before it was unpacked: a record in the log and
 * in each sink. */
#ifndef INTERDICT_INSTALL_H
#define INTERDICT_INSTALL_H

#include "audit/jsonl.h"
#include "audit/sink.h"

#define MESSAGE_INSTALL_ID "1fe12c95e5a840fda10a7418b694c816"

struct refused_package {
	const char *path;
	const char *name, *version; /* or NULL: the file does not say */
	const char *sha256;	    /* of the file, hexadecimal */
	const char *rule, *vendor;  /* the rule's id */
	const char *let_in;	    /* why it is not refused: "Mode=monitor"; or NULL */
};

/**
 * install_write() - record a refusal, or what would have been one.
 * @sinks: or NULL
 * Return: 0, or what jsonl_write() gives; the sinks have it in each case.
 */
int install_write(struct jsonl *log, struct sinks *sinks, const struct refused_package *p);

#endif
