/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the techniques share: the content under test, putting it somewhere, and running it.
 *
 * The content says by itself that it ran. Whatever fails on the way is said on stderr; it is the
 * runner that judges, by what was printed and what was denied.
 */
#ifndef BYPASS_TECHNIQUE_H
#define BYPASS_TECHNIQUE_H

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define MISSING	    80
#define SETTLE_SECS 180

struct bytes {
	char *at;
	size_t len;
};

/* End as skipped: @what is not there. */
static inline void missing(const char *what)
{
	printf("%s\n", what);
	exit(MISSING);
}

/* What is needed for the attempt itself; without it nothing is proved. */
static inline void must(int fine, const char *what)
{
	if (fine)
		return;
	perror(what);
	exit(1);
}

/* The path that the runner gives by this name. */
static inline const char *content(const char *name)
{
	const char *path = getenv(name);

	if (!path) {
		fprintf(stderr, "%s is not set: the runner does that\n", name);
		exit(2);
	}
	return path;
}

/* ---- files --------------------------------------------------------------------------------- */

/* A copy of the file, in anonymous memory that ends with a page. */
static inline struct bytes load(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct bytes b = {};
	struct stat st;
	size_t done = 0;
	ssize_t got;

	must(fd >= 0 && !fstat(fd, &st), path);
	b.at = mmap(NULL, st.st_size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	must(b.at != MAP_FAILED, "mmap");
	for (; done < (size_t)st.st_size; done += got) {
		got = pread(fd, b.at + done, st.st_size - done, done);
		must(got > 0, path);
	}
	b.len = st.st_size;
	close(fd);
	return b;
}

/* Write all of @b over what @fd begins with. */
static inline void write_over(int fd, struct bytes b)
{
	must(pwrite(fd, b.at, b.len, 0) == (ssize_t)b.len, "pwrite");
}

/* A new file of these bytes, that nobody has open. */
static inline void put(const char *path, struct bytes b)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0755);

	must(fd >= 0, path);
	write_over(fd, b);
	must(!fchmod(fd, 0755) && !close(fd), path);
}

static inline void place(const char *from, const char *to)
{
	struct bytes b = load(from);

	put(to, b);
	munmap(b.at, b.len);
}

static inline int open_to_change(const char *path)
{
	int fd = open(path, O_RDWR | O_CLOEXEC);

	must(fd >= 0, path);
	return fd;
}

/* Let time go by, so that nothing of a file has just changed or is left to be written back. */
static inline void settle(void)
{
	struct timespec now;

	sync();
	clock_gettime(CLOCK_REALTIME, &now);
	now.tv_sec += SETTLE_SECS;
	must(!clock_settime(CLOCK_REALTIME, &now), "clock_settime");
}

static inline void drop_caches(void)
{
	int fd = open("/proc/sys/vm/drop_caches", O_WRONLY | O_CLOEXEC);

	sync();
	must(fd >= 0 && write(fd, "1", 1) == 1, "drop_caches");
	close(fd);
}

/* ---- running ------------------------------------------------------------------------------- */

