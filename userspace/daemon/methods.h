/* SPDX-License-Identifier: GPL-2.0-only */
/* What the control socket can be asked. */
#ifndef INTERDICT_METHODS_H
#define INTERDICT_METHODS_H

#include <jansson.h>

struct daemon;

/**
 * methods_call() - answer a request.
 * @method: "org.interdict.Reload"
 * @parameters: an object or NULL
 *
 * Return: a new object, {"parameters":…} or {"error":…,"parameters":…}; NULL without memory.
 */
json_t *methods_call(struct daemon *daemon, const char *method, json_t *parameters);

#endif
