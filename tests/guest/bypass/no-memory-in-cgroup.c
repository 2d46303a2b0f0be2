/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A process whose memory cgroup is at its limit executes the program, with ever less memory, down
 * to where nothing can run: what cannot be read or kept for want of memory must not run either.
 *
 * expect: denied
 */
#include "technique.h"

#define CGROUP "/sys/fs/cgroup/bypass-memory"

static int set(const char *file, unsigned long value)
{
	char path[128], text[32];
	int fd, len, done;

	snprintf(path, sizeof(path), CGROUP "/%s", file);
	len = snprintf(text, sizeof(text), "%lu", value);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	done = fd >= 0 && write(fd, text, len) == len;
	close(fd);
	return done;
}

static void begin_cgroup(void)
{
	int fd = open("/sys/fs/cgroup/cgroup.subtree_control", O_WRONLY | O_CLOEXEC);

	if (fd >= 0 && write(fd, "+memory", 7) != 7)
		perror("cgroup.subtree_control");
	close(fd);
	if ((mkdir(CGROUP, 0755) && errno != EEXIST) || !set("memory.max", 1 << 30))
		missing("memory cgroups at /sys/fs/cgroup");
}

/* In the cgroup, which is given its limit only now: what the child has is charged elsewhere. */
static void try_with(unsigned long memory)
{
	pid_t pid = begin_child();

	if (pid) {
		wait_for(pid);
		return;
	}
	must(set("cgroup.procs", getpid()), "cgroup.procs");
	must(set("memory.max", memory), "memory.max");
	execl("program", "it", NULL);
	perror("execve");
	_exit(1);
}

int main(void)
{
	unsigned long memory;

	begin_cgroup();
	place(content("PROGRAM"), "program");
	for (memory = 4 << 20; memory >= 16 << 10; memory -= memory / 4) {
		drop_caches();
		try_with(memory);
	}
	rmdir(CGROUP);
	return 0;
}
