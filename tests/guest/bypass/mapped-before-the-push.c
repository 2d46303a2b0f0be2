/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The library is mapped to be read before the policy names it, and made executable afterwards.
 *
 * expect: denied
 * on: ext4 tmpfs
 * control: refused, what was mapped before its size was listed is not known
 */
#include "by-hand.h"

int main(void)
{
	struct code code;
	void *at;

	lift_policy();
	code = find_code(copy_of(getenv("LIBRARY"), "library.so"));
	settle();
	at = mmap(NULL, code.len, PROT_READ, MAP_PRIVATE, code.fd, code.offset);
	restore_policy();
	if (at == MAP_FAILED)
		return failed("mmap");
	if (mprotect(at, code.len, PROT_READ | PROT_EXEC))
		return failed("mprotect");
	return call(at, &code);
}
