/* SPDX-License-Identifier: GPL-2.0-only */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "canary_run.h"
#include "canary_ways.h"
#include "conf.h"
#include "file.h"

#ifndef AT_EXECVE_CHECK
#define AT_EXECVE_CHECK 0x10000 /* Linux 6.14 */
#endif

#define CANARY_DIR LIBEXECDIR "/interdict"

/* ---- ways ------------------------------------------------------------------------------------ */

static int check(const char *path)
{
	char *argv[] = {(char *)path, NULL}, *envp[] = {NULL};
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	long rc;

	if (fd < 0)
		return errno;
	rc = syscall(SYS_execveat, fd, "", argv, envp, AT_EMPTY_PATH | AT_EXECVE_CHECK);
	rc = rc ? errno : 0;
	close(fd);
	return rc;
}

/* Map its first page. @later: made executable only then. */
static int map(const char *path, bool later)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), err = 0;
	size_t len = sysconf(_SC_PAGESIZE);
	void *page;

	if (fd < 0)
		return errno;
	page = mmap(NULL, len, PROT_READ | (later ? 0 : PROT_EXEC), MAP_PRIVATE, fd, 0);
	if (page == MAP_FAILED)
		err = errno;
	else if (later && mprotect(page, len, PROT_READ | PROT_EXEC))
		err = errno;
	if (page != MAP_FAILED)
		munmap(page, len);
	close(fd);
	return err;
}

static int map_executable(const char *path)
{
	return map(path, false);
}

static int map_and_protect(const char *path)
{
	return map(path, true);
}

/* The canary is no driver: what lets it through says ENOEXEC, and loads nothing. */
static int load_file(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	long rc;

	if (fd < 0)
		return errno;
	rc = syscall(SYS_finit_module, fd, "", 0);
	rc = rc ? errno : 0;
	close(fd);
	return rc;
}

static int load_memory(const char *path)
{
	size_t len;
	char *bytes;
	long rc = file_read_whole(path, &bytes, &len);

	if (rc)
		return -rc;
	rc = syscall(SYS_init_module, bytes, len, "");
	rc = rc ? errno : 0;
	free(bytes);
	return rc;
}

const struct way canary_ways[] = {
	{"program", HOOK_EXEC, "a listed program runs", CANARY_DENY, CANARY_ALLOW, canary_run_one},
	{"script", HOOK_EXEC, "a listed script runs", CANARY_DENY_SCRIPT, CANARY_ALLOW_SCRIPT,
	 canary_run_one},
	{"script that an interpreter asks about", HOOK_EXEC_CHECK,
	 "an interpreter is told that it may read a listed script", CANARY_DENY_SCRIPT,
	 CANARY_ALLOW_SCRIPT, check},
	{"library", HOOK_MMAP, "a listed library is loaded", CANARY_DENY, CANARY_ALLOW,
	 map_executable},
	{"library made executable later", HOOK_MPROTECT,
	 "listed code is mapped, and then made executable", CANARY_DENY, CANARY_ALLOW,
	 map_and_protect, .needs_kept = true},
	{"driver", HOOK_DRIVER, "a listed driver is loaded", CANARY_DENY, CANARY_ALLOW, load_file,
	 .control = ENOEXEC, .driver = true},
	{"driver from memory", HOOK_DRIVER_MEMORY, "a listed driver is loaded from memory",
	 CANARY_DENY, CANARY_ALLOW, load_memory, .control = ENOEXEC, .driver = true},
};

const size_t canary_way_count = sizeof(canary_ways) / sizeof(*canary_ways);

/* ---- where they lie -------------------------------------------------------------------------- */

/* What else a bind mount must have as before. */
static unsigned long flags_of(const struct statvfs *fs)
{
	unsigned long flags = 0;

	flags |= fs->f_flag & ST_RDONLY ? MS_RDONLY : 0;
	flags |= fs->f_flag & ST_NOSUID ? MS_NOSUID : 0;
	flags |= fs->f_flag & ST_NODEV ? MS_NODEV : 0;
	return flags;
}

/* A mount of its own over the directory, the same files, for this process alone. */
static int lift_noexec(void)
{
	struct statvfs fs;

	if (statvfs(CANARY_DIR, &fs) || !(fs.f_flag & ST_NOEXEC))
		return 0;
	if (unshare(CLONE_NEWNS) || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
	    mount(CANARY_DIR, CANARY_DIR, NULL, MS_BIND, NULL) ||
	    mount(NULL, CANARY_DIR, NULL, MS_BIND | MS_REMOUNT | flags_of(&fs), NULL))
		return errno;
	return 0;
}

/* ---- one by one ------------------------------------------------------------------------------ */

int canary_ways_serve(int fd)
{
	struct tried tried = {.unlifted = lift_noexec()};
	unsigned char index;
	ssize_t n;

	while ((n = file_read(fd, &index, 1)) == 1 && index < canary_way_count) {
		tried.denied = canary_ways[index].attempt(canary_ways[index].deny);
		tried.allowed = canary_ways[index].attempt(canary_ways[index].allow);
		if (write(fd, &tried, sizeof(tried)) != sizeof(tried))
			return -EIO;
	}
	return n < 0 ? n : 0;
}
