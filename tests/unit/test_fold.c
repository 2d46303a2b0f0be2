/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Folding, and the ledger behind it: nothing is lost and nothing told twice, whenever it is killed.
 */
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/ptrace.h>
#include <sys/wait.h>

#include "scratch.h"

#include "file.h"

#include "audit/ecs.h"
#include "audit/fold.h"
#include "audit/jsonl.h"
#include "audit/ledger.h"

#define SECOND	1000000000ULL
#define SPAN	(60 * SECOND)
#define EPOCH	77
#define WINDOWS 3

/* ---- events and a log ------------------------------------------------------------------------ */

static struct event an_event(uint64_t sequence, uint64_t seconds, unsigned char content)
{
	struct event e = {
		.sequence = sequence,
		.epoch = EPOCH,
		.time = seconds * SECOND,
		.hook = HOOK_EXEC,
		.reason = REASON_RULE,
		.flags = EVENT_DENIED,
		.matched = {.kind = FINGERPRINT_SHA256},
		.uid = 1000,
		.vendor = "acme",
		.policy = "unit",
		.path = "/opt/acme/agent",
	};

	e.matched.value[0] = content;
	return e;
}

struct machine {
	struct fold fold;
	struct jsonl log;
	uint64_t fail_from, fail_to; /* sequences whose record cannot be written */
};

/* As much of a record as tells: each instruction is stepped through below. */
static json_t *short_record(const char *id, const struct event *e, const struct repeats *r)
{
	json_t *record =
		json_pack("{s:{s:s, s:I}}", "event", "id", id, "sequence", (json_int_t)e->sequence);

	if (r)
		json_object_set_new(
			record, "interdict",
			json_pack("{s:{s:I}}", "repeated", "count", (json_int_t)r->count));
	return record;
}

static int write_record(void *context, const struct event *e, const struct repeats *r)
{
	struct machine *m = context;
	char id[ECS_ID_LEN];
	json_t *record;
	int err;

	if (e->sequence >= m->fail_from && e->sequence < m->fail_to)
		return -ENOSPC;
	ecs_id(id, e, r);
	if (jsonl_has(&m->log, id))
		return 0;
	record = short_record(id, e, r);
	err = jsonl_write(&m->log, record);
	json_decref(record);
	return err;
}

static void start(struct machine *m, const char *ledger, const char *log, uint64_t span)
{
	*m = (struct machine){.log = {.fd = -1}};
	if (jsonl_open(&m->log, log))
		abort();
	m->fold.ledger = ledger_open(ledger, EPOCH, WINDOWS);
	if (!m->fold.ledger)
		abort();
	m->fold.span = span;
	m->fold.write = write_record;
	m->fold.context = m;
	fold_begin(&m->fold);
}

static void stop(struct machine *m)
{
	ledger_close(m->fold.ledger);
	jsonl_close(&m->log);
}

/* All of them are exec's, of one vendor, and denied. */
static uint64_t count_verdicts(const struct ledger *l)
{
	const struct tally *v = ledger_tallies(l);
	uint64_t found = 0;
	size_t i;

	for (i = 0; i < TALLIES; i++) {
		if (!v[i].count)
			continue;
		assert_int_equal(found, 0);
		assert_string_equal(v[i].vendor, "acme");
		assert_int_equal(v[i].hook, HOOK_EXEC);
		assert_int_equal(v[i].denied, 1);
		found = v[i].count;
	}
	return found;
}

/* What the log tells: events that stand there alone, and repeats. */
struct told {
	unsigned int records, broken;
	uint64_t alone, repeats;
	uint64_t seen; /* bit SEQUENCE: of those alone */
};

static void count_line(struct told *told, const char *line)
{
	json_t *record = json_loads(line, 0, NULL), *repeated, *event;
	uint64_t sequence;

	if (!record) {
		told->broken++;
		return;
	}
	told->records++;
	event = json_object_get(record, "event");
	repeated = json_object_get(json_object_get(record, "interdict"), "repeated");
	sequence = json_integer_value(json_object_get(event, "sequence"));
	if (repeated) {
		told->repeats += json_integer_value(json_object_get(repeated, "count"));
	} else {
		told->alone++;
		assert_false(told->seen >> sequence & 1);
		told->seen |= 1ULL << sequence;
	}
	json_decref(record);
}

