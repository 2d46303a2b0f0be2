/* SPDX-License-Identifier: GPL-2.0-only */
/* Databases of packages: those that dpkg and rpm themselves write here, and those that nobody
 * should.
 */
#include "scratch.h"

#include <errno.h>
#include <stdbool.h>
#include <sys/file.h>
#include <sys/wait.h>

#include "explain/explanation.h"
#include "hash.h"
#include "packages/packages_reader.h"
#include "policy/policy_packages.h"
#include "policy/policy_place.h"
#include "resolve/resolve.h"

static struct packages *db;
static struct diag diag;

static int setup(void **state)
{
	return scratch_setup(state);
}

static int teardown(void **state)
{
	packages_close(db);
	db = NULL;
	diag_free(&diag);
	return scratch_teardown(state);
}

/* Run a script in the scratch directory; what fails ends it. */
static void run(const char *script)
{
	char *command, log[128];

	assert_true(asprintf(&command,
			     "set -e; cd %s; exec >>log 2>&1; PATH=$PATH:/usr/sbin:/sbin; %s",
			     scratch_dir, script) > 0);
	if (system(command)) {
		snprintf(log, sizeof(log), "tail -n 20 %s/log", scratch_dir);
		fail_msg("failed (%d): %s", system(log), script);
	}
	free(command);
}

static void open_root(void)
{
	packages_close(db);
	db = NULL;
	assert_int_equal(packages_open(&db, scratch_path("root"), &diag), 0);
}

static const struct package *find(const char *name)
{
	size_t i;

	for (i = 0; i < packages_count(db); i++)
		if (!strcmp(packages_get(db, i)->name, name))
			return packages_get(db, i);
	return NULL;
}

/* ---- dpkg, by hand ------------------------------------------------------------------------- */

static void status(const char *text)
{
	run("mkdir -p root/var/lib/dpkg/updates root/var/lib/dpkg/info");
	scratch_text("root/var/lib/dpkg/status", text);
}

static void test_no_database(void **state)
{
	run("mkdir root");
	open_root();
	assert_int_equal(packages_count(db), 0);
	assert_int_equal(packages_unread(db), 0);
	packages_close(db);
	db = NULL;
	assert_int_equal(packages_open(&db, scratch_path("none"), &diag), -ENOENT);
	assert_null(db);
}

static void test_status(void **state)
{
	const struct package *p;

	status("Package: kesl\nStatus: install ok installed\nMaintainer: AO Kaspersky Lab <x@y>\n"
	       "Version: 12.1.0-1274\nArchitecture: amd64\nDescription: a\n Package: no\n .\n "
	       "more\n"
	       "\n\n"
	       "Package: a\nStatus: install ok half-installed\nVendor: Evil\nOrigin: Other\n\n"
	       "Package: b\nStatus: install ok unpacked\nOrigin: Debian\n\n"
	       "Package: c\nStatus: install ok half-configured\n\n"
	       "Package: d\nStatus: hold ok triggers-awaited\n\n"
	       "Package: e\nStatus: deinstall ok config-files\n\n"
	       "Package: f\nStatus: purge ok not-installed\n\n"
	       "Package: ../evil\nStatus: install ok installed\n\n"
	       "Status: install ok installed\nVersion: 1\n\n"
	       "no colon at all\n\n"
	       "Package: cut\nVersion: 1\nSta");
	open_root();
	assert_int_equal(packages_count(db), 5);
	p = find("kesl");
	assert_non_null(p);
	assert_string_equal(p->version, "12.1.0-1274");
	assert_string_equal(p->architecture, "amd64");
	assert_string_equal(p->maintainer, "AO Kaspersky Lab <x@y>");
	assert_null(p->vendor);
	assert_null(p->key);
	assert_string_equal(find("a")->vendor, "Evil");
	assert_string_equal(find("b")->vendor, "Debian");
	assert_non_null(find("c"));
	assert_non_null(find("d"));
	assert_null(find("e"));
	assert_null(find("f"));
	assert_null(find("cut"));
	assert_int_equal(diag.errors + diag.warnings, 0);
}

