/* SPDX-License-Identifier: GPL-2.0-only */
/* How many running processes a policy would hit: real ones, of programs and libraries of our own.
 */
#include "scratch.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/wait.h>

#include "alive.h"
#include "guard/guard_running.h"
#include "hash.h"
#include "policy/policy.h"

#define SLEEP	     "/usr/bin/sleep" /* coreutils' */
#define PROCESS_MAX  16
#define WAIT_US	     10000
#define WAIT_TURNS   500
#define UNLISTED_DIR "/nonexistent"

static struct policy policy;
static struct image image;
static struct diag diag;
static struct digests denied;
static image_t *held; /* in force, or NULL */
static pid_t children[PROCESS_MAX];
static size_t child_count;

static void end_children(void)
{
	while (child_count) {
		kill(children[--child_count], SIGKILL);
		waitpid(children[child_count], NULL, 0);
	}
}

static int teardown(void **state)
{
	end_children();
	held = NULL;
	image_free(&image);
	policy_free(&policy);
	diag_free(&diag);
	digests_free(&denied);
	return scratch_teardown(state);
}

/* ---- what runs ----------------------------------------------------------------------------- */

/* A file that nobody else has. */
static const char *copy(const char *from, const char *name)
{
	const char *to = scratch_path(name);
	char command[3 * PATH_MAX];

	snprintf(command, sizeof(command), "cp %s %s && echo %s >> %s", from, to, to, to);
	assert_int_equal(system(command), 0); /* NOLINT(bugprone-command-processor) */
	return to;
}

static bool maps(pid_t pid, const char *path)
{
	char maps_path[64], line[PATH_MAX];
	bool found = false;
	FILE *in;

	snprintf(maps_path, sizeof(maps_path), "/proc/%d/maps", (int)pid);
	in = fopen(maps_path, "re");
	while (in && !found && fgets(line, sizeof(line), in))
		found = strstr(line, path) && strstr(line, " r-xp ");
	if (in)
		fclose(in);
	return found;
}

/* Run @program, with @library if it is not NULL, and wait until both are mapped. */
static void start(const char *program, const char *library)
{
	int turns = WAIT_TURNS;
	pid_t child = fork();

	if (!child) {
		if (library)
			setenv("LD_PRELOAD", library, 1);
		execl(program, "sleep", "60", NULL);
		_exit(127);
	}
	assert_true(child > 0 && child_count < PROCESS_MAX);
	children[child_count++] = child;
	while ((!maps(child, program) || (library && !maps(child, library))) && --turns)
		usleep(WAIT_US);
	assert_true(turns > 0);
}

static void start_some(const char *program, size_t n)
{
	while (n--)
		start(program, NULL);
}

/* ---- what is asked ------------------------------------------------------------------------- */

/* A policy whose fourth line is the first of these. */
static void deny(const char *fmt, ...)
{
	const char *const dirs[POLICY_DIRS] = {scratch_dir};
	char text[8192] = "[Vendor]\nId=acme\n[Deny]\nVendor=acme\n";
	size_t len = strlen(text);
	va_list args;

	va_start(args, fmt);
	vsnprintf(text + len, sizeof(text) - len, fmt, args);
	va_end(args);
	scratch_text("a.policy", text);
	image_free(&image);
	policy_free(&policy);
	diag_free(&diag);
	assert_int_equal(policy_read(&policy, dirs, &diag), 0);
	assert_int_equal(image_compile(&image, &policy, NULL, &diag), 0);
	diag_free(&diag);
}

/* "Digest=sha256:… SIZE\n"; good until the next but one. */
static const char *line_of(const char *path)
{
	static char lines[2][256];
	static unsigned int next;
	char *line = lines[next++ % 2], hex[2 * FINGERPRINT_LEN + 1];
	struct digest digest;

	assert_int_equal(hash_file(&digest, path), 0);
	digest_format(hex, digest.value);
	snprintf(line, sizeof(lines[0]), "Digest=sha256:%s %llu\n", hex,
		 (unsigned long long)digest.size);
	return line;
}

