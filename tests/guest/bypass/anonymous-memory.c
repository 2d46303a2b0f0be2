/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The library is read into anonymous memory, which is executable, and called there.
 *
 * expect: denied
 * limit: code in anonymous memory comes from no file
 */
#include "technique.h"

int main(void)
{
	struct bytes b = load(content("LIBRARY"));

	if (mprotect(b.at, b.len, PROT_READ | PROT_EXEC)) {
		perror("mprotect");
		return 1;
	}
	return try_ran(b.at);
}
