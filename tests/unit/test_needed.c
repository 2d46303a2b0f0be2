/* SPDX-License-Identifier: GPL-2.0-only */
#include "scratch.h"

#include <elf.h>
#include <errno.h>
#include <glob.h>
#include <pthread.h>
#include <pwd.h>
#include <sys/resource.h>
#include <stdbool.h>

#include "guard/closure.h"
#include "guard/needed.h"
#include "guard/tree.h"

static struct tree tree;
static struct closure closure;
static struct remembered remembered;

static int teardown(void **state)
{
	tree_free(&tree);
	closure_free(&closure);
	remembered_free(&remembered);
	return scratch_teardown(state);
}

/* ---- the tree: what the C library finds, name by name ---------------------------------------- */

/* tree_file() gives what realpath(3) and stat(2) give. */
static void check_file(const char *path)
{
	char *expected = realpath(path, NULL);
	struct stat st, found;
	const char *real;
	bool regular = expected && !stat(path, &st) && S_ISREG(st.st_mode);

	real = tree_file(&tree, path, &found);
	assert_false(tree.no_memory);
	if (!real != !regular)
		fail_msg("%s: %s, and not %s", path, real, expected);
	if (real) {
		assert_string_equal(real, expected);
		assert_int_equal(found.st_ino, st.st_ino);
		assert_int_equal(found.st_dev, st.st_dev);
		assert_int_equal(found.st_size, st.st_size);
	}
	free(expected);
}

struct matches {
	struct stat *expected; /* zeroed once it is found */
	size_t n, found;
};

/* By another name perhaps, where a directory on the way is a link; but the same file. */
static int check_match(const char *path, void *context)
{
	struct matches *m = context;
	struct stat st;
	size_t i;

	if (lstat(path, &st))
		return 0;
	for (i = 0; i < m->n; i++)
		if (st.st_ino == m->expected[i].st_ino && st.st_dev == m->expected[i].st_dev)
			break;
	if (i == m->n)
		fail_msg("%s is one too many", path);
	m->expected[i].st_ino = 0;
	m->found++;
	check_file(path);
	return 0;
}

static size_t check_pattern(const char *pattern)
{
	glob_t expected = {};
	struct matches m = {};
	size_t i;

	assert_true(glob(pattern, 0, NULL, &expected) != GLOB_NOSPACE);
	m.n = expected.gl_pathc;
	m.expected = calloc(m.n + 1, sizeof(*m.expected));
	assert_non_null(m.expected);
	for (i = 0; i < m.n; i++)
		assert_int_equal(lstat(expected.gl_pathv[i], &m.expected[i]), 0);
	assert_int_equal(tree_match(&tree, pattern, check_match, &m), 0);
	if (m.found != m.n)
		fail_msg("%s: %zu, and not %zu", pattern, m.found, m.n);
	free(m.expected);
	globfree(&expected);
	return m.n;
}

static void make_tree(void)
{
	static const char *const dirs[] = {"d", "d/a", "d/b", "d/.hidden", "d/deep", "d/deep/er"};
	static const char *const names[] = {
		"d/[",	   "d/a/x.so",	     "d/b/x.so",       "d/b/y.so",
		"d/.h.so", "d/.hidden/z.so", "d/deep/er/w.so", "d/plain"};
	static const char *const links[][2] = {
		{"a", "d/to-a"},      {"../to-a", "d/b/back"}, {"nowhere", "d/dangling"},
		{"loop-2", "d/loop"}, {"loop", "d/loop-2"},    {"a/x.so", "d/link.so"},
		{".", "d/self"},      {"plain", "d/one"},      {"one", "d/two"},
	};
	size_t i;

	for (i = 0; i < sizeof(dirs) / sizeof(dirs[0]); i++)
		assert_int_equal(mkdir(scratch_path(dirs[i]), 0700), 0);
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		scratch_text(names[i], names[i]);
	for (i = 0; i < sizeof(links) / sizeof(links[0]); i++)
		assert_int_equal(symlink(links[i][0], scratch_path(links[i][1])), 0);
}

