/* SPDX-License-Identifier: GPL-2.0-only */
/* Of the loaded drivers, those that a machine cannot be reached without: what carries its root file
 * system and its network, and what these use. */
#include <errno.h>
#include <glob.h>
#include <limits.h>
#include <mntent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "running/modules.h"

#define SLAVES_DEPTH 8 /* of devices on devices: encryption on volumes on RAID */

static void mark(struct loaded_modules *m, const char *name)
{
	size_t i;

	for (i = 0; i < m->n; i++)
		if (!strcmp(m->v[i].name, name))
			m->v[i].needed = true;
}

static void mark_prefix(struct loaded_modules *m, const char *prefix)
{
	size_t i;

	for (i = 0; i < m->n; i++)
		if (!strncmp(m->v[i].name, prefix, strlen(prefix)))
			m->v[i].needed = true;
}

/* The drivers of a device and of all that it hangs on. */
static void mark_device(struct loaded_modules *m, const char *device)
{
	char path[PATH_MAX + 32], link[PATH_MAX + 1], *real = realpath(device, NULL), *slash;
	ssize_t n;

	while (real && (slash = strrchr(real, '/')) && slash != real) {
		snprintf(path, sizeof(path), "%s/driver/module", real);
		n = readlink(path, link, sizeof(link) - 1);
		if (n > 0) {
			link[n] = 0;
			mark(m, strrchr(link, '/') ? strrchr(link, '/') + 1 : link);
		}
		*slash = 0;
	}
	free(real);
}

static void mark_devices(struct loaded_modules *m, const char *pattern)
{
	glob_t found;
	size_t i;

	if (glob(pattern, 0, NULL, &found))
		return;
	for (i = 0; i < found.gl_pathc; i++)
		mark_device(m, found.gl_pathv[i]);
	globfree(&found);
}

/* A block device, and those that it is made of. */
static void mark_block(struct loaded_modules *m, const char *device, int depth)
{
	char pattern[PATH_MAX + 16];
	glob_t slaves;
	size_t i;

	mark_device(m, device);
	snprintf(pattern, sizeof(pattern), "%s/slaves/*", device);
	if (depth >= SLAVES_DEPTH || glob(pattern, 0, NULL, &slaves))
		return;
	mark_prefix(m, "dm_");
	mark_prefix(m, "raid");
	mark(m, "md_mod");
	for (i = 0; i < slaves.gl_pathc; i++)
		mark_block(m, slaves.gl_pathv[i], depth + 1);
	globfree(&slaves);
}

/* What is mounted last on / is what is seen there. */
static void mark_root(struct loaded_modules *m)
{
	char type[64] = "", source[PATH_MAX] = "", device[64];
	FILE *mounts = setmntent("/proc/self/mounts", "r");
	struct mntent *entry;
	struct stat st;

	while (mounts && (entry = getmntent(mounts))) {
		if (strcmp(entry->mnt_dir, "/"))
			continue;
		snprintf(type, sizeof(type), "%s", entry->mnt_type);
		snprintf(source, sizeof(source), "%s", entry->mnt_fsname);
	}
	if (mounts)
		endmntent(mounts);
	mark(m, type);
	if (stat(source, &st) || !S_ISBLK(st.st_mode))
		return;
	snprintf(device, sizeof(device), "/sys/dev/block/%u:%u", major(st.st_rdev),
		 minor(st.st_rdev));
	mark_block(m, device, 0);
}

static bool is_used_by(const char *used, const char *by)
{
	char path[2 * MODULE_NAME_LEN + 64];

	snprintf(path, sizeof(path), "/sys/module/%s/holders/%s", used, by);
	return !access(path, F_OK);
}

/* Return: how many were added. */
static size_t mark_used(struct loaded_modules *m)
{
	size_t i, k, added = 0;

	for (i = 0; i < m->n; i++)
		for (k = 0; m->v[i].needed && k < m->n; k++)
			if (!m->v[k].needed && is_used_by(m->v[k].name, m->v[i].name)) {
				m->v[k].needed = true;
				added++;
			}
	return added;
}

void modules_mark_needed(struct loaded_modules *m)
{
	mark_root(m);
	mark_devices(m, "/sys/class/net/*/device");
	while (mark_used(m))
		;
}
