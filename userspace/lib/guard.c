/* SPDX-License-Identifier: GPL-2.0-only */
#include <errno.h>
#include <glob.h>
#include <limits.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "closure.h"
#include "conf.h"
#include "guard.h"
#include "identity.h"
#include "modules.h"

/* ---- what a machine needs -------------------------------------------------------------------- */

/* clang-format off: lists are read in groups */
static const char *const program_dirs[] = {
	"/usr/bin", "/usr/sbin", "/bin", "/sbin", "/usr/local/bin", "/usr/local/sbin",
};

/* To boot, to log in, to look around, to install what mends it. */
static const char *const programs[] = {
	"init",
	"sh",
	"bash",
	"dash",
	"busybox",
	"login",
	"agetty",
	"getty",
	"sulogin",
	"su",
	"sudo",
	"doas",
	"sshd",
	"systemctl",
	"journalctl",
	"loginctl",
	"udevadm",
	"dbus-daemon",
	"dbus-broker",
	"dbus-broker-launch",
	"apt",
	"apt-get",
	"dpkg",
	"dpkg-deb",
	"dpkg-split",
	"update-alternatives",
	"gpgv",
	"sqv",
	"rpm",
	"dnf",
	"dnf5",
	"yum",
	"microdnf",
	"zypper",
	"pacman",
	"apk",
	"dkms",
	"perl",
	"python3",
	"tar",
	"gzip",
	"xz",
	"zstd",
	"mount",
	"umount",
	"fsck",
	"e2fsck",
	"xfs_repair",
	"btrfs",
	"blkid",
	"swapon",
	"losetup",
	"dmsetup",
	"lvm",
	"mdadm",
	"cryptsetup",
	"kmod",
	"modprobe",
	"insmod",
	"depmod",
	"ip",
	"ifup",
	"dhclient",
	"dhcpcd",
	"NetworkManager",
	"wpa_supplicant",
	"nft",
	"reboot",
	"shutdown",
	"update-grub",
	"grub-install",
	"grub2-mkconfig",
	"kernel-install",
	"update-initramfs",
	"dracut",
	"mkinitcpio",
	"ls",
	"cp",
	"mv",
	"rm",
	"cat",
	"ln",
	"mkdir",
	"chmod",
	"chown",
	"env",
	"id",
	"uname",
	"test",
	"ps",
	"kill",
	"grep",
	"sed",
	"awk",
	"find",
	"vi",
	"nano",
	"less",
	"interdict",
	"interdictd",
};

static const char *const library_dirs[] = {
	"/usr/lib/*-linux-*", "/usr/lib64", "/usr/lib", "/lib/*-linux-*", "/lib64", "/lib",
	"/usr/libexec",
};

/* Programs that others start, and libraries that are opened by name while a program runs. */
static const char *const helpers[] = {
	"systemd/systemd",
	"systemd/systemd-executor",
	"systemd/systemd-journald",
	"systemd/systemd-logind",
	"systemd/systemd-udevd",
	"systemd/systemd-networkd",
	"systemd/systemd-resolved",
	"systemd/systemd-shutdown",
	"systemd/systemd-sulogin-shell",
	"systemd/systemd-modules-load",
	"systemd/systemd-remount-fs",
	"systemd/systemd-fsck",
	"systemd/systemd-sysctl",
	"systemd/systemd-user-runtime-dir",
	"systemd/systemd-cryptsetup",
	"openssh/sshd-session",
	"openssh/sshd-auth",
	"openssh/sftp-server",
	"sudo/sudoers.so",
	"sudo/libsudo_util.so.0",
	"apt/methods/file",
	"apt/methods/copy",
	"apt/methods/http",
	"apt/methods/https",
	"apt/methods/gpgv",
	"apt/methods/sqv",
	"apt/methods/store",
	"libnss_files.so.2",
	"libnss_dns.so.2",
	"libnss_systemd.so.2",
	"libgcc_s.so.1",
	"security/pam_unix.so",
	"security/pam_deny.so",
	"security/pam_permit.so",
	"security/pam_rootok.so",
	"security/pam_env.so",
	"security/pam_limits.so",
	"security/pam_nologin.so",
	"security/pam_loginuid.so",
	"security/pam_keyinit.so",
	"security/pam_selinux.so",
	"security/pam_systemd.so",
	"security/pam_wheel.so",
};

static const char *const files[] = {
	"/proc/1/exe",
	"/proc/self/exe",
	CANARY_ALLOW,
};

