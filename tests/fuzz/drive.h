/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * For fuzz targets and unit tests: an examination of bytes in memory, and what must hold after it.
 */
#ifndef INTERDICT_FUZZ_DRIVE_H
#define INTERDICT_FUZZ_DRIVE_H

#include <openssl/evp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "interdict/examine.h"

#ifndef REQUIRE
#define REQUIRE(condition)                                                                         \
	do {                                                                                       \
		if (!(condition))                                                                  \
			abort();                                                                   \
	} while (0)
#endif

struct memory {
	const uint8_t *v;
	uint64_t n;
	enum verification verification; /* what each signature is worth */
	bool windows;			/* digests are taken window by window */
};

/* A window of exactly the bytes that there are: reading more is found by the sanitizer's guard. */
static inline void give_window(struct examination *x, const struct memory *m)
{
	uint64_t n = x->at < m->n ? m->n - x->at : 0;

	n = n < WINDOW_LEN ? n : WINDOW_LEN;
	memset(x->window, 0xa5, WINDOW_LEN);
	if (n)
		memcpy(x->window, m->v + x->at, n);
	x->got = (int)n;
}

static inline void give_digest(struct examination *x, const struct memory *m)
{
	EVP_MD_CTX *md = EVP_MD_CTX_new();
	int i;

	REQUIRE(md && EVP_DigestInit_ex(md, EVP_sha256(), NULL));
	x->error = 0;
	for (i = 0; i < EXAMINE_RANGES; i++) {
		const struct interdict_range *r = &x->ranges[i];

		if (!r->len)
			continue;
		if (r->at > m->n || r->len > m->n - r->at)
			x->error = -61;
		else
			REQUIRE(EVP_DigestUpdate(md, m->v + r->at, r->len));
	}
	REQUIRE(EVP_DigestFinal_ex(md, x->digest, NULL));
	EVP_MD_CTX_free(md);
}

/* The answer to what @x asks. */
static inline void give(struct examination *x, const struct memory *m)
{
	if (x->ask == ASK_DIGEST && m->windows)
		digest_begin(x);
	if (x->ask == ASK_DIGEST)
		give_digest(x, m);
	else if (x->ask == ASK_WINDOW)
		give_window(x, m);
	else
		x->verification = m->verification;
}

static inline void drive(struct examination *x, const struct memory *m, uint32_t want)
{
	uint64_t turns = 0, most = 3 * EXAMINE_STEPS + 4096 * (m->n / 64 + 8);

	memset(x, 0, sizeof(*x));
	examine_begin(x, m->n, want);
	while (x->ask != ASK_NOTHING) {
		REQUIRE(turns++ < most);
		give(x, m);
		examine_step(x);
	}
}

static inline bool is_signer(const struct fingerprint *f)
{
	return f->kind < FINGERPRINT_KINDS && KIND_BIT(f->kind) & KINDS_SIGNER;
}

static inline void check_fingerprint(const struct fingerprint *f)
{
	size_t i;

	REQUIRE(f->kind > FINGERPRINT_SHA256 && f->kind < FINGERPRINT_KINDS &&
		f->kind != FINGERPRINT_PATH);
	REQUIRE(f->signature < SIGNATURE_STATES);
	REQUIRE(is_signer(f) ? f->signature != SIGNATURE_NONE : f->signature == SIGNATURE_NONE);
	REQUIRE(f->len <= FINGERPRINT_LEN);
	for (i = f->len; f->len && i < FINGERPRINT_LEN; i++)
		REQUIRE(!f->value[i]);
	for (i = 0; i < sizeof(f->reserved); i++)
		REQUIRE(!f->reserved[i]);
}

/* What holds of any examination of any bytes. */
static inline void check_identity(const struct examination *x)
{
	const struct identity *identity = &x->identity;
	unsigned int i, signers = 0;

	REQUIRE(identity->count <= IDENTITY_FINGERPRINTS);
	for (i = 0; i < identity->count; i++) {
		check_fingerprint(&identity->fingerprints[i]);
		signers += is_signer(&identity->fingerprints[i]);
	}
	REQUIRE(identity->signature < SIGNATURE_STATES && identity->fault < FAULTS);
	REQUIRE(memchr(identity->signer, 0, SIGNER_NAME_LEN));
	REQUIRE(memchr(x->module, 0, MODULE_NAME_LEN));
	REQUIRE(!signers || identity->signatures);
	REQUIRE(!signers || identity->signature != SIGNATURE_NONE);
	/* A signature without a signer has its reason. */
	REQUIRE(!identity->signatures || signers || identity->fault ||
		identity->count == IDENTITY_FINGERPRINTS || !(x->want & KINDS_SIGNER));
}

/* Both ways to take digests give the same identity; @x keeps it. */
static inline void examine_both(struct examination *x, struct memory *m, uint32_t want)
{
	static struct examination other;

	m->windows = true;
	drive(&other, m, want);
	check_identity(&other);
	m->windows = false;
	drive(x, m, want);
	check_identity(x);
	REQUIRE(!memcmp(&x->identity, &other.identity, sizeof(x->identity)));
}

#endif
