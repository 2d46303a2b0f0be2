// SPDX-License-Identifier: GPL-2.0-only
#include "scratch.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/wait.h>

#include "hash.h"
#include "identity/examine.h"
#include "resolve/resolve.h"
#include "scan/places.h"
#include "scan/scan.h"
#include "scan/seen.h"
#include "signing.h"

#define NOW 1800000000000000000ULL /* 2027 */

static struct policy policy;
static struct image image;
static struct diag d;
static struct scan scan;
static struct scan_options options;
static const char *paths[4], *excludes[4];

static int setup(void **state)
{
	options = (struct scan_options){.paths = paths, .excludes = excludes, .files = true};
	memset(paths, 0, sizeof(paths));
	memset(excludes, 0, sizeof(excludes));
	if (scratch_setup(state))
		return -1;
	mkdir(scratch_path("tree"), 0755);
	return mkdir(scratch_path("policy"), 0755);
}

/* nftw(3) goes by whole paths. */
static void remove_deep(const char *name)
{
	char command[PATH_MAX + 16];

	snprintf(command, sizeof(command), "rm -r %s", scratch_path(name));
	assert_int_equal(system(command), 0); /* NOLINT(bugprone-command-processor) */
}

static void forget(void)
{
	scan_free(&scan);
	scan = (struct scan){};
	image_free(&image);
	policy_free(&policy);
	diag_free(&d);
}

static int teardown(void **state)
{
	forget();
	return scratch_teardown(state);
}

/* As scratch_path(), and good until the test is over. */
static const char *lasting(const char *name)
{
	static char kept[8][PATH_MAX];
	static unsigned int next;

	return strcpy(kept[next++ % 8], scratch_path(name));
}

/* ---- files --------------------------------------------------------------------------------- */

/* An ELF program of @size bytes whose bytes behind its head depend on @seed. */
static const char *put_program(const char *name, size_t size, int seed)
{
	static uint8_t bytes[1 << 20];
	size_t i;
	static const uint8_t head[] = "\177ELF\2\1\1\0\0\0\0\0\0\0\0\0\2";

	assert_true(size > 64 && size <= sizeof(bytes));
	memset(bytes, 0, 64);
	for (i = 64; i < size; i++)
		bytes[i] = (uint8_t)(i * 7 + (size_t)seed);
	memcpy(bytes, head, sizeof(head));
	return scratch_write(name, bytes, size);
}

static const char *hex_of(const char *path)
{
	static char hex[4][2 * FINGERPRINT_LEN + 1];
	static unsigned int next;
	char *to = hex[next++ % 4];
	struct digest digest;

	assert_int_equal(hash_file(&digest, path), 0);
	digest_format(to, digest.value);
	return to;
}

static long size_of(const char *path)
{
	struct stat st;

	assert_int_equal(stat(path, &st), 0);
	return st.st_size;
}

/* ---- policies ------------------------------------------------------------------------------ */

static void put_policy(const char *text)
{
	const char *dirs[POLICY_DIRS] = {scratch_path("policy")};

	forget();
	scratch_text("policy/a.policy", text);
	if (policy_read(&policy, dirs, &d))
		diag_print(&d, "test_scan");
	assert_int_equal(d.errors, 0);
	assert_int_equal(image_compile(&image, &policy, NULL, &d), 0);
}