static struct told read_log(const char *path)
{
	struct told told = {};
	char *line = NULL;
	size_t room = 0;
	FILE *f = fopen(path, "re");

	assert_non_null(f);
	while (getline(&line, &room, f) > 0)
		count_line(&told, line);
	free(line);
	fclose(f);
	return told;
}

static void clean(const char *ledger, const char *log)
{
	unlink(ledger);
	unlink(log);
}

/* ---- folding --------------------------------------------------------------------------------- */

static void test_repeats_become_one_record(void **state)
{
	const char *ledger = scratch_path("ledger"), *log = scratch_path("log");
	const struct ledger_totals *t;
	struct machine m;
	struct told told;
	struct event e;
	int i;

	clean(ledger, log);
	start(&m, ledger, log, SPAN);
	for (i = 0; i < 50; i++) {
		e = an_event(i + 1, 100 + i, 1);
		fold_event(&m.fold, &e);
	}
	told = read_log(log);
	assert_int_equal(told.records, 1);
	assert_int_equal(fold_expire(&m.fold, 159 * SECOND), 160 * SECOND);
	assert_int_equal(read_log(log).records, 1);
	assert_int_equal(fold_expire(&m.fold, 160 * SECOND), 0);
	told = read_log(log);
	assert_int_equal(told.records, 2);
	assert_int_equal(told.repeats, 49);
	t = ledger_totals(m.fold.ledger);
	assert_int_equal(t->written, 1);
	assert_int_equal(t->folded, 49);
	assert_int_equal(t->folds, 1);
	stop(&m);
}

static void test_record_of_repeats(void **state)
{
	const struct repeats r = {
		.count = 9,
		.first = 101 * SECOND,
		.last = 131 * SECOND,
		.first_sequence = 2,
		.last_sequence = 12,
		.repeats_of = 1,
		.window = SPAN,
	};
	struct event e = an_event(12, 131, 1);
	json_t *record = ecs_record(&e, &r, NULL), *event, *repeated;

	assert_non_null(record);
	event = json_object_get(record, "event");
	repeated = json_object_get(json_object_get(record, "interdict"), "repeated");
	assert_int_equal(json_integer_value(json_object_get(repeated, "count")), 9);
	assert_int_equal(json_integer_value(json_object_get(repeated, "window")), 60);
	assert_int_equal(json_integer_value(json_object_get(repeated, "repeats_of")), 1);
	assert_int_equal(json_integer_value(json_object_get(event, "duration")), 30 * SECOND);
	assert_string_equal(json_string_value(json_object_get(event, "end")),
			    json_string_value(json_object_get(record, "@timestamp")));
	assert_non_null(strstr(json_string_value(json_object_get(event, "id")), "-4d-12-repeats"));
	json_decref(record);
}

/* One that differs in what makes denials identical is written by itself. */
static void test_what_differs_is_apart(void **state)
{
	const char *ledger = scratch_path("ledger"), *log = scratch_path("log");
	struct event e[4];
	struct machine m;
	int i;

	clean(ledger, log);
	start(&m, ledger, log, SPAN);
	for (i = 0; i < 4; i++)
		e[i] = an_event(i + 1, 100, 1);
	e[1].uid = 1001;
	e[2].hook = HOOK_MMAP;
	e[3].cgroup = 5;
	for (i = 0; i < 4; i++)
		fold_event(&m.fold, &e[i]);
	assert_int_equal(read_log(log).alone, 4);
	e[0].sequence = 5;
	e[0].matched.value[31] = 1;
	fold_event(&m.fold, &e[0]);
	e[0].sequence = 6;
	e[0].flags = EVENT_CEILING;
	fold_event(&m.fold, &e[0]);
	assert_int_equal(read_log(log).alone, 6);
	e[0].sequence = 7;
	e[0].pid = 7;
	strcpy(e[0].path, "/another/name");
	fold_event(&m.fold, &e[0]);
	assert_int_equal(read_log(log).alone, 6);
	stop(&m);
}

