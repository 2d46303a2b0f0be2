/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the sinks beside the log are handed: the record that the log has, and what it says in one
 * line to a person. Each takes from it what it has words for.
 */
#ifndef INTERDICT_NOTICE_H
#define INTERDICT_NOTICE_H

#include <jansson.h>
#include <stdbool.h>

#include "fold.h"
#include "interdict/abi.h"

/* The catalog (packaging/catalog) has a text for each. */
#define MESSAGE_DENIED_ID "3e9f3f7a57d24d0ab4c8f1d66d5b1b5e" /* a denial */
#define MESSAGE_WOULD_ID  "187a0cc00bd54b2b99a59927378baf63" /* what would have been one */

struct notice {
	const json_t *record; /* as in the log */
	const char *message;  /* one line, in anybody's bytes */
	const char *id;	      /* MESSAGE_*_ID */
	int priority;	      /* LOG_*, as syslog(3) has them */
};

/* A path may be long, and each of its bytes written as four. */
#define NOTICE_MESSAGE_LEN (5 * EVENT_PATH_LEN)

/**
 * notice_denial() - make a notice of a denial, or of what would have been one.
 * @n: filled; it points to the others
 * @message: written
 * @e: as for ecs_record()
 * @r: as for ecs_record()
 * @record: what ecs_record() made of them
 */
void notice_denial(struct notice *n, char message[NOTICE_MESSAGE_LEN], const struct event *e,
		   const struct repeats *r, const json_t *record);

/**
 * notice_state() - a record that is neither a denial nor a change, by interdict itself.
 * @outcome: "success", "failure"
 * @own: the object `interdict`; its reference is taken
 *
 * Return: a new object, or NULL without memory.
 */
json_t *notice_state(const char *dataset, const char *action, const char *outcome,
		     const char *reason, json_t *own);
/** notice_new_id() - a name for a record that no kernel has numbered: event.id. */
json_t *notice_new_id(void);

/** notice_value() - what a record has at a dotted @path, "file.hash.sha256"; NULL: nothing. */
const json_t *notice_value(const json_t *record, const char *path);
/** notice_string() - likewise, if it is a string; "" otherwise. */
const char *notice_string(const json_t *record, const char *path);

#define NOTICE_TEXT_LEN (5 * EVENT_PATH_LEN) /* of any value: likewise */

/**
 * notice_text() - likewise, as text: a string, a number, true or false, the strings of an array
 * with "; " in between.
 * Return: false when there is nothing; then @text is empty.
 */
bool notice_text(char text[NOTICE_TEXT_LEN], const json_t *record, const char *path);

/* What the journal and audit have a field of its own for. */
struct notice_field {
	const char *journal; /* NULL: not there */
	const char *audit;   /* NULL: not there */
	const char *path;    /* in the record */
};

/** notice_fields - all of them; the one whose path is NULL ends them. */
extern const struct notice_field notice_fields[];

#endif
