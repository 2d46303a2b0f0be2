/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What doctor makes of facts: each check in each of its states; the boot parameter as each boot
 * loader takes it; where files are kept; who else enforces; and what a try of a canary proves. That
 * they are found on a machine, the guest's suite `doctor` tries.
 */
#include <errno.h>

#include "scratch.h"

#include "cli/condition.c"
#undef IMA_SHA256
#include "cli/decides.c"
#include "cli/output.c"
#include "cli/checkup.c"
#include "cli/checkup_requirements.c"
#define meanings boot_meanings
#include "cli/checkup_boot.c"
#undef meanings
#include "cli/checkup_kernel.c"
#include "cli/checkup_policy.c"
#define add_canary checkup_add_canary
#include "cli/checkup_machine.c"
#undef add_canary
#include "daemon/canary_judge.c"
#include "daemon/canary_run.c"
#include "daemon/canary_ways.c"
#undef CANARY_DIR

static struct condition condition;
static struct facts facts;
static json_t *checks;
static const char *const dirs[CHECKUP_PLACES] = {"/",	 "/usr", "/usr/local", "/opt",
						 "/srv", "/var", "/home"};

/* ---- a machine ------------------------------------------------------------------------------- */

static void require(const char *name, bool met, const char *found, const char *remedy)
{
	struct requirement *r = &condition.requirements[condition.requirement_count++];

	*r = (struct requirement){.name = name, .met = met};
	snprintf(r->found, sizeof(r->found), "%s", found);
	snprintf(r->remedy, sizeof(r->remedy), "%s", remedy);
}

static json_t *daemon_that(const char *canary_error, int minutes)
{
	json_t *canary = json_pack("{s:b, s:i, s:s}", "denied", !canary_error, "minutes", minutes,
				   "last_tried", "2026-11-22T10:00:00Z");

	if (canary_error)
		json_object_set_new(canary, "error", json_string(canary_error));
	return json_pack("{s:o}", "canary", canary);
}

/* One that is well. */
static int setup(void **state)
{
	size_t i;

	memset(&condition, 0, sizeof(condition));
	memset(&facts, 0, sizeof(facts));
	require("bpf in the LSM list", true, "yama,bpf", "");
	require("kernel.ftrace_enabled", true, "1", "");
	condition.enforcement = ENFORCEMENT_ON;
	condition.state.loaded = true;
	condition.state.header.generation = 7;
	condition.state.header.denies = 1;
	condition.state.control.capabilities = CAN_KMOD;
	condition.daemon = daemon_that(NULL, 15);
	facts.condition = &condition;
	facts.kmod = KMOD_PRESENT;
	for (i = 0; i < CHECKUP_PLACES; i++) {
		facts.places[i] = (struct place){.dir = dirs[i], .on = {.kept = true}};
		strcpy(facts.places[i].on.type, "ext4");
	}
	return scratch_setup(state);
}

static int teardown(void **state)
{
	json_decref(condition.daemon);
	json_decref(condition.events);
	json_decref(facts.unsized);
	json_decref(checks);
	checks = NULL;
	return scratch_teardown(state);
}

static void examine(void)
{
	json_decref(checks);
	checks = json_array();
	checkup_kernel(checks, &facts);
	checkup_boot(checks, &facts);
	checkup_policy(checks, &facts);
	checkup_machine(checks, &facts);
}

static const char *text_of(json_t *check, const char *name)
{
	const char *text = json_string_value(json_object_get(check, name));

	assert_non_null(text);
	return text;
}

static json_t *find_check(const char *name)
{
	json_t *check;
	size_t i;

	json_array_foreach(checks, i,
			   check) if (!strcmp(text_of(check, "name"), name)) return check;
	return NULL;
}

/* What is not ok says what it means and what to do. */
static void is_complete(json_t *check)
{
	if (!strcmp(text_of(check, "state"), "ok"))
		return;
	assert_string_not_equal(text_of(check, "means"), "");
	assert_string_not_equal(text_of(check, "remedy"), "");
}

static void expect(const char *name, const char *state, const char *found, const char *remedy)
{
	json_t *check;
	size_t i;

	examine();
	json_array_foreach(checks, i, check) is_complete(check);
	check = find_check(name);
	if (!check)
		fail_msg("no check \"%s\"", name);
	if (strcmp(text_of(check, "state"), state) != 0)
		fail_msg("%s: %s, not %s", name, text_of(check, "state"), state);
	if (!strstr(text_of(check, "found"), found))
		fail_msg("%s: no \"%s\" in: %s", name, found, text_of(check, "found"));
	if (!strstr(text_of(check, "remedy"), remedy))
		fail_msg("%s: no \"%s\" in: %s", name, remedy, text_of(check, "remedy"));
}