/* While dpkg runs, what is newest is in its updates. */
static void test_updates(void **state)
{
	status("Package: old\nStatus: install ok installed\nArchitecture: amd64\nVersion: 1\n\n"
	       "Package: old\nStatus: install ok installed\nArchitecture: i386\nVersion: 1\n\n"
	       "Package: gone\nStatus: install ok installed\nArchitecture: all\n");
	scratch_text("root/var/lib/dpkg/updates/0000",
		     "Package: new\nStatus: install ok half-installed\nArchitecture: amd64\n");
	scratch_text(
		"root/var/lib/dpkg/updates/0001",
		"Package: old\nStatus: install ok unpacked\nArchitecture: amd64\nVersion: 2\n");
	scratch_text("root/var/lib/dpkg/updates/0002",
		     "Package: gone\nStatus: deinstall ok config-files\nArchitecture: all\n");
	scratch_text(
		"root/var/lib/dpkg/updates/0003",
		"Package: old\nStatus: install ok installed\nArchitecture: amd64\nVersion: 3\n");
	scratch_text("root/var/lib/dpkg/updates/tmp.i",
		     "Package: junk\nStatus: install ok installed\nArchitecture: amd64\n");
	open_root();
	assert_int_equal(packages_count(db), 3);
	assert_string_equal(packages_get(db, 0)->version, "3");
	assert_string_equal(packages_get(db, 1)->version, "1");
	assert_non_null(find("new"));
	assert_null(find("gone"));
}

static char listed[4096];

static int append(void *context, const struct package_file *file)
{
	size_t len = strlen(listed);

	assert_int_equal(file->size, SIZE_UNKNOWN);
	assert_null(file->sha256);
	snprintf(listed + len, sizeof(listed) - len, "%s\n", file->path);
	return 0;
}

static int stop(void *context, const struct package_file *file)
{
	return 7;
}

static const char *files_of(const struct package *p, int expected)
{
	*listed = 0;
	assert_int_equal(packages_files(db, p, append, NULL), expected);
	return listed;
}

static int count_owner(void *context, const struct package *p)
{
	strcat(listed, p->name);
	return 0;
}

static void test_lists(void **state)
{
	status("Package: m\nStatus: install ok installed\nArchitecture: amd64\nMulti-Arch: same\n\n"
	       "Package: m\nStatus: install ok installed\nArchitecture: i386\nMulti-Arch: same\n\n"
	       "Package: x\nStatus: install ok installed\nArchitecture: amd64\n\n"
	       "Package: none\nStatus: install ok unpacked\nArchitecture: amd64\n");
	scratch_text("root/var/lib/dpkg/info/m:amd64.list", "/.\n/usr\n/usr/lib/a.so\n");
	scratch_text("root/var/lib/dpkg/info/m:i386.list", "/.\n/usr/lib/b.so\nnot a path\n");
	scratch_text("root/var/lib/dpkg/info/x.list", "/lib/x y.so\n/bin/sh\n/bin/ls");
	scratch_text("root/var/lib/dpkg/diversions",
		     "/bin/sh\n/bin/sh.real\nx\n/bin/ls\n/bin/ls.real\nother\n/cut\n/off\n");
	open_root();
	assert_string_equal(files_of(packages_get(db, 0), 0), "/.\n/usr\n/usr/lib/a.so\n");
	assert_string_equal(files_of(packages_get(db, 1), 0), "/.\n/usr/lib/b.so\n");
	assert_string_equal(files_of(find("x"), 0), "/lib/x y.so\n/bin/sh\n/bin/ls.real\n");
	assert_string_equal(files_of(find("none"), -ENODATA), "");
	assert_int_equal(packages_files(db, find("x"), stop, NULL), 7);

	*listed = 0;
	assert_int_equal(packages_owners(db, "/usr/lib/x y.so", count_owner, NULL), 0);
	assert_int_equal(packages_owners(db, "/lib/x y.so", count_owner, NULL), 1);
	assert_string_equal(listed, "x");
	run("ln -s usr/lib root/lib; mkdir -p root/usr/lib");
	open_root();
	assert_int_equal(packages_owners(db, "/usr/lib/x y.so", count_owner, NULL), 1);
	assert_string_equal(listed, "xx");
	assert_int_equal(packages_owners(db, "/lib/b.so", count_owner, NULL), 1);
}