static void test_made_tree(void **state)
{
	static const char *const files[] = {
		"d/[",
		"d/to-a/x.so",
		"d/b/back/x.so",
		"d/b/back/../plain",
		"d/dangling",
		"d/loop",
		"d/loop/x",
		"d/link.so",
		"d/self/self/two",
		"d//b/./y.so",
		"d/plain/",
		"d/plain/x",
		"d/none",
		"d/none/../plain",
		"d/../d/../d/one",
		"d/to-a",
		"d",
		"d/.hidden/z.so",
		"d/a/",
		"d/loop-2",
	};
	static const char *const patterns[] = {
		"/d/*",	     "/d/*/*.so", "/d/[", "/d/[ab]/?.so", "/d/.h*",  "/d/*/back/*.so",
		"/*/*/er/*", "/d/*a*",	  "/n*",  "/d/to-a/*",	  "/d/*/..", "/d/plain/*",
	};
	char path[PATH_MAX];
	size_t i, found = 0, round;

	make_tree();
	for (round = 0; round < 2; round++) {
		for (i = 0; i < sizeof(files) / sizeof(files[0]); i++)
			check_file(scratch_path(files[i]));
		for (i = 0; i < sizeof(patterns) / sizeof(patterns[0]); i++) {
			snprintf(path, sizeof(path), "%s%s", scratch_dir, patterns[i]);
			found += check_pattern(path);
		}
	}
	assert_true(found > 40);
	assert_null(tree_directory(&tree, scratch_path("d/plain")));
	assert_string_equal(tree_directory(&tree, scratch_path("d/b/back")), scratch_path("d/a"));
	assert_string_equal(tree_directory(&tree, "/"), "");
}

/* More links than the kernel follows lead nowhere, or to the file; they end. */
static void test_long_chain(void **state)
{
	char from[32], to[32];
	struct stat st;
	int i;

	scratch_text("l0", "end");
	for (i = 1; i < 100; i++) {
		snprintf(from, sizeof(from), "l%d", i - 1);
		snprintf(to, sizeof(to), "l%d", i);
		assert_int_equal(symlink(from, scratch_path(to)), 0);
	}
	tree_file(&tree, scratch_path("l99"), &st);
	for (i = 0; i < 40; i++) {
		snprintf(to, sizeof(to), "l%d", i);
		check_file(scratch_path(to));
	}
}

static void test_this_machine(void **state)
{
	static const char *const patterns[] = {
		"/usr/lib/*-linux-*", "/usr/lib/*-linux-*/*.so*", "/lib*/*",  "/bin/*",
		"/usr/sbin/*",	      "/etc/alternatives/*",	  "/etc/*/*", "/usr/lib/*/*",
	};
	size_t i, found = 0;

	for (i = 0; i < sizeof(patterns) / sizeof(patterns[0]); i++)
		found += check_pattern(patterns[i]);
	assert_true(found > 100);
	check_file("/proc/self/exe");
	check_file("/proc/1/exe");
	check_file("/dev/null");
}

/* Where few files may be open, directories do not take them all. */
static void test_few_descriptors(void **state)
{
	struct rlimit limit, few;
	size_t found;

	assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
	few = (struct rlimit){.rlim_cur = 24, .rlim_max = limit.rlim_max};
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &few), 0);
	found = check_pattern("/usr/*/*-*/*");
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
	assert_true(found > 100);
}

static int pass(const char *path, void *context)
{
	return 0;
}

static void *check_thread(void *context)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/exe", gettid());
	assert_true(check_pattern("/proc/sel*") == 1);
	assert_int_equal(tree_match(&tree, "/proc/[0-9]*", pass, NULL), 0);
	check_file(path);
	return tree_file(&tree, path, &(struct stat){}) ? context : NULL;
}