static void test_well(void **state)
{
	json_t *check;
	size_t i;

	examine();
	assert_int_equal(json_array_size(checks), 11);
	json_array_foreach(checks, i, check)
	{
		if (strcmp(text_of(check, "state"), "ok") != 0)
			fail_msg("%s: %s", text_of(check, "name"), text_of(check, "found"));
		assert_string_equal(text_of(check, "remedy"), "");
	}
	expect("policy in force", "ok", "generation 7", "");
}

static void test_requirements(void **state)
{
	condition.requirement_count = 0;
	require("bpf in the LSM list", false, "yama", "lsm=yama,bpf");
	require("kernel.ftrace_enabled", false, "0: no BPF", "sysctl kernel.ftrace_enabled=1");
	condition.enforcement = ENFORCEMENT_OFF;
	expect("bpf in the LSM list", "missing", "yama", "lsm=yama,bpf");
	expect("kernel.ftrace_enabled", "missing", "0: no BPF", "sysctl");
	assert_non_null(strstr(text_of(find_check("kernel.ftrace_enabled"), "means"),
			       "everything is let through"));
	expect("enforcement", "missing", "not enforced", "above");
}

static void test_module(void **state)
{
	condition.state.control.capabilities = CAN_DYNPTR;
	expect("interdict.ko", "weak", "not in use", "restart interdictd");
	facts.kmod = KMOD_NO_BTF;
	expect("interdict.ko", "weak", "without BTF", "rmmod interdict");
	facts.kmod = KMOD_ABSENT;
	expect("interdict.ko", "weak", "not loaded", "interdict-dkms");
	facts.kmod_file = (char *)"/lib/modules/x/interdict.ko";
	expect("interdict.ko", "weak", "though it is installed", "modprobe interdict");
	facts.kmod_unsigned = true;
	expect("interdict.ko", "weak", "though it is installed", "modprobe interdict");
	facts.signed_only = true;
	expect("interdict.ko", "weak", "it is not signed", "mokutil --import");
	assert_null(find_check("signers of programs and libraries"));
	condition.state.control.capabilities = 0;
	expect("signers of programs and libraries", "weak", "cannot be told", "interdict-dkms");
}

static void test_packed_drivers(void **state)
{
	expect("packed drivers", "ok", "modprobe unpacks them", "");
	strcpy(facts.packing, "xz");
	expect("packed drivers", "ok", "unpacks .xz, and", "");
	condition.state.control.capabilities = 0;
	/* Whether it unpacks is asked of this kernel, too (decides()). */
	if (!access(KERNEL_UNPACKS, F_OK))
		expect("packed drivers", "weak", "seen packed only", "interdict-dkms");
}

static void test_enforcement(void **state)
{
	strcpy(condition.why, "not attached: exec");
	condition.enforcement = ENFORCEMENT_PARTIAL;
	expect("enforcement", "weak", "partial", "not attached: exec");
	condition.enforcement = ENFORCEMENT_MONITOR;
	expect("enforcement", "weak", "monitor", "not attached: exec");
	condition.enforcement = ENFORCEMENT_DISABLED;
	expect("enforcement", "weak", "disabled", "not attached: exec");
	condition.enforcement = ENFORCEMENT_UNKNOWN;
	expect("enforcement", "weak", "unknown", "not attached: exec");
}

static void test_policy(void **state)
{
	facts.files_changed = true;
	expect("policy in force", "weak", "an old generation", "interdict reload");
	json_object_set_new(condition.daemon, "last_good", json_true());
	expect("policy in force", "weak", "an earlier policy is in force", "interdict reload");
	json_object_del(condition.daemon, "last_good");
	facts.files_changed = false;
	condition.state.header.denies = 0;
	expect("policy in force", "weak", "denies nothing", "interdict deny");
	condition.state.header.unsized = 3;
	facts.unsized = json_pack("[{s:s}, {s:s}]", "file", "/etc/a.digests", "file", "/etc/b");
	expect("sizes of listed digests", "weak", "3 unknown", "interdict digest");
	expect("sizes of listed digests", "weak", "/etc/a.digests /etc/b", "");
}

