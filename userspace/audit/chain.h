/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The chain: each record of a log names the one before it. The last member of a record's line is
 *
 *	"interdict":{…,"log":{"number":N,"previous":"HEX"}}}
 *
 * N counts from 1 on and goes on in the next file. HEX is the SHA-256 of the bytes from the
 * beginning of the record before up to this one's, the newline between them left out: those of its
 * line, and of lines behind it that are no records (one that a crash has torn, say). Of the first
 * record it is 64 zeros.
 */
#ifndef INTERDICT_CHAIN_H
#define INTERDICT_CHAIN_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "digests.h"

/* A line that is longer is no record: none is written, and what reads a log takes none. */
#define CHAIN_LINE_MAX (256 * 1024)

struct chain_link {
	uint64_t number; /* 1 or more; 0: there is none */
	uint8_t previous[FINGERPRINT_LEN];
};

/* The last record of a log, which the next one is to name. */
struct chain_head {
	uint64_t number;	       /* 0: there is none */
	uint8_t line[FINGERPRINT_LEN]; /* SHA-256 of its line */
	uint8_t head[FINGERPRINT_LEN]; /* and with the lines behind it that are no records */
};

/**
 * chain_parse() - find the link in a line, without its newline.
 * Return: false when it does not end in one, exactly as chain_line() writes it.
 */
bool chain_parse(struct chain_link *link, const char *line, size_t len);
/**
 * chain_line() - a record as a line, with its link as the last member of "interdict".
 * @record: an object; as it was afterwards
 * @len: bytes, with the newline that ends it
 *
 * Return: a new buffer; NULL: no memory, or the record is no object.
 */
char *chain_line(const json_t *record, const struct chain_link *link, size_t *len);

/*
 * A walk along the lines of a log. A hash is taken of each record as it comes, and gone on with for
 * each line behind it that is none.
 */
struct chain_walk {
	struct chain_head last; /* head is set by chain_walk_head() */
	void *md;		/* EVP_MD_CTX: up to the last line */
	uint64_t strangers;	/* lines behind it that are no records */
};

/** chain_walk_record() - the next line is a record. Return: 0, or -ENOMEM. */
int chain_walk_record(struct chain_walk *w, uint64_t number, const char *line, size_t len);
/** chain_walk_stranger() - the next line is none; nothing happens before the first record. */
int chain_walk_stranger(struct chain_walk *w, const char *line, size_t len);
/** chain_walk_head() - set @w->last.head to what a record behind here has to name. */
int chain_walk_head(struct chain_walk *w);
/** chain_walk_end() - release what @w holds, but for @w->last. */
void chain_walk_end(struct chain_walk *w);

#endif
