/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Listed code is written into the executable page of another process by its debugger, word by word,
 * and that process is made to go on there.
 *
 * expect: denied
 * limit: code that is put into a process's memory comes from no file
 */
#include <stddef.h>
#include <sys/user.h>

#include "technique.h"

/* Executable, and large enough for the library. */
__attribute__((section(".text#"), aligned(4096))) static const char room[64 << 10] = {0};

static void poke(pid_t pid, struct bytes b)
{
	size_t at;
	long word;

	for (at = 0; at < b.len; at += sizeof(word)) {
		memcpy(&word, b.at + at, sizeof(word));
		must(!ptrace(PTRACE_POKETEXT, pid, room + at, word), "PTRACE_POKETEXT");
	}
}

int main(void)
{
	pid_t pid = begin_child();

	if (!pid) {
		ptrace(PTRACE_TRACEME, 0, NULL, NULL);
		raise(SIGSTOP);
		call_ran((void *)room);
		_exit(0);
	}
	must(waitpid(pid, NULL, 0) == pid, "waitpid");
	poke(pid, load(content("LIBRARY")));
	return go_on(pid);
}
