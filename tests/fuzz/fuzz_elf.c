/* SPDX-License-Identifier: GPL-2.0-only */
/* Any bytes as an ELF file: build-id and the name of a driver. */
#include "drive.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static struct examination x;
	struct memory m = {.v = data, .n = len};

	examine_both(&x, &m, KIND_BIT(FINGERPRINT_BUILD_ID) | KIND_BIT(FINGERPRINT_MODULE_NAME));
	REQUIRE(x.identity.count <= 2 || !x.is_elf);
	REQUIRE(x.identity.signature == SIGNATURE_NONE || x.identity.fault == FAULT_STEPS);
	return 0;
}
