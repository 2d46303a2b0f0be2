/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * apart CGROUP DIR SECONDS COMMAND…: run it in a new directory that everybody may write to, in a
 * mount namespace of its own, and in an empty cgroup, so that nothing of it is left.
 *
 * Exit status: the command's; 124: it took longer than SECONDS; 125: it left processes behind
 * (they are ended in both cases), or could not be started.
 */
#include <err.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define TOO_LONG 124
#define BROKEN	 125
#define TURNS	 100 /* of 20 ms, for what still ends */

static char procs[256], killer[256];
static volatile sig_atomic_t is_late;

static void put(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd < 0 || write(fd, text, strlen(text)) < 0)
		err(BROKEN, "%s", path);
	close(fd);
}

static void end_all(int signal)
{
	(void)signal;
	is_late = 1;
	put(killer, "1");
}

static int is_empty(void)
{
	int fd = open(procs, O_RDONLY | O_CLOEXEC);
	char byte;
	ssize_t got = fd < 0 ? -1 : read(fd, &byte, 1);

	close(fd);
	return !got;
}

static void become(const char *dir, char **command)
{
	if (mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL))
		err(BROKEN, "mount namespace");
	if (chdir(dir))
		err(BROKEN, "%s", dir);
	execvp(command[0], command);
	err(BROKEN, "%s", command[0]);
}

/* A child that is born where it belongs: to move there takes longer than all else. */
static pid_t fork_into(const char *cgroup)
{
	struct clone_args how = {
		.flags = CLONE_INTO_CGROUP | CLONE_NEWNS,
		.exit_signal = SIGCHLD,
		.cgroup = open(cgroup, O_RDONLY | O_DIRECTORY | O_CLOEXEC),
	};

	return syscall(SYS_clone3, &how, sizeof(how));
}

/* Return: whether there was anything to end. */
static int clear(void)
{
	int turn;

	for (turn = 0; turn < TURNS && !is_empty(); turn++)
		usleep(20000);
	if (turn == TURNS)
		put(killer, "1");
	return turn == TURNS;
}

int main(int argc, char **argv)
{
	int status = 0;
	pid_t pid;

	if (argc < 5)
		errx(BROKEN, "usage: apart CGROUP DIR SECONDS COMMAND...");
	snprintf(procs, sizeof(procs), "%s/cgroup.procs", argv[1]);
	snprintf(killer, sizeof(killer), "%s/cgroup.kill", argv[1]);
	umask(0);
	if (mkdir(argv[2], 0777))
		err(BROKEN, "%s", argv[2]);
	umask(022);
	signal(SIGALRM, end_all);
	pid = fork_into(argv[1]);
	if (pid < 0)
		err(BROKEN, "clone3");
	if (!pid)
		become(argv[2], argv + 4);
	alarm(atoi(argv[3]));
	while (waitpid(pid, &status, 0) != pid)
		;
	alarm(0);
	if (is_late)
		errx(TOO_LONG, "took longer than %s s", argv[3]);
	if (clear())
		errx(BROKEN, "left processes behind");
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
