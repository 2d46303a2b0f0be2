/* SPDX-License-Identifier: GPL-2.0-only */
/* Who is ended, when, and by which signal. Each fact that spares stands beside one that does not.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "running/process.h"
#include "running/stop.h"

#define SECOND 1000000000ULL

/* All that it takes. */
static struct stop_facts all(void)
{
	return (struct stop_facts){
		.pid = 4711,
		.has_file = true,
		.named = true,
		.denies = true,
		.kills = true,
		.loaded = true,
		.enforces = true,
	};
}

static void spares(const struct stop_facts *f, enum stop_answer answer)
{
	assert_int_equal(stop_judge(f), answer);
	assert_true(*stop_reason(answer) && *stop_code(answer));
}

static void test_ends(void **state)
{
	struct stop_facts f = all();

	assert_int_equal(stop_judge(&f), STOP_IT);
}

/* A zeroed struct, as of who could not be looked at, ends nobody. */
static void test_nothing_is_known(void **state)
{
	struct stop_facts f = {};

	assert_int_not_equal(stop_judge(&f), STOP_IT);
	f.pid = 4711;
	assert_int_not_equal(stop_judge(&f), STOP_IT);
}

static void test_who(void **state)
{
	struct stop_facts f = all();

	f.pid = 1;
	spares(&f, STOP_INIT);
	f.pid = 0;
	spares(&f, STOP_INIT);
	f.pid = -1;
	spares(&f, STOP_INIT);
	f = all();
	f.own = true;
	spares(&f, STOP_OWN);
	f = all();
	f.kernel = true;
	spares(&f, STOP_KERNEL);
	f = all();
	f.needed = true;
	spares(&f, STOP_NEEDED);
	f = all();
	f.gone = true;
	spares(&f, STOP_GONE);
}

static void test_what(void **state)
{
	struct stop_facts f = all();

	f.has_file = false;
	spares(&f, STOP_LET_GO);
	f = all();
	f.named = false;
	spares(&f, STOP_UNNAMED);
	f = all();
	f.excepted = true;
	spares(&f, STOP_EXCEPTED);
	f = all();
	f.denies = false;
	spares(&f, STOP_RECORDED);
	f = all();
	f.kills = false;
	spares(&f, STOP_KEPT);
}

static void test_where(void **state)
{
	struct stop_facts f = all();

	f.loaded = false;
	spares(&f, STOP_UNLOADED);
	f = all();
	f.enforces = false;
	spares(&f, STOP_MONITORED);
	f = all();
	f.disabled = true;
	spares(&f, STOP_DISABLED);
}

/* Of all combinations of facts one ends. */
static void test_one_of_all(void **state)
{
	struct stop_facts f = {.pid = 2};
	bool *const facts[] = {&f.gone,	    &f.own,    &f.kernel,   &f.needed,
			       &f.has_file, &f.named,  &f.excepted, &f.denies,
			       &f.kills,    &f.loaded, &f.enforces, &f.disabled};
	const size_t n = sizeof(facts) / sizeof(*facts);
	unsigned int set, ends = 0, last = 0;
	size_t i;

	for (set = 0; set < 1u << n; set++) {
		for (i = 0; i < n; i++)
			*facts[i] = set >> i & 1;
		if (stop_judge(&f) != STOP_IT)
			continue;
		ends++;
		last = set;
	}
	assert_int_equal(ends, 1);
	assert_int_equal(last, 1u << 4 | 1u << 5 | 1u << 7 | 1u << 8 | 1u << 9 | 1u << 10);
}

static void test_for_good(void **state)
{
	int answer;

	for (answer = 0; answer < STOP_ANSWERS; answer++)
		assert_int_equal(stop_is_for_good(answer),
				 answer == STOP_INIT || answer == STOP_OWN ||
					 answer == STOP_KERNEL || answer == STOP_NEEDED);
}

static void test_steps(void **state)
{
	assert_int_equal(stop_signal(STOP_FOUND), SIGTERM);
	assert_int_equal(stop_signal(STOP_TERMINATED), SIGKILL);
	assert_int_equal(stop_signal(STOP_KILLED), 0);
	assert_int_equal(stop_due(STOP_FOUND, 7, 0), 7);
	assert_int_equal(stop_due(STOP_FOUND, 7, 3600), 7 + 3600 * SECOND);
	assert_int_equal(stop_due(STOP_TERMINATED, 7, 3600), 7 + 5 * SECOND);
	assert_int_equal(stop_due(STOP_KILLED, 7, 3600), 7 + 5 * SECOND);
}

static void test_verdicts(void **state)
{
	static const struct {
		struct verdict verdict;
		uint32_t flags;
		bool named, excepted, denies, kills;
	} v[] = {
		{{.rule = 1, .deny = 1}, RULE_KILL, true, false, true, true},
		{{.rule = 1, .deny = 1}, 0, true, false, true, false},
		/* Mode=monitor, or its From lies ahead */
		{{.rule = 1}, RULE_KILL, true, false, false, false},
		{{.rule = 1, .allow = 1}, RULE_KILL, true, true, false, false},
		{{.rule = 1, .deny = 1}, RULE_CANARY | RULE_KILL, false, false, false, false},
	};
	struct rule rule = {};
	struct stop_facts f;
	size_t i;

	for (i = 0; i < sizeof(v) / sizeof(*v); i++) {
		rule.flags = v[i].flags;
		f = (struct stop_facts){};
		stop_take_verdict(&f, &v[i].verdict, &rule);
		assert_int_equal(f.named, v[i].named);
		assert_int_equal(f.excepted, v[i].excepted);
		assert_int_equal(f.denies, v[i].denies);
		assert_int_equal(f.kills, v[i].kills);
	}
	f = all();
	stop_take_verdict(&f, &v[0].verdict, NULL);
	assert_false(f.named || f.denies || f.kills);
}

/* ---- who is below whom ---- */

static void test_below(void **state)
{
	struct process p;
	pid_t child;

	assert_true(process_is_below(getpid(), getpid()));
	assert_true(process_is_below(getpid(), getppid()));
	assert_false(process_is_below(getppid(), getpid()));
	assert_false(process_is_below(1 << 30, getpid()));
	child = fork();
	if (!child) {
		pause();
		_exit(0);
	}
	assert_true(process_is_below(child, getpid()));
	assert_false(process_is_below(getpid(), child));
	assert_true(process_read(&p, child));
	assert_false(p.kernel);
	assert_int_equal(kill(child, SIGKILL), 0);
	waitpid(child, NULL, 0);
	assert_false(process_is_below(child, getpid()));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ends),	 cmocka_unit_test(test_nothing_is_known),
		cmocka_unit_test(test_who),	 cmocka_unit_test(test_what),
		cmocka_unit_test(test_where),	 cmocka_unit_test(test_one_of_all),
		cmocka_unit_test(test_for_good), cmocka_unit_test(test_steps),
		cmocka_unit_test(test_verdicts), cmocka_unit_test(test_below),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