/* /proc has threads, and lists processes: what is not listed may be there. */
static void test_not_listed(void **state)
{
	pthread_t thread;
	void *result;

	assert_int_equal(pthread_create(&thread, NULL, check_thread, &tree), 0);
	assert_int_equal(pthread_join(thread, &result), 0);
	assert_ptr_equal(result, &tree);
}

/* ---- what the machine needs ------------------------------------------------------------------ */

static const struct closure_file *find(const char *path)
{
	size_t i;

	for (i = 0; i < closure.n; i++)
		if (!strcmp(closure.v[i]->path, path))
			return closure.v[i];
	return NULL;
}

static void begin(struct remembered *known)
{
	closure_free(&closure);
	assert_int_equal(closure_init(&closure, known), 0);
}

/* What the loader itself says of @program: each line has "=> /path (", or is "/path (". */
static size_t check_with_loader(const char *program)
{
	char command[PATH_MAX + 64], line[PATH_MAX], *path, *real;
	size_t n = 0;
	FILE *said;

	snprintf(command, sizeof(command), "ldd '%s' 2>/dev/null", program);
	said = popen(command, "r");
	assert_non_null(said);
	while (fgets(line, sizeof(line), said)) {
		path = strchr(line, '/');
		if (!path || !strstr(path, " ("))
			continue;
		*strstr(path, " (") = 0;
		real = realpath(path, NULL);
		if (real && !find(real))
			fail_msg("%s needs %s, which was not found", program, real);
		n += real != NULL;
		free(real);
	}
	pclose(said);
	return n;
}

static bool is_program(const struct closure_file *file)
{
	return file->content && file->content->class &&
	       (!strncmp(file->path, "/usr/bin/", 9) || !strncmp(file->path, "/usr/sbin/", 10));
}

/* What the C library takes for the shells of this machine's users is needed, if it is there. */
static void test_users_shells(void **state)
{
	FILE *in = fopen("/etc/passwd", "re");
	struct passwd *user;
	char *real;
	size_t n = 0;

	assert_non_null(in);
	begin(NULL);
	assert_int_equal(needed_add(&closure, NULL), 0);
	while ((user = fgetpwent(in))) {
		real = realpath(user->pw_shell, NULL);
		if (real && !find(real))
			fail_msg("%s, which %s logs in to, was not found", real, user->pw_name);
		n += real != NULL;
		free(real);
	}
	fclose(in);
	assert_true(n);
}

static void test_what_the_loader_says(void **state)
{
	size_t i, libraries = 0, programs = 0;

	begin(NULL);
	assert_int_equal(needed_add(&closure, NULL), 0);
	for (i = 0; i < closure.n; i++) {
		if (!is_program(closure.v[i]))
			continue;
		programs++;
		libraries += check_with_loader(closure.v[i]->path);
	}
	assert_true(programs > 20);
	assert_true(libraries > 2 * programs);
}

/* What was found before, and what is found with all that is known from then, are the same. */
static void test_the_same_again(void **state)
{
	struct closure first;
	size_t i;

	begin(&remembered);
	assert_int_equal(needed_add(&closure, NULL), 0);
	remembered_end(&remembered);
	begin(NULL);
	assert_int_equal(needed_add(&closure, NULL), 0);
	first = closure;
	memset(&closure, 0, sizeof(closure));
	begin(&remembered);
	assert_int_equal(needed_add(&closure, NULL), 0);
	assert_int_equal(closure.n, first.n);
	for (i = 0; i < closure.n; i++) {
		assert_string_equal(closure.v[i]->path, first.v[i]->path);
		assert_int_equal(closure.v[i]->size, first.v[i]->size);
		assert_true(!closure.v[i]->by == !first.v[i]->by);
		if (closure.v[i]->by)
			assert_string_equal(closure.v[i]->by->path, first.v[i]->by->path);
	}
	assert_true(remembered_len(&remembered) < 1 << 20);
	closure_free(&first);
}

