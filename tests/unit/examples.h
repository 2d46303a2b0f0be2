/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * For unit tests: two certificates whose private keys are gone, and what the openssl program says
 * of the first:
 *
 *	openssl x509 -in c.pem -outform DER | sha256sum
 *	openssl x509 -in c.pem -noout -pubkey | openssl pkey -pubin -outform DER | sha256sum
 *	openssl x509 -in c.pem -noout -ext subjectKeyIdentifier
 *
 * and, of the content of issuerAndSerialNumber in what `openssl cms -sign -nocerts` made with it:
 *
 *	dd if=m.p7 bs=1 skip=63 count=103 | sha256sum
 */
#ifndef INTERDICT_TEST_EXAMPLES_H
#define INTERDICT_TEST_EXAMPLES_H

/* clang-format off */
#define EXAMPLE_1 \
	"-----BEGIN CERTIFICATE-----\n" \
	"MIIB9TCCAZugAwIBAgIUPC2ta59Mi+aagEUbiBr5gAiIKVUwCgYIKoZIzj0EAwIw\n" \
	"TzELMAkGA1UEBhMCQ0gxHzAdBgNVBAoMFkV4YW1wbGUgIFNvZnR3YXJlIEx0ZC4x\n" \
	"HzAdBgNVBAMMFkV4YW1wbGUgY29kZSBzaWduaW5nIDEwIBcNMjYxMTIyMDIxODQ2\n" \
	"WhgPMjEyNjEwMjkwMjE4NDZaME8xCzAJBgNVBAYTAkNIMR8wHQYDVQQKDBZFeGFt\n" \
	"cGxlICBTb2Z0d2FyZSBMdGQuMR8wHQYDVQQDDBZFeGFtcGxlIGNvZGUgc2lnbmlu\n" \
	"ZyAxMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEXq/sVf/FGK7eINfTtLLU4DNW\n" \
	"eLZUid7PKD2dKX1JlfsGGTWnkXD3VuZRi1e9M2CCOxlcZ4sgcYQLNy/mgVW1RaNT\n" \
	"MFEwHwYDVR0jBBgwFoAUVXYvB6HKnzcaN9R8Zjn+uz2dD/YwDwYDVR0TAQH/BAUw\n" \
	"AwEB/zAdBgNVHQ4EFgQUVXYvB6HKnzcaN9R8Zjn+uz2dD/YwCgYIKoZIzj0EAwID\n" \
	"SAAwRQIgeGHGiqdv0qgbkUO95+Ad0V2ummZzdtq51Y4nT3yGEa0CIQC88EbuaHAU\n" \
	"/gruzxL5oIMIsu0FNOeL11HQnAxkyPX2nQ==\n" \
	"-----END CERTIFICATE-----\n"

#define EXAMPLE_1_KEY \
	"-----BEGIN PUBLIC KEY-----\n" \
	"MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEXq/sVf/FGK7eINfTtLLU4DNWeLZU\n" \
	"id7PKD2dKX1JlfsGGTWnkXD3VuZRi1e9M2CCOxlcZ4sgcYQLNy/mgVW1RQ==\n" \
	"-----END PUBLIC KEY-----\n"

#define EXAMPLE_2 \
	"-----BEGIN CERTIFICATE-----\n" \
	"MIIB9jCCAZugAwIBAgIUUsPeavo8vLjf9jdBqCWCikrq+1wwCgYIKoZIzj0EAwIw\n" \
	"TzELMAkGA1UEBhMCQ0gxHzAdBgNVBAoMFkV4YW1wbGUgIFNvZnR3YXJlIEx0ZC4x\n" \
	"HzAdBgNVBAMMFkV4YW1wbGUgY29kZSBzaWduaW5nIDIwIBcNMjYxMTIyMDIxODQ2\n" \
	"WhgPMjEyNjEwMjkwMjE4NDZaME8xCzAJBgNVBAYTAkNIMR8wHQYDVQQKDBZFeGFt\n" \
	"cGxlICBTb2Z0d2FyZSBMdGQuMR8wHQYDVQQDDBZFeGFtcGxlIGNvZGUgc2lnbmlu\n" \
	"ZyAyMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEG1eZrTmyul4DYdHNwZapnPZw\n" \
	"R7zUDxySsMRswFK/5eB7Nyguh6ZDkmgArBReqit8oeT2ltJsXUts46srOirshKNT\n" \
	"MFEwHwYDVR0jBBgwFoAUsk798vr7vHWCddloRPAQNPC2S1cwDwYDVR0TAQH/BAUw\n" \
	"AwEB/zAdBgNVHQ4EFgQUsk798vr7vHWCddloRPAQNPC2S1cwCgYIKoZIzj0EAwID\n" \
	"SQAwRgIhAInfY+NFet4tGhS8xRZU5BgmRNBSjkpqNws8ZtHUDtXYAiEApTI1G22M\n" \
	"mA/ZmZLqO1skMADw3tsrw1MNk4r7m0hWVCg=\n" \
	"-----END CERTIFICATE-----\n"
/* clang-format on */

#define EXAMPLE_1_CERT	  "1c65cedd991e669dabb6497ba85c37c0a75be2f2570a63ba747ea877de1d4696"
#define EXAMPLE_1_SPKI	  "1c591be1fc49370532e031779aeb4ddde2a7f6250846b70ef84473b205a755ef"
#define EXAMPLE_1_SERIAL  "3b4d34004a25d8b0ca8ccf54546f7737fde100ece7c150396f0d17d0a35fea87"
#define EXAMPLE_1_KEY_ID  "55762f07a1ca9f371a37d47c6639febb3d9d0ff6"
#define EXAMPLE_1_SUBJECT "C = CH, O = Example  Software Ltd., CN = Example code signing 1"
#define EXAMPLE_2_CERT	  "5123acfb736bfdba1357df8cb782271b6b1f69b9cb793940e791e96d7b6dfd28"

#endif
