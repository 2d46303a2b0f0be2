/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Appended signatures: the bytes are the end of a file, and also what lies before a trailer that
 * fits them.
 */
#include "drive.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void examine_bytes(const uint8_t *data, size_t len, unsigned int worth)
{
	static struct examination x;
	struct memory m = {.v = data, .n = len, .verification = worth & 3};

	examine_both(&x, &m, KINDS_EXAMINED);
	REQUIRE(x.content <= len);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	uint8_t *file = malloc(len + MODSIG_LEN), *trailer = file + len;
	size_t blob = len ? data[0] * len / 256 : 0;

	examine_bytes(data, len, len ? data[0] : 0);
	memcpy(file, data, len);
	memset(trailer, 0, MODSIG_INFO_LEN);
	trailer[2] = MODSIG_PKCS7;
	trailer[8] = blob >> 24;
	trailer[9] = blob >> 16;
	trailer[10] = blob >> 8;
	trailer[11] = blob;
	memcpy(trailer + MODSIG_INFO_LEN, MODSIG_MARKER, MODSIG_MARKER_LEN);
	examine_bytes(file, len + MODSIG_LEN, blob);
	free(file);
	return 0;
}