/* ---- what is remembered ---------------------------------------------------------------------- */

/* Longer than what may change again without another stamp. */
static void settle(void)
{
	usleep(2200 * 1000);
}

static void resolve(const char *name)
{
	begin(&remembered);
	assert_int_equal(closure_add(&closure, scratch_path(name)), 0);
}

static void expect(const char *name, const char *needed, const char *other)
{
	resolve(name);
	if (!find(scratch_path(needed)) || find(scratch_path(other)))
		fail_msg("%s: %s and not %s", name, needed, other);
}

static void write_script(const char *name, const char *interpreter)
{
	char text[PATH_MAX];

	snprintf(text, sizeof(text), "#!%s\n", scratch_path(interpreter));
	scratch_text(name, text);
}

static struct remembered_file *known(const char *name)
{
	struct stat st;

	assert_int_equal(stat(scratch_path(name), &st), 0);
	return remembered_find(&remembered, &st);
}

static void make_scripts(void)
{
	scratch_text("one", "1");
	scratch_text("two", "2");
	write_script("script", "one");
	write_script("other", "two");
	write_script("by-link", "link");
	write_script("early", "late");
	assert_int_equal(symlink("one", scratch_path("link")), 0);
}

static void test_changes_are_seen(void **state)
{
	make_scripts();
	settle();
	expect("script", "one", "two");
	expect("script", "one", "two");
	/* written anew in its place, with the same size */
	write_script("script", "two");
	expect("script", "two", "one");
	/* another file in its place, that was there all the time */
	write_script("script", "one");
	expect("script", "one", "two");
	assert_int_equal(rename(scratch_path("other"), scratch_path("script")), 0);
	expect("script", "two", "one");
	/* a link that leads elsewhere */
	expect("by-link", "one", "two");
	assert_int_equal(unlink(scratch_path("link")), 0);
	assert_int_equal(symlink("two", scratch_path("link")), 0);
	expect("by-link", "two", "one");
	/* a new file in a directory */
	expect("early", "early", "late");
	scratch_text("late", "3");
	expect("early", "late", "one");
	/* and one that has gone */
	assert_int_equal(unlink(scratch_path("late")), 0);
	expect("early", "early", "late");
}

/* What is as it was is not opened: what is said of it is what is remembered. */
static void test_unchanged_is_not_read(void **state)
{
	struct remembered_file *f;
	char *at;

	make_scripts();
	settle();
	expect("script", "one", "two");
	closure_free(&closure);
	f = known("script");
	assert_non_null(f);
	at = strstr(f->needs, "/one");
	assert_non_null(at);
	memcpy(at, "/two", 4);
	expect("script", "two", "one");
	/* and forgotten once it is not asked for */
	resolve("two");
	closure_free(&closure);
	assert_null(known("script"));
}

/* Too young: another change might leave the stamp as it is. */
static void test_young_is_not_remembered(void **state)
{
	scratch_text("one", "1");
	write_script("script", "one");
	resolve("script");
	closure_free(&closure);
	assert_null(known("script"));
}

/* A program of which another library is asked: same name, same size. */
static void test_changed_elf(void **state)
{
	static char bytes[4 << 20];
	FILE *in = fopen("/bin/bash", "re");
	size_t len = in ? fread(bytes, 1, sizeof(bytes), in) : 0;
	char *name = memmem(bytes, len, "libc.so.6", 10);
	struct remembered_file *f;

	assert_non_null(name);
	fclose(in);
	scratch_write("program", bytes, len);
	settle();
	resolve("program");
	closure_free(&closure);
	f = known("program");
	assert_non_null(f);
	assert_non_null(memmem(f->needs, f->needs_len, "Llibc.so.6", 11));
	memcpy(name, "libm.so.6", 10);
	scratch_write("program", bytes, len);
	resolve("program");
	f = known("program");
	assert_non_null(f);
	assert_non_null(memmem(f->needs, f->needs_len, "Llibm.so.6", 11));
	assert_null(memmem(f->needs, f->needs_len, "Llibc.so.6", 11));
}