/* A link below a root leads nowhere else, whatever it says. */
static void test_paths(void **state)
{
	char *text;
	size_t len;
	int fd;

	run("mkdir -p root/etc outside; echo secret > outside/file; echo own > root/etc/file;"
	    "ln -s ../../outside root/away; ln -s /etc root/absolute; ln -s /etc/file root/link;"
	    "mkfifo root/fifo");
	open_root();
	assert_int_equal(packages_open_path(db, "/away/file"), -ENOENT);
	assert_int_equal(packages_open_path(db, "/../outside/file"), -ENOENT);
	assert_int_equal(packages_open_path(db, "/link"), -ELOOP);
	assert_int_equal(packages_open_path(db, "/etc"), -EISDIR);
	assert_int_equal(packages_open_path(db, "/fifo"), -ENOTSUP);
	fd = packages_open_path(db, "/absolute/file");
	assert_true(fd >= 0);
	close(fd);
	assert_int_equal(packages_read_text(db, "/etc/file", &text, &len), 0);
	assert_string_equal(text, "own\n");
	free(text);
}

struct sum {
	int n;
	char first[64];
	uint8_t md5[CONTENT_MD5_LEN];
};

static int take_sum(void *context, const char *path, const uint8_t md5[CONTENT_MD5_LEN])
{
	struct sum *s = context;

	if (!s->n++)
		snprintf(s->first, sizeof(s->first), "%s", path);
	else
		strcat(strcat(listed, path), "\n");
	memcpy(s->md5, md5, CONTENT_MD5_LEN);
	return 0;
}

#define MD5 "00112233445566778899aabbccddeeff"

static void test_md5sums(void **state)
{
	struct sum s = {};

	status("Package: x\nStatus: install ok installed\nArchitecture: amd64\nConffiles:\n"
	       " /etc/a b " MD5 "\n /etc/old " MD5 " obsolete\n /etc/new newconffile\n"
	       " none " MD5 "\nVersion: 1\n");
	open_root();
	assert_int_equal(dpkg_md5sums(db, find("x"), take_sum, &s), -ENODATA);
	scratch_text("root/var/lib/dpkg/info/x.md5sums",
		     MD5 "  usr/bin/a b\n" MD5 " *usr/bin/star\n" MD5 "  ./dot\n" MD5
			 "  /absolute\nshort  x\n" MD5 "\n" MD5 "  \n"
			 "00112233445566778899AABBCCDDEEFF  upper");
	*listed = 0;
	assert_int_equal(dpkg_md5sums(db, find("x"), take_sum, &s), 0);
	assert_string_equal(s.first, "/usr/bin/a b");
	assert_string_equal(listed, "/usr/bin/star\n/dot\n/absolute\n/upper\n/etc/a b\n/etc/old\n");
	assert_int_equal(s.md5[1], 0x11);
	assert_int_equal(s.md5[15], 0xff);
}

/* ---- real ones ----------------------------------------------------------------------------- */

/* deb NAME VERSION MAINTAINER: packs root-NAME. */
#define DEB                                                                                        \
	"deb() { mkdir -p tree-$1/DEBIAN;"                                                         \
	"printf 'Package: %s\\nVersion: %s\\nArchitecture: all\\nMaintainer: %s\\n"                \
	"Description: x\\n' $1 $2 \"$3\" > tree-$1/DEBIAN/control;"                                \
	"if [ -n \"$4\" ]; then (cd tree-$1; find . -type f -not -path './DEBIAN/*' |"             \
	" sed 's|^./||' | xargs md5sum > DEBIAN/md5sums); else rm -f tree-$1/DEBIAN/md5sums; fi;"  \
	"dpkg-deb --root-owner-group -Znone -b tree-$1 $1-$2.deb; };"                              \
	"inst() { dpkg --root=$PWD/root --log=/dev/null --force-depends --force-bad-path "         \
	"--force-script-chrootless -i $1; };"

static void make_dpkg_root(void)
{
	run("mkdir -p root/var/lib/dpkg/info root/var/lib/dpkg/updates root/etc/dpkg;"
	    ": > root/var/lib/dpkg/status; : > root/var/lib/dpkg/available");
}

static struct policy policy;
static struct hashed_files known;
static struct resolution resolution;

static void resolve(const char *text)
{
	const char *const dirs[POLICY_DIRS] = {scratch_dir};

	policy_free(&policy);
	diag_free(&diag);
	scratch_text("x.policy", text);
	if (policy_read(&policy, dirs, &diag))
		fail_msg("%s", diag.lines[0].text);
	assert_int_equal(
		resolve_packages(&policy, &known, scratch_path("root"), &resolution, &diag), 0);
}

static int free_policy(void **state)
{
	policy_free(&policy);
	free(known.v);
	known = (struct hashed_files){};
	return teardown(state);
}

