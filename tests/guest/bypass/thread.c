/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A thread that is not the first of its process executes it.
 *
 * expect: denied
 */
#include "by-hand.h"

static void *execute_here(void *path)
{
	execute(open(path, O_RDONLY | O_CLOEXEC), 0);
	return NULL;
}

int main(void)
{
	pthread_t thread;

	copy_of(getenv("PROGRAM"), "program");
	if (pthread_create(&thread, NULL, execute_here, (void *)"program"))
		errx(1, "pthread_create");
	pthread_join(thread, NULL);
	return 1;
}
