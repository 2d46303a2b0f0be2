/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The program runs already when the policy that names it is put in force.
 *
 * limit: what runs already when a policy is pushed goes on
 */
#include "by-hand.h"

int main(void)
{
	struct waiting w;

	lift_policy();
	w = start_waiting(open(copy_of(getenv("PROGRAM"), "program"), O_RDONLY | O_CLOEXEC));
	restore_policy();
	return go_on(&w);
}