/* clang-format on */

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* @name in each directory that matches @dir. */
static int add_names(struct closure *c, const char *dir, const char *const *names, size_t count)
{
	char path[PATH_MAX];
	size_t i, k;
	glob_t dirs;
	int err = 0;

	if (glob(dir, 0, NULL, &dirs))
		return 0;
	for (i = 0; i < dirs.gl_pathc && !err; i++)
		for (k = 0; k < count && !err; k++) {
			snprintf(path, sizeof(path), "%s/%s", dirs.gl_pathv[i], names[k]);
			err = closure_add(c, path);
		}
	globfree(&dirs);
	return err;
}

/* Whether @dir is the same place as one of the first @n: /bin and /usr/bin, these days. */
static bool is_repeated(const char *const *dirs, size_t n, const char *dir)
{
	char *real = realpath(dir, NULL), *other;
	bool repeated = false;
	size_t i;

	for (i = 0; i < n && real && !repeated; i++) {
		other = realpath(dirs[i], NULL);
		repeated = other && !strcmp(other, real);
		free(other);
	}
	free(real);
	return repeated;
}

static int add_dirs(struct closure *c, const char *const *dirs, size_t dir_count,
		    const char *const *names, size_t name_count)
{
	size_t i;
	int err = 0;

	for (i = 0; i < dir_count && !err; i++)
		if (!is_repeated(dirs, i, dirs[i]))
			err = add_names(c, dirs[i], names, name_count);
	return err;
}

static int add_root_shells(struct closure *c)
{
	FILE *in = fopen("/etc/passwd", "re");
	struct passwd *user;
	int err = 0;

	while (in && !err && (user = fgetpwent(in)))
		if (!user->pw_uid && *user->pw_shell == '/')
			err = closure_add(c, user->pw_shell);
	if (in)
		fclose(in);
	return err;
}

static int add_login_shells(struct closure *c)
{
	FILE *in = fopen("/etc/shells", "re");
	char line[PATH_MAX];
	int err = 0;

	while (in && !err && fgets(line, sizeof(line), in)) {
		line[strcspn(line, " \t\n")] = 0;
		if (*line == '/')
			err = closure_add(c, line);
	}
	if (in)
		fclose(in);
	return err;
}

/* A machine that shows no drivers, as a container does, needs none. */
static int add_drivers(struct closure *c)
{
	struct loaded_modules modules;
	size_t i;
	int err = modules_read(&modules);

	if (!err)
		modules_mark_needed(&modules);
	for (i = 0; i < modules.n && !err; i++)
		if (modules.v[i].needed && modules.v[i].path)
			err = closure_add(c, modules.v[i].path);
	modules_free(&modules);
	return err == -ENOMEM ? err : 0;
}

static int add_needed(struct closure *c, const char *const *protect)
{
	size_t i;
	int err;

	err = add_dirs(c, program_dirs, COUNT(program_dirs), programs, COUNT(programs));
	if (!err)
		err = add_dirs(c, library_dirs, COUNT(library_dirs), helpers, COUNT(helpers));
	for (i = 0; i < COUNT(files) && !err; i++)
		err = closure_add(c, files[i]);
	if (!err)
		err = add_root_shells(c);
	if (!err)
		err = add_login_shells(c);
	if (!err)
		err = add_drivers(c);
	for (; protect && *protect && !err; protect++)
		err = closure_add(c, *protect);
	return err;
}

/* ---- what the policy says of it -------------------------------------------------------------- */

struct finding {
	const struct rule *deny, *allow; /* that last longest; NULL: none */
	struct fingerprint denied;	 /* what the deny names */
};

static uint64_t end_of(const struct rule *rule)
{
	return rule->until ? rule->until : UINT64_MAX;
}

static bool lasts_longer(const struct rule *rule, const struct rule *best)
{
	return !best || end_of(rule) > end_of(best);
}

/*
 * Whether a rule could ask for this state. A signature that is verified here today is only claimed
 * where nobody can check it, and valid once the policy's certificate has gone: all of them count.
 */
static bool state_fits(const struct rule *rule, const struct fingerprint *f)
{
	if (rule->signature >= SIGNATURE_CLAIMED)
		return f->signature >= SIGNATURE_CLAIMED;
	return !rule->signature || rule->signature == f->signature;
}

static bool denies(const struct rule *rule, const struct fingerprint *f)
{
	return rule->effect == RULE_DENY && rule->mode == MODE_ENFORCE &&
	       !(rule->flags & RULE_CANARY) && state_fits(rule, f);
}

