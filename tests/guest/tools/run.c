/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Ways to run a file's code, one a call:
 *
 *	run exec FILE        execve
 *	run fexec FILE       execveat of a descriptor, no path
 *	run memfd FILE       its bytes in a memfd, executed
 *	run map FILE         mmap, executable
 *	run mapshared FILE   mmap, executable and shared
 *	run mprotect FILE    mmap, then made executable
 *	run read FILE        mmap, only to read
 *	run shm FILE         its bytes in System V shared memory, attached executable
 *	run shmprotect FILE  the same, made executable when it is attached
 *	run dlopen FILE      dlopen
 *	run check FILE       only ask whether it may be executed (AT_EXECVE_CHECK)
 *	run init_module FILE, finit_module FILE, finit_module_compressed FILE    a driver
 *
 * Exit status: 0 it ran, 77 refused with EPERM, 1 anything else (said on stderr).
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/shm.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define REFUSED 77

#ifndef AT_EXECVE_CHECK
#define AT_EXECVE_CHECK 0x10000 /* Linux 6.14 */
#endif

static int failed(const char *what)
{
	if (errno == EPERM)
		return REFUSED;
	perror(what);
	return 1;
}

static int open_file(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		perror(path);
	return fd;
}

static char *arguments[] = {(char *)"it", (char *)"--version", NULL};
extern char **environ;

static int run_exec(const char *path)
{
	execve(path, arguments, environ);
	return failed("execve");
}

static int run_fexec(const char *path)
{
	/* Not close-on-exec: a script's interpreter opens it by /dev/fd. */
	int fd = open(path, O_RDONLY);

	if (fd < 0)
		return failed(path);
	execveat(fd, "", arguments, environ, AT_EMPTY_PATH);
	return failed("execveat");
}

static int run_check(const char *path)
{
	return execveat(AT_FDCWD, path, arguments, environ, AT_EXECVE_CHECK) ? failed("execveat")
									     : 0;
}

static int run_memfd(const char *path)
{
	int from = open_file(path), fd = memfd_create("it", 0);
	struct stat st;

	if (from < 0 || fd < 0 || fstat(from, &st) || sendfile(fd, from, NULL, st.st_size) < 0)
		return failed("memfd");
	execveat(fd, "", arguments, environ, AT_EMPTY_PATH);
	return failed("execveat");
}

static int map(const char *path, int prot, int flags, int later)
{
	int fd = open_file(path);
	void *at;

	if (fd < 0)
		return 1;
	at = mmap(NULL, 4096, prot, flags, fd, 0);
	if (at == MAP_FAILED)
		return failed("mmap");
	if (later && mprotect(at, 4096, later))
		return failed("mprotect");
	return 0;
}

static int attach(const char *path, int later)
{
	int fd = open_file(path), id;
	struct stat st;
	void *at;

	if (fd < 0 || fstat(fd, &st))
		return failed(path);
	id = shmget(IPC_PRIVATE, st.st_size, IPC_CREAT | 0700);
	at = shmat(id, NULL, 0);
	if (at == (void *)-1 || read(fd, at, st.st_size) != st.st_size)
		return failed("shared memory");
	if (later)
		later = mprotect(at, st.st_size, PROT_READ | PROT_EXEC);
	else
		later = shmat(id, NULL, SHM_EXEC) == (void *)-1;
	shmctl(id, IPC_RMID, NULL);
	return later ? failed("executable") : 0;
}

static int run_dlopen(const char *path)
{
	const char *error;

	if (dlopen(path, RTLD_NOW))
		return 0;
	error = dlerror();
	/* ld.so does not say which errno its mapping failed with. */
	if (strstr(error, "failed to map segment"))
		return REFUSED;
	fprintf(stderr, "%s\n", error);
	return 1;
}

/* A driver from memory: what modprobe does with what it has unpacked itself. */
static int load_from_memory(const char *path)
{
	int fd = open_file(path);
	struct stat st;
	void *bytes;

	if (fd < 0 || fstat(fd, &st))
		return failed(path);
	bytes = mmap(NULL, st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (bytes == MAP_FAILED)
		return failed("mmap");
	return syscall(SYS_init_module, bytes, st.st_size, "") ? failed("init_module") : 0;
}

/* A driver by its file; @flags as finit_module(2) has them: 4 is a compressed one. */
static int load_file(const char *path, int flags)
{
	int fd = open_file(path);

	if (fd < 0)
		return failed(path);
	return syscall(SYS_finit_module, fd, "", flags) ? failed("finit_module") : 0;
}

int main(int argc, char **argv)
{
	if (argc != 3)
		return 2;
	if (!strcmp(argv[1], "exec"))
		return run_exec(argv[2]);
	if (!strcmp(argv[1], "fexec"))
		return run_fexec(argv[2]);
	if (!strcmp(argv[1], "memfd"))
		return run_memfd(argv[2]);
	if (!strcmp(argv[1], "map"))
		return map(argv[2], PROT_READ | PROT_EXEC, MAP_PRIVATE, 0);
	if (!strcmp(argv[1], "mapshared"))
		return map(argv[2], PROT_READ | PROT_EXEC, MAP_SHARED, 0);
	if (!strcmp(argv[1], "mprotect"))
		return map(argv[2], PROT_READ, MAP_PRIVATE, PROT_READ | PROT_EXEC);
	if (!strcmp(argv[1], "read"))
		return map(argv[2], PROT_READ, MAP_PRIVATE, 0);
	if (!strcmp(argv[1], "shm"))
		return attach(argv[2], 0);
	if (!strcmp(argv[1], "shmprotect"))
		return attach(argv[2], 1);
	if (!strcmp(argv[1], "dlopen"))
		return run_dlopen(argv[2]);
	if (!strcmp(argv[1], "init_module"))
		return load_from_memory(argv[2]);
	if (!strcmp(argv[1], "finit_module"))
		return load_file(argv[2], 0);
	if (!strcmp(argv[1], "finit_module_compressed"))
		return load_file(argv[2], 4);
	if (!strcmp(argv[1], "check"))
		return run_check(argv[2]);
	return 2;
}
