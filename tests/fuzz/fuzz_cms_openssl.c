/* SPDX-License-Identifier: GPL-2.0-only */
/* Any bytes as a file's PKCS#7 signature: the parsers find the signers that OpenSSL finds. */
#include "oracle.h"
#include "signed.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	uint8_t *file = signed_file(data, len);
	struct bytes bytes = {.memory = file, .size = CONTENT_LEN + len + MODSIG_LEN};
	static struct examined e;

	REQUIRE(!examine(&e, &bytes, NULL));
	if (len)
		oracle_check(data, len, &e);
	examined_free(&e);
	free(file);
	return 0;
}
