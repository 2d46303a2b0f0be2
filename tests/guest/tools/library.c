/* SPDX-License-Identifier: GPL-2.0-only */
/* A library. Built twice, alike but for this string: one is listed, the other is not. */
const char *interdict_test_library(void);
const char *interdict_test_library(void)
{
	return "library " WHICH;
}
