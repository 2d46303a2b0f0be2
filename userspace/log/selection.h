/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Which records are wanted. Most lines of a long log are dismissed by one look for a text that a
 * record must hold to be wanted; what is left is read and asked properly.
 */
#ifndef INTERDICT_SELECTION_H
#define INTERDICT_SELECTION_H

#include "record.h"

/* What a record is about; interdict-events(5) has their datasets. */
enum record_kind {
	RECORD_DENIED,
	RECORD_MONITORED, /* would have been denied */
	RECORD_INSTALL,	  /* a package that was refused before it was unpacked */
	RECORD_FINDING,	  /* of a scan */
	RECORD_RUNNING,	  /* what ran or was loaded already, and what became of it */
	RECORD_CHANGE,
	RECORD_HEARTBEAT,
	RECORD_SEAL,	/* a checkpoint */
	RECORD_UNKNOWN, /* of a later version */
	RECORD_KINDS,
};

#define KINDS_ALL ((1u << RECORD_KINDS) - 1)

extern const char *const record_kinds[RECORD_KINDS];

#define SELECTION_TEXT_LEN 1024
#define SELECTION_TEXTS	   6

struct selection {
	const char *vendor, *rule, *hook, *path, *user; /* NULL: any; user: a number */
	uint64_t since, until; /* ns since 1970 UTC: from, and before; 0: any time */
	unsigned int kinds;    /* bits 1 << enum record_kind */
	/* By selection_begin(): */
	char rule_text[SELECTION_TEXT_LEN], path_text[SELECTION_TEXT_LEN];
	bool path_is_pattern;
	struct {
		char text[SELECTION_TEXT_LEN];
		size_t len;
	} texts[SELECTION_TEXTS]; /* each is in the line of a record that is wanted */
	size_t text_count;
};

/**
 * selection_begin() - make ready what was filled in.
 * Return: 0, or -ENAMETOOLONG for a rule or path of more than about a thousand bytes.
 */
int selection_begin(struct selection *s);
/**
 * selection_may_want() - whether a line is worth being read.
 * @line: @len bytes
 *
 * Return: false only if selection_wants() would say so of its record.
 */
bool selection_may_want(const struct selection *s, const char *line, size_t len);
/**
 * selection_wants() - whether a record is wanted.
 * @scratch: as many bytes as its line has, and one more
 *
 * A rule is given whole or in part: its beginning, or more digits than the record's. A path with
 * one of *?[ is a pattern, in which * stands for slashes, too; any other is the path's beginning.
 */
bool selection_wants(const struct selection *s, const struct record *r, char *scratch);

/** selection_kind() - what a record is about. */
enum record_kind selection_kind(const struct record *r);

#endif
