/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What enforcement needs, asked by capability and never by version: distributions port these
 * things back. Every answer that is no names the command or boot parameter that mends it.
 */
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/magic.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statfs.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "boot_parameter.h"
#include "file.h"
#include "requirements.h"

#define TEXT_LEN      BOOT_LINE_LEN
#define CAP_SYS_ADMIN 21
#define NEEDED_HASH   "sha256"

struct probe {
	const char *root;
	struct requirement *v;
	size_t n;
	char cmdline[TEXT_LEN];
	bool securityfs;
};

/* ---- files below the root -------------------------------------------------------------------- */

static void path_at(const struct probe *p, char path[TEXT_LEN], const char *name)
{
	snprintf(path, TEXT_LEN, "%s%s", p->root, name);
}

static bool exists(const struct probe *p, const char *name)
{
	char path[TEXT_LEN];

	path_at(p, path, name);
	return !access(path, F_OK);
}

/* The beginning of a small file without its last newline; "" and false when it cannot be read. */
static bool read_text(const struct probe *p, const char *name, char text[TEXT_LEN])
{
	char path[TEXT_LEN];
	ssize_t n;
	int fd;

	*text = 0;
	path_at(p, path, name);
	fd = file_open(path);
	if (fd < 0)
		return false;
	n = file_read(fd, text, TEXT_LEN - 1);
	close(fd);
	text[n > 0 ? n : 0] = 0;
	text[strcspn(text, "\n")] = 0;
	return n >= 0;
}

/* ---- answers --------------------------------------------------------------------------------- */

static struct requirement *ask(struct probe *p, const char *name)
{
	struct requirement *r = &p->v[p->n++];

	memset(r, 0, sizeof(*r));
	r->name = name;
	return r;
}

static void __attribute__((format(printf, 2, 3))) met(struct requirement *r, const char *found, ...)
{
	va_list args;

	r->met = true;
	va_start(args, found);
	vsnprintf(r->found, sizeof(r->found), found, args);
	va_end(args);
}

static void __attribute__((format(printf, 3, 4)))
unmet(struct requirement *r, const char *found, const char *remedy, ...)
{
	va_list args;

	snprintf(r->found, sizeof(r->found), "%s", found);
	va_start(args, remedy);
	vsnprintf(r->remedy, sizeof(r->remedy), remedy, args);
	va_end(args);
}

/* ---- boot parameters ------------------------------------------------------------------------- */

static void remedy_by_boot(const struct probe *p, struct requirement *r, const char *set)
{
	boot_remedy(r->remedy, sizeof(r->remedy), p->root, p->cmdline, set);
}

/* ---- the questions --------------------------------------------------------------------------- */

static void ask_privilege(struct probe *p)
{
	struct requirement *r = ask(p, REQUIREMENT_PRIVILEGE);
	char line[256], path[TEXT_LEN];
	unsigned long long caps = 0;
	FILE *status;

	path_at(p, path, "/proc/self/status");
	status = fopen(path, "re");
	while (status && fgets(line, sizeof(line), status))
		if (sscanf(line, "CapEff: %llx", &caps) == 1)
			break;
	if (status)
		fclose(status);
	if (caps >> CAP_SYS_ADMIN & 1)
		met(r, geteuid() ? "CAP_SYS_ADMIN" : "root");
	else
		unmet(r, geteuid() ? "an ordinary user" : "root without CAP_SYS_ADMIN",
		      geteuid() ? "run this as root" : "run this outside of the container");
}

static void ask_bpffs(struct probe *p)
{
	struct requirement *r = ask(p, "bpffs at /sys/fs/bpf");
	char path[TEXT_LEN];
	struct statfs fs;

	path_at(p, path, "/sys/fs/bpf");
	if (!statfs(path, &fs) && fs.f_type == BPF_FS_MAGIC)
		met(r, "mounted");
	else if (exists(p, "/sys/fs/bpf"))
		unmet(r, "not mounted", "mount -t bpf bpf /sys/fs/bpf");
	else
		unmet(r, "the kernel has none", "boot a kernel built with CONFIG_BPF_SYSCALL=y");
}