static void test_events(void **state)
{
	condition.state.counters.lost_ring = 12;
	expect("events", "weak", "12 lost", "journalctl");
	condition.events = json_pack("{s:i}", "write_failed", 2);
	expect("events", "weak", "could not be written", LOG_DIR);
}

static void test_daemon(void **state)
{
	json_decref(condition.daemon);
	condition.daemon = daemon_that("it ran although it is listed", 15);
	expect("canary, as interdictd has tried it", "weak", "it ran", "doctor --test");
	json_decref(condition.daemon);
	condition.daemon = daemon_that(NULL, 0);
	expect("canary, as interdictd has tried it", "weak", "at a start alone", "CanaryMinutes=0");
	json_decref(condition.daemon);
	condition.daemon = NULL;
	condition.daemon_error = -EACCES;
	expect("interdictd", "weak", "only root", "run this as root");
	condition.daemon_error = -ECONNREFUSED;
	expect("interdictd", "weak", "does not answer", "systemctl start interdictd");
	assert_null(find_check("canary, as interdictd has tried it"));
}

static void test_places(void **state)
{
	facts.places[3].on.kept = false;
	strcpy(facts.places[3].on.type, "nfs4");
	facts.places[0].on = (struct kept){.type = "overlay", .stacked = true};
	expect("file systems", "weak", "/opt is on nfs4", "ext4");
	assert_null(strstr(text_of(find_check("file systems"), "found"), "overlay"));
	condition.state.control.capabilities = CAN_DYNPTR;
	expect("file systems", "weak", "/ is on overlay, /opt is on nfs4", "interdict-dkms");
	facts.places[3].dir = NULL;
	facts.places[0].on = (struct kept){.type = "ext4", .on_a_file = true};
	expect("file systems", "weak", "/ is on ext4 in a file", "");
}

static void test_peers(void **state)
{
	facts.peers = (struct peers){true, true, true, true, true};
	expect("fapolicyd", "ok", "beside", "");
	assert_non_null(strstr(text_of(find_check("fapolicyd"), "means"), "in its trust"));
	expect("IMA appraisal", "ok", "beside", "");
	expect("IPE", "ok", "beside", "");
	expect("SELinux", "ok", "beside", "");
	expect("digests while IMA has a policy", "ok", "interdict.ko", "");
	condition.state.control.capabilities = 0;
	expect("digests while IMA has a policy", "weak", "has kept", "interdict-dkms");
}

/* ---- boot loaders ---------------------------------------------------------------------------- */

static void put(const char *name, const char *text)
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
	scratch_text(name, text);
}

static void remedy_is(const char *cmdline, const char *expected)
{
	char remedy[BOOT_REMEDY_LEN];

	boot_remedy(remedy, sizeof(remedy), scratch_dir, cmdline, "lsm=yama,bpf");
	if (!strstr(remedy, expected))
		fail_msg("no \"%s\" in: %s", expected, remedy);
}

static void test_debian_grub(void **state)
{
	put("usr/sbin/update-grub", "");
	put("etc/default/grub", "GRUB_DEFAULT=0\n"
				"GRUB_CMDLINE_LINUX_DEFAULT=\"quiet\"\n"
				"GRUB_CMDLINE_LINUX=\"console=tty0 dyndbg=\\\"x\\\"\"\n"
				"#GRUB_CMDLINE_LINUX=\"no\"\n"
				"GRUB_CMDLINE_LINUX=\"console=ttyS0\"\n");
	assert_int_equal(boot_loader_at(scratch_dir), BOOT_UPDATE_GRUB);
	remedy_is("quiet", "in /etc/default/grub: GRUB_CMDLINE_LINUX=\"console=ttyS0 "
			   "lsm=yama,bpf\", then: update-grub && reboot");
	remedy_is("quiet lsm=yama", "and take the old value out of /etc/default/grub.d");
	put("etc/default/grub", "GRUB_CMDLINE_LINUX_DEFAULT='quiet lsm=yama splash'\n");
	remedy_is("quiet lsm=yama", "GRUB_CMDLINE_LINUX_DEFAULT=\"quiet splash lsm=yama,bpf\", ");
	/* What cannot be written down again is not lost. */
	put("etc/default/grub", "GRUB_CMDLINE_LINUX=\"unclosed\n");
	remedy_is("", "in /etc/default/grub, add lsm=yama,bpf to GRUB_CMDLINE_LINUX, then");
	put("etc/default/grub", "GRUB_CMDLINE_LINUX=\"dyndbg=\\\"x y\\\"\"\n");
	remedy_is("", "in /etc/default/grub, add lsm=yama,bpf to GRUB_CMDLINE_LINUX, then");
	put("etc/default/grub", "GRUB_CMDLINE_LINUX='dyndbg=\"x y\"'\n");
	remedy_is("", "in /etc/default/grub, add lsm=yama,bpf to GRUB_CMDLINE_LINUX, then");
	unlink(scratch_path("etc/default/grub"));
	remedy_is("", "GRUB_CMDLINE_LINUX=\"lsm=yama,bpf\"");
	put("etc/default/grub", "");
	unlink(scratch_path("usr/sbin/update-grub"));
	assert_int_equal(boot_loader_at(scratch_dir), BOOT_GRUB);
	remedy_is("", "grub-mkconfig -o /boot/grub/grub.cfg");
}