/* With a vendor, and these lines in a [Deny]. */
static void deny(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
static void deny(const char *fmt, ...)
{
	char rules[8192], text[9000];
	va_list args;

	va_start(args, fmt);
	vsnprintf(rules, sizeof(rules), fmt, args);
	va_end(args);
	snprintf(text, sizeof(text),
		 "[Policy]\nId=test\nVersion=7\n[Vendor]\nId=acme\n[Deny]\nVendor=acme\n%s\n",
		 rules);
	put_policy(text);
}

static void deny_digest_of(const char *path)
{
	deny("Digest=sha256:%s %ld", hex_of(path), size_of(path));
}

/* ---- scans --------------------------------------------------------------------------------- */

static int run_stoppable(const atomic_bool *stop)
{
	scan_free(&scan);
	scan = (struct scan){
		.options = &options,
		.policy = &policy,
		.image = &image,
		.now = NOW,
		.ceiling = MODE_ENFORCE,
		.d = &d,
	};
	return scan_run(&scan, stop);
}

static void run(void)
{
	if (!paths[0])
		paths[0] = lasting("tree");
	assert_int_equal(run_stoppable(NULL), 0);
}

/* What is found are these, by their paths below the scratch directory, and nothing else. */
static void finds(const char *name, ...)
{
	va_list names;
	size_t i = 0;

	va_start(names, name);
	for (; name; name = va_arg(names, const char *), i++) {
		if (i >= scan.findings.n)
			fail_msg("%s is not found", name);
		assert_string_equal(scan.findings.v[i].path, scratch_path(name));
	}
	va_end(names);
	if (i < scan.findings.n)
		fail_msg("%s is found", scan.findings.v[i].path);
}

static const struct scan_place *place(const char *path)
{
	size_t i;

	for (i = 0; i < scan.place_count; i++)
		if (!strcmp(scan.places[i].path, path))
			return &scan.places[i];
	return NULL;
}

static void matches(unsigned int kind)
{
	size_t i;

	for (i = 0; i < scan.findings.n; i++)
		assert_int_equal(scan.findings.v[i].matched.kind, kind);
}

/* ---- by digest ----------------------------------------------------------------------------- */

static void test_finds_under_other_names(void **state)
{
	const struct finding *f;

	mkdir(scratch_path("tree/a"), 0755);
	mkdir(scratch_path("tree/a/.b"), 0755);
	put_program("tree/a/.b/notes.txt", 5000, 1);
	put_program("tree/same-size", 5000, 2);
	put_program("tree/other", 5001, 1);
	deny_digest_of(scratch_path("tree/a/.b/notes.txt"));
	run();
	finds("tree/a/.b/notes.txt", NULL);
	f = &scan.findings.v[0];
	assert_int_equal(f->place, FINDING_FILE);
	assert_int_equal(f->effect, FINDING_DENIED);
	assert_int_equal(f->kind, CONTENT_PROGRAM);
	assert_int_equal(f->size, 5000);
	assert_true(f->digested && f->modified);
	assert_int_equal(f->matched.kind, FINGERPRINT_SHA256);
	assert_memory_equal(f->digest.value, f->matched.value, FINGERPRINT_LEN);
	assert_string_equal(f->vendor, "acme");
	assert_string_equal(f->policy, "test");
	assert_int_equal(f->version, 7);
	assert_int_equal(strncmp(f->rule, "acme/sha256:", 12), 0);
	assert_null(f->package);
	/* What has another size is not opened. */
	assert_int_equal(scan.files, 3);
	assert_int_equal(scan.opened, 2);
	assert_true(scan_is_complete(&scan));
	assert_true(scan.began && scan.ended >= scan.began);
}

static void test_finds_by_unsized_digests(void **state)
{
	put_program("tree/big", 700000, 1); /* a thread's own */
	put_program("tree/small", 100, 2);
	put_program("tree/unlisted", 100, 3);
	scratch_text("tree/empty", "");
	deny("Digest=sha256:%s\nDigest=sha256:%s", hex_of(scratch_path("tree/big")),
	     hex_of(scratch_path("tree/small")));
	run();
	finds("tree/big", "tree/small", NULL);
	assert_int_equal(scan.bytes >> 10, 700200 >> 10);
}

/* Its end is looked for where it takes no time; nobody reads a hole of a terabyte. */
static void test_names_what_would_take_too_long(void **state)
{
	const char *sparse = scratch_path("tree/sparse");

	put_program("tree/listed", 100, 2);
	put_program("tree/sparse", 100, 3);
	assert_int_equal(truncate(sparse, 1LL << 40), 0);
	deny("Digest=sha256:%s", hex_of(scratch_path("tree/listed")));
	run();
	finds("tree/listed", NULL);
	assert_int_equal(scan.unread_count, 1);
	assert_string_equal(scan.unread[0].path, sparse);
	assert_int_equal(scan.unread[0].error, -EFBIG);
	assert_false(scan_is_complete(&scan));
	deny("Digest=sha256:%s 100", hex_of(scratch_path("tree/listed")));
	run();
	finds("tree/listed", NULL);
	assert_true(scan_is_complete(&scan));
}

static void test_hard_links_and_symbolic_ones(void **state)
{
	mkdir(scratch_path("outside"), 0755);
	put_program("tree/a", 5000, 1);
	put_program("tree/clean", 5000, 3);
	put_program("outside/b", 5000, 1);
	assert_int_equal(link(scratch_path("tree/a"), scratch_path("tree/again")), 0);
	assert_int_equal(link(scratch_path("tree/clean"), scratch_path("tree/clean-again")), 0);
	assert_int_equal(symlink(scratch_path("outside/b"), scratch_path("tree/link")), 0);
	assert_int_equal(symlink(scratch_path("outside"), scratch_path("tree/directory")), 0);
	assert_int_equal(symlink(".", scratch_path("tree/round")), 0);
	deny_digest_of(scratch_path("tree/a"));
	options.threads = 1;
	run();
	/* Each name is told; what is clean is read once. */
	finds("tree/a", "tree/again", NULL);
	assert_int_equal(scan.opened, 3);
	/* The one that was asked for is followed. */
	paths[0] = lasting("tree/directory");
	run();
	finds("outside/b", NULL);
}

static void link_many(const char *name, const char *dir, int n)
{
	const char *from = lasting(name);
	char to[PATH_MAX];
	int i;

	for (i = 0; i < n; i++) {
		snprintf(to, sizeof(to), "%s/%s/name-%03d", scratch_dir, dir, i);
		assert_int_equal(link(from, to), 0);
	}
}

/* A file is read once, whatever the number of its names, and so many of them are told. */
static void test_many_names(void **state)
{
	mkdir(scratch_path("tree/many"), 0755);
	put_program("tree/listed", 500000, 1);
	put_program("tree/two", 500000, 2);
	assert_int_equal(link(scratch_path("tree/two"), scratch_path("tree/two-again")), 0);
	link_many("tree/listed", "tree/many", 2 * FINDINGS_NAMES_MAX);
	deny("Digest=sha256:%s 500000\nDigest=sha256:%s 500000",
	     hex_of(scratch_path("tree/listed")), hex_of(scratch_path("tree/two")));
	options.threads = 1;
	run();
	assert_int_equal(scan.bytes, 2 * 500000);
	assert_int_equal(scan.findings.n, FINDINGS_NAMES_MAX + 2);
	assert_int_equal(findings_count(&scan.findings), 2 * FINDINGS_NAMES_MAX + 1 + 2);
	assert_true(scan.findings.v[0].digested);
	assert_memory_equal(scan.findings.v[0].digest.value, scan.findings.v[0].matched.value,
			    FINGERPRINT_LEN);
	assert_true(scan_is_complete(&scan));
}

/* Of a name that a rule may name by itself only the name is asked for. */
static void test_many_names_by_path(void **state)
{
	mkdir(scratch_path("tree/KVRT_Data"), 0755);
	put_program("tree/program", 500000, 1);
	scratch_write("tree/data", "data", 4);
	assert_int_equal(truncate(scratch_path("tree/data"), 500000), 0);
	put_program("listed", 500000, 3);
	link_many("tree/program", "tree/KVRT_Data", 150);
	assert_int_equal(link(scratch_path("tree/data"), scratch_path("tree/KVRT_Data/a")), 0);
	assert_int_equal(link(scratch_path("tree/data"), scratch_path("tree/KVRT_Data/b")), 0);
	deny("Digest=sha256:%s 500000\nPathPrefix=*/KVRT_Data/", hex_of(scratch_path("listed")));
	options.threads = 1;
	run();
	/* By the other name of each, which no rule can name, once more. */
	assert_in_range(scan.bytes, 2 * 500000, 4 * 500000);
	matches(FINGERPRINT_PATH);
	assert_int_equal(scan.findings.n, FINDINGS_NAMES_MAX);
	assert_int_equal(findings_count(&scan.findings), 150);
}

/* ---- by what it says of itself --------------------------------------------------------------- */

static const uint8_t build_id[20] = {0xab, 0xcd, [19] = 0x01};

static void put_driver(const char *name, const char *module, const struct person *signer)
{
	static struct file f;

	make_driver(&f, module, build_id, sizeof(build_id));
	if (signer)
		sign(&f, signer, SIGN_AS_KERNEL);
	scratch_write(name, f.v, f.n);
}

static void test_drivers(void **state)
{
	struct person p = make_person((struct wish){"A", "Acme Ltd", .serial = 5});
	static struct file f;
	uint8_t hash[32];
	char hex[65];

	put_driver("tree/signed.bin", "acme-scan", &p);
	put_driver("tree/unsigned.bin", "other", NULL);
	put_program("tree/program", 5000, 1);
	deny("ModuleName=acme_scan");
	run();
	finds("tree/signed.bin", NULL);
	matches(FINGERPRINT_MODULE_NAME);
	assert_int_equal(scan.findings.v[0].kind, CONTENT_DRIVER);
	assert_true(scan.findings.v[0].digested);
	deny("BuildId=abcd000000000000000000000000000000000001");
	run();
	finds("tree/signed.bin", "tree/unsigned.bin", NULL);
	matches(FINGERPRINT_BUILD_ID);
	make_driver(&f, "acme-scan", build_id, sizeof(build_id));
	SHA256(f.v, f.n, hash);
	digest_format(hex, hash);
	deny("SignedDigest=sha256:%s", hex);
	run();
	finds("tree/signed.bin", NULL);
	matches(FINGERPRINT_SIGNED_DIGEST);
	free_person(&p);
}

static void test_packed_drivers(void **state)
{
	char command[3 * PATH_MAX];

	put_driver("tree/driver.bin", "acme-scan", NULL);
	scratch_text("tree/text", "nothing to be found");
	snprintf(command, sizeof(command), "gzip -n %s %s", scratch_path("tree/driver.bin"),
		 scratch_path("tree/text"));
	assert_int_equal(system(command), 0); /* NOLINT(bugprone-command-processor) */
	deny("ModuleName=acme_scan");
	run();
	finds("tree/driver.bin.gz", NULL);
	assert_int_equal(scan.findings.v[0].kind, CONTENT_DRIVER_PACKED);
	deny("ModuleName=acme_other");
	run();
	finds(NULL, NULL);
}

static void test_pe_images(void **state)
{
	struct person acme = make_person((struct wish){"A", "Acme Ltd", .serial = 5});
	struct person other = make_person((struct wish){"B", "Other Ltd", .serial = 6});
	static struct file f;
	uint8_t hash[32];
	char hex[65];

	make_pe(&f);
	pe_hash_of(&f, hash);
	sign_pe(&f, &acme);
	scratch_write("tree/acme", f.v, f.n);
	make_pe(&f);
	f.v[1100] ^= 1;
	sign_pe(&f, &other);
	scratch_write("tree/other", f.v, f.n);
	digest_format(hex, hash);
	deny("AuthentiHash=sha256:%s", hex);
	run();
	finds("tree/acme", NULL);
	matches(FINGERPRINT_AUTHENTIHASH);
	assert_int_equal(scan.findings.v[0].kind, CONTENT_PE);
	deny("SignerOrganization=Acme Ltd");
	run();
	finds("tree/acme", NULL);
	matches(FINGERPRINT_SIGNER_ORG);
	free_person(&acme);
	free_person(&other);
}

/* ---- by path --------------------------------------------------------------------------------- */

static void test_paths(void **state)
{
	mkdir(scratch_path("tree/KVRT_Data"), 0755);
	mkdir(scratch_path("tree/KVRT_Data/sub"), 0755);
	put_program("tree/KVRT_Data/program", 5000, 1);
	put_program("tree/KVRT_Data/sub/library", 5000, 2);
	scratch_text("tree/KVRT_Data/readme", "no component");
	scratch_text("tree/KVRT_Data/script", "#!/bin/sh\n");
	put_program("tree/KVRT_Data.not", 5000, 1);
	deny("PathPrefix=*/KVRT_Data/");
	run();
	finds("tree/KVRT_Data/program", "tree/KVRT_Data/script", "tree/KVRT_Data/sub/library",
	      NULL);
	matches(FINGERPRINT_PATH);
	/* One file of it alone. */
	paths[0] = lasting("tree/KVRT_Data/program");
	run();
	finds("tree/KVRT_Data/program", NULL);
	assert_int_equal(scan.files, 1);
	/* Every name of a file is asked for. */
	assert_int_equal(link(scratch_path("tree/KVRT_Data.not"), scratch_path("tree/KVRT_Data/x")),
			 0);
	paths[0] = lasting("tree");
	run();
	finds("tree/KVRT_Data/program", "tree/KVRT_Data/script", "tree/KVRT_Data/sub/library",
	      "tree/KVRT_Data/x", NULL);
}

/* ---- what the rules would do ----------------------------------------------------------------- */

static void effect_is(const char *text, enum finding_effect effect)
{
	const char *program = scratch_path("tree/program");
	char whole[4096];

	snprintf(whole, sizeof(whole),
		 "[Policy]\nId=test\n[Vendor]\nId=acme\n[Deny]\nVendor=acme\n"
		 "Digest=sha256:%s 5000\n%s",
		 hex_of(program), text);
	put_policy(whole);
	run();
	finds("tree/program", NULL);
	assert_int_equal(scan.findings.v[0].effect, effect);
}

static void test_effects(void **state)
{
	char allow[512];

	put_program("tree/program", 5000, 1);
	effect_is("", FINDING_DENIED);
	effect_is("Mode=monitor\n", FINDING_MONITORED);
	effect_is("From=2030-01-01\n", FINDING_AHEAD);
	assert_true(scan.findings.v[0].from > NOW);
	snprintf(allow, sizeof(allow),
		 "[Allow]\nDigest=sha256:%s\nUntil=2031-01-01\nReason=x\nApprovedBy=y\n",
		 hex_of(scratch_path("tree/program")));
	effect_is(allow, FINDING_EXCEPTED);
	assert_int_equal(strncmp(scan.findings.v[0].rule, "allow/sha256:", 13), 0);
	/* One whose time is over lets nothing. */
	effect_is("Until=2030-01-01\n", FINDING_DENIED);
	put_policy("[Policy]\nId=test\n[Vendor]\nId=acme\n[Deny]\nVendor=acme\n"
		   "Until=2020-01-01\nPathPrefix=*/tree/\n");
	run();
	finds(NULL, NULL);
}

static void test_ceiling(void **state)
{
	deny_digest_of(put_program("tree/program", 5000, 1));
	paths[0] = lasting("tree");
	scan = (struct scan){
		.options = &options, .image = &image, .now = NOW, .ceiling = MODE_MONITOR, .d = &d};
	assert_int_equal(scan_run(&scan, NULL), 0);
	finds("tree/program", NULL);
	assert_int_equal(scan.findings.v[0].effect, FINDING_MONITORED);
}

static void test_canary_is_nothing_to_be_found(void **state)
{
	const char *canary = put_program("tree/canary", 5000, 1);
	struct canaries canaries = {.n = 1};

	deny_digest_of(put_program("tree/program", 5000, 2));
	assert_int_equal(hash_file(&canaries.v[0], canary), 0);
	image_free(&image);
	assert_int_equal(image_compile(&image, &policy, &canaries, &d), 0);
	run();
	finds("tree/program", NULL);
}

/* ---- packages -------------------------------------------------------------------------------- */

static void test_owner_is_named(void **state)
{
	char *real = realpath("/usr/bin/dpkg", NULL);

	if (!real) {
		print_message("no dpkg here: owners are not tried\n");
		skip();
	}
	deny_digest_of(real);
	paths[0] = "/usr/bin/dpkg";
	run();
	assert_int_equal(scan.findings.n, 1);
	assert_string_equal(scan.findings.v[0].package, "dpkg");
	assert_non_null(scan.findings.v[0].package_version);
	assert_non_null(scan.findings.v[0].package_architecture);
	free(real);
}

/* As the daemon does it: what a package owns is digests, and found under any name. */
static void test_by_package(void **state)
{
	struct resolution r;
	char command[2 * PATH_MAX];

	if (access("/usr/bin/dpkg", X_OK)) {
		print_message("no dpkg here: packages are not tried\n");
		skip();
	}
	snprintf(command, sizeof(command), "cp /usr/bin/dpkg %s", scratch_path("tree/innocent"));
	assert_int_equal(system(command), 0); /* NOLINT(bugprone-command-processor) */
	put_program("tree/other", 5000, 1);
	deny("Package=dpkg");
	run();
	finds(NULL, NULL);
	assert_int_equal(resolve_packages(&policy, NULL, "/", &r, &d), 0);
	image_free(&image);
	assert_int_equal(image_compile(&image, &policy, NULL, &d), 0);
	run();
	finds("tree/innocent", NULL);
	assert_null(scan.findings.v[0].package);
}

/* ---- places ---------------------------------------------------------------------------------- */

static void test_excludes(void **state)
{
	mkdir(scratch_path("tree/a"), 0755);
	mkdir(scratch_path("tree/ab"), 0755);
	put_program("tree/a/program", 5000, 1);
	put_program("tree/ab/program", 5000, 1);
	put_program("tree/program", 5000, 1);
	put_program("tree/file", 5000, 1);
	deny_digest_of(scratch_path("tree/program"));
	excludes[0] = lasting("tree/a");
	excludes[1] = lasting("tree/file");
	run();
	finds("tree/ab/program", "tree/program", NULL);
	assert_string_equal(place(scratch_path("tree/a"))->why, "excluded");
	assert_non_null(place(scratch_path("tree")));
	assert_null(place(scratch_path("tree"))->why);
	/* What is not there is named; what lies in what is left out is, too. */
	excludes[1] = lasting("tree/missing");
	paths[0] = lasting("tree/a/program");
	run();
	finds(NULL, NULL);
	diag_expect(&d, 0, DIAG_WARNING, excludes[1], 0, "not there", NULL);
}

static void test_paths_within_others(void **state)
{
	mkdir(scratch_path("tree/a"), 0755);
	put_program("tree/a/program", 5000, 1);
	put_program("tree/program", 5000, 1);
	deny_digest_of(scratch_path("tree/program"));
	paths[0] = lasting("tree");
	paths[1] = lasting("tree/a");
	paths[2] = lasting("tree/a/../a/program");
	run();
	finds("tree/a/program", "tree/program", NULL);
	assert_int_equal(scan.files, 2);
}

static void test_pseudo_file_systems_are_named(void **state)
{
	const struct scan_place *proc;

	deny_digest_of(put_program("tree/program", 5000, 1));
	paths[0] = "/proc";
	run();
	finds(NULL, NULL);
	proc = place("/proc");
	assert_non_null(proc);
	assert_string_equal(proc->type, "proc");
	assert_non_null(strstr(proc->why, "pseudo"));
	assert_int_equal(scan.files, 0);
}

/* Return: 0; or 77 where nothing may be mounted. */
static int scan_mounts(void)
{
	if (unshare(CLONE_NEWNS) || mount("none", "/", "none", MS_REC | MS_PRIVATE, NULL) ||
	    mount("none", scratch_path("tree/tmp"), "tmpfs", 0, NULL) ||
	    mount(scratch_path("tree/real"), scratch_path("tree/bound"), NULL, MS_BIND, NULL) ||
	    mount(scratch_path("outside"), scratch_path("tree/from-outside"), NULL, MS_BIND,
		  NULL) ||
	    mount("proc", scratch_path("tree/proc"), "proc", 0, NULL))
		return 77;
	put_program("tree/tmp/program", 5000, 1);
	deny_digest_of(scratch_path("tree/program"));
	run();
	finds("tree/from-outside/program", "tree/program", "tree/real/program", "tree/tmp/program",
	      NULL);
	assert_non_null(strstr(place(scratch_path("tree/bound"))->why, "the same as "));
	assert_non_null(strstr(place(scratch_path("tree/bound"))->why, scratch_path("tree/real")));
	assert_string_equal(place(scratch_path("tree/tmp"))->type, "tmpfs");
	assert_null(place(scratch_path("tree/tmp"))->why);
	assert_non_null(place(scratch_path("tree/proc"))->why);
	return 0;
}

static void test_mounts(void **state)
{
	static const char *const dirs[] = {"tree/tmp",	"tree/bound",	     "tree/real",
					   "tree/proc", "tree/from-outside", "outside"};
	size_t i;
	int status;
	pid_t pid;

	for (i = 0; i < sizeof(dirs) / sizeof(*dirs); i++)
		mkdir(scratch_path(dirs[i]), 0755);
	put_program("tree/program", 5000, 1);
	put_program("tree/real/program", 5000, 1);
	put_program("outside/program", 5000, 1);
	fflush(NULL);
	pid = fork();
	if (!pid)
		_exit(scan_mounts());
	waitpid(pid, &status, 0);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 77) {
		print_message("no right to mount: mounts are not tried\n");
		skip();
	}
	assert_true(WIFEXITED(status) && !WEXITSTATUS(status));
}