/* Without a digest that the rule names, the file itself tells. */
static void test_files_of_a_signer_are_apart(void **state)
{
	const char *ledger = scratch_path("ledger"), *log = scratch_path("log");
	struct event e = an_event(1, 100, 1);
	struct machine m;

	clean(ledger, log);
	start(&m, ledger, log, SPAN);
	e.matched.kind = FINGERPRINT_SIGNER_ORG;
	e.inode = 10;
	fold_event(&m.fold, &e);
	e.sequence = 2;
	fold_event(&m.fold, &e);
	assert_int_equal(read_log(log).alone, 1);
	e.sequence = 3;
	e.inode = 11;
	fold_event(&m.fold, &e);
	assert_int_equal(read_log(log).alone, 2);
	stop(&m);
}

/* The next one behind the window is written at once, after what the window had. */
static void test_window_ends_by_the_events_time(void **state)
{
	const char *ledger = scratch_path("ledger"), *log = scratch_path("log");
	struct machine m;
	struct event e;
	struct told told;

	clean(ledger, log);
	start(&m, ledger, log, SPAN);
	e = an_event(1, 100, 1);
	fold_event(&m.fold, &e);
	e = an_event(2, 159, 1);
	fold_event(&m.fold, &e);
	e = an_event(3, 160, 1);
	fold_event(&m.fold, &e);
	told = read_log(log);
	assert_int_equal(told.records, 3);
	assert_int_equal(told.alone, 2);
	assert_int_equal(told.repeats, 1);
	stop(&m);
}

static void test_oldest_window_ends_early(void **state)
{
	const char *ledger = scratch_path("ledger"), *log = scratch_path("log");
	struct machine m;
	struct event e;
	int i;

	clean(ledger, log);
	start(&m, ledger, log, SPAN);
	for (i = 0; i < WINDOWS; i++) {
		e = an_event(2 * i + 1, 100 + i, i);
		fold_event(&m.fold, &e);
		e.sequence++;
		fold_event(&m.fold, &e);
	}
	assert_int_equal(read_log(log).records, WINDOWS);
	e = an_event(20, 110, 20);
	fold_event(&m.fold, &e);
	assert_int_equal(read_log(log).repeats, 1);
	assert_int_equal(m.fold.open, WINDOWS);
	assert_true(fold_end(&m.fold));
	assert_int_equal(read_log(log).repeats, WINDOWS);
	assert_int_equal(m.fold.open, 0);
	stop(&m);
}

static void test_nothing_is_folded_when_told_so(void **state)
{
	const char *ledger = scratch_path("ledger"), *log = scratch_path("log");
	struct machine m;
	struct event e;
	int i;

	clean(ledger, log);
	start(&m, ledger, log, 0);
	for (i = 0; i < 10; i++) {
		e = an_event(i + 1, 100, 1);
		fold_event(&m.fold, &e);
	}
	assert_int_equal(read_log(log).alone, 10);
	stop(&m);
}

static void test_canary_is_counted_only(void **state)
{
	const char *ledger = scratch_path("ledger"), *log = scratch_path("log");
	struct event e = an_event(1, 100, 1);
	struct machine m;

	clean(ledger, log);
	start(&m, ledger, log, SPAN);
	e.rule_flags = RULE_CANARY;
	fold_event(&m.fold, &e);
	assert_int_equal(read_log(log).records, 0);
	assert_int_equal(ledger_totals(m.fold.ledger)->canary, 1);
	assert_int_equal(count_verdicts(m.fold.ledger), 0);
	stop(&m);
}

/* ---- a log that cannot be written ------------------------------------------------------------ */