/* Without an end of what is remembered, as closure_free() makes one. */
static void add_anew(const char *name)
{
	struct closure again;

	assert_int_equal(closure_init(&again, &remembered), 0);
	assert_int_equal(closure_add(&again, scratch_path(name)), 0);
	closure.remembered = NULL;
	closure_free(&closure);
	closure = again;
}

/* Of what is found by a library's name, only what the program's loader takes counts. */
static void test_another_machine(void **state)
{
	static char bytes[4 << 20];
	FILE *in = fopen("/bin/bash", "re");
	size_t len = in ? fread(bytes, 1, sizeof(bytes), in) : 0;
	struct remembered_file *f;

	assert_true(len > sizeof(Elf64_Ehdr));
	fclose(in);
	scratch_write("program", bytes, len);
	scratch_write("alike", bytes, len);
	((Elf64_Ehdr *)bytes)->e_ident[EI_CLASS] = ELFCLASS32;
	scratch_write("narrow", bytes, len);
	((Elf64_Ehdr *)bytes)->e_ident[EI_CLASS] = ELFCLASS64;
	((Elf64_Ehdr *)bytes)->e_machine = EM_ALPHA;
	scratch_write("other", bytes, len);
	scratch_text("none", "none");
	resolve("program");
	f = known("program");
	assert_non_null(f);
	free(f->needs);
	f->needs_len = asprintf(&f->needs, "L%s%cL%s%cL%s%cL%s%cL%s", scratch_path("none"), 0,
				scratch_path("narrow"), 0, scratch_path("other"), 0,
				scratch_path("alike"), 0, scratch_path("absent")) +
		       1;
	/* known by now, and not looked at again: begin anew with what is remembered */
	add_anew("program");
	assert_non_null(find(scratch_path("alike")));
	assert_null(find(scratch_path("other")));
	assert_null(find(scratch_path("narrow")));
	assert_null(find(scratch_path("none")));
}

/* ---- from a child to who began it ------------------------------------------------------------ */

static char *written(size_t *len)
{
	char *bytes;
	FILE *out = open_memstream(&bytes, len);

	assert_non_null(out);
	remembered_write(&remembered, out);
	assert_int_equal(fclose(out), 0);
	assert_int_equal(*len, remembered_len(&remembered));
	return bytes;
}

static void test_handed_over(void **state)
{
	struct remembered copy = {};
	size_t len, i;
	char *bytes;

	make_scripts();
	resolve("script");
	known("script")->fingerprints = calloc(3, sizeof(struct fingerprint));
	known("script")->count = 2;
	known("script")->unpacked = 1;
	bytes = written(&len);
	for (i = 0; i <= len; i++) {
		assert_true(remembered_read(&copy, bytes, i) == 0 || i < len);
		assert_true(remembered_len(&copy) <= i);
	}
	assert_int_equal(remembered_len(&copy), len);
	closure_free(&closure);
	remembered_free(&remembered);
	remembered = copy;
	assert_non_null(known("script"));
	assert_int_equal(known("script")->count, 2);
	expect("script", "one", "two");
	free(bytes);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, scratch_setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_made_tree),
		TEST(test_long_chain),
		TEST(test_this_machine),
		TEST(test_few_descriptors),
		TEST(test_not_listed),
		TEST(test_users_shells),
		TEST(test_what_the_loader_says),
		TEST(test_the_same_again),
		TEST(test_changes_are_seen),
		TEST(test_unchanged_is_not_read),
		TEST(test_young_is_not_remembered),
		TEST(test_changed_elf),
		TEST(test_another_machine),
		TEST(test_handed_over),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
