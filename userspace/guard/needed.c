/* SPDX-License-Identifier: GPL-2.0-only */
#include <errno.h>
#include <ftw.h>
#include <glob.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf.h"
#include "needed.h"
#include "needed_login.h"
#include "running/modules.h"

/* Lists are read in groups. */
/* clang-format off */

/* To boot, to log in, to look around, to install what mends it. Patterns of glob(7). */
static const char *const programs[] = {
	/* to boot */
	"init", "telinit", "mount", "umount", "swapon", "losetup", "blkid", "udevadm", "fsck",
	"fsck.*", "e2fsck", "xfs_repair", "btrfs", "dmsetup", "lvm", "mdadm", "cryptsetup",
	"kmod", "modprobe", "insmod", "depmod", "ldconfig", "openrc*", "runlevel", "reboot",
	"shutdown",
	/* to log in */
	"sh", "bash", "dash", "busybox", "login", "agetty", "getty", "sulogin", "su", "runuser",
	"sudo", "doas", "sshd", "unix_chkpwd", "unix_update", "nologin", "passwd",
	/* to be told what to do */
	"systemctl", "journalctl", "loginctl", "networkctl", "systemd-*", "dbus-daemon",
	"dbus-broker", "dbus-broker-launch",
	/* to install what mends it */
	"apt", "apt-*", "aptitude", "dpkg", "dpkg-*", "update-alternatives", "deb-systemd-*",
	"invoke-rc.d", "update-rc.d", "service", "debconf*", "ucf", "run-parts", "tempfile",
	"rpm", "rpmkeys", "rpmdb", "dnf", "dnf-3", "dnf5", "yum", "microdnf", "zypper",
	"pacman", "apk", "dkms", "perl", "python3", "gpg", "gpgv", "gpgv?", "gpg-agent",
	"gpgconf", "sqv", "tar", "gzip", "xz", "zstd", "bzip2", "lz4", "diff", "cmp",
	"sha256sum", "openssl", "update-grub", "grub-*", "grub2-*", "kernel-install", "bootctl",
	"update-initramfs", "mkinitramfs", "cpio", "dracut", "mkinitcpio",
	/* to be reached */
	"ip", "ifup", "ifdown", "ifquery", "dhclient", "dhclient-script", "dhcpcd",
	"NetworkManager", "nmcli", "wpa_supplicant", "netplan", "nft", "resolvconf",
	/* to look around */
	"ls", "cp", "mv", "rm", "cat", "ln", "mkdir", "rmdir", "chmod", "chown", "touch", "env",
	"id", "uname", "test", "[", "echo", "true", "false", "sleep", "sync", "ps", "kill",
	"grep", "egrep", "sed", "awk", "mawk", "gawk", "find", "xargs", "sort", "head", "tail",
	"cut", "tr", "wc", "readlink", "realpath", "stat", "mktemp", "install", "tee", "dd",
	"df", "dmesg", "mountpoint", "vi", "nano", "less", "which", "getent", "hostname",
	"date", "interdict", "interdictd",
};

static const char *const library_dirs[] = {
	"/usr/lib/*-linux-*", "/usr/lib64", "/usr/lib", "/usr/libexec", "/lib/*-linux-*",
	"/lib64", "/lib", LIBDIR, LIBEXECDIR,
};

/* Programs that others start, and libraries that are opened by name while a program runs. */
static const char *const helpers[] = {
	"systemd/systemd", "systemd/systemd-*", "systemd/libsystemd-*",
	"systemd/system-generators/*", "systemd/system-shutdown/*", "udev/*", "init/*.sh",
	"modprobe.d/*.sh", "openssh/*", "ssh/*", "sftp-server", "sudo/*.so*", "dbus-1.0/*",
	"dbus-*-launch-helper", "apt/methods/*", "apt/apt-helper", "apt/apt.systemd.daily",
	"apt/planners/*", "apt/solvers/*", "dpkg/methods/apt/*", "cnf-update-db",
	"rpm-plugins/*.so", "rpm/*.sh", "ifupdown/*.sh", "dhcpcd/*", "NetworkManager/nm-*",
	"NetworkManager/*/libnm-*.so", "nm-*", "perl-base/auto/*/*.so",
	"perl-base/auto/*/*/*.so", "perl/*/auto/*/*.so", "python3*/lib-dynload/*.so",
	"python3*/site-packages/*/_*.so", "grub/grub-*", "initramfs-tools/bin/*", "dracut/*.sh",
	"dracut/dracut-*", "ossl-modules/*.so", "gnupg/*", "p11-kit-trust.so",
	"cryptsetup/*.so",
	/* what systemd and the C library open when they are wanted */
	"libgcc_s.so.1", "libnss_files.so.2", "libnss_dns.so.2", "libnss_systemd.so.2",
	"libnss_compat.so.2", "libnss_resolve.so.2", "libnss_myhostname.so.2", "libkmod.so.2",
	"libmount.so.1", "libblkid.so.1", "libseccomp.so.2", "libpam.so.0",
	"libcryptsetup.so.12", "libselinux.so.1", "libapparmor.so.1", "libaudit.so.1",
	"libacl.so.1", "liblzma.so.5", "libzstd.so.1", "liblz4.so.1", "libgcrypt.so.20",
	"libcap.so.2", "libcrypt.so.*", "libidn2.so.0", "libip4tc.so.2", "libbpf.so.?",
	"libpcre2-8.so.0", "security/pam_unix.so", "security/pam_deny.so",
	"security/pam_permit.so", "security/pam_rootok.so", "security/pam_systemd.so",
};

