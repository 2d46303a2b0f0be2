/* SPDX-License-Identifier: GPL-2.0-only */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <systemd/sd-id128.h>
#include <unistd.h>

#include "ledger.h"

#define LEDGER_MAGIC 0x327265676465744cULL /* changes with the layout */

/* The file. */
struct book {
	uint64_t magic; /* stored last: a ledger without it was never used */
	uint64_t epoch;
	sd_id128_t boot;
	uint64_t event_size; /* of the build that began it */
	uint64_t windows;
	uint64_t commit; /* its lowest bit tells which entry counts */
	struct ledger_entry entries[2];
	struct tally tallies[TALLIES];
	struct ledger_window window[];
};

struct ledger {
	struct book *book;
	size_t size;
};

/* The order of stores is that of the source: who is killed leaves all that came before. */
static void store(uint64_t *at, uint64_t value)
{
	__atomic_signal_fence(__ATOMIC_SEQ_CST);
	__atomic_store_n(at, value, __ATOMIC_RELEASE);
	__atomic_signal_fence(__ATOMIC_SEQ_CST);
}

static struct ledger_entry *entry(struct book *b, uint64_t commit)
{
	return &b->entries[commit & 1];
}

static size_t size_of(uint64_t windows)
{
	return sizeof(struct book) + windows * sizeof(struct ledger_window);
}

int ledger_path(char *path, size_t len, const char *dir, uint64_t epoch)
{
	return snprintf(path, len, "%s/ledger-%" PRIx64, dir, epoch);
}

/* ---- open ------------------------------------------------------------------------------------ */

static bool is_sound(const struct book *b, size_t size)
{
	sd_id128_t boot = SD_ID128_NULL;

	sd_id128_get_boot(&boot);
	return b->magic == LEDGER_MAGIC && b->event_size == sizeof(struct event) &&
	       sd_id128_equal(b->boot, boot) && b->windows <= LEDGER_WINDOWS &&
	       size_of(b->windows) == size;
}

/* Killed behind the commit: its window and tally may not be in their places yet. */
static void apply(struct book *b)
{
	const struct ledger_entry *last = entry(b, b->commit);

	if (last->index < b->windows)
		b->window[last->index] = last->window;
	if (last->tally_index < TALLIES)
		b->tallies[last->tally_index] = last->tally;
}

static void start(struct book *b, uint64_t epoch, uint32_t windows)
{
	store(&b->magic, 0);
	memset(b, 0, size_of(windows));
	sd_id128_get_boot(&b->boot);
	b->epoch = epoch;
	b->event_size = sizeof(struct event);
	b->windows = windows;
	b->entries[0].index = b->entries[1].index = LEDGER_NO_WINDOW;
	b->entries[0].tally_index = b->entries[1].tally_index = TALLY_NONE;
	store(&b->magic, LEDGER_MAGIC);
}

static struct book *map(int fd, size_t size)
{
	struct book *b = mmap(NULL, size, PROT_READ | PROT_WRITE,
			      fd < 0 ? MAP_PRIVATE | MAP_ANONYMOUS : MAP_SHARED, fd, 0);

	return b == MAP_FAILED ? NULL : b;
}

/* A descriptor of a file that has room for all of it: a store must not find the disk full. */
static int make_file(const char *path, size_t size)
{
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600), err;

	if (fd < 0)
		return -1;
	err = ftruncate(fd, size) ? errno : posix_fallocate(fd, 0, size);
	if (!err)
		return fd;
	close(fd);
	unlink(path);
	errno = err;
	return -1;
}

static struct ledger *ledger_new(int fd, size_t size)
{
	struct ledger *l = calloc(1, sizeof(*l));

	if (!l)
		return NULL;
	l->size = size;
	l->book = map(fd, size);
	if (l->book)
		return l;
	free(l);
	return NULL;
}

struct ledger *ledger_open(const char *path, uint64_t epoch, uint32_t windows)
{
	size_t size = size_of(windows);
	int fd = path ? make_file(path, size) : -1;
	struct ledger *l;

	if (path && fd < 0)
		return NULL;
	l = ledger_new(fd, size);
	if (fd >= 0)
		close(fd);
	if (!l)
		return NULL;
	if (is_sound(l->book, size) && l->book->epoch == epoch)
		apply(l->book);
	else
		start(l->book, epoch, windows);
	return l;
}

struct ledger *ledger_reopen(const char *path)
{
	int fd = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
	struct ledger *l = NULL;
	struct stat st;

	if (fd < 0)
		return NULL;
	if (!fstat(fd, &st) && (size_t)st.st_size >= sizeof(struct book))
		l = ledger_new(fd, st.st_size);
	close(fd);
	if (l && is_sound(l->book, l->size)) {
		apply(l->book);
		return l;
	}
	ledger_close(l);
	errno = EBADMSG;
	return NULL;
}

void ledger_close(struct ledger *l)
{
	if (!l)
		return;
	munmap(l->book, l->size);
	free(l);
}

/* ---- read and change ------------------------------------------------------------------------- */

uint64_t ledger_epoch(const struct ledger *l)
{
	return l->book->epoch;
}

const struct ledger_totals *ledger_totals(const struct ledger *l)
{
	return &entry(l->book, l->book->commit)->totals;
}

uint64_t ledger_handled(const struct ledger_totals *t)
{
	return t->written + t->folded + t->canary + t->write_failed + t->earlier;
}

const struct tally *ledger_tallies(const struct ledger *l)
{
	return l->book->tallies;
}

uint32_t ledger_windows(const struct ledger *l)
{
	return l->book->windows;
}

const struct ledger_window *ledger_window(const struct ledger *l, uint32_t index)
{
	return &l->book->window[index];
}

struct ledger_entry *ledger_begin(struct ledger *l, uint32_t index)
{
	struct ledger_entry *next = entry(l->book, l->book->commit + 1);

	next->totals = *ledger_totals(l);
	next->index = index;
	next->tally_index = TALLY_NONE;
	if (index != LEDGER_NO_WINDOW)
		next->window = l->book->window[index];
	return next;
}

void ledger_count(struct ledger *l, struct ledger_entry *next, const struct event *e)
{
	next->tally_index = tally_find(l->book->tallies, e, &next->tally);
	next->tally.count++;
}

void ledger_commit(struct ledger *l)
{
	store(&l->book->commit, l->book->commit + 1);
	apply(l->book);
	__atomic_signal_fence(__ATOMIC_SEQ_CST);
}

/* The entry that counts is not touched before the commit after the next one has begun. */
static int read_totals(const struct book *b, struct ledger_totals *totals)
{
	uint64_t commit;

	do {
		commit = __atomic_load_n(&b->commit, __ATOMIC_ACQUIRE);
		*totals = b->entries[commit & 1].totals;
		__atomic_thread_fence(__ATOMIC_ACQUIRE);
	} while (commit != __atomic_load_n(&b->commit, __ATOMIC_ACQUIRE));
	return 0;
}

int ledger_read_totals(const char *path, uint64_t epoch, struct ledger_totals *totals)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW), err = -EBADMSG;
	struct book *b = MAP_FAILED;
	struct stat st;

	if (fd < 0)
		return -errno;
	if (!fstat(fd, &st) && (size_t)st.st_size >= sizeof(*b))
		b = mmap(NULL, st.st_size, PROT_READ, MAP_SHARED, fd, 0);
	close(fd);
	if (b == MAP_FAILED)
		return err;
	if (is_sound(b, st.st_size) && b->epoch == epoch)
		err = read_totals(b, totals);
	munmap(b, st.st_size);
	return err;
}
