/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The canary: built twice, as canary-deny, which every policy lists, and as canary-allow, which
 * none does. Both have the same size, so that the positive control passes the prefilter too and is
 * told apart by its digest alone.
 */
__attribute__((used)) static const char name[] = "interdict canary: " CANARY;

int main(void)
{
	return 0;
}
