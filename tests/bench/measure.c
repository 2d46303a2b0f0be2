/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Take times and print them, one a line, in nanoseconds: where the clock counts instructions, in
 * instructions.
 *
 *	measure spawn FIRST FILE...   posix_spawn FILE, wait for its end
 *	measure spawns FIRST FILE...  likewise SPAWNS times; what one of them takes
 *	measure refusal FIRST FILE... execve FILE, which fails
 *	measure refusals FIRST FILE.. likewise SPAWNS times; what one of them takes
 *	measure map FIRST FILE...     mmap(PROT_EXEC) and munmap FILE, which is open already
 *	measure load FIRST FILE...    open, mmap(PROT_EXEC), munmap and close FILE: as a loader does
 *	measure open FIRST FILE...    open and close FILE
 *	measure anon FIRST FILE...    mmap and munmap anonymous memory; files are only counted
 *
 * FIRST is done once before, untimed: this process's own first steps are not what is asked. Before
 * each time it sleeps, so that what the kernel has put off is over, and then waits for a tick of
 * the timer, so that the next one falls behind the end.
 *
 * A start takes pages and slabs that the kernel refills by the batch, so that one takes 1,000 or
 * 3,000 more than another: over SPAWNS of them, and equally many ticks, that evens out.
 */
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define SPAWNS	  30
#define MAP_LEN	  65536
#define PAUSE_NS  (20 * 1000000)
#define PAGES_MAX 256
/* Between two looks at the clock passes less, unless an interrupt falls between them. */
#define TICK_NS 1000

static void die(const char *what)
{
	fprintf(stderr, "measure: %s: %s\n", what, strerror(errno));
	exit(1);
}

static uint64_t now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000ull + t.tv_nsec;
}

static int open_file(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		die(path);
	return fd;
}

/* Take and give back some pages: what is allocated by the batch is then refilled now in one time,
 * now in another, and not again and again in the same. */
static void use_pages(void)
{
	size_t len = (1 + random() % PAGES_MAX) * sysconf(_SC_PAGESIZE);
	void *at = mmap(NULL, len, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);

	if (at == MAP_FAILED)
		die("anonymous mmap");
	munmap(at, len);
}

static void wait_for_tick(void)
{
	uint64_t before, t = now();

	do {
		before = t;
		t = now();
	} while (t - before < TICK_NS);
}

static void rest(void)
{
	const struct timespec pause = {.tv_nsec = PAUSE_NS + random() % PAUSE_NS};

	use_pages();
	nanosleep(&pause, NULL);
	wait_for_tick();
}

static uint64_t time_spawn(const char *path)
{
	char *argv[] = {(char *)path, NULL}, *envp[] = {NULL};
	uint64_t begin = now(), end;
	int err, status;
	pid_t pid;

	err = posix_spawn(&pid, path, NULL, NULL, argv, envp);
	if (!err && waitpid(pid, &status, 0) != pid)
		err = errno;
	end = now();
	errno = err ? err : ENOEXEC;
	if (err || status)
		die(path);
	return end - begin;
}

static uint64_t time_spawns(const char *path)
{
	uint64_t sum = 0;
	int i;

	for (i = 0; i < SPAWNS; i++)
		sum += time_spawn(path);
	return sum / SPAWNS;
}

/* It is this process that fails, and goes on. */
static uint64_t time_refusal(const char *path)
{
	char *argv[] = {(char *)path, NULL}, *envp[] = {NULL};
	uint64_t begin = now(), end;

	execve(path, argv, envp);
	end = now();
	if (errno != EACCES && errno != EPERM)
		die(path);
	return end - begin;
}

static uint64_t time_refusals(const char *path)
{
	uint64_t sum = 0;
	int i;

	for (i = 0; i < SPAWNS; i++)
		sum += time_refusal(path);
	return sum / SPAWNS;
}

static void map_file(int fd, const char *path)
{
	void *at = mmap(NULL, MAP_LEN, PROT_READ | PROT_EXEC, MAP_PRIVATE, fd, 0);

	if (at == MAP_FAILED)
		die(path);
	munmap(at, MAP_LEN);
}

static uint64_t time_map(const char *path)
{
	int fd = open_file(path);
	uint64_t begin = now(), end;

	map_file(fd, path);
	end = now();
	close(fd);
	return end - begin;
}

static uint64_t time_load(const char *path)
{
	uint64_t begin = now();
	int fd = open_file(path);

	map_file(fd, path);
	close(fd);
	return now() - begin;
}

static uint64_t time_open(const char *path)
{
	uint64_t begin = now();

	close(open_file(path));
	return now() - begin;
}

static uint64_t time_anon(const char *path)
{
	uint64_t begin = now();
	void *at = mmap(NULL, MAP_LEN, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (at == MAP_FAILED)
		die("anonymous mmap");
	munmap(at, MAP_LEN);
	return now() - begin;
}

static const struct thing {
	const char *name;
	uint64_t (*time)(const char *path);
} things[] = {
	{"spawn", time_spawn},	   {"spawns", time_spawns},	{"map", time_map},
	{"refusal", time_refusal}, {"refusals", time_refusals}, {"load", time_load},
	{"open", time_open},	   {"anon", time_anon},
};

static const struct thing *find_thing(const char *name)
{
	size_t i;

	for (i = 0; i < sizeof(things) / sizeof(*things); i++)
		if (!strcmp(things[i].name, name))
			return &things[i];
	return NULL;
}

int main(int argc, char **argv)
{
	const struct thing *thing = argc > 3 ? find_thing(argv[1]) : NULL;
	uint64_t *taken = calloc(argc, sizeof(*taken));
	int i;

	if (!thing || !taken) {
		fputs("usage: measure spawn|spawns|refusal|refusals|map|load|open|anon FIRST "
		      "FILE...\n",
		      stderr);
		return 2;
	}
	srandom(now());
	thing->time(argv[2]);
	for (i = 3; i < argc; i++) {
		rest();
		taken[i] = thing->time(argv[i]);
	}
	for (i = 3; i < argc; i++)
		printf("%llu\n", (unsigned long long)taken[i]);
	return 0;
}
