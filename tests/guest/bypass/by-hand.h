/* SPDX-License-Identifier: GPL-2.0-only */
/* For the techniques in C: copying files, and calling a library's code without the loader. */
#ifndef BYPASS_BY_HAND_H
#define BYPASS_BY_HAND_H

#include <elf.h>
#include <dlfcn.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/personality.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define LACKS 80 /* exit status: what is needed is not here, and was named */

/* Where the code of a library lies in its file. */
struct code {
	int fd;
	off_t offset; /* of the segment, whole pages */
	size_t len;
	size_t ran; /* of ran(), from the segment's start */
};

/* What was refused says so, and ends with 1. */
static inline int failed(const char *what)
{
	perror(what);
	return 1;
}

static inline int lacks(const char *what)
{
	puts(what);
	return LACKS;
}

/* Fill @to with what @from holds, from the start. */
static inline void fill(int to, const char *from)
{
	int fd = open(from, O_RDONLY | O_CLOEXEC);
	off_t at = 0;
	struct stat st;

	if (fd < 0 || fstat(fd, &st))
		err(1, "%s", from);
	if (lseek(to, 0, SEEK_SET) < 0)
		err(1, "lseek");
	while (at < st.st_size)
		if (sendfile(to, fd, &at, st.st_size - at) <= 0)
			err(1, "sendfile");
	close(fd);
}

/* Copy @from to the new file @to, executable. Return: @to. */
static inline const char *copy_of(const char *from, const char *to)
{
	int fd = open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0755);

	if (fd < 0)
		err(1, "%s", to);
	fill(fd, from);
	close(fd);
	return to;
}

static inline void *read_whole(int fd, size_t *len)
{
	struct stat st;
	char *bytes;

	if (fstat(fd, &st))
		err(1, "fstat");
	bytes = malloc(st.st_size);
	if (!bytes || pread(fd, bytes, st.st_size, 0) != st.st_size)
		err(1, "read");
	*len = st.st_size;
	return bytes;
}

/* The address of ran() in an ELF file that lies at @bytes; 0: there is none. */
static inline size_t address_of_ran(const char *bytes)
{
	const Elf64_Ehdr *header = (const void *)bytes;
	const Elf64_Shdr *sections = (const void *)(bytes + header->e_shoff);
	size_t i, k;

	for (i = 0; i < header->e_shnum; i++) {
		const Elf64_Sym *symbols = (const void *)(bytes + sections[i].sh_offset);
		const char *names = bytes + sections[sections[i].sh_link].sh_offset;

		if (sections[i].sh_type != SHT_DYNSYM)
			continue;
		for (k = 0; k < sections[i].sh_size / sizeof(*symbols); k++)
			if (!strcmp(names + symbols[k].st_name, "ran"))
				return symbols[k].st_value;
	}
	return 0;
}

/* Find the executable segment of a library that @fd is open on. */
static inline struct code code_of(int fd)
{
	struct code code = {.fd = fd};
	size_t i, len, ran;
	char *bytes = read_whole(fd, &len);
	const Elf64_Ehdr *header = (const void *)bytes;
	const Elf64_Phdr *segments = (const void *)(bytes + header->e_phoff);

	ran = address_of_ran(bytes);
	for (i = 0; i < header->e_phnum; i++) {
		if (segments[i].p_type != PT_LOAD || !(segments[i].p_flags & PF_X))
			continue;
		code.offset = segments[i].p_offset;
		code.len = (segments[i].p_filesz + 4095) & ~4095UL;
		code.ran = ran - segments[i].p_vaddr;
	}
	free(bytes);
	if (!ran || !code.len || code.offset % 4096)
		errx(1, "no ran() in a segment of its own");
	return code;
}

static inline struct code find_code(const char *library)
{
	int fd = open(library, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		err(1, "%s", library);
	return code_of(fd);
}

/* Call ran() of the code that is mapped at @at. */
static inline int call(void *at, const struct code *code)
{
	int (*ran)(void) = (int (*)(void))((uintptr_t)at + code->ran);

	return ran();
}

/* Map a whole library with @prot and @flags and call its ran(). */
static inline int map_and_call(const char *library, int prot, int flags)
{
	struct code code = find_code(library);
	char *at = mmap(NULL, code.offset + code.len, prot, flags, code.fd, 0);

	if (at == MAP_FAILED)
		return failed("mmap");
	return call(at + code.offset, &code);
}

/* Execute what @fd is open on. Returns only when that is refused. */
static inline int execute(int fd, int flags)
{
	char *const arguments[] = {(char *)"it", NULL};

	execveat(fd, "", arguments, environ, AT_EMPTY_PATH | flags);
	return failed("execveat");
}

/* The same in a child. Return: its exit status. */
static inline int execute_in_child(int fd)
{
	int status;
	pid_t pid = fork();

	if (pid < 0)
		err(1, "fork");
	if (!pid)
		_exit(execute(fd, 0));
	if (waitpid(pid, &status, 0) != pid)
		err(1, "waitpid");
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}

static inline int run_in_child(const char *path)
{
	int status, fd = open(path, O_PATH | O_CLOEXEC);

	if (fd < 0)
		err(1, "%s", path);
	status = execute_in_child(fd);
	close(fd);
	return status;
}

/* A file of memory that holds what @from holds. */
static inline int memory_of(const char *from, unsigned int flags)
{
	int fd = memfd_create("it", flags);

	if (fd < 0)
		err(1, "memfd_create");
	fill(fd, from);
	return fd;
}

/* What runs while it is changed: a child that waits for a byte before it says what it is. */
struct waiting {
	pid_t pid;
	int pipe;
};

/* Start the program of @fd so, and return once it has been judged. */
static inline struct waiting start_waiting(int fd)
{
	char *const arguments[] = {(char *)"it", (char *)"wait", NULL};
	struct waiting w;
	int to[2], done[2];
	char byte;

	if (pipe2(to, O_CLOEXEC) || pipe2(done, O_CLOEXEC))
		err(1, "pipe");
	w.pid = fork();
	if (w.pid < 0)
		err(1, "fork");
	if (!w.pid) {
		dup2(to[0], 0);
		execveat(fd, "", arguments, environ, AT_EMPTY_PATH);
		_exit(failed("execveat"));
	}
	/* Its end of this pipe is closed when the new program is in its place. */
	close(done[1]);
	if (read(done[0], &byte, 1) != 0)
		err(1, "read");
	close(done[0]);
	close(to[0]);
	w.pipe = to[1];
	return w;
}

/* Let it go on, to its end. Return: its exit status. */
static inline int go_on(struct waiting *w)
{
	int status;

	if (write(w->pipe, "x", 1) != 1)
		warn("write");
	if (waitpid(w->pid, &status, 0) != w->pid)
		err(1, "waitpid");
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}

/* Lift the runner's policy, and put it in force again. */
static inline void lift_policy(void)
{
	if (system("interdict remove bypass >&2"))
		errx(1, "interdict remove");
}

static inline void restore_policy(void)
{
	if (system("interdict push /root/policy/50-bypass.policy >&2"))
		errx(1, "interdict push");
}

/* Let time go by, so that nothing of a file has just changed. */
static inline void settle(void)
{
	struct timespec now;

	if (clock_gettime(CLOCK_REALTIME, &now))
		err(1, "clock_gettime");
	now.tv_sec += 300;
	if (clock_settime(CLOCK_REALTIME, &now))
		err(1, "clock_settime");
}

#endif