static bool is_denied(const char *path)
{
	const struct digests *list;
	struct digest digest;
	size_t i, k;

	assert_int_equal(hash_file(&digest, scratch_path(path)), 0);
	for (i = 0; i < policy.section_count; i++) {
		list = &policy.sections[i]->resolved;
		for (k = 0; k < list->n; k++)
			if (!memcmp(list->v[k].value, digest.value, FINGERPRINT_LEN)) {
				assert_int_equal(list->v[k].size, digest.size);
				return true;
			}
	}
	return false;
}

#define VENDOR "[Vendor]\nId=evil\n[Vendor]\nId=other\n[Deny]\nVendor=evil\n"

/* A vendor's package that has the distribution's library, too, and what both have as a script. */
#define TREES                                                                                      \
	"mkdir -p tree-libssl/usr/lib tree-evilav/opt/evil tree-libssl/etc;"                       \
	"cp /bin/true tree-libssl/usr/lib/libcrypto.so; cp /bin/true tree-evilav/opt/evil/;"       \
	"printf '#!/bin/sh\\necho both\\n' > tree-libssl/etc/both;"                                \
	"cp tree-libssl/etc/both tree-evilav/opt/evil/hook;"                                       \
	"cp /bin/false tree-evilav/opt/evil/scan; ln -s scan tree-evilav/opt/evil/link;"           \
	"echo text > tree-evilav/opt/evil/README; : > tree-evilav/opt/evil/empty;"                 \
	"printf '#!/bin/sh\\necho 1\\n' > tree-evilav/opt/evil/update;"

static void expect_evil(void)
{
	assert_true(is_denied("root/opt/evil/scan"));
	assert_true(is_denied("root/opt/evil/update"));
	assert_false(is_denied("root/opt/evil/README"));
	assert_false(is_denied("root/opt/evil/true"));
	assert_false(is_denied("root/opt/evil/hook"));
	assert_int_equal(policy.sections[0]->resolved.n, 2);
	assert_int_equal(resolution.packages, 1);
	assert_int_equal(resolution.files, 4);
	assert_int_equal(resolution.shared, 2);
	assert_int_equal(resolution.missing, 0);
	assert_int_equal(diag.warnings, 2);
	assert_non_null(strstr(diag.lines[0].text, "evilav"));
	assert_non_null(strstr(diag.lines[0].text, "libssl"));
}

static void test_dpkg(void **state)
{
	if (geteuid()) {
		puts("skipped: dpkg --root: not root");
		skip();
	}
	make_dpkg_root();
	run(DEB TREES
	    "deb evilav 1 'Evil AV <a@evil.example>' md5; deb libssl 3 'Debian <d@debian.org>' md5;"
	    "inst evilav-1.deb; inst libssl-3.deb");
	resolve(VENDOR "Package=evil*\n");
	expect_evil();
	assert_int_equal(resolution.hashed, 5);

	/* What is known is not read again, once it has lain there for a while. */
	usleep(200000);
	resolve(VENDOR "Package=evil*\n");
	resolve(VENDOR "PackageMaintainer=*EVIL av*\n");
	expect_evil();
	assert_int_equal(resolution.hashed, 0);

	resolve(VENDOR "Package=evil\nPackageVendor=*evil*\nPackageKey=0123456789abcdef\n");
	assert_int_equal(resolution.packages, 0);
	assert_int_equal(policy.sections[0]->resolved.n, 0);

	/* Who owns both shares with nobody. */
	resolve(VENDOR "Package=evilav\n[Deny]\nVendor=evil\nPackage=libssl\n");
	assert_int_equal(resolution.shared, 0);
	assert_true(is_denied("root/opt/evil/true"));
	resolve(VENDOR "Package=evilav\n[Deny]\nVendor=other\nPackage=libssl\n");
	assert_int_equal(resolution.shared, 4);
	assert_false(is_denied("root/opt/evil/true"));
}

/* Without md5sums, sizes have to do. */
static void test_dpkg_without_md5sums(void **state)
{
	if (geteuid()) {
		puts("skipped: dpkg --root: not root");
		skip();
	}
	make_dpkg_root();
	run(DEB TREES
	    "deb evilav 1 'Evil AV <a@evil.example>'; deb libssl 3 'Debian <d@debian.org>';"
	    "inst evilav-1.deb; inst libssl-3.deb");
	resolve(VENDOR "Package=evilav\n");
	expect_evil();
	/* A file that was changed since is not the same any more, whatever the md5sums say. */
	run("echo x >> root/usr/lib/libcrypto.so");
	resolve(VENDOR "Package=evilav\n");
	assert_int_equal(resolution.shared, 1);
	assert_true(is_denied("root/opt/evil/true"));
}

