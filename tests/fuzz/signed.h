/* SPDX-License-Identifier: GPL-2.0-only */
/* A file that is signed by any bytes. */
#ifndef INTERDICT_FUZZ_SIGNED_H
#define INTERDICT_FUZZ_SIGNED_H

#include "drive.h"

#define CONTENT	    "content\n"
#define CONTENT_LEN 8

/* The MODSIG_LEN bytes at @trailer say that @len bytes before them are a signature. */
static inline void put_trailer(uint8_t *trailer, size_t len)
{
	memset(trailer, 0, MODSIG_INFO_LEN);
	trailer[2] = MODSIG_PKCS7;
	trailer[8] = len >> 24;
	trailer[9] = len >> 16;
	trailer[10] = len >> 8;
	trailer[11] = len;
	memcpy(trailer + MODSIG_INFO_LEN, MODSIG_MARKER, MODSIG_MARKER_LEN);
}

/* Return: a new file, of CONTENT_LEN + @len + MODSIG_LEN bytes. */
static inline uint8_t *signed_file(const uint8_t *blob, size_t len)
{
	uint8_t *file = malloc(CONTENT_LEN + len + MODSIG_LEN);

	REQUIRE(file);
	memcpy(file, CONTENT, CONTENT_LEN);
	if (len)
		memcpy(file + CONTENT_LEN, blob, len);
	put_trailer(file + CONTENT_LEN + len, len);
	return file;
}

#endif
