/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Checkpoints: what a log was up to one of its records, signed. Each epoch has its own Ed25519 key
 * and ends with a checkpoint that names the next one's public key; then its private key is erased
 * (seal.h). So a log that is whole has a chain of keys that begins with its root, the first one,
 * and nobody who takes the machine can sign for an epoch that is over.
 *
 * What is signed is a text, and not the JSON that carries it:
 *
 *	interdict-checkpoint-1
 *	machine=HEX			machine-id
 *	root=HEX			the public key of epoch 0
 *	epoch=N
 *	public_key=HEX			the one that signs
 *	next_key=HEX			that of epoch N+1
 *	first=N				the oldest record that rotation has left
 *	number=N			the last record that it covers
 *	head=HEX			what the record behind that has as interdict.log.previous
 *	time=N				seconds since 1970
 *
 * each line with its newline.
 */
#ifndef INTERDICT_CHECKPOINT_H
#define INTERDICT_CHECKPOINT_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "digests.h"

#define CHECKPOINT_KEY_LEN	 32 /* RFC 8032: of Ed25519, both the public and the private one */
#define CHECKPOINT_SIGNATURE_LEN 64
#define CHECKPOINT_MACHINE_LEN	 16
#define CHECKPOINT_DATASET	 "interdict.checkpoint"
#define CHECKPOINT_LINE_MAX	 (4 * 1024) /* of one as JSON, alone */

struct checkpoint {
	uint64_t epoch, first, number, time;
	uint8_t machine[CHECKPOINT_MACHINE_LEN];
	uint8_t root[CHECKPOINT_KEY_LEN];
	uint8_t key[CHECKPOINT_KEY_LEN], next[CHECKPOINT_KEY_LEN];
	uint8_t head[FINGERPRINT_LEN];
	uint8_t signature[CHECKPOINT_SIGNATURE_LEN];
};

/** checkpoint_new_key() - draw a key. Return: 0, or -EIO when OpenSSL has none to give. */
int checkpoint_new_key(uint8_t private_key[CHECKPOINT_KEY_LEN],
		       uint8_t public_key[CHECKPOINT_KEY_LEN]);
/** checkpoint_sign() - sign all of it but the signature. Return: 0, or -EIO, without memory. */
int checkpoint_sign(struct checkpoint *c, const uint8_t private_key[CHECKPOINT_KEY_LEN]);
/** checkpoint_is_signed() - whether the signature is that of the public key that it names. */
bool checkpoint_is_signed(const struct checkpoint *c);

/** checkpoint_json() - interdict.checkpoint; a new object, or NULL without memory. */
json_t *checkpoint_json(const struct checkpoint *c);
/** checkpoint_from_json() - read interdict.checkpoint. Return: false when it is none. */
bool checkpoint_from_json(struct checkpoint *c, const json_t *object);

/* What the writer of a log has to say of it: why one record is not followed by the next. */
enum checkpoint_action {
	CHECKPOINT_MADE,  /* "checkpoint" */
	CHECKPOINT_BEGIN, /* "begin": another root from here on */
	CHECKPOINT_GAP,	  /* "gap": records that were written are not there any more */
};

/**
 * checkpoint_record() - a record of the log's own.
 * @own: interdict.checkpoint; its reference is taken
 * @reason: event.reason
 *
 * Return: a new object, or NULL without memory.
 */
json_t *checkpoint_record(enum checkpoint_action action, json_t *own, const char *reason);

/** checkpoint_hex() - bytes as a new string of lowercase digits, for a JSON object. */
json_t *checkpoint_hex(const uint8_t *bytes, size_t len);

#endif