/* How a child ended: its exit status, or 128 and the signal. */
static inline int wait_for(pid_t pid)
{
	int status;

	must(pid > 0 && waitpid(pid, &status, 0) == pid, "waitpid");
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

/* A child in which to try: what it prints must not come twice. */
static inline pid_t begin_child(void)
{
	pid_t pid;

	fflush(NULL);
	pid = fork();
	must(pid >= 0, "fork");
	return pid;
}

extern char **environ;

/* Content that is not under test must not be taken for it: what runs now prints to nowhere. */
static int unheard __attribute__((unused));

static inline void hush(void)
{
	if (unheard)
		dup2(open("/dev/null", O_WRONLY), STDOUT_FILENO);
}

/* Execute @path, or what @fd has open if that is not negative. Return: 0 it ran, or an errno. */
static inline int start_at(int fd, const char *path)
{
	char *arguments[] = {(char *)"it", NULL};
	pid_t pid = begin_child();

	if (pid)
		return wait_for(pid);
	hush();
	if (fd >= 0)
		execveat(fd, "", arguments, environ, AT_EMPTY_PATH);
	else
		execve(path, arguments, environ);
	perror("execve");
	_exit(errno);
}

static inline int start(const char *path)
{
	return start_at(-1, path);
}

/* Its debugger is us: it stops behind execve, before its first instruction. Return: it, or -1. */
static inline pid_t start_stopped(int fd)
{
	char *arguments[] = {(char *)"it", NULL};
	pid_t pid = begin_child();
	int status;

	if (!pid) {
		ptrace(PTRACE_TRACEME, 0, NULL, NULL);
		execveat(fd, "", arguments, environ, AT_EMPTY_PATH);
		perror("execve");
		_exit(errno);
	}
	must(waitpid(pid, &status, 0) == pid, "waitpid");
	return WIFSTOPPED(status) ? pid : -1;
}

/* Let it run to its end. */
static inline int go_on(pid_t pid)
{
	must(!ptrace(PTRACE_DETACH, pid, NULL, NULL), "PTRACE_DETACH");
	return wait_for(pid);
}

/* Where the function ran() lies in the bytes of a library. */
static inline size_t find_ran(struct bytes b)
{
	const Elf64_Ehdr *head = (void *)b.at;
	const Elf64_Shdr *sections = (void *)(b.at + head->e_shoff);
	int i;

	for (i = 0; i < head->e_shnum; i++) {
		const Elf64_Shdr *names = &sections[sections[i].sh_link];
		const Elf64_Sym *symbol = (void *)(b.at + sections[i].sh_offset);
		const Elf64_Sym *end = (void *)((char *)symbol + sections[i].sh_size);

		if (sections[i].sh_type != SHT_DYNSYM)
			continue;
		for (; symbol < end; symbol++)
			if (!strcmp(b.at + names->sh_offset + symbol->st_name, "ran"))
				return symbol->st_value;
	}
	fprintf(stderr, "no ran() in the library\n");
	exit(2);
}

/* Of the library under test; that of its filler is the same. */
static inline size_t offset_of_ran(void)
{
	static size_t offset;
	struct bytes b;

	if (offset)
		return offset;
	b = load(content("LIBRARY"));
	offset = find_ran(b);
	munmap(b.at, b.len);
	return offset;
}

/* Call ran() of a library that lies at @base as in its file. */
static inline void call_ran(void *base)
{
	((void (*)(void))((char *)base + offset_of_ran()))();
}

/* The same in a child, for what may crash. Return: 0, or how it ended. */
static inline int try_ran(void *base)
{
	pid_t pid = begin_child();

	if (pid)
		return wait_for(pid);
	call_ran(base);
	_exit(0);
}

/* Map a library executable, as it lies in its file. */
static inline void *map_library(int fd, int flags)
{
	void *at = mmap(NULL, load(content("LIBRARY")).len, PROT_READ | PROT_EXEC, flags, fd, 0);

	if (at == MAP_FAILED)
		perror("mmap");
	return at;
}

/* Map it and call ran(). Return: 0, or an errno. */
static inline int use_fd(int fd, int flags)
{
	pid_t pid = begin_child();
	void *at;

	if (pid)
		return wait_for(pid);
	hush();
	at = map_library(fd, flags);
	if (at == MAP_FAILED)
		_exit(errno);
	call_ran(at);
	_exit(0);
}

static inline int use(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), status;

	must(fd >= 0, path);
	status = use_fd(fd, MAP_PRIVATE);
	close(fd);
	return status;
}

/* ---- policies ------------------------------------------------------------------------------ */

static inline void run_command(const char *format, const char *path)
{
	char line[256];

	fflush(NULL);
	snprintf(line, sizeof(line), format, path);
	must(!system(line), line);
}

/* List one file more, and take that back. */
static inline void list_file(const char *path)
{
	run_command("interdict deny --vendor more %s > /dev/null", path);
}

static inline void unlist_file(const char *path)
{
	run_command("interdict remove more/sha256:$(sha256sum %s | cut -c 1-12) > /dev/null", path);
}

/* ---- targets ------------------------------------------------------------------------------- */

/* The content but for one byte of its first page that nothing looks at: not listed, and it says the
 * same when it runs, so that it is run unheard. */
static inline struct bytes nearly(const char *name)
{
	struct bytes b = load(content(name));

	b.at[EI_NIDENT - 1] ^= 1;
	return b;
}

static inline int start_unheard(const char *path)
{
	int status;

	unheard = 1;
	status = start(path);
	unheard = 0;
	return status;
}

static inline int use_unheard(const char *path)
{
	int status;

	unheard = 1;
	status = use(path);
	unheard = 0;
	return status;
}

/* A file of unlisted content of the same size, judged twice, so that its identity may be kept. */
static inline void keep_program(const char *path)
{
	place(content("FILLER_PROGRAM"), path);
	settle();
	must(!start(path) && !start(path), "the filler runs");
}

static inline void keep_library(const char *path)
{
	place(content("FILLER_LIBRARY"), path);
	settle();
	must(!use(path) && !use(path), "the filler runs");
}

#endif
