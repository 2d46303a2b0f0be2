/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The library is mapped to be read, and made executable later, when its bytes cannot be asked for.
 *
 * expect: denied
 * on: ext4 xfs btrfs tmpfs overlay
 * control on tmpfs, overlay: refused, what it maps cannot be known when it is made executable
 */
#include "by-hand.h"

int main(void)
{
	struct code code = find_code(copy_of(getenv("LIBRARY"), "library.so"));
	void *at;

	settle();
	at = mmap(NULL, code.len, PROT_READ, MAP_PRIVATE, code.fd, code.offset);
	if (at == MAP_FAILED)
		return failed("mmap");
	if (mprotect(at, code.len, PROT_READ | PROT_EXEC))
		return failed("mprotect");
	return call(at, &code);
}
