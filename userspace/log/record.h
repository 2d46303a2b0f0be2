/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The few fields of a record by which events are chosen and shown, read from its line without
 * building the object: interdict-events(5) has them all.
 *
 * It takes what jansson takes, and finds what jansson finds (tests/fuzz/fuzz_record.c), several
 * times as fast.
 */
#ifndef INTERDICT_RECORD_H
#define INTERDICT_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum record_field {
	RECORD_TIME,
	RECORD_CATEGORY, /* of an array, the first */
	RECORD_TYPE,
	RECORD_ACTION,
	RECORD_CODE,
	RECORD_REASON,
	RECORD_DATASET,
	RECORD_ID,
	RECORD_SEQUENCE,
	RECORD_RULE,
	RECORD_RULESET,
	RECORD_RULE_VERSION,
	RECORD_HOST,
	RECORD_USER,
	RECORD_USER_NAME,
	RECORD_LOGIN_USER,
	RECORD_PROCESS,
	RECORD_PROCESS_NAME,
	RECORD_EXECUTABLE,
	RECORD_PARENT,
	RECORD_PARENT_NAME,
	RECORD_PATH,
	RECORD_INODE,
	RECORD_DEVICE,
	RECORD_SIZE,
	RECORD_SHA256,
	RECORD_PACKAGE,
	RECORD_PACKAGE_VERSION,
	RECORD_CONTAINER,
	RECORD_VENDOR,
	RECORD_MODE,
	RECORD_GENERATION,
	RECORD_FROM,
	RECORD_UNTIL,
	RECORD_WHY, /* of a disablement, what its user said */
	RECORD_DRIVER,
	RECORD_REPEATS,
	RECORD_REPEATS_FIRST,
	RECORD_REPEATS_LAST,
	RECORD_ENFORCING,
	RECORD_WHY_NOT,
	RECORD_CANARY_DENIED,
	RECORD_POLICY_GENERATION,
	RECORD_CHECKPOINT,
	RECORD_FIELDS,
};

/* A value as it stands in the line: of a string what is between its quotes. */
struct record_value {
	const char *at; /* NULL: not in the record, or no string, number or truth value */
	size_t len;
	bool string, escaped; /* has backslashes */
};

struct record {
	struct record_value v[RECORD_FIELDS];
};

/** record_name() - a field as "rule.id". */
const char *record_name(enum record_field field);
/**
 * record_read() - read a line.
 * @r: filled; points into the line
 * @line: @len bytes, without the newline
 *
 * Return: 0; -EBADMSG where the line is no JSON object, or one of the fields is in it twice.
 */
int record_read(struct record *r, const char *line, size_t len);
/**
 * record_text() - a value without its escapes.
 * @to: v->len + 1 bytes; of a value that is not there, becomes empty
 *
 * Return: the bytes it has, without the NUL behind them.
 */
size_t record_text(char *to, const struct record_value *v);
/** record_is() - whether a value is this string. */
bool record_is(const struct record_value *v, const char *text);
/** record_number() - a whole number, also one that is written as a string. Return: 0 of another. */
uint64_t record_number(const struct record_value *v);

#endif
