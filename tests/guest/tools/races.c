/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * races SECONDS LISTED UNLISTED DIR: storms of exec, mmap, mprotect, writes and renames, while
 * every 10 ms one of two policy images takes the place of the other. Each verdict is held against
 * what was in force and what was in the file.
 *
 * LISTED and UNLISTED are images: both deny DIR/evil and not DIR/good; only LISTED denies
 * DIR/sometimes. The three have one size. Prints a line for each place and way; status 0: no
 * verdict was wrong.
 */
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "kernel/kernel.h"

#define SWAP_US	   10000
#define CALM	   15 /* swaps: odd, so that both images have their calm */
#define CALM_US	   100000
#define SETTLE_US  150000 /* STAMP_SETTLE_NS, and some */
#define BYTES_MAX  (64 << 10)
#define COMPLAINTS 20

enum content { EVIL, GOOD, SOMETIMES, CONTENTS };
enum place { STABLE, WRITTEN, RENAMED, PLACES };
enum way { EXEC, MAP, PROTECT, WAYS };

static const char *const content_names[] = {"evil", "good", "sometimes"};
static const char *const place_names[] = {"stable", "written", "renamed"};
static const char *const way_names[] = {"exec", "mmap", "mprotect"};

struct tally {
	atomic_ulong denied, ran;		      /* rightly: the same in both images */
	atomic_ulong sometimes_denied, sometimes_ran; /* rightly: by the image in force */
	atomic_ulong open; /* a swap came in between, or both are right */
	atomic_ulong wrong;
};

/* Even: image (swaps / 2) % 2 is in force, 0 is LISTED. Odd: one is taking the other's place. */
static struct shared {
	atomic_ulong swaps;
	atomic_bool end;
	atomic_ulong complaints;
	struct tally tally[PLACES][WAYS];
} * shared;

static char bytes[CONTENTS][BYTES_MAX];
static size_t size;

static void die(const char *what)
{
	fprintf(stderr, "races: %s: %s\n", what, strerror(errno));
	exit(2);
}

/* ---- one try --------------------------------------------------------------------------------- */

static int try_exec(const char *path)
{
	char *arguments[] = {(char *)path, NULL}, *environment[] = {NULL};
	pid_t pid;
	int error = posix_spawn(&pid, path, NULL, NULL, arguments, environment);

	if (!error)
		waitpid(pid, NULL, 0);
	return error;
}

static int try_mapping(const char *path, int prot, int later)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), error = 0;
	void *at;

	if (fd < 0)
		return errno;
	at = mmap(NULL, size, prot, MAP_PRIVATE, fd, 0);
	if (at == MAP_FAILED)
		error = errno;
	close(fd);
	if (!error && later && mprotect(at, size, later))
		error = errno;
	if (at != MAP_FAILED)
		munmap(at, size);
	return error;
}

static int try_way(const char *path, enum way way)
{
	if (way == EXEC)
		return try_exec(path);
	if (way == MAP)
		return try_mapping(path, PROT_READ | PROT_EXEC, 0);
	return try_mapping(path, PROT_READ, PROT_READ | PROT_EXEC);
}

static void complain(const char *path, enum content content, enum place place, enum way way,
		     int expected, int got, unsigned long swaps)
{
	if (atomic_fetch_add(&shared->complaints, 1) < COMPLAINTS)
		printf("WRONG    %s %s of %s (%s), after %lu swaps: %s, expected %s\n",
		       place_names[place], way_names[way], path, content_names[content], swaps / 2,
		       got ? strerror(got) : "it ran", expected ? "a denial" : "that it runs");
}

/* Try @path, which has @content and which nobody else changes, and judge the verdict. */
static void try(const char *path, enum content content, enum place place, enum way way)
{
	struct tally *t = &shared->tally[place][way];
	unsigned long before = atomic_load(&shared->swaps), after;
	int got = try_way(path, way), expected;
	bool one_image;

	after = atomic_load(&shared->swaps);
	one_image = before == after && !(before & 1);
	expected = content == EVIL || (content == SOMETIMES && !(before / 2 % 2)) ? EPERM : 0;
	if (content == SOMETIMES && !one_image && (!got || got == EPERM))
		t->open++;
	else if (place != STABLE && way == PROTECT && !expected && got == EPERM)
		t->open++; /* it cannot read, and refuses what is not known yet */
	else if (got != expected) {
		t->wrong++;
		complain(path, content, place, way, expected, got, before);
	} else if (content == SOMETIMES)
		*(got ? &t->sometimes_denied : &t->sometimes_ran) += 1;
	else
		*(got ? &t->denied : &t->ran) += 1;
}

/* ---- files ----------------------------------------------------------------------------------- */

static int create(const char *path, enum content content)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0755);
	int failure = fd < 0 || write(fd, bytes[content], size) != (ssize_t)size;

	if (fd >= 0)
		close(fd);
	return failure ? -1 : 0;
}