static int ask_with(uint64_t max, const char *catalog)
{
	const struct running_limit limit = {.max = max, .catalog = catalog, .held = held};

	diag_free(&diag);
	denied.n = 0;
	return guard_running(&image, &policy, &limit, &denied, &diag);
}

static int ask(uint64_t max)
{
	return ask_with(max, UNLISTED_DIR);
}

/* So many are hit, and no more. */
static void expect(size_t n)
{
	assert_int_equal(ask(n), 0);
	assert_int_equal(diag.errors + diag.warnings, 0);
	assert_int_equal(denied.n, 0);
	if (n)
		assert_int_equal(ask(n - 1), -EBUSY);
}

/* ---- tests --------------------------------------------------------------------------------- */

static void test_counts_processes(void **state)
{
	const char *program = copy(SLEEP, "program"), *other = copy(SLEEP, "other");
	char words[64], path[PATH_MAX];

	strcpy(path, program);
	start_some(path, 3);
	start(other, NULL);
	deny("%s", line_of(path));
	expect(3);
	assert_int_equal(diag.errors, 1 + 3);
	diag_expect(&diag, 0, DIAG_ERROR, NULL, 0, "3 running processes outside",
		    "MaxRunningMatches= is 2", "--force", NULL);
	snprintf(words, sizeof(words), "process %d (program) runs", (int)children[0]);
	diag_expect(&diag, 1, DIAG_ERROR, "a", 3, "rule acme/sha256:", path, NULL);
	assert_non_null(strstr(diag.lines[1].text, words));
	assert_int_equal(denied.n, 1);
	assert_int_equal(ask(RUNNING_MATCHES_UNLIMITED), 0);
	end_children();
	expect(0);
}

static void test_names_five(void **state)
{
	const char *program = copy(SLEEP, "program");
	char path[PATH_MAX];

	strcpy(path, program);
	start_some(path, 7);
	deny("%s", line_of(path));
	assert_int_equal(ask(0), -EBUSY);
	assert_int_equal(diag.errors, 1 + 5);
	assert_non_null(strstr(diag.lines[0].text, "7 running"));
}

static size_t steps;

static void step(void)
{
	steps++;
}

/* Each file that runs may have to be read: who watches is told in between. */
static void test_says_that_it_goes_on(void **state)
{
	char first[PATH_MAX], second[PATH_MAX];

	strcpy(first, copy(SLEEP, "first"));
	strcpy(second, copy(SLEEP, "second"));
	start(first, NULL);
	start(second, NULL);
	deny("%s%s", line_of(first), line_of(second));
	steps = 0;
	alive_tell(step);
	assert_int_equal(ask(0), -EBUSY);
	alive_tell(NULL);
	assert_true(steps >= 2);
}

/* A process that has two of them is one, and one that only maps what is listed is one as well. */
static void test_libraries(void **state)
{
	char program[PATH_MAX], library[PATH_MAX];

	strcpy(program, copy(SLEEP, "program"));
	strcpy(library, copy("/usr/lib/*/libz.so.1", "library.so"));
	start(program, library);
	start(program, library);
	start(SLEEP, library);
	deny("%s", line_of(library));
	expect(3);
	assert_non_null(strstr(diag.lines[1].text, library));
	deny("%s%s", line_of(library), line_of(program));
	expect(3);
	deny("%s", line_of(program));
	expect(2);
}

/* All dates are open; what only records does not count, nor what an exception lifts. */
static void test_rules(void **state)
{
	char program[PATH_MAX];

	strcpy(program, copy(SLEEP, "program"));
	start_some(program, 2);
	deny("From=2090-01-01\n%s", line_of(program));
	expect(2);
	deny("Mode=monitor\n%s", line_of(program));
	expect(0);
	deny("PathPrefix=%s/\n", scratch_dir);
	expect(2);
	deny("PathPrefix=%s/\n[Allow]\n%sUntil=2090-01-01\nReason=r\nApprovedBy=b\n", scratch_dir,
	     line_of(program));
	expect(0);
	deny("PathPrefix=%s/elsewhere/\n", scratch_dir);
	expect(0);
}

/* What was deleted runs all the same. */
static void test_deleted(void **state)
{
	char program[PATH_MAX];

	strcpy(program, copy(SLEEP, "program"));
	start(program, NULL);
	deny("%s", line_of(program));
	assert_int_equal(unlink(program), 0);
	expect(1);
}