static void test_dpkg_upgrade(void **state)
{
	if (geteuid()) {
		puts("skipped: dpkg --root: not root");
		skip();
	}
	make_dpkg_root();
	run(DEB TREES "deb evilav 1 'Evil AV <a@evil.example>' md5; inst evilav-1.deb;"
		      "cp root/opt/evil/update old");
	resolve(VENDOR "Package=evilav\n");
	assert_true(is_denied("root/opt/evil/update"));
	run(DEB "printf '#!/bin/sh\\necho 2\\n' > tree-evilav/opt/evil/update;"
		"rm tree-evilav/opt/evil/scan; deb evilav 2 'Evil AV <a@evil.example>' md5;"
		"inst evilav-2.deb");
	resolve(VENDOR "Package=evilav\n");
	assert_true(is_denied("root/opt/evil/update"));
	assert_false(is_denied("old"));
	run("dpkg --root=$PWD/root --log=/dev/null -r evilav");
	resolve(VENDOR "Package=evilav\n");
	assert_int_equal(resolution.packages, 0);
	assert_int_equal(policy.sections[0]->resolved.n, 0);
}

/* What dpkg itself takes before it writes anything: fcntl(2) locks. */
static void test_dpkg_locked(void **state)
{
	struct flock lock = {.l_type = F_WRLCK};
	int ready[2], held[2], fd, i;
	char byte = 0;
	pid_t pid;

	status("Package: evilav\nStatus: install ok installed\nArchitecture: all\n");
	scratch_text("root/var/lib/dpkg/info/evilav.list", "/opt/evil\n");
	scratch_text("root/var/lib/dpkg/lock", "");
	scratch_text("root/var/lib/dpkg/lock-frontend", "");
	assert_int_equal(pipe(ready) | pipe(held), 0);
	pid = fork();
	if (!pid) {
		for (i = 0; i < 2; i++) {
			fd = open(scratch_path(i ? "root/var/lib/dpkg/lock"
						 : "root/var/lib/dpkg/lock-frontend"),
				  O_RDWR);
			if (fd < 0 || fcntl(fd, F_SETLK, &lock))
				_exit(1);
		}
		assert_int_equal(write(ready[1], "x", 1), 1);
		close(held[1]);
		_exit(read(held[0], &byte, 1) != 0);
	}
	assert_int_equal(read(ready[0], &byte, 1), 1);
	alarm(20);
	resolve(VENDOR "Package=evilav\n");
	alarm(0);
	assert_int_equal(resolution.packages, 1);
	close(held[1]);
	close(held[0]);
	assert_int_equal(waitpid(pid, &i, 0), pid);
	assert_int_equal(i, 0);
	close(ready[0]);
	close(ready[1]);
}

/* ---- rpm ----------------------------------------------------------------------------------- */

#define RPM                                                                                        \
	"rpm_() { rpm --root $PWD/root --dbpath /var/lib/rpm --nodeps --nosignature "              \
	"$(rpm --help | grep -o -- --force-debian) \"$@\"; };"                                     \
	"build() { printf 'Name: %s\\nVersion: %s\\nRelease: 1\\nSummary: x\\nLicense: x\\n"       \
	"BuildArch: noarch\\nVendor: %s\\nPackager: %s\\n%%description\\nx\\n%%install\\n"         \
	"cp -a %s/tree-%s/. %%{buildroot}/\\n%%files\\n/*\\n'"                                     \
	" $1 $2 \"$3\" \"$4\" $PWD $1 > $1.spec;"                                                  \
	"rpmbuild -D \"_topdir $PWD/rpm\" -D '__os_install_post %{nil}'"                           \
	" -D '_build_id_links none' -D '_binaries_in_noarch_packages_terminate_build 0'"           \
	" -D \"_rpmdir $PWD\" -D '_rpmfilename %%{NAME}-%%{VERSION}.rpm' -bb $1.spec; };"

static void make_rpms(void)
{
	run("mkdir root;" RPM TREES
	    "build evilav 1 'Evil AV Ltd' 'pack <a@evil.example>'; build libssl 3 Distro x;"
	    "rpm_ -i evilav-1.rpm; rpm_ -i libssl-3.rpm");
}