static int write_in_place(const char *path, enum content content)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	int failure = fd < 0 || pwrite(fd, bytes[content], size, 0) != (ssize_t)size;

	if (fd >= 0)
		close(fd);
	return failure ? -1 : 0;
}

static int store(const char *path, enum content content)
{
	int fd = open(path, O_RDWR | O_CLOEXEC);
	void *at =
		fd < 0 ? MAP_FAILED : mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

	if (at != MAP_FAILED) {
		memcpy(at, bytes[content], size);
		munmap(at, size);
	}
	if (fd >= 0)
		close(fd);
	return at == MAP_FAILED ? -1 : 0;
}

static int replace(const char *path, enum content content)
{
	char other[300];

	snprintf(other, sizeof(other), "%s.other", path);
	return create(other, content) || rename(other, path) ? -1 : 0;
}

/* Its end is cut off by name: nothing is opened; then it grows again. */
static int cut_and_append(const char *path, enum content content)
{
	size_t half = size / 2;
	int fd, failure;

	if (write_in_place(path, content) || truncate(path, half))
		return -1;
	fd = open(path, O_WRONLY | O_APPEND | O_CLOEXEC);
	failure = fd < 0 || write(fd, bytes[content] + half, size - half) != (ssize_t)(size - half);
	if (fd >= 0)
		close(fd);
	return failure ? -1 : 0;
}

static int (*const write_ways[])(const char *, enum content) = {create, write_in_place, store,
								replace, cut_and_append};
#define WRITE_WAYS (sizeof(write_ways) / sizeof(*write_ways))

/* The program that was run may be held for a moment after its end was reported. */
static void rewrite(const char *path, enum content content, unsigned int way)
{
	while (write_ways[way](path, content))
		if (errno != ETXTBSY)
			die(path);
}

/* ---- storms ---------------------------------------------------------------------------------- */

/* Files that never change, and whose identity is kept. */
static void storm_of_tries(const char *dir, unsigned int number)
{
	static const enum content order[] = {EVIL, SOMETIMES, GOOD, SOMETIMES};
	enum content content;
	unsigned int turn;
	char path[256];

	for (turn = number; !shared->end; turn++) {
		content = order[turn % 4];
		snprintf(path, sizeof(path), "%s/%s", dir, content_names[content]);
		try(path, content, STABLE, number ? turn / 4 % WAYS : EXEC);
	}
}

/* A file that changes between evil, good and sometimes: at once, or when its identity is kept. */
static void storm_of_writes(const char *dir, unsigned int number)
{
	enum content content;
	unsigned int turn;
	char path[256];

	snprintf(path, sizeof(path), "%s/written%u", dir, number);
	create(path, GOOD);
	for (turn = 0; !shared->end; turn++) {
		content = turn % CONTENTS;
		rewrite(path, content, turn / CONTENTS % WRITE_WAYS);
		try(path, content, WRITTEN, turn / (CONTENTS * WRITE_WAYS) % WAYS);
		if (turn % 4 != number)
			continue;
		usleep(SETTLE_US);
		try(path, content, WRITTEN, MAP);
		try(path, content, WRITTEN, EXEC);
	}
}

/* Two names that exchange what they name. */
static void storm_of_renames(const char *dir, unsigned int number)
{
	char a[256], b[256];
	unsigned int turn;

	snprintf(a, sizeof(a), "%s/renamed%u.a", dir, number);
	snprintf(b, sizeof(b), "%s/renamed%u.b", dir, number);
	if (create(a, GOOD) || create(b, EVIL))
		die(a);
	for (turn = 0; !shared->end; turn++) {
		try(a, turn % 2 ? EVIL : GOOD, RENAMED, turn % WAYS);
		try(b, turn % 2 ? GOOD : EVIL, RENAMED, turn / 2 % WAYS);
		if (renameat2(AT_FDCWD, a, AT_FDCWD, b, RENAME_EXCHANGE))
			die(a);
	}
}

static struct image images[2];

static void install(unsigned int number)
{
	static int policy = -1;
	int err;

	if (policy < 0)
		policy = kernel_open_pin(PIN_POLICY);
	err = policy < 0 ? policy : kernel_install_image(policy, &images[number]);
	if (!err)
		return;
	errno = -err;
	die("the policy");
}

static void storm_of_swaps(const char *dir, unsigned int number)
{
	unsigned int turn;

	/* An update lasts longer than that, and a program on an emulated machine too: now and then
	 * there is time for a few. */
	for (turn = 1; !shared->end; turn++) {
		usleep(turn % CALM ? SWAP_US : CALM_US);
		shared->swaps++;
		install(turn % 2);
		shared->swaps++;
	}
}

