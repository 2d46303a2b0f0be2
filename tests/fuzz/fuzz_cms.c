/* SPDX-License-Identifier: GPL-2.0-only */
/* Any bytes as a file's PKCS#7 signature: who signed. */
#include "signed.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static struct examination x;
	uint8_t *file = signed_file(data, len);
	struct memory m = {.v = file, .n = CONTENT_LEN + len + MODSIG_LEN};

	m.verification = len ? data[len - 1] & 3 : VERIFICATION_NONE;
	examine_both(&x, &m, KINDS_EXAMINED);
	REQUIRE(!len || x.identity.signatures > 0);
	free(file);
	return 0;
}
