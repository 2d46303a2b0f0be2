/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The file is removed while a descriptor still holds it, and the descriptor is executed and mapped.
 *
 * expect: denied
 */
#include "by-hand.h"

int main(void)
{
	int program = open(copy_of(getenv("PROGRAM"), "program"), O_RDONLY | O_CLOEXEC);
	struct code code = find_code(copy_of(getenv("LIBRARY"), "library.so"));
	void *at;

	unlink("program");
	unlink("library.so");
	execute_in_child(program);
	at = mmap(NULL, code.len, PROT_READ | PROT_EXEC, MAP_PRIVATE, code.fd, code.offset);
	return at == MAP_FAILED ? failed("mmap") : call(at, &code);
}