static void test_rpm(void **state)
{
	if (geteuid() || system("command -v rpmbuild >/dev/null")) {
		puts("skipped: rpm --root: not root, or no rpmbuild");
		skip();
	}
	make_rpms();
	/* Nothing is left behind, or touched. */
	run("find root/var/lib/rpm -printf '%p %s %T@ %C@\\n' | sort > before");
	resolve(VENDOR "PackageVendor=evil av*\n");
	run("find root/var/lib/rpm -printf '%p %s %T@ %C@\\n' | sort | cmp before -;"
	    "[ -z \"$(find /tmp -maxdepth 1 -name .rpm.\\* -newer before)\" ]");
	expect_evil();
	resolve(VENDOR "PackageMaintainer=*@evil.example*\n");
	expect_evil();
	resolve(VENDOR "PackageKey=0123456789abcdef\n");
	assert_int_equal(resolution.packages, 0);

	open_root();
	assert_string_equal(find("evilav")->version, "1-1");
	assert_string_equal(find("evilav")->vendor, "Evil AV Ltd");
	assert_null(find("evilav")->key);
	*listed = 0;
	assert_int_equal(packages_owners(db, "/opt/evil/scan", count_owner, NULL), 1);
	assert_string_equal(listed, "evilav");
	assert_int_equal(packages_files(db, find("evilav"), stop, NULL), 7);

	run(RPM "rpm_ -e evilav");
	resolve(VENDOR "PackageVendor=evil av*\n");
	assert_int_equal(resolution.packages, 0);
}

static void test_rpm_key(void **state)
{
	char text[512], id[64] = "", *at;
	FILE *f;

	if (geteuid() || system("command -v rpmbuild gpg >/dev/null")) {
		puts("skipped: a signed rpm: not root, or no rpmbuild or gpg");
		skip();
	}
	run("mkdir -m 700 gnupg root; export GNUPGHOME=$PWD/gnupg;" RPM TREES
	    "gpg --batch --passphrase '' --quick-gen-key evil rsa2048 sign never;"
	    "gpg --list-keys --with-colons | sed -n 's/^fpr:*\\([0-9A-F]*\\):$/\\1/p' > key;"
	    "build evilav 1 'Evil AV Ltd' x; rpmsign -D '_gpg_name evil' -D \"__gpg $(command -v "
	    "gpg)\" --addsign evilav-1.rpm;"
	    "rpm_ -i evilav-1.rpm; gpgconf --kill all");
	f = fopen(scratch_path("key"), "re");
	assert_non_null(f);
	assert_non_null(fgets(id, sizeof(id), f));
	fclose(f);
	id[strcspn(id, "\n")] = 0;
	assert_int_equal(strlen(id), 40);
	snprintf(text, sizeof(text), VENDOR "PackageKey=%s\n", id);
	resolve(text);
	assert_int_equal(resolution.packages, 1);
	assert_true(is_denied("root/opt/evil/scan"));
	snprintf(text, sizeof(text), VENDOR "PackageKey=%s\n", id + 24);
	resolve(text);
	assert_int_equal(resolution.packages, 1);
	at = id + 39;
	*at = *at == '0' ? '1' : '0';
	snprintf(text, sizeof(text), VENDOR "PackageKey=%s\n", id);
	resolve(text);
	assert_int_equal(resolution.packages, 0);
}

/* Not rpm's, whatever its name: said, and what dpkg says still counts. */
static void test_rpm_broken(void **state)
{
	static const char *const files[] = {"rpmdb.sqlite", "Packages.db", "Packages"};
	char path[64];
	size_t i;

	status("Package: evilav\nStatus: install ok installed\nArchitecture: all\n");
	scratch_text("root/var/lib/dpkg/info/evilav.list", "/opt/evil/scan\n");
	run("mkdir -p root/opt/evil; cp /bin/false root/opt/evil/scan");
	for (i = 0; i < 3; i++) {
		run("rm -rf root/var/lib/rpm; mkdir -p root/var/lib/rpm");
		snprintf(path, sizeof(path), "root/var/lib/rpm/%s", files[i]);
		scratch_text(path, "SQLite format 3\nno, it is not one, and that has to be said");
		usleep(60000);
		resolve(VENDOR "Package=evilav\n");
		assert_int_equal(resolution.unread, 1);
		assert_int_equal(resolution.packages, 1);
		assert_true(is_denied("root/opt/evil/scan"));
		diag_expect(&diag, 0, DIAG_WARNING, "/var/lib/rpm", 0, "cannot be told", NULL);
	}
}