static void test_fedora(void **state)
{
	put("usr/sbin/grubby", "");
	put("etc/default/grub", "GRUB_CMDLINE_LINUX=\"quiet\"\n");
	put("etc/kernel/cmdline", "quiet\n");
	assert_int_equal(boot_loader_at(scratch_dir), BOOT_GRUBBY);
	remedy_is("quiet", "grubby --update-kernel=ALL --args=lsm=yama,bpf && reboot");
}

static void test_systemd_boot(void **state)
{
	static const char info[] = "\6\0\0\0s\0y\0s\0t\0e\0m\0d\0-\0b\0o\0o\0t\0 \0002\0";

	put("usr/bin/kernel-install", "");
	put("etc/kernel/cmdline", "root=/dev/sda2 lsm=yama\n  quiet\n");
	assert_int_equal(boot_loader_at(scratch_dir), BOOT_SYSTEMD);
	remedy_is("", "in /etc/kernel/cmdline: root=/dev/sda2 quiet lsm=yama,bpf, then: "
		      "kernel-install add ");
	/* GRUB's files stay behind on a machine that has changed over. */
	put("usr/sbin/update-grub", "");
	assert_int_equal(boot_loader_at(scratch_dir), BOOT_UPDATE_GRUB);
	put("sys/firmware/efi/efivars/LoaderInfo-4a67b082-0a4c-41cf-b6c7-440b29bb8c4f", "");
	scratch_write("sys/firmware/efi/efivars/LoaderInfo-4a67b082-0a4c-41cf-b6c7-440b29bb8c4f",
		      info, sizeof(info) - 1);
	assert_int_equal(boot_loader_at(scratch_dir), BOOT_SYSTEMD);
	unlink(scratch_path("etc/kernel/cmdline"));
	remedy_is("initrd=\\EFI\\x root=/dev/sda2", "cmdline: root=/dev/sda2 lsm=yama,bpf, then");
	unlink(scratch_path("usr/bin/kernel-install"));
	remedy_is("", "`options` line");
}

static void test_unknown_loader(void **state)
{
	assert_int_equal(boot_loader_at(scratch_dir), BOOT_UNKNOWN);
	remedy_is("", "add lsm=yama,bpf to the kernel's command line");
	mkdir(scratch_path("boot"), 0755);
	mkdir(scratch_path("boot/loader"), 0755);
	mkdir(scratch_path("boot/loader/entries"), 0755);
	assert_int_equal(boot_loader_at(scratch_dir), BOOT_SYSTEMD);
}

static void lsm_list_is(const char *active, const char *listed, const char *expected)
{
	char set[BOOT_LINE_LEN];

	boot_lsm_list(set, active, listed);
	assert_string_equal(set, expected);
}

static void test_boot_parameters(void **state)
{
	char value[BOOT_LINE_LEN], line[BOOT_LINE_LEN], many[2 * BOOT_LINE_LEN];

	assert_true(boot_parameter(" a=\"x lsm=no\" lsm=one lsm=two", "lsm=", value));
	assert_string_equal(value, "one");
	assert_false(boot_parameter("xlsm=one lsm", "lsm=", value));
	assert_true(boot_parameter_set(line, "a  lsm=one\tb lsm=two\n", "lsm=x"));
	assert_string_equal(line, "a b lsm=x");
	memset(many, 'a', sizeof(many) - 1);
	many[sizeof(many) - 1] = 0;
	assert_false(boot_parameter_set(line, many, "lsm=x"));
	assert_string_equal(line, "");
	lsm_list_is("lockdown,capability,yama,apparmor", NULL, "lsm=lockdown,yama,apparmor,bpf");
	lsm_list_is("capability,yama,ima,evm", "yama,integrity", "lsm=yama,integrity,bpf");
	lsm_list_is("integrity,yama", "integrity", "lsm=integrity,yama,bpf");
	lsm_list_is("", "", "lsm=bpf");
	lsm_list_is(many, NULL, "lsm=bpf");
}

