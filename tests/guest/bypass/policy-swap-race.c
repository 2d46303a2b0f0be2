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

static int run_quietly(const char *command)
{
	char line[256];

	snprintf(line, sizeof(line), "%s > /dev/null 2>&1", command);
	return system(line);
}

int main(void)
{
	const char *away = "interdict remove third/sha256:$(sha256sum third | cut -c 1-12)";
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
		must(!run_quietly("interdict deny --vendor third third"), "interdict deny");
		must(!run_quietly(away), "interdict remove");
		swaps++;
	}
	for (i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	fprintf(stderr, "%d policies came and went\n", swaps);
	return 0;
}