static void test_what_is_not_written_is_counted(void **state)
{
	const char *ledger = scratch_path("ledger"), *log = scratch_path("log");
	const struct ledger_totals *t;
	struct machine m;
	struct event e;
	int i;

	clean(ledger, log);
	start(&m, ledger, log, SPAN);
	m.fail_to = 5;
	for (i = 1; i < 10; i++) {
		e = an_event(i, 100, 1);
		fold_event(&m.fold, &e);
	}
	t = ledger_totals(m.fold.ledger);
	assert_int_equal(t->write_failed, 4);
	assert_int_equal(t->written, 1); /* once it is back, the first is written at once */
	assert_int_equal(t->folded, 4);
	assert_int_equal(count_verdicts(m.fold.ledger), 9);
	stop(&m);
}

/* Repeats wait for a log that is back; where their window is needed they are counted. */
static void test_repeats_wait_for_the_log(void **state)
{
	const char *ledger = scratch_path("ledger"), *log = scratch_path("log");
	struct machine m;
	struct event e;
	int i;

	clean(ledger, log);
	start(&m, ledger, log, SPAN);
	for (i = 1; i <= 3; i++) {
		e = an_event(i, 100, 1);
		fold_event(&m.fold, &e);
	}
	m.fail_to = 10;
	assert_true(fold_expire(&m.fold, 160 * SECOND) > 160 * SECOND);
	assert_false(fold_end(&m.fold));
	e = an_event(4, 170, 1);
	fold_event(&m.fold, &e);
	assert_int_equal(ledger_totals(m.fold.ledger)->folded, 3);
	m.fail_to = 0;
	assert_int_equal(fold_expire(&m.fold, 180 * SECOND), 0);
	assert_int_equal(read_log(log).repeats, 3);
	stop(&m);
}

static void test_repeats_without_room_are_counted(void **state)
{
	const char *ledger = scratch_path("ledger"), *log = scratch_path("log");
	const struct ledger_totals *t;
	struct machine m;
	struct event e;
	int i;

	clean(ledger, log);
	start(&m, ledger, log, SPAN);
	for (i = 0; i < 2 * WINDOWS; i++) {
		e = an_event(i + 1, 100 + i / 2, i / 2);
		fold_event(&m.fold, &e);
	}
	m.fail_to = 2 * WINDOWS + 1;
	e = an_event(30, 110, 30);
	fold_event(&m.fold, &e);
	t = ledger_totals(m.fold.ledger);
	assert_int_equal(t->folded, WINDOWS - 1);
	assert_int_equal(t->write_failed, 1);
	assert_int_equal(t->written, WINDOWS + 1);
	assert_int_equal(ledger_handled(t), 2 * WINDOWS + 1);
	stop(&m);
}

static void test_full_disk_leaves_no_part_of_a_record(void **state)
{
	struct rlimit limit, small;
	const char *path = scratch_path("full");
	struct jsonl log = {.fd = -1};
	struct event e = an_event(1, 100, 1);
	json_t *record = ecs_record(&e, NULL, NULL), *next;
	struct stat st;

	e.sequence = 2;
	next = ecs_record(&e, NULL, NULL);
	unlink(path);
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(jsonl_open(&log, path), 0);
	assert_int_equal(jsonl_write(&log, record), 0);
	assert_int_equal(stat(path, &st), 0);
	getrlimit(RLIMIT_FSIZE, &limit);
	small = limit;
	small.rlim_cur = st.st_size + 100;
	setrlimit(RLIMIT_FSIZE, &small);
	assert_int_equal(jsonl_write(&log, next), -ENOSPC);
	setrlimit(RLIMIT_FSIZE, &limit);
	assert_int_equal(jsonl_write(&log, next), 0);
	jsonl_close(&log);
	json_decref(record);
	json_decref(next);
	assert_int_equal(log.torn, 0);
	assert_int_equal(read_log(path).records, 2);
	assert_int_equal(read_log(path).broken, 0);
}

/* ---- a log that was torn --------------------------------------------------------------------- */

