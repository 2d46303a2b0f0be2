/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Digests that are taken afterwards: which, how often, and how much of the time they may take. What
 * was read, in children too, the kernel counts: rchar in /proc/self/io.
 */
#include "scratch.h"

#include <errno.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>

#include "allowance.h"
#include "audit/ecs.h"
#include "audit/late_digest.h"
#include "clock.h"
#include "hash.h"
#include "mounts.h"

#define SIZE   (3 << 20)
#define SECOND 1000000000ULL

static char bytes[SIZE];

static int setup(void **state)
{
	late_digest_allow(10 * SECOND);
	return scratch_setup(state);
}

/* A new file of @fill, as an event tells of it that is denied by its path. */
static struct event event_of(const char *name, int fill)
{
	struct event e = {.matched.kind = FINGERPRINT_PATH};
	const char *path;
	struct stat st;

	memset(bytes, fill, sizeof(bytes));
	path = scratch_write(name, bytes, sizeof(bytes));
	assert_int_equal(stat(path, &st), 0);
	e.inode = st.st_ino;
	e.size = st.st_size;
	e.device = major(st.st_dev) << 20 | minor(st.st_dev);
	strcpy(e.path, path);
	return e;
}

static void expect_digest(const struct event *e, int fill)
{
	__u8 digest[FINGERPRINT_LEN] = {}, right[FINGERPRINT_LEN];

	memset(bytes, fill, sizeof(bytes));
	assert_int_equal(hash_bytes(right, bytes, sizeof(bytes)), 0);
	assert_true(late_digest(digest, e));
	assert_memory_equal(digest, right, sizeof(right));
}

static void expect_none(const struct event *e)
{
	__u8 digest[FINGERPRINT_LEN];

	assert_false(late_digest(digest, e));
}

/* Bytes; 0: this kernel does not count them. */
static unsigned long long were_read(void)
{
	unsigned long long n = 0;
	FILE *f = fopen("/proc/self/io", "re");

	if (f && fscanf(f, "rchar: %llu", &n) != 1)
		n = 0;
	if (f)
		fclose(f);
	return n;
}

static void test_is_read_once(void **state)
{
	struct event e = event_of("a", 'a');
	unsigned long long before;
	int i;

	usleep(200000); /* what was changed just now is not remembered */
	before = were_read();
	if (!before) {
		print_message("skipped: no /proc/self/io\n");
		skip();
	}
	for (i = 0; i < 20; i++)
		expect_digest(&e, 'a');
	assert_true(were_read() - before >= SIZE);
	assert_true(were_read() - before < 2 * SIZE);
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	assert_int_equal(errno, ECHILD);
}

static void test_was_changed(void **state)
{
	struct event e = event_of("a", 'a');
	struct timespec now;
	int fd;

	usleep(200000); /* so that it is remembered */
	expect_digest(&e, 'a');
	/* In its place, of the same size; the times that anybody may set say nothing of it. */
	memset(bytes, 'b', sizeof(bytes));
	fd = open(e.path, O_WRONLY | O_CLOEXEC);
	assert_int_equal(write(fd, bytes, sizeof(bytes)), sizeof(bytes));
	clock_gettime(CLOCK_REALTIME, &now);
	futimens(fd, (struct timespec[]){now, {1, 0}});
	close(fd);
	expect_digest(&e, 'b');
}

static void test_is_another(void **state)
{
	struct event e = event_of("a", 'a'), other = event_of("b", 'b');

	expect_digest(&e, 'a');
	expect_digest(&other, 'b');
	assert_int_equal(rename(other.path, e.path), 0);
	expect_none(&e);
	expect_none(&other);
}

/* What the record has without, or could not be had without waiting for others. */
static void test_not_at_all(void **state)
{
	struct event e = event_of("a", 'a');
	unsigned long long before = were_read();

	e.matched.kind = FINGERPRINT_SHA256;
	expect_none(&e);
	e.matched.kind = FINGERPRINT_PATH;
	e.flags = EVENT_DIGEST;
	expect_none(&e);
	e.flags = 0;
	e.filesystem = ecs_filesystem_magic("nfs4");
	expect_none(&e);
	assert_true(were_read() - before < SIZE);
}

static void test_nothing_is_left(void **state)
{
	struct event e = event_of("a", 'a');

	late_digest_allow(0);
	expect_none(&e);
	late_digest_allow(10 * SECOND);
	expect_digest(&e, 'a');
	/* Whatever that took, it was more. */
	late_digest_allow(1);
	expect_none(&e);
}

static void test_allowance(void **state)
{
	struct allowance a = {.most = 2 * SECOND, .per = 10 * SECOND};

	assert_true(allowance_left(&a, 100 * SECOND));
	a.spent += SECOND;
	assert_true(allowance_left(&a, 101 * SECOND));
	a.spent += 3 * SECOND;
	assert_false(allowance_left(&a, 105 * SECOND));
	assert_false(allowance_left(&a, 110 * SECOND - 1));
	assert_true(allowance_left(&a, 110 * SECOND));
	assert_int_equal(a.spent, 0);
}

/* By what is mounted, as the file system itself says it. */
static void test_filesystem(void **state)
{
	struct mounts m = {};
	const struct mount *mount;
	struct stat st;

	assert_int_equal(mounts_read(&m, getpid()), 0);
	assert_int_equal(stat("/proc", &st), 0);
	mount = mounts_find(&m, st.st_dev);
	assert_non_null(mount);
	assert_string_equal(mount->type, "proc");
	assert_int_equal(ecs_filesystem_magic(mount->type), 0x9fa0);
	assert_int_equal(ecs_filesystem_magic("of tomorrow"), 0);
	mounts_free(&m);
}

static const struct mount *first_of_fuse(const struct mounts *m)
{
	size_t i;

	for (i = 0; i < m->n; i++)
		if (m->v[i].fuse)
			return &m->v[i];
	return NULL;
}

/* Of whatever kind: nobody serves this one, so that whoever asked it would wait for ever. */
static void test_filesystem_of_fuse(void **state)
{
	int fd = open("/dev/fuse", O_RDWR | O_CLOEXEC);
	struct mounts m = {};
	char options[128];

	snprintf(options, sizeof(options), "fd=%d,rootmode=40000,user_id=0,group_id=0", fd);
	if (fd < 0 || unshare(CLONE_NEWNS) ||
	    mount("none", "/", "none", MS_REC | MS_PRIVATE, NULL) ||
	    mount("none", scratch_path("."), "fuse.acme", 0, options)) {
		print_message("skipped: no FUSE, or not root\n");
		close(fd);
		skip();
	}
	assert_int_equal(mounts_read(&m, getpid()), 0);
	umount2(scratch_path("."), MNT_DETACH);
	close(fd);
	assert_non_null(first_of_fuse(&m));
	assert_string_equal(first_of_fuse(&m)->type, "fuse");
	assert_int_equal(ecs_filesystem_magic(first_of_fuse(&m)->type), 0x65735546);
	mounts_free(&m);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, scratch_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_is_read_once), TEST(test_was_changed),	TEST(test_is_another),
		TEST(test_not_at_all),	 TEST(test_nothing_is_left),	TEST(test_allowance),
		TEST(test_filesystem),	 TEST(test_filesystem_of_fuse),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
