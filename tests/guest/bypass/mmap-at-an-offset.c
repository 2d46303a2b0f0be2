/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Only the page of a library that holds its code is mapped, at its offset, and called: no loader,
 * no ELF header in memory.
 *
 * expect: denied
 * on: ext4 overlay
 */
#include "by-hand.h"

int main(void)
{
	struct code code = find_code(copy_of(getenv("LIBRARY"), "library.so"));
	void *at = mmap(NULL, code.len, PROT_READ | PROT_EXEC, MAP_PRIVATE, code.fd, code.offset);

	if (at == MAP_FAILED)
		return failed("mmap");
	return call(at, &code);
}
