/* SPDX-License-Identifier: GPL-2.0-only */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <glob.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "boot_parameter.h"
#include "conf.h"
#include "file.h"
#include "peers.h"

#define FAPOLICYD    "fapolicyd"
#define IMA	     "IMA appraisal"
#define IPE	     "IPE"
#define SELINUX	     "SELinux"
#define CANARY_FILES LIBEXECDIR "/interdict/canary-*"

/* The first line of a small file; "" when it cannot be read. */
static void read_line(char *line, size_t size, const char *root, const char *name)
{
	char path[PATH_MAX];
	ssize_t n = 0;
	int fd;

	snprintf(path, sizeof(path), "%s%s", root, name);
	fd = file_open(path);
	if (fd >= 0) {
		n = file_read(fd, line, size - 1);
		close(fd);
	}
	line[n > 0 ? n : 0] = 0;
	line[strcspn(line, "\n")] = 0;
}

static bool runs(const char *root, const char *program)
{
	char path[PATH_MAX], line[64];
	bool found = false;
	struct dirent *entry;
	DIR *dir;

	snprintf(path, sizeof(path), "%s/proc", root);
	dir = opendir(path);
	while (dir && !found && (entry = readdir(dir))) {
		if (!isdigit((unsigned char)entry->d_name[0]))
			continue;
		snprintf(path, sizeof(path), "/proc/%s/comm", entry->d_name);
		read_line(line, sizeof(line), root, path);
		found = !strcmp(line, program);
	}
	if (dir)
		closedir(dir);
	return found;
}

/* Few kernels let it be read; the parameters that choose a built-in policy tell as much. */
static void read_ima(struct peers *p, const char *root)
{
	char path[PATH_MAX], line[BOOT_LINE_LEN], value[BOOT_LINE_LEN], mode[BOOT_LINE_LEN];
	FILE *policy;

	snprintf(path, sizeof(path), "%s/sys/kernel/security/integrity/ima/policy", root);
	policy = fopen(path, "re");
	while (policy && fgets(line, sizeof(line), policy)) {
		p->ima_policy |= !strncmp(line, "measure ", 8) || !strncmp(line, "appraise ", 9);
		p->ima_appraise |= !strncmp(line, "appraise ", 9);
	}
	if (policy)
		fclose(policy);
	read_line(line, sizeof(line), root, "/proc/cmdline");
	if (boot_parameter(line, "ima_policy=", value)) {
		p->ima_policy = true;
		p->ima_appraise |= strstr(value, "appraise_tcb") || strstr(value, "secure_boot");
	}
	if (boot_parameter(line, "ima_appraise=", mode) && strcmp(mode, "enforce") != 0)
		p->ima_appraise = false;
}

static bool ipe_enforces(const char *root)
{
	char path[PATH_MAX], line[16];
	bool active = false;
	glob_t found = {};
	size_t i;

	read_line(line, sizeof(line), root, "/sys/kernel/security/ipe/enforce");
	if (strcmp(line, "1") != 0)
		return false;
	snprintf(path, sizeof(path), "%s/sys/kernel/security/ipe/policies/*/active", root);
	if (glob(path, 0, NULL, &found))
		found.gl_pathc = 0;
	for (i = 0; i < found.gl_pathc && !active; i++) {
		read_line(line, sizeof(line), "", found.gl_pathv[i]);
		active = !strcmp(line, "1");
	}
	globfree(&found);
	return active;
}

void peers_read(struct peers *p, const char *root)
{
	char line[16];

	*p = (struct peers){.fapolicyd = runs(root, "fapolicyd"), .ipe = ipe_enforces(root)};
	read_ima(p, root);
	read_line(line, sizeof(line), root, "/sys/fs/selinux/enforce");
	p->selinux = !strcmp(line, "1");
}

/* fanotify gives EPERM; the others EACCES. */
const char *peers_suspect(const struct peers *p, int error)
{
	if (error == EPERM)
		return p->fapolicyd ? FAPOLICYD : NULL;
	if (error != EACCES)
		return NULL;
	if (p->ima_appraise)
		return IMA;
	if (p->ipe)
		return IPE;
	return p->selinux ? SELINUX : NULL;
}

const char *peers_way_out(const char *suspect)
{
	if (!suspect)
		return "see who refuses it: journalctl -k, ausearch -m avc,fanotify,integrity_data";
	if (!strcmp(suspect, FAPOLICYD))
		return "fapolicyd-cli --file add " LIBEXECDIR
		       "/interdict/ --trust-file interdict && fapolicyd-cli --update";
	if (!strcmp(suspect, IMA))
		return "sign them, as all that runs here: evmctl ima_sign " CANARY_FILES;
	if (!strcmp(suspect, IPE))
		return "let IPE's policy name the file system that " LIBEXECDIR
		       "/interdict lies on";
	return "restorecon -Rv " LIBEXECDIR "/interdict; ausearch -m avc says what else";
}
