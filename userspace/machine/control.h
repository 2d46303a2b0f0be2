/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The control socket, seen by a client. Varlink's wire format: a JSON object, a NUL.
 *
 *	{"method":"org.interdict.Reload","parameters":{…}}\0
 *
 * and for an answer one of
 *
 *	{"parameters":{…}}\0
 *	{"error":"org.interdict.Refused","parameters":{…}}\0
 */
#ifndef INTERDICT_CONTROL_H
#define INTERDICT_CONTROL_H

#include <jansson.h>

#include "diag.h"

#define CONTROL_INTERFACE "org.interdict"

/**
 * control_call() - call one method of the running interdictd.
 * @method: without its interface: "Reload"
 * @parameters: an object, or NULL; its reference is taken
 * @reply: on success the reply's parameters, to be released with json_decref()
 * @d: diagnoses: what the daemon answered (its "diagnoses" array: "error: …" and "warning: …"
 *	lines) or why it could not be asked
 *
 * Return: 0; -ECONNREFUSED when no interdictd answers; -EACCES for who is not root; -EREMOTEIO when
 * the daemon refused; -EPROTO for an answer that is none.
 */
int control_call(const char *method, json_t *parameters, json_t **reply, struct diag *d);
/** control_call_at() - likewise, of the interdictd that listens at @socket. */
int control_call_at(const char *socket, const char *method, json_t *parameters, json_t **reply,
		    struct diag *d);

#endif