static void test_torn_line_is_ended_and_counted(void **state)
{
	const char *path = scratch_text("torn", "{\"event\":{\"id\":\"a\"}}\n{\"event\":{\"id");
	struct jsonl log = {.fd = -1};
	json_t *record = json_pack("{s:i}", "n", 1);
	char *text;

	assert_int_equal(jsonl_open(&log, path), 0);
	assert_int_equal(log.torn, 1);
	assert_false(jsonl_has(&log, "a"));
	assert_int_equal(jsonl_write(&log, record), 0);
	jsonl_close(&log);
	assert_int_equal(jsonl_open(&log, path), 0);
	assert_int_equal(log.torn, 1);
	jsonl_close(&log);
	json_decref(record);
	text = NULL;
	assert_int_equal(file_read_whole(path, &text, NULL), 0);
	assert_int_equal(strncmp(text,
				 "{\"event\":{\"id\":\"a\"}}\n{\"event\":{\"id\n{\"n\":1,"
				 "\"interdict\":{\"log\":{\"number\":1,\"previous\":\"000",
				 70),
			 0);
	free(text);
}

static void test_whole_record_without_its_end(void **state)
{
	const char *path = scratch_text("unended", "{\"event\":{\"id\":\"a\",\"sequence\":1}}");
	struct jsonl log = {.fd = -1};

	assert_int_equal(jsonl_open(&log, path), 0);
	assert_int_equal(log.torn, 0);
	assert_true(jsonl_has(&log, "a"));
	assert_false(jsonl_has(&log, ""));
	jsonl_close(&log);
	assert_int_equal(jsonl_open(&log, path), 0);
	assert_false(log.unended);
	jsonl_close(&log);
}

/* What the command line writes while no interdictd is there hides no event. */
static void test_last_event_is_before_a_change(void **state)
{
	const char *path = scratch_text("changed", "{\"event\":{\"id\":\"a\",\"sequence\":1}}\n"
						   "{\"event\":{\"id\":\"b\",\"sequence\":2}}\n"
						   "{\"event\":{\"id\":\"c\"}}\n");
	struct jsonl log = {.fd = -1};

	assert_int_equal(jsonl_open(&log, path), 0);
	assert_true(jsonl_has(&log, "b"));
	assert_false(jsonl_has(&log, "c"));
	jsonl_close(&log);
}

static void test_log_was_rotated(void **state)
{
	const char *path = scratch_path("rotated");
	struct jsonl log = {.fd = -1};

	scratch_text("rotated.1", "{\"event\":{\"id\":\"a\",\"sequence\":1}}\n");
	assert_int_equal(jsonl_open(&log, path), 0);
	assert_true(jsonl_has(&log, "a"));
	jsonl_close(&log);
	scratch_text("rotated", "{\"event\":{\"id\":\"b\",\"sequence\":2}}\n");
	assert_int_equal(jsonl_open(&log, path), 0);
	assert_false(jsonl_has(&log, "a"));
	assert_true(jsonl_has(&log, "b"));
	jsonl_close(&log);
}

/* ---- the ledger ------------------------------------------------------------------------------ */

static void test_ledger_is_of_one_epoch(void **state)
{
	const char *path = scratch_path("epochs");
	struct ledger_totals totals;
	struct ledger *l = ledger_open(path, 1, WINDOWS);

	assert_non_null(l);
	ledger_begin(l, LEDGER_NO_WINDOW)->totals.canary = 3;
	ledger_commit(l);
	assert_int_equal(ledger_read_totals(path, 1, &totals), 0);
	assert_int_equal(totals.canary, 3);
	assert_int_equal(ledger_read_totals(path, 2, &totals), -EBADMSG);
	ledger_close(l);
	l = ledger_reopen(path);
	assert_non_null(l);
	assert_int_equal(ledger_epoch(l), 1);
	assert_int_equal(ledger_totals(l)->canary, 3);
	ledger_close(l);
	l = ledger_open(path, 2, WINDOWS);
	assert_non_null(l);
	assert_int_equal(ledger_totals(l)->canary, 0);
	ledger_close(l);
	assert_int_equal(truncate(path, 100), 0);
	assert_null(ledger_reopen(path));
	assert_int_equal(ledger_read_totals(path, 2, &totals), -EBADMSG);
	unlink(path);
	assert_int_equal(ledger_read_totals(path, 2, &totals), -ENOENT);
}

/* ---- killed between any two instructions ----------------------------------------------------- */

