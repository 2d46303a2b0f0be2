/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A fleet, of the reports of its machines. Each is anybody's until its signature is verified: it is
 * read, reduced to a row of bounded size and let go. This is what the fleet*.c share, and nobody
 * else.
 */
#ifndef INTERDICT_REPORT_FLEET_H
#define INTERDICT_REPORT_FLEET_H

#include <dirent.h>

#include "report/parts.h"

#define FLEET_HOST_MAX 253 /* bytes: RFC 1035 */
#define FLEET_TEXT_MAX 300 /* characters of a text that is taken over */

struct fleet {
	const struct fleet_input *in;
	struct dirent **files; /* by name, of any bytes, which a row cannot hold */
	int file_count;
	json_t *places; /* {KEY: which of the files its row is of} */
	json_t *hosts;	/* {KEY: row}; of expected ones that are silent, too */
	json_t *invalid, *superseded;
	json_t *vendors; /* {ID: {"name","enforce","other"}} */
	json_t *gaps;	 /* {ID: {"text","hosts"}} */
	json_t *days;	 /* {DAY: {"denied","recorded"}} */
	json_int_t denied, recorded;
};

/** fleet_sane() - a number from anybody. */
json_int_t fleet_sane(json_int_t n);
/** fleet_short_text() - node_string(), of at most FLEET_TEXT_MAX characters, whole ones. */
json_t *fleet_short_text(const char *bytes);
/** fleet_add() - add @n to the number @name of @object. */
void fleet_add(json_t *object, const char *name, json_int_t n);
/** fleet_host_key() - hosts are told by name, in one case. */
void fleet_host_key(char key[FLEET_HOST_MAX + 1], const char *name);

/** fleet_row() - a report as a row. @verified: what was found of its signature. */
json_t *fleet_row(struct fleet *f, json_t *model, const char *file, const char *verified);
/** fleet_take_tables() - vendors, gaps and days of a report are added to those of all. */
void fleet_take_tables(struct fleet *f, json_t *model);
/**
 * fleet_read_reports() - a row for each host.
 * @f: its files stay for fleet_add_up(); fleet_forget_files() releases them
 * Return: 0, or what scandir(3) gives.
 */
int fleet_read_reports(struct fleet *f, struct diag *d);
/** fleet_add_up() - read the reports that count once more, for the tables. */
void fleet_add_up(struct fleet *f);
/** fleet_forget_files() - release the names of the files. */
void fleet_forget_files(struct fleet *f);
/** fleet_read_expected() - who has to report. Return: 0, or what file_read_whole() gives. */
int fleet_read_expected(struct fleet *f, struct diag *d);

#endif
