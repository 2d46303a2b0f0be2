/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A private mapping is written to before it is made executable: its pages are no file's any more,
 * the mapping still is.
 *
 * expect: denied
 */
#include "by-hand.h"

int main(void)
{
	struct code code = find_code(copy_of(getenv("LIBRARY"), "library.so"));
	char *at;

	settle();
	at = mmap(NULL, code.len, PROT_READ | PROT_WRITE, MAP_PRIVATE, code.fd, code.offset);
	if (at == MAP_FAILED)
		return failed("mmap");
	at[code.len - 1] = 1;
	if (mprotect(at, code.len, PROT_READ | PROT_EXEC))
		return failed("mprotect");
	return call(at, &code);
}