/* Of a database that cannot be read now, what it said before still holds. */
static void test_unread_keeps(void **state)
{
	size_t i;

	if (geteuid() || system("command -v rpmbuild >/dev/null")) {
		puts("skipped: rpm --root: not root, or no rpmbuild");
		skip();
	}
	make_rpms();
	resolve(VENDOR "Package=evilav\n");
	expect_evil();
	run("echo garbage > root/var/lib/rpm/rpmdb.sqlite; rm -f root/var/lib/rpm/rpmdb.sqlite-*");
	usleep(60000);
	for (i = 0; i < 3; i++) {
		assert_int_equal(
			resolve_packages(&policy, &known, scratch_path("root"), &resolution, &diag),
			0);
		assert_int_equal(resolution.unread, 1);
		assert_int_equal(policy.sections[0]->resolved.n, 2);
		assert_true(is_denied("root/opt/evil/scan"));
	}
}

static void test_drop(void **state)
{
	struct digests out = {};

	status("Package: evilav\nStatus: install ok installed\nArchitecture: all\n");
	scratch_text("root/var/lib/dpkg/info/evilav.list", "/opt/evil/scan\n/opt/evil/update\n");
	run("mkdir -p root/opt/evil; cp /bin/false root/opt/evil/scan;"
	    "cp /bin/true root/opt/evil/update");
	resolve(VENDOR "Package=evilav\n");
	assert_int_equal(policy.sections[0]->resolved.n, 2);
	assert_int_equal(resolve_drop(&policy, &out), 0);
	assert_int_equal(digests_add(&out, policy.sections[0]->resolved.v[0].value, SIZE_UNKNOWN),
			 0);
	assert_int_equal(resolve_drop(&policy, &out), 1);
	assert_int_equal(policy.sections[0]->resolved.n, 1);
	assert_int_equal(resolve_drop(&policy, &out), 0);
	digests_free(&out);
}

/* A file is explained by the line that names its package, also once another is dropped. */
static void expect_line(const char *path, unsigned long line, const char *pattern)
{
	struct explaining x = {.policy = &policy};
	struct policy_place place;
	struct image image = {};
	struct explanation e;

	assert_int_equal(image_compile(&image, &policy, NULL, &diag), 0);
	x.image = &image;
	assert_int_equal(explain_file(&e, &x, scratch_path(path)), 0);
	assert_int_equal(e.outcome, line ? OUTCOME_DENIED : OUTCOME_UNNAMED);
	assert_int_equal(e.rule_count, !!line);
	if (line) {
		policy_place(&place, &policy, e.rules->rule, &e.rules->f);
		assert_ptr_equal(place.section, policy.sections[0]);
		assert_int_equal(place.line, line);
		assert_string_equal(place.value, pattern);
		assert_string_equal(place.package->text, pattern);
		assert_null(place.list);
	}
	explanation_free(&e);
	image_free(&image);
}

static void test_place(void **state)
{
	struct digests out = {};
	struct digest scan;

	status("Package: evilav\nStatus: install ok installed\nArchitecture: all\n\n"
	       "Package: agent\nStatus: install ok installed\nArchitecture: all\n\n"
	       "Package: other\nStatus: install ok installed\nArchitecture: all\n");
	scratch_text("root/var/lib/dpkg/info/evilav.list", "/opt/evil/scan\n/opt/evil/update\n");
	scratch_text("root/var/lib/dpkg/info/agent.list", "/opt/agent\n/opt/evil/update\n");
	scratch_text("root/var/lib/dpkg/info/other.list", "/opt/other\n");
	run("mkdir -p root/opt/evil; cp /bin/false root/opt/evil/scan;"
	    "cp /bin/true root/opt/evil/update; cp /bin/ls root/opt/agent;"
	    "cp /bin/cat root/opt/other");
	resolve(VENDOR "Package=nothing\nPackage=ag*\nPackage=evil*\n");
	expect_line("root/opt/evil/scan", 9, "evil*");
	expect_line("root/opt/agent", 8, "ag*");
	/* of both: the first */
	expect_line("root/opt/evil/update", 8, "ag*");
	expect_line("root/opt/other", 0, NULL);
	assert_int_equal(hash_file(&scan, "/bin/false"), 0);
	assert_int_equal(digests_add(&out, scan.value, SIZE_UNKNOWN), 0);
	assert_int_equal(resolve_drop(&policy, &out), 1);
	expect_line("root/opt/evil/scan", 0, NULL);
	expect_line("root/opt/evil/update", 8, "ag*");
	expect_line("root/opt/agent", 8, "ag*");
	digests_free(&out);
}

