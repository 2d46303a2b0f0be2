/* SPDX-License-Identifier: GPL-2.0-only */
/* Certificates that a policy names, and what they and the names in them come to as fingerprints. */
#ifndef INTERDICT_CERTIFICATE_H
#define INTERDICT_CERTIFICATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "interdict/abi.h"

#define CERTIFICATE_FILE_MAX (1 << 20) /* bytes */

/* The most fingerprints that one certificate stands for. */
#define CERTIFICATE_FINGERPRINTS 3

struct certificate {
	uint8_t *der; /* NULL: a public key alone */
	size_t len;
	uint8_t *spki; /* its SubjectPublicKeyInfo, DER */
	size_t spki_len;
	char *file;    /* the name of the file it is in, without its directory */
	char *subject; /* on one line, printable; NULL for a public key alone */
	/* Of kind FINGERPRINT_NONE: it has none. */
	struct fingerprint whole;  /* signer-cert */
	struct fingerprint serial; /* signer-serial: of its issuer and its serial number */
	struct fingerprint key;	   /* signer-key */
	struct fingerprint key_id; /* signer-key-id */
};

struct certificates {
	struct certificate *v;
	size_t n;
};

/**
 * certificates_read() - read a file of one or more certificates.
 * @list: appended to; untouched on failure
 * @path: a regular file: PEM blocks, or one certificate in DER
 * @keys: whether public keys alone are taken too
 * @wrong: on -EBADMSG, what is wrong with the file and what to do: a constant
 *
 * Return: 0; -EBADMSG for an empty or too large file, one that is no certificate, or is cut, or
 * holds anything else, a private key above all; -ENOMEM; or what file_open() and file_read() give.
 */
int certificates_read(struct certificates *list, const char *path, bool keys, const char **wrong);
/** certificates_free() - release the list and what it holds. */
void certificates_free(struct certificates *list);
/** certificate_free() - release what @c holds. */
void certificate_free(struct certificate *c);

/**
 * certificate_fingerprints() - what a certificate stands for.
 * @f: filled
 * @kind: FINGERPRINT_SIGNER_CERT: the certificate. Many signatures (those of drivers) do not carry
 *	it and name it instead, by issuer and serial or by key identifier: so these are given too.
 *	FINGERPRINT_SIGNER_KEY: its key, whatever certificate that is in.
 *
 * Return: how many.
 */
size_t certificate_fingerprints(struct fingerprint f[CERTIFICATE_FINGERPRINTS],
				const struct certificate *c, unsigned int kind);

#define ORGANIZATION_MAX 128 /* bytes, folded */

/**
 * organization_fold() - an organization's name as its fingerprint is taken.
 * @out: at least ORGANIZATION_MAX bytes; no NUL is added
 * @in: @len bytes
 *
 * ASCII letters become lower case, white space (space, tab, CR, LF, VT, FF) at either end goes, and
 * becomes one space elsewhere; zeros go, so that UTF-16 of ASCII is as any other; other bytes stay
 * as they are. text_fold() in cms.h does the same to what a certificate says.
 *
 * Return: the folded length; above ORGANIZATION_MAX the name is too long, and @out is cut.
 */
size_t organization_fold(char *out, const char *in, size_t len);

#endif
