/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The same personality: a mapping without any right is made readable later.
 *
 * expect: denied
 * on: ext4 tmpfs overlay
 * control on tmpfs, overlay: refused, what it maps cannot be known when it is made executable
 */
#include "by-hand.h"

int main(void)
{
	struct code code = find_code(copy_of(getenv("LIBRARY"), "library.so"));
	void *at;

	settle();
	at = mmap(NULL, code.len, PROT_NONE, MAP_PRIVATE, code.fd, code.offset);
	if (at == MAP_FAILED || personality(READ_IMPLIES_EXEC) < 0)
		return failed("mmap");
	if (mprotect(at, code.len, PROT_READ))
		return failed("mprotect");
	return call(at, &code);
}