static void test_mountinfo(void **state)
{
	char line[] =
		"36 35 98:0 /a\\040b /mnt/x\\134y rw,noatime master:1 shared:2 - ext3 /dev/root "
		"rw,errors=continue\n";
	char none[][40] = {"", "36 35 98:0 /a /b", " - ", "x - y z", "36 35 98:0 - ext3 a b"};
	struct mountinfo m = {};
	size_t i;

	assert_int_equal(mountinfo_add_line(&m, line), 0);
	for (i = 0; i < sizeof(none) / sizeof(*none); i++)
		assert_int_equal(mountinfo_add_line(&m, none[i]), 0);
	assert_int_equal(m.n, 1);
	assert_int_equal(m.v[0].id, 36);
	assert_string_equal(m.v[0].root, "/a b");
	assert_string_equal(m.v[0].point, "/mnt/x\\y");
	assert_string_equal(m.v[0].type, "ext3");
	assert_string_equal(m.v[0].options, "rw,errors=continue");
	assert_ptr_equal(mountinfo_of(&m, "/mnt/x\\y/z"), m.v);
	assert_null(mountinfo_of(&m, "/mnt/x\\yz"));
	mountinfo_free(&m);
}

/* ---- what cannot be read -----------------------------------------------------------------------
 */

static void test_missing_paths(void **state)
{
	deny_digest_of(put_program("tree/program", 5000, 1));
	paths[0] = lasting("missing");
	assert_int_equal(run_stoppable(NULL), -ENOENT);
	diag_expect(&d, 0, DIAG_ERROR, paths[0], 0, NULL);
	assert_int_equal(mkfifo(scratch_path("fifo"), 0600), 0);
	paths[0] = lasting("fifo");
	assert_int_equal(run_stoppable(NULL), -ENOTSUP);
}

