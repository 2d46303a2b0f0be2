/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The mapping may be executed and not even read, when it is made.
 *
 * expect: denied
 */
#include "by-hand.h"

int main(void)
{
	struct code code = find_code(copy_of(getenv("LIBRARY"), "library.so"));
	void *at = mmap(NULL, code.len, PROT_EXEC, MAP_PRIVATE, code.fd, code.offset);

	if (at == MAP_FAILED)
		return failed("mmap");
	/* Its message lies beside its code. */
	if (mprotect(at, code.len, PROT_READ | PROT_EXEC))
		return failed("mprotect");
	return call(at, &code);
}
