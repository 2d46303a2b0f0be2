/* SPDX-License-Identifier: GPL-2.0-only */
#include "scratch.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>

#include "hash.h"
#include "mounts.h"
#include "running/running.h"

#define PROGRAM "/bin/sleep"

static struct running running;
static struct policy policy;
static struct image image;
static pid_t child;

static int teardown(void **state)
{
	if (child > 0) {
		kill(child, SIGKILL);
		waitpid(child, NULL, 0);
	}
	child = 0;
	running_free(&running);
	image_free(&image);
	policy_free(&policy);
	return scratch_teardown(state);
}

/* ---- what runs ----------------------------------------------------------------------------- */

static void copy_program(const char *to)
{
	char command[2 * PATH_MAX];

	snprintf(command, sizeof(command), "cp " PROGRAM " %s && echo %s >> %s", to, to, to);
	assert_int_equal(system(command), 0); /* NOLINT(bugprone-command-processor) */
}

/* Run the file at @path, and wait until it does. */
static void start(const char *path)
{
	char exe[64], target[PATH_MAX];
	int turns = 500;
	ssize_t n;

	child = fork();
	if (!child) {
		execl(path, "sleep", "60", NULL);
		_exit(127);
	}
	snprintf(exe, sizeof(exe), "/proc/%d/exe", (int)child);
	do {
		usleep(10000);
		n = readlink(exe, target, sizeof(target) - 1);
		target[n > 0 ? n : 0] = 0;
	} while (strcmp(target, path) && --turns);
	assert_true(turns > 0);
	usleep(50000); /* until its libraries are mapped */
}

static bool is_used_by(const struct running_file *f, pid_t pid)
{
	size_t i;

	for (i = 0; i < f->use_count; i++)
		if (f->uses[i].pid == pid)
			return true;
	return false;
}

static const struct running_file *find(const char *part, pid_t pid)
{
	size_t i;

	for (i = 0; i < running.n; i++)
		if (strstr(running.v[i]->path, part) && is_used_by(running.v[i], pid))
			return running.v[i];
	return NULL;
}

static void test_finds_programs_and_libraries(void **state)
{
	const char *path = scratch_path("program");
	const struct running_file *f;
	struct stat st;
	size_t i, k;

	copy_program(path);
	start(path);
	assert_int_equal(running_read(&running), 0);
	assert_true(running.processes >= 2);
	f = find("/program", child);
	assert_non_null(f);
	assert_int_equal(stat(path, &st), 0);
	assert_string_equal(f->path, path);
	assert_false(f->deleted);
	assert_int_equal(f->size, st.st_size);
	assert_int_equal(f->use_count, 1);
	f = find("/libc.so", child);
	assert_non_null(f);
	assert_true(is_used_by(f, getpid()));
	for (i = 0; i < running.n; i++)
		for (k = 0; k < i; k++)
			assert_false(running.v[i]->inode == running.v[k]->inode &&
				     running.v[i]->device == running.v[k]->device);
}

static void test_finds_what_is_deleted(void **state)
{
	const char *path = scratch_path("program");
	const struct running_file *f;

	copy_program(path);
	start(path);
	assert_int_equal(unlink(path), 0);
	copy_program(path); /* another one by its name */
	assert_int_equal(running_read(&running), 0);
	f = find("/program", child);
	assert_non_null(f);
	assert_true(f->deleted);
	assert_string_equal(f->path, path);
}

/* Only what is mapped executable; not what is merely read. */
static void test_finds_mappings(void **state)
{
	int fd = open(scratch_text("mapped", "content"), O_RDONLY | O_CLOEXEC);
	int other = open(scratch_text("read", "other content"), O_RDONLY | O_CLOEXEC);
	int memory = memfd_create("nowhere", MFD_CLOEXEC);
	void *a = mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE, fd, 0);
	void *b = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, other, 0);
	void *c;

	assert_int_equal(ftruncate(memory, 4096), 0);
	c = mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_SHARED, memory, 0);
	assert_true(a != MAP_FAILED && b != MAP_FAILED && c != MAP_FAILED);
	assert_int_equal(running_read(&running), 0);
	assert_non_null(find("/mapped", getpid()));
	assert_null(find("/read", getpid()));
	assert_non_null(find("/memfd:nowhere", getpid()));
	munmap(a, 4096);
	munmap(b, 4096);
	munmap(c, 4096);
	close(fd);
	close(other);
	close(memory);
}