static int scan_as_nobody(void)
{
	if (setgid(65534) || setuid(65534))
		return 77;
	run();
	finds("tree/program", NULL);
	assert_int_equal(scan.unread_count, 2);
	assert_int_equal(scan.unread[0].error, -EACCES);
	assert_false(scan_is_complete(&scan));
	return 0;
}

static void test_unreadable(void **state)
{
	int status;
	pid_t pid;

	mkdir(scratch_path("tree/closed"), 0700);
	deny_digest_of(put_program("tree/program", 5000, 1));
	put_program("tree/unreadable", 5000, 2);
	chmod(scratch_path("tree/unreadable"), 0);
	chmod(scratch_path("tree/closed"), 0);
	chmod(scratch_dir, 0755);
	mkfifo(scratch_path("tree/fifo"), 0644);
	pid = fork();
	if (!pid)
		_exit(scan_as_nobody());
	waitpid(pid, &status, 0);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 77) {
		print_message("not root: what nobody may read is not tried\n");
		skip();
	}
	assert_true(WIFEXITED(status) && !WEXITSTATUS(status));
}

/* Directories and files come and go, and one file is written all the time. */
static void disturb(void)
{
	char names[2][PATH_MAX];
	int fd = open(scratch_path("tree/written"), O_WRONLY), i;

	snprintf(names[0], PATH_MAX, "%s", scratch_path("tree/a"));
	snprintf(names[1], PATH_MAX, "%s", scratch_path("tree/b"));
	for (i = 0;; i++) {
		rename(names[i % 2], names[!(i % 2)]);
		if (pwrite(fd, &i, sizeof(i), 0) < 0)
			_exit(1);
	}
}

