/* SPDX-License-Identifier: GPL-2.0-only */
#include "mounts.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

static int add(struct mounts *m, const struct mount *mount)
{
	struct mount *v = reallocarray(m->v, m->n + 1, sizeof(*v));

	if (!v)
		return -ENOMEM;
	m->v = v;
	v[m->n++] = *mount;
	return 0;
}

/* "36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3 /dev/root rw,errors=continue" (proc(5)) */
static int add_line(struct mounts *m, const char *line)
{
	const char *type = strstr(line, " - ");
	struct mount mount;
	unsigned int major, minor;

	if (!type || sscanf(line, "%" SCNu64 " %*u %u:%u", &mount.id, &major, &minor) != 3)
		return 0;
	mount.device = makedev(major, minor);
	mount.fuse = !strncmp(type + 3, "fuse", 4);
	snprintf(mount.type, sizeof(mount.type), "%.*s", (int)strcspn(type + 3, " ."), type + 3);
	return add(m, &mount);
}

static int read_all(struct mounts *m, pid_t pid)
{
	char path[64], *line = NULL;
	size_t capacity = 0;
	FILE *in;
	int err = 0;

	snprintf(path, sizeof(path), "/proc/%d/mountinfo", (int)pid);
	in = fopen(path, "re");
	if (!in)
		return -errno;
	while (!err && getline(&line, &capacity, in) >= 0)
		err = add_line(m, line);
	free(line);
	fclose(in);
	return err;
}

int mounts_read(struct mounts *m, pid_t pid)
{
	struct stat st;
	char path[64];
	int err;

	snprintf(path, sizeof(path), "/proc/%d/ns/mnt", (int)pid);
	if (stat(path, &st)) {
		err = -errno;
		mounts_free(m);
		return err;
	}
	if (m->namespace == st.st_ino)
		return 0;
	mounts_free(m);
	err = read_all(m, pid);
	if (err)
		mounts_free(m);
	else
		m->namespace = st.st_ino;
	return err;
}

const struct mount *mounts_find(const struct mounts *m, dev_t device)
{
	size_t i;

	for (i = 0; i < m->n; i++)
		if (m->v[i].device == device)
			return &m->v[i];
	return NULL;
}

const struct mount *mounts_of_file(const struct mounts *m, const struct statx *st)
{
	size_t i;

	for (i = 0; st->stx_mask & STATX_MNT_ID && i < m->n; i++)
		if (m->v[i].id == st->stx_mnt_id)
			return &m->v[i];
	return mounts_find(m, makedev(st->stx_dev_major, st->stx_dev_minor));
}

void mounts_free(struct mounts *m)
{
	free(m->v);
	memset(m, 0, sizeof(*m));
}
