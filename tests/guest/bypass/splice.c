/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The bytes come through a pipe, page by page, and no process reads them.
 *
 * expect: denied
 * on: ext4 tmpfs
 */
#include "by-hand.h"

int main(void)
{
	int from = open(getenv("PROGRAM"), O_RDONLY | O_CLOEXEC);
	int to = open("program", O_WRONLY | O_CREAT | O_CLOEXEC, 0755);
	ssize_t moved;
	int pipe[2];

	if (from < 0 || to < 0 || pipe2(pipe, O_CLOEXEC))
		return failed("open");
	while ((moved = splice(from, NULL, pipe[1], NULL, 4096, SPLICE_F_MOVE)) > 0)
		if (splice(pipe[0], NULL, to, NULL, moved, SPLICE_F_MOVE) != moved)
			return failed("splice");
	close(to);
	return run_in_child("program");
}
