/* SPDX-License-Identifier: GPL-2.0-only */
#include "scratch.h"

#include <bpf/btf.h>

#include "kernel/requirements.h"

static struct requirement found[REQUIREMENTS_MAX];
static size_t count;

static void make_dirs(const char *name)
{
	char path[PATH_MAX];
	char *slash;

	snprintf(path, sizeof(path), "%s", scratch_path(name));
	for (slash = strchr(path + strlen(scratch_dir) + 1, '/'); slash;
	     slash = strchr(slash + 1, '/')) {
		*slash = 0;
		mkdir(path, 0755);
		*slash = '/';
	}
}

static void put(const char *name, const char *text)
{
	make_dirs(name);
	scratch_text(name, text);
}

/* A kernel's BTF as far as it is asked. */
static void put_btf(const char *helper, const char *hook)
{
	struct btf *btf = btf__new_empty();
	const void *data;
	__u32 len;
	int proto;

	assert_non_null(btf);
	btf__add_enum(btf, "bpf_func_id", 4);
	btf__add_enum_value(btf, "BPF_FUNC_unspec", 0);
	btf__add_enum_value(btf, helper, 193);
	proto = btf__add_func_proto(btf, 0);
	btf__add_func(btf, hook, BTF_FUNC_STATIC, proto);
	data = btf__raw_data(btf, &len);
	make_dirs("sys/kernel/btf/vmlinux");
	scratch_write("sys/kernel/btf/vmlinux", data, len);
	btf__free(btf);
}

/* A machine that has everything but a bpffs, which no directory can pretend to be. */
static int setup(void **state)
{
	if (scratch_setup(state))
		return -1;
	put("proc/cmdline", "BOOT_IMAGE=/vmlinuz root=/dev/sda1 quiet\n");
	put("proc/self/status", "Name:\tx\nCapEff:\t000001ffffffffff\n");
	put("proc/sys/kernel/ftrace_enabled", "1\n");
	put("sys/kernel/security/lsm", "lockdown,capability,landlock,yama,apparmor,bpf\n");
	put("sys/kernel/security/lockdown", "none [integrity] confidentiality\n");
	put("sys/kernel/security/integrity/ima/policy", "");
	put("sys/fs/bpf/x", "");
	put_btf("BPF_FUNC_ima_file_hash", "bpf_lsm_mmap_file");
	return 0;
}

static const struct requirement *probe(const char *name)
{
	size_t i;

	count = requirements_at(scratch_dir, found);
	assert_true(count <= REQUIREMENTS_MAX);
	for (i = 0; i < count; i++)
		if (!strcmp(found[i].name, name))
			return &found[i];
	fail_msg("nobody asked for %s", name);
	return NULL;
}

static void expect_unmet(const char *name, const char *what, const char *remedy)
{
	const struct requirement *r = probe(name);

	assert_false(r->met);
	assert_non_null(strstr(r->found, what));
	if (!strstr(r->remedy, remedy))
		fail_msg("no \"%s\" in: %s", remedy, r->remedy);
}

static void test_all_met(void **state)
{
	size_t i;

	probe("privilege");
	for (i = 0; i < count; i++) {
		if (!strcmp(found[i].name, "bpffs at /sys/fs/bpf"))
			continue;
		if (!found[i].met)
			fail_msg("%s: %s", found[i].name, found[i].found);
		assert_string_equal(found[i].remedy, "");
	}
	expect_unmet("bpffs at /sys/fs/bpf", "not mounted", "mount -t bpf bpf /sys/fs/bpf");
}

static void test_privilege(void **state)
{
	put("proc/self/status", "CapEff:\t0000000000000000\n");
	assert_false(probe("privilege")->met);
}

