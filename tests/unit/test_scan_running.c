/* SPDX-License-Identifier: GPL-2.0-only */
/* What a scan finds of what runs and of what is loaded; what is not listed is not found. */
#include "scratch.h"

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/mman.h>
#include <sys/wait.h>

#include "hash.h"
#include "running/modules.h"
#include "running/process.h"
#include "scan/looking.h"

#define PROGRAM "/bin/sleep"

static struct policy policy;
static struct image image;
static struct scan scan;
static struct looking looking;
static pid_t children[4];
static size_t child_count;

static int teardown(void **state)
{
	for (; child_count; child_count--) {
		kill(children[child_count - 1], SIGKILL);
		waitpid(children[child_count - 1], NULL, 0);
	}
	scan_free(&scan);
	image_free(&image);
	policy_free(&policy);
	return scratch_teardown(state);
}

/* ---- what runs ----------------------------------------------------------------------------- */

/* A program of its own content. */
static const char *make(const char *name)
{
	const char *to = scratch_path(name);
	char command[2 * PATH_MAX];

	snprintf(command, sizeof(command), "cp " PROGRAM " %s && echo %s >> %s", to, name, to);
	assert_int_equal(system(command), 0); /* NOLINT(bugprone-command-processor) */
	return to;
}

static pid_t start(const char *path)
{
	char exe[64], target[PATH_MAX];
	int turns = 500;
	pid_t child = fork();
	ssize_t n;

	if (!child) {
		execl(path, "sleep", "60", NULL);
		_exit(127);
	}
	children[child_count++] = child;
	snprintf(exe, sizeof(exe), "/proc/%d/exe", (int)child);
	do {
		usleep(10000);
		n = readlink(exe, target, sizeof(target) - 1);
		target[n > 0 ? n : 0] = 0;
	} while (strcmp(target, path) && --turns);
	assert_true(turns > 0);
	return child;
}

/* ---- looking ------------------------------------------------------------------------------- */

static void look(const char *text, int (*who)(struct looking *l))
{
	static const struct scan_options options = {.running = true};
	const char *dirs[POLICY_DIRS] = {scratch_path("d")};

	mkdir(scratch_path("d"), 0700);
	scratch_text("d/t.policy", text);
	scan_free(&scan);
	image_free(&image);
	policy_free(&policy);
	assert_int_equal(policy_read(&policy, dirs, NULL), 0);
	assert_int_equal(image_compile(&image, &policy, NULL, NULL), 0);
	scan = (struct scan){.options = &options,
			     .image = &image,
			     .now = 1700000000000000000ULL,
			     .ceiling = MODE_ENFORCE};
	looking = (struct looking){.scan = &scan,
				   .kinds = image_header(&image)->kinds,
				   .lock = PTHREAD_MUTEX_INITIALIZER};
	assert_int_equal(who(&looking), 0);
	assert_int_equal(looking.failed, 0);
}

#define DENY "[Vendor]\nId=acme\n[Deny]\nVendor=acme\n"

static void look_for(const char *path, const char *more)
{
	char text[1024], hex[2 * FINGERPRINT_LEN + 1];
	struct digest digest;

	assert_int_equal(hash_file(&digest, path), 0);
	digest_format(hex, digest.value);
	snprintf(text, sizeof(text), DENY "%sDigest=sha256:%s %llu\n", more, hex,
		 (unsigned long long)digest.size);
	look(text, running_look);
}

static const struct finding *only(void)
{
	assert_int_equal(scan.findings.n, 1);
	return &scan.findings.v[0];
}

static void test_program(void **state)
{
	const char *path = make("listed");
	const struct finding *f;
	struct digest digest;
	struct process p;
	struct stat st;
	pid_t pid = start(path);

	start(make("neighbour"));
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(hash_file(&digest, path), 0);
	assert_true(process_read(&p, pid));
	look_for(path, "");
	f = only();
	assert_int_equal(f->place, FINDING_RUNNING);
	assert_int_equal(f->effect, FINDING_DENIED);
	assert_int_equal(f->kind, CONTENT_PROGRAM);
	assert_string_equal(f->path, path);
	assert_string_equal(f->vendor, "acme");
	assert_int_equal(strncmp(f->rule, "acme/sha256:", 12), 0);
	assert_int_equal(f->pid, pid);
	assert_int_equal(f->start_time, p.start_time);
	assert_false(f->mapped || f->deleted);
	assert_int_equal(f->device, st.st_dev);
	assert_int_equal(f->inode, st.st_ino);
	assert_int_equal(f->size, st.st_size);
	assert_true(f->digested);
	assert_memory_equal(f->digest.value, digest.value, sizeof(digest.value));
	assert_true(looking.counts[COUNT_PROCESSES] >= 3);
}