static void test_names_processes(void **state)
{
	char name[RUNNING_NAME_LEN];

	assert_string_equal(running_name(name, getpid()), "test_running");
	assert_string_equal(running_name(name, 1 << 30), "?");
}

/* ---- what a policy names of it ------------------------------------------------------------- */

static void compile(const char *text)
{
	const char *dirs[POLICY_DIRS] = {scratch_path("d")};

	mkdir(scratch_path("d"), 0700);
	scratch_text("d/t.policy", text);
	image_free(&image);
	policy_free(&policy);
	assert_int_equal(policy_read(&policy, dirs, NULL), 0);
	assert_int_equal(image_compile(&image, &policy, NULL, NULL), 0);
}

#define DENY "[Vendor]\nId=acme\n[Deny]\nVendor=acme\n"

/* A [Deny] of the digest of @path, after @more lines. */
static void deny_digest(const char *path, bool sized, const char *more)
{
	char text[1024], hex[2 * FINGERPRINT_LEN + 1], size[32] = "";
	struct digest digest;

	assert_int_equal(hash_file(&digest, path), 0);
	digest_format(hex, digest.value);
	if (sized)
		snprintf(size, sizeof(size), " %llu", (unsigned long long)digest.size);
	snprintf(text, sizeof(text), DENY "%sDigest=sha256:%s%s\n", more, hex, size);
	compile(text);
}

struct hits {
	size_t n;
	struct running_match last;
	char path[PATH_MAX];
	int answer;
};

static int hit(void *context, const struct running_match *match)
{
	struct hits *hits = context;

	hits->n++;
	hits->last = *match;
	snprintf(hits->path, sizeof(hits->path), "%s", match->file->path);
	return hits->answer;
}

static struct hits find_hits(unsigned int kinds)
{
	struct hits hits = {};
	struct running_search search = {
		.image = &image,
		.now = (uint64_t)time(NULL) * 1000000000,
		.kinds = kinds,
		.found = hit,
		.context = &hits,
	};

	running_free(&running);
	assert_int_equal(running_read(&running), 0);
	assert_int_equal(running_find(&running, &search), 0);
	return hits;
}

static void test_denied_program(void **state)
{
	const char *path = scratch_path("program");
	struct hits hits;

	copy_program(path);
	start(path);
	deny_digest(path, true, "");
	hits = find_hits(0);
	assert_int_equal(hits.n, 1);
	assert_string_equal(hits.path, path);
	assert_true(hits.last.verdict.deny);
	assert_string_equal(hits.last.rule->vendor, "acme");
	assert_int_equal(hits.last.matched.kind, FINGERPRINT_SHA256);
	deny_digest(path, false, "Mode=monitor\n");
	hits = find_hits(0);
	assert_int_equal(hits.n, 1);
	assert_false(hits.last.verdict.deny);
	/* what this machine cannot decide is no match */
	assert_int_equal(find_hits(KIND_BIT(FINGERPRINT_BUILD_ID)).n, 0);
	assert_int_equal(find_hits(KIND_BIT(FINGERPRINT_SHA256)).n, 1);
}

/* What runs is judged, and not what has its name now. */
static void test_replaced_program(void **state)
{
	const char *path = scratch_path("program");

	copy_program(path);
	start(path);
	deny_digest(path, true, "");
	assert_int_equal(rename(path, scratch_path("old")), 0);
	copy_program(path);
	assert_int_equal(truncate(path, 100), 0);
	assert_int_equal(find_hits(0).n, 1);
	assert_int_equal(unlink(scratch_path("old")), 0);
	assert_int_equal(find_hits(0).n, 1);
	deny_digest(path, true, "");
	assert_int_equal(find_hits(0).n, 0);
}

