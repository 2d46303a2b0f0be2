/* SPDX-License-Identifier: GPL-2.0-only */
/* A file that is signed by any bytes. */
#ifndef INTERDICT_FUZZ_SIGNED_H
#define INTERDICT_FUZZ_SIGNED_H

#include "drive.h"

#define CONTENT	    "content\n"
#define CONTENT_LEN 8

/* Return: a new file, of CONTENT_LEN + @len + MODSIG_LEN bytes. */
static inline uint8_t *signed_file(const uint8_t *blob, size_t len)
{
	uint8_t *file = calloc(1, CONTENT_LEN + len + MODSIG_LEN), *trailer;

	REQUIRE(file);
	memcpy(file, CONTENT, CONTENT_LEN);
	if (len)
		memcpy(file + CONTENT_LEN, blob, len);
	trailer = file + CONTENT_LEN + len;
	trailer[2] = MODSIG_PKCS7;
	trailer[8] = len >> 24;
	trailer[9] = len >> 16;
	trailer[10] = len >> 8;
	trailer[11] = len;
	memcpy(trailer + MODSIG_INFO_LEN, MODSIG_MARKER, MODSIG_MARKER_LEN);
	return file;
}

#endif