static const char *const files[] = {
	"/proc/1/exe", "/etc/init.d/rcS", "/etc/init.d/ssh", "/etc/init.d/networking",
};

/* Whatever the prefix that it was installed below. */
static const char *const rescue[] = {
	"/proc/self/exe", LIBDIR "/../bin/interdict", LIBDIR "/../sbin/interdictd",
	CANARY_ALLOW,
};

/* clang-format on */

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* ---- places ---------------------------------------------------------------------------------- */

static bool has_place(const struct places *p, const char *dir)
{
	size_t i;

	for (i = 0; i < p->n; i++)
		if (!strcmp(p->v[i], dir))
			return true;
	return false;
}

struct finding {
	struct closure *c;
	struct places *places;
};

/* Each once: /bin is /usr/bin, these days. */
static int take_place(const char *path, void *context)
{
	struct finding *f = context;
	const char *real = tree_directory(&f->c->tree, path);

	if (real && f->places->n < PLACES_MAX && !has_place(f->places, real))
		f->places->v[f->places->n++] = real;
	return 0;
}

static void find_places(struct closure *c, struct places *p, const char *const *patterns,
			size_t count)
{
	struct finding f = {.c = c, .places = p};
	size_t i;

	for (i = 0; i < count; i++)
		tree_match(&c->tree, patterns[i], take_place, &f);
}

static int take_file(const char *path, void *c)
{
	return closure_add(c, path);
}

/* All that match a pattern of glob(7); without one, the path itself. */
static int add_pattern(struct closure *c, const char *pattern)
{
	if (!strpbrk(pattern, "*?["))
		return closure_add(c, pattern);
	return tree_match(&c->tree, pattern, take_file, c);
}

int needed_add_named(struct closure *c, const struct places *p, const char *name)
{
	char path[PATH_MAX];
	size_t i;
	int err = 0;

	for (i = 0; i < p->n && !err; i++)
		if (snprintf(path, sizeof(path), "%s/%s", p->v[i], name) < (int)sizeof(path))
			err = add_pattern(c, path);
	return err;
}

static int add_all_named(struct closure *c, const struct places *p, const char *const *names,
			 size_t count)
{
	size_t i;
	int err = 0;

	for (i = 0; i < count && !err; i++)
		err = needed_add_named(c, p, names[i]);
	return err;
}

static int add_files(struct closure *c, const char *const *paths, size_t count)
{
	size_t i;
	int err = 0;

	for (i = 0; i < count && !err; i++)
		err = closure_add(c, paths[i]);
	return err;
}

/* ---- drivers --------------------------------------------------------------------------------- */

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

/* ---- Protect= -------------------------------------------------------------------------------- */

/* nftw(3) hands nothing through. */
static _Thread_local struct closure *walked;

static int take_program(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
	const char *name = path + ftw->base;

	if (flag != FTW_F || !S_ISREG(st->st_mode))
		return 0;
	return st->st_mode & 0111 || strstr(name, ".so") || strstr(name, ".ko")
		       ? closure_add(walked, path)
		       : 0;
}

#define DESCRIPTORS 16

static int protect_path(struct closure *c, const char *path)
{
	char *real = realpath(path, NULL);
	struct stat st;
	int err;

	if (!real)
		return errno == ENOMEM ? -ENOMEM : 0;
	if (!stat(real, &st) && S_ISDIR(st.st_mode)) {
		walked = c;
		err = nftw(real, take_program, DESCRIPTORS, FTW_PHYS) == -ENOMEM ? -ENOMEM : 0;
	} else {
		err = closure_add(c, real);
	}
	free(real);
	return err;
}

static int add_protected(struct closure *c, const char *pattern)
{
	glob_t found;
	size_t i;
	int err = 0;

	/* A name with a star in it may be meant as it is written. */
	if (glob(pattern, GLOB_NOCHECK, NULL, &found))
		return 0;
	for (i = 0; i < found.gl_pathc && !err; i++)
		err = protect_path(c, found.gl_pathv[i]);
	globfree(&found);
	return err;
}

/* ---- outside --------------------------------------------------------------------------------- */

int needed_add_rescue(struct closure *c)
{
	return add_files(c, rescue, COUNT(rescue));
}

int needed_add(struct closure *c, const char *const *protect)
{
	struct places bin = {}, lib = {};
	int err;

	find_places(c, &bin, program_dirs, PROGRAM_DIRS);
	find_places(c, &lib, library_dirs, COUNT(library_dirs));
	err = add_all_named(c, &bin, programs, COUNT(programs));
	if (!err)
		err = add_all_named(c, &lib, helpers, COUNT(helpers));
	if (!err)
		err = add_files(c, files, COUNT(files));
	if (!err)
		err = needed_add_rescue(c);
	if (!err)
		err = needed_add_login(c, &lib);
	if (!err)
		err = add_drivers(c);
	for (; protect && *protect && !err; protect++)
		err = add_protected(c, *protect);
	return !err && c->tree.no_memory ? -ENOMEM : err;
}