static void test_nothing_denied(void **state)
{
	const char *path = scratch_path("program");

	copy_program(path);
	start(path);
	compile(DENY "Digest=sha256:"
		     "44aef3025d9c440a87effa684169057d4a50d31dca9cc1e2e1d91a2cd42f6160\n");
	assert_int_equal(find_hits(0).n, 0);
}

static void test_search_ends(void **state)
{
	struct hits hits = {.answer = -ENOSPC};
	struct running_search search = {.image = &image, .found = hit, .context = &hits};

	compile(DENY "BuildId=00\n");
	deny_digest("/proc/self/exe", true, "");
	assert_int_equal(running_read(&running), 0);
	assert_int_equal(running_find(&running, &search), -ENOSPC);
	assert_int_equal(hits.n, 1);
}

#define DENY_PATH(path) DENY "PathPrefix=" path "/\n"

static void deny_path(const char *directory, const char *more)
{
	char text[2 * PATH_MAX];

	snprintf(text, sizeof(text), DENY "PathPrefix=%s/\n%s", directory, more);
	compile(text);
}

/* By where it lies, also once it is deleted; and its neighbour is not. */
static void test_program_by_path(void **state)
{
	char path[PATH_MAX], directory[PATH_MAX];
	struct hits hits;

	strcpy(directory, scratch_path("opt"));
	strcpy(path, scratch_path("opt/program"));
	assert_int_equal(mkdir(directory, 0700), 0);
	copy_program(path);
	start(path);
	deny_path(directory, "");
	hits = find_hits(0);
	assert_int_equal(hits.n, 1);
	assert_string_equal(hits.path, path);
	assert_true(hits.last.verdict.deny);
	assert_int_equal(hits.last.matched.kind, FINGERPRINT_PATH);
	assert_string_equal(hits.last.rule->vendor, "acme");
	assert_int_equal(find_hits(KIND_BIT(FINGERPRINT_SHA256)).n, 0);
	compile(DENY_PATH("*/opt"));
	assert_int_equal(find_hits(0).n, 1);
	deny_path(directory, "Mode=monitor\n");
	hits = find_hits(0);
	assert_int_equal(hits.n, 1);
	assert_false(hits.last.verdict.deny);
	deny_path(scratch_path("op"), "");
	assert_int_equal(find_hits(0).n, 0);
	assert_int_equal(unlink(path), 0);
	deny_path(directory, "");
	assert_int_equal(find_hits(0).n, 1);
}

/* The name of what is in memory is no path: the kernel sees no directories above it. */
static void test_memory_has_no_path(void **state)
{
	int memory = memfd_create("x/KVRT_Data/y", MFD_CLOEXEC);
	void *a;

	compile(DENY_PATH("*/KVRT_Data"));
	assert_int_equal(ftruncate(memory, 4096), 0);
	a = mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_SHARED, memory, 0);
	assert_true(a != MAP_FAILED);
	assert_int_equal(find_hits(0).n, 0);
	assert_non_null(find("/KVRT_Data/", getpid()));
	munmap(a, 4096);
	close(memory);
}

