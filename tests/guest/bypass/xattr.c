/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Extended attributes are no content: they are set and removed after the file was judged.
 *
 * expect: denied
 * on: ext4 overlay
 */
#include <sys/xattr.h>

#include "by-hand.h"

int main(void)
{
	const char *path = copy_of(getenv("PROGRAM"), "program");

	run_in_child(path);
	if (setxattr(path, "user.harmless", "yes", 3, 0))
		return failed("setxattr");
	run_in_child(path);
	if (removexattr(path, "user.harmless"))
		return failed("removexattr");
	return run_in_child(path);
}
