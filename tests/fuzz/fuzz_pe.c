/* SPDX-License-Identifier: GPL-2.0-only */
/* Any bytes as a PE file: its hash, its certificate table and the signatures in that. */
#include "drive.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static struct examination x;
	struct memory m = {.v = data, .n = len};
	int i;

	m.verification = len ? data[len - 1] & 3 : VERIFICATION_NONE;
	examine_both(&x, &m, KINDS_EXAMINED);
	/* Nothing is trusted that signs another file's hash. */
	for (i = 0; i < x.identity.count; i++)
		if (m.verification == VERIFICATION_WRONG && is_signer(&x.identity.fingerprints[i]))
			REQUIRE(x.identity.fingerprints[i].signature == SIGNATURE_INVALID);
	return 0;
}
