/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The same with a file that was written a moment ago, whose identity is not kept.
 *
 * expect: denied
 * control: refused, what changed within the last minute is not known when it is made executable
 */
#include "by-hand.h"

int main(void)
{
	struct code code = find_code(copy_of(getenv("LIBRARY"), "library.so"));
	void *at = mmap(NULL, code.len, PROT_READ, MAP_PRIVATE, code.fd, code.offset);

	if (at == MAP_FAILED)
		return failed("mmap");
	if (mprotect(at, code.len, PROT_READ | PROT_EXEC))
		return failed("mprotect");
	return call(at, &code);
}