static void ask_securityfs(struct probe *p)
{
	struct requirement *r = ask(p, "securityfs at /sys/kernel/security");

	p->securityfs = exists(p, "/sys/kernel/security/lsm");
	if (p->securityfs)
		met(r, "mounted");
	else
		unmet(r, "not mounted", "mount -t securityfs securityfs /sys/kernel/security");
}

static void ask_lsm_programs(struct probe *p, const struct btf *btf, const char *release)
{
	struct requirement *r = ask(p, "BPF LSM programs");

	if (btf__find_by_name_kind(btf, "bpf_lsm_mmap_file", BTF_KIND_FUNC) > 0)
		met(r, "in the kernel");
	else
		unmet(r, "not in the kernel",
		      "boot a kernel built with CONFIG_BPF_LSM=y; %s runs here", release);
}

static void ask_ima_helper(struct probe *p, const struct btf *btf, const char *release)
{
	struct requirement *r = ask(p, "bpf_ima_file_hash");

	if (kernel_has_enumerator(btf, "bpf_func_id", "BPF_FUNC_ima_file_hash"))
		met(r, "in the kernel");
	else
		unmet(r, "not in the kernel",
		      "boot Linux 5.18 or later, or a distribution's kernel that has it ported "
		      "back (RHEL 9); %s runs here",
		      release);
}

static void ask_btf(struct probe *p)
{
	struct requirement *r = ask(p, "vmlinux BTF");
	struct utsname name = {};
	libbpf_print_fn_t print;
	char path[TEXT_LEN];
	struct btf *btf;

	uname(&name);
	path_at(p, path, "/sys/kernel/btf/vmlinux");
	if (access(path, F_OK)) {
		unmet(r, "no /sys/kernel/btf/vmlinux",
		      "boot a kernel built with CONFIG_DEBUG_INFO_BTF=y; %s runs here",
		      name.release);
		return;
	}
	print = libbpf_set_print(NULL);
	btf = btf__parse(path, NULL);
	libbpf_set_print(print);
	if (!btf) {
		unmet(r, strerror(errno), "make /sys/kernel/btf/vmlinux readable");
		return;
	}
	met(r, "/sys/kernel/btf/vmlinux");
	ask_lsm_programs(p, btf, name.release);
	ask_ima_helper(p, btf, name.release);
	btf__free(btf);
}

static void unmet_without_securityfs(struct requirement *r)
{
	unmet(r, "unknown while securityfs is not mounted",
	      "mount -t securityfs securityfs /sys/kernel/security");
}

static void ask_ima(struct probe *p)
{
	struct requirement *r = ask(p, "IMA in the kernel");

	if (exists(p, "/sys/kernel/security/ima") ||
	    exists(p, "/sys/kernel/security/integrity/ima"))
		met(r, "active");
	else if (!p->securityfs)
		unmet_without_securityfs(r);
	else
		unmet(r, "not there", "boot a kernel built with CONFIG_IMA=y, and without ima=off");
}

/* The running kernel's configuration, where distributions keep it. */
static FILE *open_config(const struct probe *p)
{
	char name[256], path[TEXT_LEN];
	struct utsname system;
	FILE *in;

	if (uname(&system))
		return NULL;
	snprintf(name, sizeof(name), "/boot/config-%s", system.release);
	path_at(p, path, name);
	in = fopen(path, "re");
	if (in)
		return in;
	snprintf(name, sizeof(name), "/lib/modules/%s/config", system.release);
	path_at(p, path, name);
	return fopen(path, "re");
}

/* What it says of a string: CONFIG_@name="value". */
static bool configured(const struct probe *p, const char *name, char *value, size_t size)
{
	size_t len = strlen(name);
	FILE *in = open_config(p);
	bool found = false;
	char line[1024];

	while (in && !found && fgets(line, sizeof(line), in)) {
		found = !strncmp(line, name, len) && !strncmp(line + len, "=\"", 2);
		if (found)
			snprintf(value, size, "%.*s", (int)strcspn(line + len + 2, "\"\n"),
				 line + len + 2);
	}
	if (in)
		fclose(in);
	return found;
}