/* What is asked for nothing but its name is not opened; beside its content a name is weaker. */
static void test_one_file_by_path(void **state)
{
	struct running_search search = {.image = &image};
	struct running_match match;
	struct stat st;
	char text[1024], hex[2 * FINGERPRINT_LEN + 1];
	struct digest digest;

	compile(DENY_PATH("/opt/acme"));
	assert_int_equal(running_judge(&match, &search, "/nonexistent", "/opt/acme/x", 1), 1);
	assert_int_equal(match.matched.kind, FINGERPRINT_PATH);
	assert_true(match.verdict.deny);
	assert_int_equal(running_judge(&match, &search, "/nonexistent", "/opt/other/x", 1), 0);
	assert_int_equal(running_judge(&match, &search, "/nonexistent", NULL, 1), 0);

	assert_int_equal(stat(PROGRAM, &st), 0);
	assert_int_equal(hash_file(&digest, PROGRAM), 0);
	digest_format(hex, digest.value);
	snprintf(text, sizeof(text), DENY_PATH("/opt/acme") "Digest=sha256:%s %llu\n", hex,
		 (unsigned long long)st.st_size);
	compile(text);
	assert_int_equal(running_judge(&match, &search, PROGRAM, "/opt/acme/x", st.st_size), 1);
	assert_int_equal(match.matched.kind, FINGERPRINT_SHA256);
	assert_int_equal(running_judge(&match, &search, "/nonexistent", "/opt/acme/x", st.st_size),
			 -ENOENT);
	snprintf(text, sizeof(text),
		 DENY_PATH("/opt/acme") "[Allow]\nDigest=sha256:%s %llu\nUntil=2090-01-01\n"
					"Reason=r\nApprovedBy=b\n",
		 hex, (unsigned long long)st.st_size);
	compile(text);
	assert_int_equal(running_judge(&match, &search, PROGRAM, "/opt/acme/x", st.st_size), 1);
	assert_true(match.verdict.allow);
	assert_int_equal(match.matched.kind, FINGERPRINT_SHA256);
	/* of another size, so that its content is not asked for */
	assert_int_equal(running_judge(&match, &search, PROGRAM, "/opt/acme/x", 1), 1);
	assert_true(match.verdict.deny);
}

static void test_one_file(void **state)
{
	struct running_search search = {.image = &image};
	struct running_match match;
	struct stat st;

	deny_digest("/proc/self/exe", true, "");
	assert_int_equal(stat("/proc/self/exe", &st), 0);
	assert_int_equal(
		running_judge(&match, &search, "/proc/self/exe", "/proc/self/exe", st.st_size), 1);
	assert_int_equal(running_judge(&match, &search, PROGRAM, PROGRAM, 1), 0);
	assert_int_equal(running_judge(&match, &search, "/nonexistent", "/nonexistent", st.st_size),
			 -ENOENT);
}

/* ---- mounts -------------------------------------------------------------------------------- */

static void test_mounts(void **state)
{
	struct mounts mounts = {};
	struct statx stx;
	struct stat st;

	assert_int_equal(mounts_read(&mounts, getpid()), 0);
	assert_true(mounts.n > 0);
	assert_int_equal(stat("/proc", &st), 0);
	assert_non_null(mounts_find(&mounts, st.st_dev));
	assert_false(mounts_find(&mounts, st.st_dev)->fuse);
	assert_null(mounts_find(&mounts, -1));
	assert_int_equal(statx(AT_FDCWD, "/proc", 0, STATX_INO | STATX_MNT_ID, &stx), 0);
	assert_non_null(mounts_of_file(&mounts, &stx));
	assert_int_equal(mounts_of_file(&mounts, &stx)->id, stx.stx_mnt_id);
	stx.stx_mnt_id = UINT64_MAX;
	assert_ptr_equal(mounts_of_file(&mounts, &stx), mounts_find(&mounts, st.st_dev));
	assert_true(mounts_read(&mounts, 1 << 30) < 0);
	assert_int_equal(mounts.n, 0);
	mounts_free(&mounts);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_finds_programs_and_libraries, scratch_setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_finds_what_is_deleted, scratch_setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_finds_mappings, scratch_setup, teardown),
		cmocka_unit_test(test_names_processes),
		cmocka_unit_test_setup_teardown(test_denied_program, scratch_setup, teardown),
		cmocka_unit_test_setup_teardown(test_replaced_program, scratch_setup, teardown),
		cmocka_unit_test_setup_teardown(test_nothing_denied, scratch_setup, teardown),
		cmocka_unit_test_setup_teardown(test_search_ends, scratch_setup, teardown),
		cmocka_unit_test_setup_teardown(test_program_by_path, scratch_setup, teardown),
		cmocka_unit_test_setup_teardown(test_memory_has_no_path, scratch_setup, teardown),
		cmocka_unit_test_setup_teardown(test_one_file_by_path, scratch_setup, teardown),
		cmocka_unit_test_setup_teardown(test_one_file, scratch_setup, teardown),
		cmocka_unit_test(test_mounts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
