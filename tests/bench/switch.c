/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Switch what interdictd has put in force off, on, and to another policy, in moments: what A/B
 * pairs need. Static, and with bpf(2) alone: no library of it is hashed for a policy under test.
 *
 *	switch keep NAME     remember the policy image in force as NAME
 *	switch use NAME      put it in force again: one map update, as interdictd does it
 *	switch off           detach every hook
 *	switch on [HOOK...]  attach every hook, or only these: exec, mmap, mprotect...
 *	switch programs      a line for each that is attached: its hook, the instructions that the
 *	                     verifier followed, how often it ran and how long (0 unless sysctl
 *	                     kernel.bpf_stats_enabled=1)
 *
 * `off` works only while nobody holds the links open: not with the interdictd that has loaded the
 * program, but with one that has adopted it.
 */
#include <dirent.h>
#include <errno.h>
#include <linux/bpf.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "interdict/abi.h"

#define POLICY	    PIN_DIR "/policy"
#define LINK_PREFIX "link_"
#define KEPT_DIR    "/sys/fs/bpf/bench"
#define NAME_LEN    300

static void die(const char *what)
{
	fprintf(stderr, "switch: %s: %s\n", what, strerror(errno));
	exit(1);
}

static int bpf(int command, union bpf_attr *attr, const char *what)
{
	int result = syscall(SYS_bpf, command, attr, sizeof(*attr));

	if (result < 0)
		die(what);
	return result;
}

static int get(const char *path)
{
	union bpf_attr attr = {.pathname = (uintptr_t)path};

	return bpf(BPF_OBJ_GET, &attr, path);
}

/* In the place of what may be pinned there. */
static void pin(int fd, const char *path)
{
	union bpf_attr attr = {.pathname = (uintptr_t)path, .bpf_fd = fd};

	unlink(path);
	bpf(BPF_OBJ_PIN, &attr, path);
}

static void info(int fd, void *to, uint32_t len, const char *what)
{
	union bpf_attr attr = {.info = {.bpf_fd = fd, .info_len = len, .info = (uintptr_t)to}};

	bpf(BPF_OBJ_GET_INFO_BY_FD, &attr, what);
}

/* ---- policies -------------------------------------------------------------------------------- */

static void kept_path(char path[NAME_LEN], const char *kind, const char *name)
{
	if (mkdir(KEPT_DIR, 0700) && errno != EEXIST)
		die(KEPT_DIR);
	snprintf(path, NAME_LEN, KEPT_DIR "/%s_%s", kind, name);
}

static void keep(const char *name)
{
	uint32_t zero = 0, id;
	union bpf_attr lookup = {
		.map_fd = get(POLICY), .key = (uintptr_t)&zero, .value = (uintptr_t)&id};
	union bpf_attr open = {};
	char path[NAME_LEN];

	bpf(BPF_MAP_LOOKUP_ELEM, &lookup, POLICY);
	open.map_id = id;
	kept_path(path, "policy", name);
	pin(bpf(BPF_MAP_GET_FD_BY_ID, &open, "image"), path);
}

static void use(const char *name)
{
	char path[NAME_LEN];
	uint32_t zero = 0, fd;
	union bpf_attr update = {
		.map_fd = get(POLICY), .key = (uintptr_t)&zero, .value = (uintptr_t)&fd};

	kept_path(path, "policy", name);
	fd = get(path);
	bpf(BPF_MAP_UPDATE_ELEM, &update, POLICY);
}

/* ---- hooks ----------------------------------------------------------------------------------- */

/* The program behind link @path. */
static int program_of(const char *path)
{
	struct bpf_link_info link = {};
	union bpf_attr open = {};

	info(get(path), &link, sizeof(link), path);
	open.prog_id = link.prog_id;
	return bpf(BPF_PROG_GET_FD_BY_ID, &open, path);
}

/*
 * Do something with each entry of @dir whose name begins with @prefix: its path, the name's rest.
 */
static void each(const char *dir, const char *prefix, void (*action)(const char *, const char *))
{
	struct dirent *entry;
	DIR *handle = opendir(dir);
	char path[NAME_LEN];

	if (!handle)
		die(dir);
	while ((entry = readdir(handle))) {
		if (strncmp(entry->d_name, prefix, strlen(prefix)))
			continue;
		snprintf(path, sizeof(path), "%s/%s", dir, entry->d_name);
		action(path, entry->d_name + strlen(prefix));
	}
	closedir(handle);
}

static void detach(const char *path, const char *hook)
{
	char kept[NAME_LEN];

	kept_path(kept, "program", hook);
	pin(program_of(path), kept);
	if (unlink(path))
		die(path);
}

static void attach(const char *kept, const char *hook)
{
	union bpf_attr attr = {.raw_tracepoint = {.prog_fd = get(kept)}};
	char path[NAME_LEN];

	snprintf(path, sizeof(path), PIN_DIR "/" LINK_PREFIX "%s", hook);
	if (access(path, F_OK))
		pin(bpf(BPF_RAW_TRACEPOINT_OPEN, &attr, hook), path);
}

static void attach_named(char **hooks)
{
	char kept[NAME_LEN];

	for (; *hooks; hooks++) {
		kept_path(kept, "program", *hooks);
		attach(kept, *hooks);
	}
}

static void print_program(const char *path, const char *hook)
{
	struct bpf_prog_info program = {};

	info(program_of(path), &program, sizeof(program), path);
	printf("%s %u %llu %llu\n", hook, program.verified_insns,
	       (unsigned long long)program.run_cnt, (unsigned long long)program.run_time_ns);
}

int main(int argc, char **argv)
{
	const char *command = argc > 1 ? argv[1] : "";

	if (!strcmp(command, "keep") && argc == 3)
		keep(argv[2]);
	else if (!strcmp(command, "use") && argc == 3)
		use(argv[2]);
	else if (!strcmp(command, "off") && argc == 2)
		each(PIN_DIR, LINK_PREFIX, detach);
	else if (!strcmp(command, "on") && argc == 2)
		each(KEPT_DIR, "program_", attach);
	else if (!strcmp(command, "on"))
		attach_named(argv + 2);
	else if (!strcmp(command, "programs") && argc == 2)
		each(PIN_DIR, LINK_PREFIX, print_program);
	else
		return fputs("usage: switch keep|use NAME, off, on [HOOK...], programs\n", stderr),
		       2;
	return 0;
}
