/* SPDX-License-Identifier: GPL-2.0-only */
#include "mounts.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

static int add(struct mounts *m, dev_t device, bool fuse)
{
	struct mount *v;

	if (mounts_find(m, device))
		return 0;
	v = reallocarray(m->v, m->n + 1, sizeof(*v));
	if (!v)
		return -ENOMEM;
	m->v = v;
	v[m->n++] = (struct mount){device, fuse};
	return 0;
}

/* "36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3 /dev/root rw,errors=continue" (proc(5)) */
static int add_line(struct mounts *m, const char *line)
{
	const char *type = strstr(line, " - ");
	unsigned int major, minor;

	if (!type || sscanf(line, "%*u %*u %u:%u", &major, &minor) != 2)
		return 0;
	return add(m, makedev(major, minor), !strncmp(type + 3, "fuse", 4));
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

void mounts_free(struct mounts *m)
{
	free(m->v);
	*m = (struct mounts){};
}