/* ---- what the machine says of itself --------------------------------------------------------- */

static void place_is(const char *dir, const char *type, bool kept, bool noexec)
{
	struct kept k;

	assert_int_equal(kept_at(&k, scratch_path("mountinfo"), dir), 0);
	assert_string_equal(k.type, type);
	assert_int_equal(k.kept, kept);
	assert_int_equal(k.noexec, noexec);
}

static void test_mounts(void **state)
{
	struct kept k;

	scratch_text("mountinfo", "1 1 8:1 / / rw - ext4 /dev/sda1 rw\n"
				  "garbage\n"
				  "2 1 0:2 / /proc rw,noexec,nosuid shared:3 - proc proc rw\n"
				  "3 1 7:0 / /usr ro,noexecx - ext4 /dev/loop0 ro\n"
				  "4 1 0:9 / /tm rw - tmpfs none rw\n"
				  "5 1 8:2 / /tmp rw - tmpfs none rw\n"
				  "6 1 8:2 / /tmp rw - xfs /dev/sdb rw\n"
				  "7 1 8:2\n8 1 - \n");
	place_is("/", "ext4", true, false);
	place_is("/proc", "proc", false, true);
	place_is("/usr", "ext4", false, false);
	place_is("/tmp", "xfs", true, false);
	assert_int_equal(kept_at(&k, scratch_path("mountinfo"), "/nonexistent"), -ENOENT);
	assert_int_equal(kept_at(&k, scratch_path("none"), "/"), -ENOENT);
	assert_int_equal(kept_at(&k, scratch_text("mountinfo", ""), "/"), -ENOENT);
}

static void test_who_else(void **state)
{
	struct peers p;

	peers_read(&p, scratch_dir);
	assert_false(p.fapolicyd || p.ima_policy || p.ima_appraise || p.ipe || p.selinux);
	put("proc/12/comm", "fapolicyd\n");
	put("proc/cmdline", "quiet ima_policy=tcb\n");
	put("sys/fs/selinux/enforce", "1");
	put("sys/kernel/security/ipe/enforce", "1");
	put("sys/kernel/security/ipe/policies/a/active", "0");
	peers_read(&p, scratch_dir);
	assert_true(p.fapolicyd && p.ima_policy && p.selinux);
	assert_false(p.ima_appraise || p.ipe);
	put("sys/kernel/security/ipe/policies/b/active", "1");
	put("sys/kernel/security/integrity/ima/policy", "appraise func=BPRM_CHECK\n");
	peers_read(&p, scratch_dir);
	assert_true(p.ima_appraise && p.ipe);
	put("proc/cmdline", "ima_appraise=log ima_policy=appraise_tcb\n");
	peers_read(&p, scratch_dir);
	assert_false(p.ima_appraise);
	assert_string_equal(peers_suspect(&p, EPERM), "fapolicyd");
	assert_string_equal(peers_suspect(&p, EACCES), "IPE");
	p = (struct peers){.selinux = true};
	assert_string_equal(peers_suspect(&p, EACCES), "SELinux");
	assert_null(peers_suspect(&p, EPERM));
	assert_non_null(strstr(peers_way_out("fapolicyd"), "fapolicyd-cli --file add"));
}

/* ---- what a canary proves -------------------------------------------------------------------- */

static const struct surroundings plain = {.place = {.type = "ext4", .kept = true},
					  .mmap_denies = true};

static const struct way *way_of(const char *name)
{
	size_t i;

	for (i = 0; i < canary_way_count; i++)
		if (!strcmp(canary_ways[i].name, name))
			return &canary_ways[i];
	fail_msg("no way %s", name);
	return NULL;
}