/*
 * A ring that hands out EVENTS events as libbpf does: it lets go of a record behind the callback.
 * Two contents repeat, a third and a fourth need a window that another must leave, the canary is
 * among them, and the last one finds a window over.
 */
#define EVENTS 11

struct fake_ring {
	unsigned int consumed;
	struct event events[EVENTS];
};

static void fill(struct fake_ring *r)
{
	static const unsigned char content[EVENTS] = {1, 1, 2, 2, 1, 3, 0, 4, 4, 4, 4};
	int i;

	r->consumed = 0;
	for (i = 0; i < EVENTS; i++) {
		r->events[i] = an_event(i + 1, 100 + i, content[i]);
		if (!content[i])
			r->events[i].rule_flags = RULE_CANARY;
	}
	r->events[EVENTS - 1].time = 300 * SECOND;
}

static void consume(struct machine *m, volatile struct fake_ring *r)
{
	while (r->consumed < EVENTS) {
		fold_event(&m->fold, (const struct event *)&r->events[r->consumed]);
		r->consumed++;
	}
	fold_end(&m->fold);
}

static void copy_file(const char *from, const char *to)
{
	size_t len;
	char *text;
	FILE *f;

	assert_int_equal(file_read_whole(from, &text, &len), 0);
	f = fopen(to, "we");
	assert_non_null(f);
	assert_int_equal(fwrite(text, 1, len, f), len);
	fclose(f);
	free(text);
}

/* All of it, once: what the next start makes of what was left. */
static void expect_all(const char *ledger, const char *log, struct fake_ring *r)
{
	const struct ledger_totals *t;
	struct machine m;
	struct told told;

	start(&m, ledger, log, SPAN);
	consume(&m, r);
	t = ledger_totals(m.fold.ledger);
	told = read_log(log);
	assert_int_equal(ledger_handled(t), EVENTS);
	assert_int_equal(t->canary, 1);
	assert_int_equal(t->written + t->folded, EVENTS - 1);
	assert_int_equal(count_verdicts(m.fold.ledger), EVENTS - 1);
	assert_int_equal(told.alone, t->written);
	assert_int_equal(told.repeats, t->folded);
	assert_int_equal(told.records, t->written + t->folds);
	assert_int_equal(told.alone, 5);
	assert_int_equal(told.broken, 0);
	stop(&m);
}

/* What a kill here would leave, on copies. */
static void killed_here(const char *ledger, const char *log, const struct fake_ring *ring)
{
	static struct fake_ring left;
	const char *l = scratch_path("left.ledger"), *j = scratch_path("left.log");

	memcpy(&left, ring, sizeof(left));
	copy_file(ledger, l);
	copy_file(log, j);
	expect_all(l, j, &left);
}

static void child(const char *ledger, const char *log, struct fake_ring *ring)
{
	struct machine m;

	start(&m, ledger, log, SPAN);
	if (ptrace(PTRACE_TRACEME, 0, NULL, NULL))
		_exit(77);
	raise(SIGSTOP);
	consume(&m, ring);
	_exit(0);
}

/*
 * What a kill leaves: the ledger, the log and the ring. It can differ only where one of them does.
 */
struct left {
	void *ledger, *before;
	size_t size;
	int log;
	off_t log_size;
	unsigned int consumed;
};

static bool has_changed(struct left *left, const struct fake_ring *ring)
{
	struct stat st;

	fstat(left->log, &st);
	if (st.st_size == left->log_size && ring->consumed == left->consumed &&
	    !memcmp(left->ledger, left->before, left->size))
		return false;
	left->log_size = st.st_size;
	left->consumed = ring->consumed;
	memcpy(left->before, left->ledger, left->size);
	return true;
}

static void look(struct left *left, const char *ledger, const char *log)
{
	int fd = open(ledger, O_RDONLY | O_CLOEXEC);
	struct stat st;

	assert_int_equal(fstat(fd, &st), 0);
	left->size = st.st_size;
	left->ledger = mmap(NULL, left->size, PROT_READ, MAP_SHARED, fd, 0);
	assert_true(left->ledger != MAP_FAILED);
	close(fd);
	left->before = calloc(1, left->size);
	left->log = open(log, O_RDONLY | O_CLOEXEC);
	assert_true(left->log >= 0);
}

