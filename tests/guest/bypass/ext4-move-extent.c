/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A library whose identity is kept has blocks exchanged with another file, and is a listed one from
 * then on.
 *
 * expect: denied
 */
#include "technique.h"

#include "move-extent.h"

int main(void)
{
	put_longer();
	exchange();
	read_anew("target");
	use("target");
	unlist_file("listed");
	return 0;
}