static void test_btf(void **state)
{
	put_btf("BPF_FUNC_ima_inode_hash", "bpf_lsm_mmap_file");
	expect_unmet("bpf_ima_file_hash", "not in the kernel", "5.18");
	put_btf("BPF_FUNC_ima_file_hash", "other");
	expect_unmet("BPF LSM programs", "not in the kernel", "CONFIG_BPF_LSM=y");
	put("sys/kernel/btf/vmlinux", "no BTF at all");
	assert_false(probe("vmlinux BTF")->met);
	unlink(scratch_path("sys/kernel/btf/vmlinux"));
	expect_unmet("vmlinux BTF", "no /sys", "CONFIG_DEBUG_INFO_BTF=y");
}

static void test_securityfs(void **state)
{
	unlink(scratch_path("sys/kernel/security/lsm"));
	expect_unmet("securityfs at /sys/kernel/security", "not mounted",
		     "mount -t securityfs securityfs /sys/kernel/security");
	expect_unmet("bpf in the LSM list", "unknown", "mount -t securityfs");
}

static void test_ima(void **state)
{
	unlink(scratch_path("sys/kernel/security/integrity/ima/policy"));
	rmdir(scratch_path("sys/kernel/security/integrity/ima"));
	expect_unmet("IMA in the kernel", "not there", "CONFIG_IMA=y");
	mkdir(scratch_path("sys/kernel/security/ima"), 0755);
	assert_true(probe("IMA in the kernel")->met);
}

static void test_ima_hash(void **state)
{
	put("proc/cmdline", "quiet ima_hash=sha512 ima_hash=sha256\n");
	expect_unmet("IMA hashes by SHA-256", "ima_hash=sha512", "ima_hash=sha256");
	put("proc/cmdline", "quiet ima_hash=sha256\n");
	assert_true(probe("IMA hashes by SHA-256")->met);
	put("proc/cmdline", "no_ima_hash=sha1 quiet\n");
	assert_true(probe("IMA hashes by SHA-256")->met);
}

static void test_lsm_list(void **state)
{
	const char *name = "bpf in the LSM list";

	put("sys/kernel/security/lsm", "lockdown,capability,landlock,yama,bpfx\n");
	expect_unmet(name, "bpfx", "add lsm=lockdown,landlock,yama,bpfx,bpf ");
	put("usr/sbin/update-grub", "");
	put("etc/default/grub", "");
	put("proc/cmdline", "quiet lsm=lockdown,yama\n");
	expect_unmet(
		name, "bpfx",
		"/etc/default/grub: GRUB_CMDLINE_LINUX=\"lsm=lockdown,landlock,yama,bpfx,bpf\"");
	unlink(scratch_path("usr/sbin/update-grub"));
	put("etc/kernel/cmdline", "quiet");
	put("usr/bin/kernel-install", "");
	expect_unmet(name, "bpfx",
		     "/etc/kernel/cmdline: quiet lsm=lockdown,landlock,yama,bpfx,bpf, then: "
		     "kernel-install add ");
	put("usr/sbin/grubby", "");
	expect_unmet(name, "bpfx", "grubby --update-kernel=ALL --args=lsm=lockdown,");
}

static void test_switches(void **state)
{
	put("proc/sys/kernel/ftrace_enabled", "0\n");
	expect_unmet("kernel.ftrace_enabled", "0", "sysctl kernel.ftrace_enabled=1");
	put("sys/kernel/security/lockdown", "none integrity [confidentiality]\n");
	expect_unmet("lockdown below confidentiality", "confidentiality", "lockdown=integrity");
}

/* Nothing but /proc and /sys of a foreign kind: no crash, and nothing is claimed. */
static void test_empty_root(void **state)
{
	count = requirements_at("/nonexistent", found);
	assert_true(count > 5);
	assert_false(found[0].met);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, scratch_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_all_met),    TEST(test_privilege), TEST(test_btf),
		TEST(test_securityfs), TEST(test_ima),	     TEST(test_ima_hash),
		TEST(test_lsm_list),   TEST(test_switches),  TEST(test_empty_root),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
