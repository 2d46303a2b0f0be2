/* SPDX-License-Identifier: GPL-2.0-only */
#include "signature.h"

const char *signature_name(unsigned int state)
{
	static const char *const names[SIGNATURE_STATES] = {
		[SIGNATURE_NONE] = "none",	   [SIGNATURE_INVALID] = "invalid",
		[SIGNATURE_CLAIMED] = "claimed",   [SIGNATURE_VALID] = "valid",
		[SIGNATURE_VERIFIED] = "verified",
	};

	return state < SIGNATURE_STATES ? names[state] : "unknown";
}

const char *fault_text(unsigned int fault)
{
	static const char *const texts[FAULTS] = {
		[FAULT_NONE] = "",
		[FAULT_READ] = "the signature's bytes could not be read",
		[FAULT_CUT] = "the signature is cut: an element reaches beyond what holds it",
		[FAULT_INDEFINITE] = "the signature has an element of indefinite length: not DER",
		[FAULT_LENGTH] = "the signature has a length of more than four bytes",
		[FAULT_TAG] = "the signature has another element than PKCS#7 has there",
		[FAULT_TRAILER] = "the trailer is not that of an appended PKCS#7 signature",
		[FAULT_TABLE] = "the certificate table does not lie in the file, or is garbled",
		[FAULT_NO_SIGNER] = "the signature is by nobody",
		[FAULT_STEPS] = "the file has more elements than any signed file has",
	};

	return fault < FAULTS ? texts[fault] : "unknown";
}
