/* SPDX-License-Identifier: GPL-2.0-only */
#include <errno.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "boot.h"
#include "clock.h"
#include "conf.h"
#include "file.h"
#include "machine/control.h"
#include "running/process.h"

#define NOTE	RUN_DIR "/started"
#define LOOK_US 20000
#define PROGRAM "interdictd"

/* An upgrade starts it while interdictd is started anew. */
#define CONFIRM_SECONDS 60
#define CONFIRM_US	200000

void boot_note(const char *why)
{
	if (!why)
		why = "";
	file_replace(NOTE, why, strlen(why), 0644);
}

/* Return: whether there is one. */
static bool look(void)
{
	char *why;

	if (file_read_whole(NOTE, &why, NULL))
		return false;
	if (*why)
		fprintf(stderr, "<3>" PROGRAM ": the boot goes on without a policy in force: %s\n",
			why);
	free(why);
	return true;
}

void boot_wait(unsigned int seconds)
{
	/* From the fork: what its sandbox and its libraries take is of the boot's time, too. */
	uint64_t end = seconds * 1000000000ULL;
	struct process self;

	end += process_read(&self, getpid()) ? self.start_time : clock_ns(CLOCK_BOOTTIME);

	do {
		if (look())
			return;
		usleep(LOOK_US);
	} while (clock_ns(CLOCK_BOOTTIME) < end);
	fprintf(stderr,
		"<4>" PROGRAM ": the boot goes on: after %u s no policy is in force yet, and what "
		"is started until then is not denied: systemctl status interdictd\n",
		seconds);
}

bool boot_is_over(void)
{
	static const char *const argv[] = {"systemctl",		"--quiet",	  "is-active",
					   "multi-user.target", "default.target", NULL};
	static const char *const environment[] = {"PATH=/usr/bin:/bin", NULL};
	int status;
	pid_t pid;

	if (posix_spawnp(&pid, argv[0], NULL, NULL, (char *const *)argv,
			 (char *const *)environment))
		return false;
	return waitpid(pid, &status, 0) == pid && WIFEXITED(status) && !WEXITSTATUS(status);
}

/* Return: 0; -EAGAIN where interdictd is not there, or went away; else as control_call(). */
static int ask_to_confirm(struct diag *d)
{
	json_t *reply = NULL;
	int err = control_call("Confirm", NULL, &reply, d);

	json_decref(reply);
	return err == -ECONNREFUSED || err == -EPROTO ? -EAGAIN : err;
}

int boot_confirm(void)
{
	uint64_t end = clock_ns(CLOCK_BOOTTIME) + CONFIRM_SECONDS * 1000000000ULL;
	struct diag d = {};
	int err;

	while ((err = ask_to_confirm(&d)) == -EAGAIN && clock_ns(CLOCK_BOOTTIME) < end) {
		diag_free(&d);
		usleep(CONFIRM_US);
	}
	diag_print(&d, PROGRAM);
	diag_free(&d);
	return err ? EXIT_FAILED : EXIT_YES;
}
