/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Threads execute the listed program and map the listed library while policies are pushed that list
 * a third file, and do not, by turns: at no moment is there none.
 *
 * expect: denied
 * race: yes
 */
#include <pthread.h>

#include "race.h"

#define THREADS 3

static time_t end;

static void *try_all_the_time(void *unused)
{
	while (time(NULL) < end) {
		start("program");
		use("library");
	}
	return unused;
}

int main(void)
{
	pthread_t threads[THREADS];
	int i, swaps = 0;

	place(content("PROGRAM"), "program");
	place(content("LIBRARY"), "library");
	put("third", nearly("PROGRAM"));
	settle();
	offset_of_ran();
	end = race_end();
	for (i = 0; i < THREADS; i++)
		pthread_create(&threads[i], NULL, try_all_the_time, NULL);
	while (time(NULL) < end) {
		list_file("third");
		unlist_file("third");
		swaps++;
	}
	for (i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	fprintf(stderr, "%d policies came and went\n", swaps);
	return 0;
}
