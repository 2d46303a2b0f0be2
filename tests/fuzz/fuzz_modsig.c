/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Appended signatures: the bytes are the end of a file, and also what lies before a trailer that
 * fits them.
 */
#include "signed.h"

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
	uint8_t *file = malloc(len + MODSIG_LEN);
	size_t blob = len ? data[0] * len / 256 : 0;

	examine_bytes(data, len, len ? data[0] : 0);
	memcpy(file, data, len);
	put_trailer(file + len, blob);
	examine_bytes(file, len + MODSIG_LEN, blob);
	free(file);
	return 0;
}