static void stop_looking(struct left *left)
{
	munmap(left->ledger, left->size);
	free(left->before);
	close(left->log);
}

/* Step through all of it. Return: how many different things a kill could leave. */
static unsigned long step_through(pid_t pid, const char *ledger, const char *log,
				  const struct fake_ring *ring)
{
	unsigned long steps = 0, states = 0;
	struct left left = {};
	int status;

	look(&left, ledger, log);
	while (!ptrace(PTRACE_SINGLESTEP, pid, NULL, NULL) && waitpid(pid, &status, 0) == pid &&
	       WIFSTOPPED(status)) {
		steps++;
		if (!has_changed(&left, ring))
			continue;
		states++;
		killed_here(ledger, log, ring);
	}
	stop_looking(&left);
	assert_true(WIFEXITED(status) && !WEXITSTATUS(status));
	print_message("%lu instructions, %lu states\n", steps, states);
	return states;
}

static void test_killed_between_any_two_instructions(void **state)
{
	char ledger[PATH_MAX], log[PATH_MAX];
	struct fake_ring *ring = mmap(NULL, sizeof(*ring), PROT_READ | PROT_WRITE,
				      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int status;
	pid_t pid;

	assert_true(ring != MAP_FAILED);
	strcpy(ledger, scratch_path("step.ledger"));
	strcpy(log, scratch_path("step.log"));
	fill(ring);
	pid = fork();
	if (!pid)
		child(ledger, log, ring);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 77) {
		print_message("skipped: no ptrace(2) here\n");
		skip();
	}
	assert_true(step_through(pid, ledger, log, ring) > 100);
	ring->consumed = 0;
	munmap(ring, sizeof(*ring));
}

/* ---- killed at random, by the real signal ---------------------------------------------------- */

#define KILLS 200

static void test_killed_at_random(void **state)
{
	struct fake_ring *ring = mmap(NULL, sizeof(*ring), PROT_READ | PROT_WRITE,
				      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	const char *ledger = scratch_path("kill.ledger"), *log = scratch_path("kill.log");
	struct machine m;
	int i, status;
	pid_t pid;

	assert_true(ring != MAP_FAILED);
	for (i = 0; i < KILLS; i++) {
		clean(ledger, log);
		fill(ring);
		pid = fork();
		if (!pid) {
			start(&m, ledger, log, SPAN);
			consume(&m, ring);
			_exit(0);
		}
		usleep(i * 10);
		kill(pid, SIGKILL);
		assert_int_equal(waitpid(pid, &status, 0), pid);
		expect_all(ledger, log, ring);
	}
	munmap(ring, sizeof(*ring));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_repeats_become_one_record),
		cmocka_unit_test(test_record_of_repeats),
		cmocka_unit_test(test_what_differs_is_apart),
		cmocka_unit_test(test_files_of_a_signer_are_apart),
		cmocka_unit_test(test_window_ends_by_the_events_time),
		cmocka_unit_test(test_oldest_window_ends_early),
		cmocka_unit_test(test_nothing_is_folded_when_told_so),
		cmocka_unit_test(test_canary_is_counted_only),
		cmocka_unit_test(test_what_is_not_written_is_counted),
		cmocka_unit_test(test_repeats_wait_for_the_log),
		cmocka_unit_test(test_repeats_without_room_are_counted),
		cmocka_unit_test(test_full_disk_leaves_no_part_of_a_record),
		cmocka_unit_test(test_torn_line_is_ended_and_counted),
		cmocka_unit_test(test_whole_record_without_its_end),
		cmocka_unit_test(test_last_event_is_before_a_change),
		cmocka_unit_test(test_log_was_rotated),
		cmocka_unit_test(test_ledger_is_of_one_epoch),
		cmocka_unit_test(test_killed_between_any_two_instructions),
		cmocka_unit_test(test_killed_at_random),
	};

	return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