static void test_while_files_change(void **state)
{
	char name[64];
	pid_t pid;
	int i;

	mkdir(scratch_path("tree/a"), 0755);
	for (i = 0; i < 50; i++) {
		snprintf(name, sizeof(name), "tree/a/%d", i);
		put_program(name, 5000, 3);
	}
	put_program("tree/written", 5000, 2);
	deny_digest_of(put_program("tree/program", 5000, 1));
	pid = fork();
	if (!pid)
		disturb();
	for (i = 0; i < 50; i++) {
		run();
		finds("tree/program", NULL);
		assert_true(scan_is_complete(&scan));
	}
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

static void test_stops(void **state)
{
	atomic_bool stop = true;

	deny_digest_of(put_program("tree/program", 5000, 1));
	paths[0] = lasting("tree");
	assert_int_equal(run_stoppable(&stop), -EINTR);
	stop = false;
	assert_int_equal(run_stoppable(&stop), 0);
	finds("tree/program", NULL);
}

/* A path longer than any that open(2) takes, and more names than are listed at once. */
static void test_deep_and_wide(void **state)
{
	char name[256];
	int dir = open(scratch_path("tree"), O_RDONLY | O_DIRECTORY), next, fd, i;

	memset(name, 'n', 200);
	name[200] = 0;
	deny_digest_of(put_program("program", 5000, 1));
	for (i = 0; i < 60; i++) {
		assert_int_equal(mkdirat(dir, name, 0755), 0);
		next = openat(dir, name, O_RDONLY | O_DIRECTORY);
		close(dir);
		dir = next;
	}
	assert_int_equal(linkat(AT_FDCWD, scratch_path("program"), dir, "bottom", 0), 0);
	close(dir);
	mkdir(scratch_path("tree/wide"), 0755);
	for (i = 0; i < 3000; i++) {
		snprintf(name, sizeof(name), "tree/wide/%d", i);
		fd = i % 2 ? mkdir(scratch_path(name), 0755)
			   : open(scratch_path(name), O_CREAT | O_WRONLY, 0644);
		assert_true(fd >= 0);
		if (!(i % 2))
			close(fd);
	}
	run();
	assert_int_equal(scan.findings.n, 1);
	assert_true(strlen(scan.findings.v[0].path) > 60 * 200);
	assert_int_equal(scan.files, 1501);
	assert_true(scan_is_complete(&scan));
	remove_deep("tree");
}

/* ---- parts -------------------------------------------------------------------------------------
 */

static void test_seen(void **state)
{
	struct seen s = {.lock = PTHREAD_MUTEX_INITIALIZER};
	ino_t i;

	assert_false(seen_has(&s, 1, 1));
	for (i = 1; i <= 5000; i++)
		seen_add(&s, 1, i);
	for (i = 1; i <= 5000; i++) {
		assert_true(seen_has(&s, 1, i));
		assert_false(seen_has(&s, 2, i));
	}
	assert_false(seen_has(&s, 1, 5001));
	assert_int_equal(s.n, 5000);
	seen_free(&s);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_finds_under_other_names),
		TEST(test_finds_by_unsized_digests),
		TEST(test_names_what_would_take_too_long),
		TEST(test_hard_links_and_symbolic_ones),
		TEST(test_many_names),
		TEST(test_many_names_by_path),
		TEST(test_drivers),
		TEST(test_packed_drivers),
		TEST(test_pe_images),
		TEST(test_paths),
		TEST(test_effects),
		TEST(test_ceiling),
		TEST(test_canary_is_nothing_to_be_found),
		TEST(test_owner_is_named),
		TEST(test_by_package),
		TEST(test_excludes),
		TEST(test_paths_within_others),
		TEST(test_pseudo_file_systems_are_named),
		TEST(test_mounts),
		TEST(test_mountinfo),
		TEST(test_missing_paths),
		TEST(test_unreadable),
		TEST(test_while_files_change),
		TEST(test_stops),
		TEST(test_deep_and_wide),
		TEST(test_seen),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
