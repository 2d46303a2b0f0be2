/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The ways are tried in a child that answers one by one, and that is given up when it does not.
 * Here nothing is loaded into a kernel, so that nothing is denied by us, and no driver is tried:
 * the guest's suite `doctor` tries the real thing.
 */
#include <errno.h>

#include "conf.h"
#include "scratch.h"

#undef CANARY_DENY
#undef CANARY_ALLOW
#undef CANARY_DENY_SCRIPT
#undef CANARY_ALLOW_SCRIPT
#define CANARY_DENY	    "./canary-deny"
#define CANARY_ALLOW	    "./canary-allow"
#define CANARY_DENY_SCRIPT  "./canary-deny.sh"
#define CANARY_ALLOW_SCRIPT "./canary-allow.sh"

#include "daemon/canary_run.c"
#include "daemon/canary_ways.c"
#include "daemon/canary_judge.c"
#include "daemon/canary_proof.c"

static struct daemon daemon_;
static struct child child;
static struct surroundings around = {.place = {.type = "ext4", .kept = true}, .mmap_denies = true};

void events_drain(struct events *e)
{
}

unsigned long long events_canaries(const struct events *e, enum hook hook)
{
	return 0;
}

static void script(const char *name, const char *text, mode_t mode)
{
	assert_int_equal(chmod(scratch_text(name, text), mode), 0);
}

/* What comes of a way, by its name. */
static void gives(const char *name, const char *state, const char *words)
{
	const char *found;
	json_t *said;
	size_t i = 0;

	while (strcmp(canary_ways[i].name, name) != 0)
		i++;
	assert_false(canary_ways[i].driver);
	said = try_way(&daemon_, &child, i, &around);
	found = json_string_value(json_object_get(said, "found"));
	assert_string_equal(json_string_value(json_object_get(said, "state")), state);
	if (!strstr(found, words))
		fail_msg("no \"%s\" in: %s", words, found);
	json_decref(said);
}

static void test_one_child_tries_all(void **state)
{
	pid_t first;

	script("canary-deny", "#!/bin/sh\nexit 0\n", 0755);
	script("canary-allow", "#!/bin/sh\nexit 0\n", 0755);
	gives("program", "missing", "NOT denied on the hook exec");
	first = child.pid;
	assert_true(first > 0);
	gives("library", "missing", "NOT denied on the hook mmap");
	gives("library made executable later", "missing", "NOT denied on the hook mprotect");
	script("canary-deny", "#!/bin/sh\nexit 0\n", 0644);
	gives("program", "weak", "(Permission denied), and not by interdict");
	gives("script", "weak", "canary-deny.sh or its interpreter is not there");
	script("canary-deny", "#!/nonexistent\n", 0755);
	gives("program", "weak", "is not there");
	script("canary-deny", "#!/bin/sh\nexit 1\n", 0755);
	gives("program", "missing", "NOT denied");
	assert_int_equal(child.pid, first);
}

/* It is given up, and the next is tried by another. */
static void test_one_that_hangs(void **state)
{
	pid_t first;

	script("canary-deny", "#!/bin/sh\nwhile [ -e hang ]; do sleep 0.05; done\n", 0755);
	script("canary-allow", "#!/bin/sh\nexit 0\n", 0755);
	script("hang", "", 0644);
	assert_true(begin(&child));
	first = child.pid;
	gives("program", "weak", "no answer within 3 seconds");
	assert_int_equal(child.pid, 0);
	assert_int_equal(kill(first, 0), -1);
	unlink("hang");
	gives("program", "missing", "NOT denied");
	assert_true(child.pid > 0 && child.pid != first);
}

static void test_one_that_is_killed(void **state)
{
	script("canary-deny", "#!/bin/sh\nexit 0\n", 0755);
	assert_true(begin(&child));
	kill(child.pid, SIGKILL);
	gives("program", "weak", "no answer");
	gives("program", "missing", "NOT denied");
}

static void test_what_is_asked_of_it(void **state)
{
	unsigned char beyond = canary_way_count;
	struct tried tried;

	assert_true(begin(&child));
	assert_int_equal(send(child.fd, &beyond, 1, MSG_NOSIGNAL), 1);
	assert_int_equal(file_read(child.fd, &tried, sizeof(tried)), 0);
	assert_int_equal(waitpid(child.pid, NULL, 0), child.pid);
	close(child.fd);
	child.pid = 0;
}

static int setup(void **state)
{
	return scratch_setup(state) || chdir(scratch_dir);
}

static int teardown(void **state)
{
	end(&child);
	return chdir("/") || scratch_teardown(state);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_one_child_tries_all),
		TEST(test_one_that_hangs),
		TEST(test_one_that_is_killed),
		TEST(test_what_is_asked_of_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