static void proves(const char *name, int denied, bool counted, int allowed,
		   const struct surroundings *s, const char *state, const char *found)
{
	const struct tried tried = {.denied = denied, .allowed = allowed};
	json_t *said = canary_proof_judge(way_of(name), &tried, counted, s);

	if (strcmp(text_of(said, "state"), state) != 0)
		fail_msg("%s: %s, not %s: %s", name, text_of(said, "state"), state,
			 text_of(said, "found"));
	if (!strstr(text_of(said, "found"), found))
		fail_msg("%s: no \"%s\" in: %s", name, found, text_of(said, "found"));
	is_complete(said);
	json_decref(said);
}

static void test_denied(void **state)
{
	proves("program", EPERM, true, 0, &plain, "ok", "denied on the hook exec");
	proves("driver", EPERM, true, ENOEXEC, &plain, "ok", "denied on the hook driver");
	proves("program", EPERM, true, EPERM, &plain, "weak", "did not pass");
	proves("program", EPERM, true, CANARY_FAILED, &plain, "weak", "it began, and failed");
	proves("program", EPERM, true, ENOENT, &plain, "weak", "its control is not installed");
	proves("driver", EPERM, true, EPERM, &plain, "weak", "did not pass");
	proves("driver", EPERM, true, 0, &plain, "weak", "did not pass");
}

static void test_not_denied(void **state)
{
	proves("program", 0, false, 0, &plain, "missing", "NOT denied on the hook exec");
	proves("program", 0, true, 0, &plain, "missing", "NOT denied on the hook exec");
	proves("program", CANARY_FAILED, false, 0, &plain, "missing", "NOT denied");
	proves("driver", ENOEXEC, false, ENOEXEC, &plain, "missing", "only the kernel refused it");
	proves("library", 0, false, 0, &plain, "missing", "NOT denied on the hook mmap");
}

static void test_by_others(void **state)
{
	struct surroundings s = plain;

	proves("program", EPERM, false, 0, &plain, "weak", "not by interdict");
	proves("program", ENOENT, false, 0, &plain, "weak", "is not there");
	s.peers.fapolicyd = true;
	proves("script", EPERM, false, 0, &s, "weak", "probably by fapolicyd");
	proves("script", EACCES, false, 0, &s, "weak", "not by interdict");
	s.noexec = true;
	proves("library", EPERM, false, 0, &s, "weak", "noexec mount");
}

static void test_kernels(void **state)
{
	struct surroundings s = plain;

	proves("script that an interpreter asks about", EINVAL, false, EINVAL, &s, "ok", "6.14");
	proves("driver", ENOSYS, false, ENOSYS, &s, "ok", "loads no drivers");
	s.signed_only = true;
	proves("driver", EPERM, true, EKEYREJECTED, &s, "ok", "only signed drivers");
	proves("driver from memory", EPERM, true, EPERM, &s, "ok", "only signed drivers");
	proves("driver", EKEYREJECTED, false, EKEYREJECTED, &s, "missing", "NOT denied");
	s = plain;
	proves("driver", EPERM, false, EPERM, &s, "weak", "not by interdict");
	s.no_drivers = true;
	proves("driver", EPERM, false, EPERM, &s, "ok", "modules_disabled=1");
}

static void not_tried(const struct surroundings *s, const char *found)
{
	json_t *said = canary_proof_judge(way_of("library made executable later"), NULL, false, s);

	assert_non_null(said);
	assert_string_equal(text_of(said, "state"), "weak");
	assert_non_null(strstr(text_of(said, "found"), found));
	is_complete(said);
	json_decref(said);
}

static void test_not_tried(void **state)
{
	struct surroundings s = plain;

	assert_null(canary_proof_judge(way_of("library made executable later"), NULL, false, &s));
	assert_null(canary_proof_judge(way_of("library"), NULL, false, &s));
	s.mmap_denies = false;
	not_tried(&s, "the hook mmap did not deny");
	s.place = (struct kept){.type = "tmpfs"};
	not_tried(&s, "lies on tmpfs");
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_well),	   TEST(test_requirements),   TEST(test_module),
		TEST(test_packed_drivers), TEST(test_enforcement),    TEST(test_policy),
		TEST(test_events),	   TEST(test_daemon),	      TEST(test_places),
		TEST(test_peers),	   TEST(test_debian_grub),    TEST(test_fedora),
		TEST(test_systemd_boot),   TEST(test_unknown_loader), TEST(test_boot_parameters),
		TEST(test_mounts),	   TEST(test_who_else),	      TEST(test_denied),
		TEST(test_not_denied),	   TEST(test_by_others),      TEST(test_kernels),
		TEST(test_not_tried),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