/* What the policy in force hits already, by whatever rule, is not what a new one does. */
static void test_in_force(void **state)
{
	struct image before;
	char program[PATH_MAX], other[PATH_MAX];

	assert_int_equal(mkdir(scratch_path("d"), 0700), 0);
	strcpy(program, copy(SLEEP, "d/program"));
	strcpy(other, copy(SLEEP, "other"));
	start_some(program, 2);
	start(other, NULL);
	deny("PathPrefix=%s/d/\n", scratch_dir);
	before = image;
	image = (struct image){};
	deny("%s%s", line_of(program), line_of(other));
	expect(3);
	held = &before;
	expect(1);
	assert_non_null(strstr(diag.lines[1].text, other));
	held = NULL;
	image_free(&before);
}

/* Files of the packages that the vendor is known by, and not those of others. */
static void test_vendors_own(void **state)
{
	if (system("dpkg -S " SLEEP " 2>/dev/null | grep -q ^coreutils: || "
		   "dpkg -S /bin/sleep 2>/dev/null | grep -q ^coreutils:")) { /* NOLINT */
		print_message("no dpkg that owns " SLEEP " here\n");
		return;
	}
	start(SLEEP, NULL);
	deny("%s", line_of(SLEEP));
	assert_int_equal(ask(0), -EBUSY);
	deny("%sPackage=dpkg\n", line_of(SLEEP));
	assert_int_equal(ask(0), -EBUSY);
	deny("%sPackage=coreutil*\n", line_of(SLEEP));
	assert_int_equal(ask(0), 0);
	deny("%s[Deny]\nVendor=acme\nMode=monitor\nPackage=coreutils\n", line_of(SLEEP));
	assert_int_equal(ask(0), 0);
	deny("%s[Vendor]\nId=others\n[Deny]\nVendor=others\nPackage=coreutils\nMode=monitor\n",
	     line_of(SLEEP));
	assert_int_equal(ask(0), -EBUSY);
	/* A copy is nobody's. */
	start(copy(SLEEP, "program"), NULL);
	deny("%s%sPackage=coreutils\n", line_of(SLEEP), line_of(scratch_path("program")));
	assert_int_equal(ask(0), -EBUSY);
	assert_int_equal(diag.errors, 1 + 1);
	assert_int_equal(ask(1), 0);
}

static void test_catalog(void **state)
{
	start(SLEEP, NULL);
	assert_int_equal(mkdir(scratch_path("catalog"), 0700), 0);
	scratch_text("catalog/acme.vendor",
		     "[Vendor]\nId=acme\nName=Acme\nVersion=1\n[Facts]\nSource=x\n"
		     "Evidence=published\nPackage=coreutils\n");
	deny("%s", line_of(SLEEP));
	assert_int_equal(ask_with(0, UNLISTED_DIR), -EBUSY);
	assert_int_equal(ask_with(0, scratch_path("catalog")), 0);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, scratch_setup, teardown)

/* Go on as a child, which is waited for. */
static void go_on_as_child(void)
{
	pid_t child = fork();
	int status;

	if (!child)
		return;
	if (child < 0 || waitpid(child, &status, 0) != child || !WIFEXITED(status))
		_exit(1);
	_exit(WEXITSTATUS(status));
}

/*
 * Where we may, nobody else's processes are there: other tests run copies of the same programs. The
 * first process is none of the test's, since sanitizers cannot look for leaks in it.
 */
static void go_apart(void)
{
	if (unshare(CLONE_NEWNS | CLONE_NEWPID))
		return;
	go_on_as_child();
	if (mount("none", "/", "none", MS_REC | MS_PRIVATE, NULL) ||
	    mount("proc", "/proc", "proc", 0, NULL))
		_exit(1);
	go_on_as_child();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_counts_processes),
		TEST(test_says_that_it_goes_on),
		TEST(test_names_five),
		TEST(test_libraries),
		TEST(test_rules),
		TEST(test_deleted),
		TEST(test_vendors_own),
		TEST(test_catalog),
		TEST(test_in_force),
	};

	go_apart();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