static void ask_ima_hash(struct probe *p)
{
	struct requirement *r = ask(p, "IMA hashes by SHA-256");
	char value[TEXT_LEN], fallback[64] = "";

	if (boot_parameter(p->cmdline, "ima_hash=", value)) {
		if (!strcmp(value, NEEDED_HASH)) {
			met(r, "ima_hash=" NEEDED_HASH);
			return;
		}
		snprintf(r->found, sizeof(r->found), "ima_hash=%.200s", value);
	} else if (!configured(p, "CONFIG_IMA_DEFAULT_HASH", fallback, sizeof(fallback)) ||
		   !strcmp(fallback, NEEDED_HASH)) {
		met(r, *fallback ? "the kernel's default" : "no ima_hash= parameter");
		return;
	} else {
		snprintf(r->found, sizeof(r->found), "%s by the kernel's default", fallback);
	}
	remedy_by_boot(p, r, "ima_hash=" NEEDED_HASH);
}

static bool list_has(const char *list, const char *word)
{
	size_t len;

	for (; *list; list += len + (list[len] == ',')) {
		len = strcspn(list, ",");
		if (len == strlen(word) && !strncmp(list, word, len))
			return true;
	}
	return false;
}

static void ask_lsm_list(struct probe *p)
{
	struct requirement *r = ask(p, "bpf in the LSM list");
	char active[TEXT_LEN], set[TEXT_LEN], listed[TEXT_LEN];
	bool known;

	if (!p->securityfs || !read_text(p, "/sys/kernel/security/lsm", active)) {
		unmet_without_securityfs(r);
		return;
	}
	if (list_has(active, "bpf")) {
		met(r, "%.250s", active);
		return;
	}
	snprintf(r->found, sizeof(r->found), "%.250s", active);
	known = boot_parameter(p->cmdline, "lsm=", listed) ||
		configured(p, "CONFIG_LSM", listed, sizeof(listed));
	boot_lsm_list(set, active, known ? listed : NULL);
	remedy_by_boot(p, r, set);
}

static void ask_ftrace(struct probe *p)
{
	struct requirement *r = ask(p, "kernel.ftrace_enabled");
	char text[TEXT_LEN];

	if (!read_text(p, "/proc/sys/kernel/ftrace_enabled", text))
		met(r, "not a switch of this kernel");
	else if (!strcmp(text, "0"))
		unmet(r, "0: no BPF LSM program is called", "sysctl kernel.ftrace_enabled=1");
	else
		met(r, "%.100s", text);
}

static void ask_lockdown(struct probe *p)
{
	struct requirement *r = ask(p, "lockdown below confidentiality");
	char text[TEXT_LEN], *open, *close;

	if (!read_text(p, "/sys/kernel/security/lockdown", text)) {
		met(r, "not in use");
		return;
	}
	open = strchr(text, '[');
	close = open ? strchr(open, ']') : NULL;
	if (close)
		*close = 0;
	if (close && !strcmp(open + 1, "confidentiality"))
		unmet(r, "confidentiality",
		      "boot without lockdown=confidentiality (lockdown=integrity is fine)");
	else
		met(r, "%.100s", open ? open + 1 : text);
}

size_t requirements_at(const char *root, struct requirement v[REQUIREMENTS_MAX])
{
	struct probe p = {.root = root, .v = v};

	read_text(&p, "/proc/cmdline", p.cmdline);
	ask_privilege(&p);
	ask_bpffs(&p);
	ask_securityfs(&p);
	ask_btf(&p);
	ask_ima(&p);
	ask_ima_hash(&p);
	ask_lsm_list(&p);
	ask_ftrace(&p);
	ask_lockdown(&p);
	return p.n;
}

size_t kernel_requirements(struct requirement v[REQUIREMENTS_MAX])
{
	return requirements_at("", v);
}