static void test_each_process(void **state)
{
	const char *path = make("listed");

	start(path);
	start(path);
	look_for(path, "");
	assert_int_equal(scan.findings.n, 2);
	assert_int_not_equal(scan.findings.v[0].pid, scan.findings.v[1].pid);
}

/* By its name there is another one. */
static void test_deleted(void **state)
{
	const char *path = make("listed"), *copy = make("copy");
	char command[3 * PATH_MAX];
	const struct finding *f;
	pid_t pid = start(path);

	snprintf(command, sizeof(command), "cp %s %s && rm %s && echo other > %s", path, copy, path,
		 path);
	assert_int_equal(system(command), 0); /* NOLINT(bugprone-command-processor) */
	look_for(copy, "");
	f = only();
	assert_int_equal(f->pid, pid);
	assert_true(f->deleted);
	assert_string_equal(f->path, path);
	look_for(path, "");
	assert_int_equal(scan.findings.n, 0);
}

static void test_mapped(void **state)
{
	const char *path = scratch_text("library", "a library, as far as it is told by its digest");
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	int other = open(scratch_text("read", "read only"), O_RDONLY | O_CLOEXEC);
	void *a = mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE, fd, 0);
	void *b = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, other, 0);
	const struct finding *f;

	assert_true(a != MAP_FAILED && b != MAP_FAILED);
	look_for(path, "");
	f = only();
	assert_int_equal(f->pid, getpid());
	assert_true(f->mapped);
	assert_string_equal(f->path, path);
	look_for(scratch_path("read"), "");
	assert_int_equal(scan.findings.n, 0);
	munmap(a, 4096);
	munmap(b, 4096);
	close(fd);
	close(other);
}

static void test_in_memory(void **state)
{
	const char *text = "only in memory";
	int fd = memfd_create("listed", MFD_CLOEXEC);
	void *a;

	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	a = mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_SHARED, fd, 0);
	assert_true(a != MAP_FAILED);
	look_for(scratch_text("same", text), "");
	assert_int_equal(only()->pid, getpid());
	assert_true(only()->deleted);
	munmap(a, 4096);
	close(fd);
}

static void test_effects(void **state)
{
	const char *path = make("listed");

	start(path);
	look_for(path, "Mode=monitor\n");
	assert_int_equal(only()->effect, FINDING_MONITORED);
	look_for(path, "From=2100-01-01\n");
	assert_int_equal(only()->effect, FINDING_AHEAD);
}

static void test_by_path(void **state)
{
	char text[PATH_MAX + 128];

	start(make("listed"));
	snprintf(text, sizeof(text), DENY "PathPrefix=%s/\n", scratch_dir);
	look(text, running_look);
	assert_int_equal(only()->matched.kind, FINGERPRINT_PATH);
	look(DENY "PathPrefix=/nowhere/\n", running_look);
	assert_int_equal(scan.findings.n, 0);
}

static void test_stopped(void **state)
{
	const atomic_bool stop = true;
	const char *path = make("listed");

	start(path);
	look_for(path, "");
	scan_free(&scan);
	looking.stop = &stop;
	assert_int_equal(running_look(&looking), 0);
	assert_int_equal(scan.findings.n, 0);
	assert_int_equal(modules_look(&looking), 0);
}

/* ---- what is loaded ------------------------------------------------------------------------ */

static void test_loaded(void **state)
{
	struct loaded_modules modules;
	char text[256];
	const struct finding *f;

	if (modules_read(&modules) || !modules.n) {
		modules_free(&modules);
		print_message("no module is loaded on this machine, or they are not to be seen\n");
		skip();
	}
	snprintf(text, sizeof(text), DENY "ModuleName=%s\n", modules.v[0].name);
	look(text, modules_look);
	f = only();
	assert_int_equal(f->place, FINDING_LOADED);
	assert_int_equal(f->effect, FINDING_DENIED);
	assert_non_null(strstr(f->path, f->path[0] == '/' ? ".ko" : modules.v[0].name));
	assert_int_equal(looking.counts[COUNT_MODULES], modules.n);
	modules_free(&modules);
	look(DENY "ModuleName=no_such_module\n", modules_look);
	assert_int_equal(scan.findings.n, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, scratch_setup, teardown)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(test_program), TEST(test_each_process), TEST(test_deleted),
		TEST(test_mapped),  TEST(test_in_memory),    TEST(test_effects),
		TEST(test_by_path), TEST(test_stopped),	     TEST(test_loaded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
