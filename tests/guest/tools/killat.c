/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * killat FILE N COMMAND…: run COMMAND, and kill it as it begins the N-th system call that changes
 * anything: files, processes, what is in the kernel. Whatever a killed process leaves behind it has
 * made by these: a kill at any other call, or between two, finds what a kill at the next one finds.
 *
 * N 0: only count. While it runs, FILE has the count and the number of the process, and FILE.at, if
 * that is written, another N. Its children are not counted. When killat is killed it is, too.
 *
 * Status 0: killed there; 3: it ended before; 2: usage; 1: it cannot be traced.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <linux/filter.h>
#include <linux/ptrace.h>
#include <linux/seccomp.h>

#define TEXT_LEN     32
#define ENDED_BEFORE 3
#define OPTIONS                                                                                    \
	(PTRACE_O_TRACESECCOMP | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE |  \
	 PTRACE_O_EXITKILL)

/* What changes anything. */
static const int calls[] = {
	SYS_bpf,       SYS_renameat, SYS_renameat2,  SYS_unlinkat, SYS_mkdirat,	  SYS_linkat,
	SYS_symlinkat, SYS_write,    SYS_pwrite64,   SYS_writev,   SYS_ftruncate, SYS_fchmod,
	SYS_fchmodat,  SYS_fsync,    SYS_flock,	     SYS_bind,	   SYS_listen,	  SYS_connect,
	SYS_sendto,    SYS_sendmsg,  SYS_clone,	     SYS_clone3,   SYS_execve,	  SYS_add_key,
	SYS_keyctl,    SYS_kill,     SYS_exit_group,
#ifdef SYS_rename /* not on every machine: arm64 has the calls above alone */
	SYS_rename,    SYS_unlink,   SYS_mkdir,	     SYS_rmdir,	   SYS_link,	  SYS_symlink,
	SYS_chmod,     SYS_fork,     SYS_vfork,
#endif
};
#define CALLS	  (sizeof(calls) / sizeof(*calls))
#define HEAD	  4
#define OPEN_WITH (O_CREAT | O_TRUNC)

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static char *open_count(const char *path)
{
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
	char *text;

	if (fd < 0 || ftruncate(fd, TEXT_LEN))
		die(path);
	text = mmap(NULL, TEXT_LEN, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (text == MAP_FAILED)
		die(path);
	close(fd);
	return text;
}

/* Fixed in length, so that a reader never sees more than one number half written. */
static void show(char *text, unsigned long count, pid_t pid)
{
	char line[64];

	snprintf(line, sizeof(line), "%15lu %14d\n ", count, pid);
	memcpy(text, line, TEXT_LEN);
}

static int open_target(const char *path, const char *n)
{
	char name[4096];
	int fd;

	snprintf(name, sizeof(name), "%s.at", path);
	fd = open(name, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	if (fd < 0 || write(fd, n, strlen(n)) < 0)
		die(name);
	return fd;
}

static unsigned long target(int fd)
{
	char text[TEXT_LEN] = "";

	return pread(fd, text, sizeof(text) - 1, 0) < 0 ? 0 : strtoul(text, NULL, 10);
}

/* Stop at these calls, and at files that are opened to be made. */
static void stop_at_changes(void)
{
	struct sock_filter filter[HEAD + CALLS + 2] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_openat, 0, 2),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[2])),
		BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, OPEN_WITH, CALLS + 1, CALLS),
		[HEAD + CALLS] = BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRACE),
	};
	struct sock_fprog program = {.len = HEAD + CALLS + 2, .filter = filter};
	size_t i;

	for (i = 0; i < CALLS; i++)
		filter[HEAD + i] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, calls[i],
								CALLS - i, 0);
	if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program))
		die("seccomp");
}

/* It waits until it is traced. */
static pid_t start(char **command)
{
	int go[2];
	pid_t pid;
	char byte;

	if (pipe2(go, O_CLOEXEC))
		die("pipe");
	pid = fork();
	if (pid < 0)
		die("fork");
	if (!pid) {
		close(go[1]);
		if (read(go[0], &byte, 1) < 0)
			die("pipe");
		stop_at_changes();
		execvp(*command, command);
		die(*command);
	}
	if (ptrace(PTRACE_SEIZE, pid, 0, OPTIONS))
		die("ptrace");
	close(go[0]);
	close(go[1]);
	return pid;
}

static int event_of(int status)
{
	return status >> 16;
}

/* The number of the call that it stops at. */
static unsigned long call_of(pid_t pid)
{
	struct ptrace_syscall_info info = {};

	if (ptrace(PTRACE_GET_SYSCALL_INFO, pid, sizeof(info), &info) < 0)
		die("ptrace");
	return info.seccomp.nr;
}

/* Count until it is killed or ends. */
static int count_calls(pid_t process, int at, char *text)
{
	unsigned long count = 0;
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, __WALL)) > 0) {
		if (!WIFSTOPPED(status)) {
			if (pid == process)
				return ENDED_BEFORE;
			continue;
		}
		if (pid == process && event_of(status) == PTRACE_EVENT_SECCOMP) {
			show(text, ++count, pid);
			if (count == target(at))
				break;
		}
		ptrace(PTRACE_CONT, pid, 0, event_of(status) ? 0 : WSTOPSIG(status));
	}
	printf("killed at its call %lu, number %lu\n", count, call_of(process));
	kill(process, SIGKILL);
	waitpid(process, &status, __WALL);
	return 0;
}

int main(int argc, char **argv)
{
	char *text;
	int at;
	pid_t pid;

	if (argc < 4)
		return 2;
	text = open_count(argv[1]);
	at = open_target(argv[1], argv[2]);
	pid = start(argv + 3);
	show(text, 0, pid);
	return count_calls(pid, at, text);
}