/* evaluate() with every date open: a rule that waits today bites on a day when nobody looks. */
static void look_up(struct finding *found, image_t *image, const struct fingerprint *f)
{
	const struct image_header *header = image_header(image);
	const struct rule *rule;
	uint32_t index;
	int i;

	index = image_find(image, header, f);
	for (i = 0; i < RULE_CHAIN_MAX && index; i++, index = rule->next) {
		rule = image_rule(image, index);
		if (!rule)
			break;
		if (rule->effect == RULE_ALLOW && allow_matches(image, header, index, f) &&
		    lasts_longer(rule, found->allow))
			found->allow = rule;
		if (denies(rule, f) && lasts_longer(rule, found->deny)) {
			found->deny = rule;
			found->denied = *f;
		}
	}
}

/* " (loaded by /usr/bin/bash)" for what the machine does not need for itself. */
static void describe_user(char text[PATH_MAX + 16], const struct closure_file *file)
{
	const struct closure_file *root = file;

	*text = 0;
	while (root->by)
		root = root->by;
	if (root != file)
		snprintf(text, PATH_MAX + 16, " (loaded by %s)", root->path);
}

static const char *remedy(const struct finding *found)
{
	if (found->denied.kind == FINGERPRINT_SHA256)
		return "take the digest out of the list";
	return "take out what names it, and name the vendor's files more narrowly";
}

static void warn_of_end(const struct finding *found, const char *id, const char *path,
			const char *user, struct diag *d)
{
	time_t end = found->allow->until / 1000000000;
	char date[32] = "?";
	struct tm tm;

	if (end_of(found->allow) >= end_of(found->deny))
		return;
	if (gmtime_r(&end, &tm))
		strftime(date, sizeof(date), "%Y-%m-%d", &tm);
	diag_warning(d, found->deny->policy, found->deny->line,
		     "rule %s will deny %s, which this machine needs%s, once the exception of "
		     "%s:%u ends on %s: %s",
		     id, path, user, found->allow->policy, found->allow->line, date, remedy(found));
}

#define DENIED 1 /* no error of reading */

static int judge(image_t *image, const struct closure_file *file, const struct identity *identity,
		 struct diag *d)
{
	char id[RULE_ID_LEN], user[PATH_MAX + 16];
	struct finding found = {};
	int i;

	for (i = 0; i < identity->count; i++)
		look_up(&found, image, &identity->fingerprints[i]);
	if (!found.deny)
		return 0;
	rule_id(id, found.deny->vendor, &found.denied);
	describe_user(user, file);
	if (found.allow) {
		warn_of_end(&found, id, file->path, user, d);
		return 0;
	}
	diag_error(d, found.deny->policy, found.deny->line,
		   "rule %s would deny %s, which this machine needs%s: %s", id, file->path, user,
		   remedy(&found));
	return DENIED;
}

/* What has to be known of a file: its digest only if that can be listed. */
static unsigned int kinds_wanted(image_t *image, uint64_t size)
{
	unsigned int want = image_header(image)->kinds & ~KIND_BIT(FINGERPRINT_SHA256);

	if (image_is_candidate(image, image_header(image), size))
		want |= KIND_BIT(FINGERPRINT_SHA256);
	return want;
}

static int check_identity(image_t *image, const struct closure_file *file, struct diag *d)
{
	unsigned int want = kinds_wanted(image, file->size);
	struct known known;
	int err;

	if (!want)
		return 0;
	err = identity_of_kinds(&known, file->path, want);
	if (!err)
		err = judge(image, file, &known.file.identity, d);
	if (!err)
		err = judge(image, file, &known.plain.identity, d);
	known_free(&known);
	return err;
}

static int check_file(image_t *image, const struct closure_file *file, struct diag *d)
{
	int err = check_identity(image, file, d);

	if (err == DENIED)
		return -EPERM;
	if (!err || err == -ENOMEM)
		return err;
	diag_warning(d, file->path, 0,
		     "this machine needs it, and whether the policy would deny "
		     "it is unknown: %s",
		     strerror(-err));
	return 0;
}

int guard_check(image_t *image, const char *const *protect, struct diag *d)
{
	struct closure needed;
	int err, result = 0;
	size_t i;

	if (!image_header(image)->denies)
		return 0;
	closure_init(&needed);
	err = add_needed(&needed, protect);
	for (i = 0; i < needed.n && !err; i++) {
		err = check_file(image, needed.v[i], d);
		if (err == -EPERM)
			result = err, err = 0;
	}
	closure_free(&needed);
	return err ? err : result;
}