static const struct {
	void (*storm)(const char *dir, unsigned int number);
	unsigned int number;
} storms[] = {
	{storm_of_swaps, 0},  {storm_of_tries, 0},  {storm_of_tries, 1},  {storm_of_tries, 2},
	{storm_of_writes, 0}, {storm_of_writes, 1}, {storm_of_writes, 2}, {storm_of_renames, 0},
};
#define STORMS (sizeof(storms) / sizeof(*storms))

/* ---- the whole ------------------------------------------------------------------------------- */

static void read_bytes(const char *dir)
{
	char path[256];
	ssize_t got;
	int i, fd;

	for (i = 0; i < CONTENTS; i++) {
		snprintf(path, sizeof(path), "%s/%s", dir, content_names[i]);
		fd = open(path, O_RDONLY | O_CLOEXEC);
		got = fd < 0 ? -1 : read(fd, bytes[i], BYTES_MAX);
		if (got <= 0 || (i && (size_t)got != size))
			die(path);
		size = got;
		close(fd);
	}
}

static void read_image(struct image *image, const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;

	if (fd < 0 || fstat(fd, &st))
		die(path);
	image->len = st.st_size;
	image->base = mmap(NULL, image->len, PROT_READ, MAP_PRIVATE, fd, 0);
	if (image->base == MAP_FAILED)
		die(path);
	close(fd);
}

/* Whether there is every number that a wrong verdict could hide behind. */
static bool all_was_tried(void)
{
	const struct tally *t;
	int place, way;

	for (place = 0; place < PLACES; place++) {
		for (way = 0; way < WAYS; way++) {
			t = &shared->tally[place][way];
			if (!t->denied || (way != PROTECT && !t->ran))
				return false;
			if ((place == STABLE || (place == WRITTEN && way == EXEC)) &&
			    (!t->sometimes_denied || !t->sometimes_ran))
				return false;
		}
	}
	return true;
}

/* Return: how many of the storms broke off. On a machine that is busy they last longer: up to ten
 * times. */
static int weather(const char *dir, unsigned int seconds)
{
	pid_t pid[STORMS];
	int status, broken = 0;
	size_t i;

	for (i = 0; i < STORMS; i++) {
		pid[i] = fork();
		if (pid[i] < 0)
			die("fork");
		if (!pid[i]) {
			storms[i].storm(dir, storms[i].number);
			fflush(stdout);
			_exit(0);
		}
	}
	sleep(seconds);
	for (i = 0; i < 9 * seconds && !all_was_tried(); i++)
		sleep(1);
	shared->end = true;
	for (i = 0; i < STORMS; i++)
		broken += waitpid(pid[i], &status, 0) != pid[i] || status;
	return broken;
}

static unsigned long report(void)
{
	unsigned long wrong = 0;
	const struct tally *t;
	int place, way;

	for (place = 0; place < PLACES; place++) {
		for (way = 0; way < WAYS; way++) {
			t = &shared->tally[place][way];
			printf("%s %s: %lu denied %lu ran %lu sometimes-denied %lu sometimes-ran "
			       "%lu open %lu wrong\n",
			       place_names[place], way_names[way], t->denied, t->ran,
			       t->sometimes_denied, t->sometimes_ran, t->open, t->wrong);
			wrong += t->wrong;
		}
	}
	printf("swaps: %lu\n", shared->swaps / 2);
	return wrong;
}

static int counters(void)
{
	struct kernel_state state;

	if (kernel_read_state(&state))
		return 1;
	printf("hashed %llu\nhash-failed %llu\ncached %llu\ndropped %llu\nlost %llu\n",
	       (unsigned long long)state.counters.hashed,
	       (unsigned long long)state.counters.hash_failed,
	       (unsigned long long)state.counters.cached,
	       (unsigned long long)state.counters.dropped,
	       (unsigned long long)state.counters.lost_ring);
	return 0;
}

static int hold(char **paths)
{
	int fd;

	for (; *paths; paths++) {
		fd = open(*paths, O_RDONLY | O_CLOEXEC);
		if (fd < 0 ||
		    mmap(NULL, 1, PROT_READ | PROT_EXEC, MAP_PRIVATE, fd, 0) == MAP_FAILED)
			die(*paths);
	}
	puts("held");
	fflush(stdout);
	return pause();
}

int main(int argc, char **argv)
{
	int broken;

	if (argc == 2 && !strcmp(argv[1], "counters"))
		return counters();
	if (argc > 2 && !strcmp(argv[1], "hold"))
		return hold(argv + 2);
	if (argc != 5)
		return 2;
	setvbuf(stdout, NULL, _IOLBF, 0);
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
		      0);
	if (shared == MAP_FAILED)
		die("mmap");
	read_image(&images[0], argv[2]);
	read_image(&images[1], argv[3]);
	read_bytes(argv[4]);
	install(0);
	broken = weather(argv[4], strtoul(argv[1], NULL, 10));
	return report() || broken;
}
