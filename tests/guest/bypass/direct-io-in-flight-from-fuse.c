/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The target is mapped itself: see in-flight.h.
 *
 * expect: denied
 * on: ext4 xfs btrfs overlay
 */
#include "in-flight.h"

int main(void)
{
	struct fuse_server s = prepare_in_flight();

	start_server(&s);
	map_target(open_to_change("target"));
	run_while_in_flight();
	fuse_end(&s);
	return 0;
}