/* ---- the keys ------------------------------------------------------------------------------ */

static void refused(const char *line, const char *why)
{
	const char *const dirs[POLICY_DIRS] = {scratch_dir};
	char text[512];

	policy_free(&policy);
	diag_free(&diag);
	snprintf(text, sizeof(text), VENDOR "%s\n", line);
	scratch_text("x.policy", text);
	assert_int_equal(policy_read(&policy, dirs, &diag), -EINVAL);
	diag_expect(&diag, 0, DIAG_ERROR, scratch_path("x.policy"), 7, why, NULL);
}

static void test_keys(void **state)
{
	const char *const dirs[POLICY_DIRS] = {scratch_dir};
	const struct section *s;

	refused("Package=*", "name the vendor's");
	refused("Package=?*", "name the vendor's");
	refused("Package=kesl klnagent", "one line for each");
	refused("Package=kesl,klnagent", "one line for each");
	refused("PackageMaintainer=*", "name the vendor's");
	refused("PackageVendor=**", "name the vendor's");
	refused("PackageKey=0123", "the 40 hexadecimal digits");
	refused("PackageKey=0123456789abcdefg", "the 40 hexadecimal digits");
	refused("PackageKey=0123456789abcdef0", "the 40 hexadecimal digits");

	policy_free(&policy);
	diag_free(&diag);
	scratch_text("x.policy",
		     VENDOR "Package=kesl*\nPackage=klnagent\nPackageMaintainer=*@Kaspersky.*\n"
			    "PackageKey=6AFE 1735 0123 4567 89AB  CDEF 0123 4567 89AB CDEF\n"
			    "PackageKey=0xFEDCBA9876543210\n[Deny]\nVendor=other\nModuleName=x\n");
	assert_int_equal(policy_read(&policy, dirs, &diag), 0);
	s = policy.sections[0];
	assert_int_equal(s->package_count, 5);
	assert_int_equal(s->packages[0].by, PACKAGE_BY_NAME);
	assert_int_equal(s->packages[0].line, 7);
	assert_string_equal(s->packages[2].text, "*@Kaspersky.*");
	assert_string_equal(s->packages[3].text, "0123456789abcdef");
	assert_string_equal(s->packages[4].text, "fedcba9876543210");
	assert_true(policy_names_packages(&policy));
	assert_true(policy_names_package(s, &(struct package){.name = (char *)"kesl-gui"}));
	assert_false(policy_names_package(s, &(struct package){.name = (char *)"akesl"}));
	assert_false(policy_names_package(s, &(struct package){.name = (char *)"KESL"}));
	assert_true(policy_names_package(
		s,
		&(struct package){.name = (char *)"x", .maintainer = (char *)"a@kaspersky.com"}));
	assert_false(policy_names_package(policy.sections[1],
					  &(struct package){.name = (char *)"kesl"}));

	scratch_text("x.policy", "[Allow]\nPackage=kesl\nDigest=sha256:" MD5 MD5
				 "\nUntil=2099-01-01\nReason=x\nApprovedBy=y\n");
	policy_free(&policy);
	diag_free(&diag);
	assert_int_equal(policy_read(&policy, dirs, &diag), -EINVAL);
	diag_expect(&diag, 0, DIAG_ERROR, scratch_path("x.policy"), 2, "by full digest only", NULL);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, free_policy)
	const struct CMUnitTest tests[] = {
		TEST(test_no_database),	 TEST(test_status),
		TEST(test_updates),	 TEST(test_lists),
		TEST(test_paths),	 TEST(test_md5sums),
		TEST(test_dpkg),	 TEST(test_dpkg_without_md5sums),
		TEST(test_dpkg_upgrade), TEST(test_dpkg_locked),
		TEST(test_rpm),		 TEST(test_rpm_key),
		TEST(test_rpm_broken),	 TEST(test_unread_keeps),
		TEST(test_drop),	 TEST(test_place),
		TEST(test_keys),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
