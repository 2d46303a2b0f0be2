/* SPDX-License-Identifier: GPL-2.0-only */
/* The walk through /proc; running_match.c judges what it finds. */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <search.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "mounts.h"
#include "running.h"
#include "running_walk.h"

#define DELETED " (deleted)"

struct walk {
	struct running *running;
	struct mounts mounts; /* of the process that is looked at */
	pid_t pid;
};

/* ---- files ----------------------------------------------------------------------------------- */

static int compare(const void *a, const void *b)
{
	const struct running_file *x = a, *y = b;

	if (x->device != y->device)
		return x->device < y->device ? -1 : 1;
	return (x->inode > y->inode) - (x->inode < y->inode);
}

static int set_path(struct running_file *f, const char *path)
{
	size_t len = strlen(path), mark = strlen(DELETED);

	f->deleted = len > mark && !strcmp(path + len - mark, DELETED);
	f->path = strndup(path, f->deleted ? len - mark : len);
	return f->path ? 0 : -ENOMEM;
}

static void free_file(struct running_file *f)
{
	free(f->path);
	free(f->uses);
	free(f);
}

static int append(struct running *r, struct running_file *f)
{
	struct running_file **v = r->v;

	/* Full at every power of two. */
	if (!(r->n & (r->n - 1)))
		v = reallocarray(v, r->n ? 2 * r->n : 1, sizeof(*v));
	if (!v)
		return -ENOMEM;
	r->v = v;
	if (!tsearch(f, &r->tree, compare))
		return -ENOMEM;
	v[r->n++] = f;
	return 0;
}

static struct running_file *add_file(struct running *r, const struct running_file *like,
				     const char *path)
{
	struct running_file *f = malloc(sizeof(*f));

	if (!f)
		return NULL;
	*f = *like;
	if (!set_path(f, path) && !append(r, f))
		return f;
	free_file(f);
	return NULL;
}

static int add_use(struct running_file *f, const struct running_use *use)
{
	struct running_use *v = f->uses;

	/* Its program it has mapped, too: that is found first. */
	if (f->use_count && v[f->use_count - 1].pid == use->pid) {
		if (!use->end)
			v[f->use_count - 1] = *use;
		return 0;
	}
	if (!(f->use_count & (f->use_count - 1)))
		v = reallocarray(v, f->use_count ? 2 * f->use_count : 1, sizeof(*v));
	if (!v)
		return -ENOMEM;
	f->uses = v;
	v[f->use_count++] = *use;
	return 0;
}

/* @path: as /proc shows it */
static int note(struct walk *w, const struct statx *st, const struct running_use *use,
		const char *path)
{
	struct running_file key = {
		.device = makedev(st->stx_dev_major, st->stx_dev_minor),
		.inode = st->stx_ino,
		.size = st->stx_size,
	};
	struct running_file **found = tfind(&key, &w->running->tree, compare);
	struct running_file *f = found ? *found : add_file(w->running, &key, path);

	return f ? add_use(f, use) : -ENOMEM;
}

/* ---- how a file is reached ----------------------------------------------------------------- */

/* Without asking whoever serves the file system. */
static bool look(struct statx *st, const char *path)
{
	return !statx(AT_FDCWD, path, AT_STATX_DONT_SYNC, STATX_BASIC_STATS | STATX_MNT_ID, st) &&
	       S_ISREG(st->stx_mode);
}

/* By what the kernel holds for the process: nobody is asked for a name. */
static bool reach_held(char reference[PATH_MAX], struct statx *st, const struct running_use *use)
{
	if (!use->end)
		snprintf(reference, PATH_MAX, "/proc/%d/exe", (int)use->pid);
	else
		snprintf(reference, PATH_MAX, "/proc/%d/map_files/%lx-%lx", (int)use->pid,
			 use->begin, use->end);
	return look(st, reference);
}

bool running_reach(char reference[PATH_MAX], struct statx *st, const struct running_use *use,
		   const char *path, ino_t inode)
{
	if (reach_held(reference, st, use))
		return true;
	/* Only root may follow map_files: others go by the name, if it still leads there. */
	if (snprintf(reference, PATH_MAX, "/proc/%d/root%s", (int)use->pid, path) >= PATH_MAX)
		return false;
	return look(st, reference) && st->stx_ino == inode;
}

/* In memory alone: on no mount, and served by nobody. */
static bool is_anonymous(const char *path)
{
	return !strncmp(path, "/memfd:", 7) || !strncmp(path, "/SYSV", 5) ||
	       !strcmp(path, "/dev/zero" DELETED);
}

/* Block devices answer; of the others it has to be known what they are. */
static bool may_be_read(const struct mount *mount, dev_t device, const char *path)
{
	if (mount)
		return !mount->fuse;
	return major(device) || is_anonymous(path);
}

/* ---- one process --------------------------------------------------------------------------- */

/* "7f0a…-7f0b… r-xp 00028000 fe:01 1835 /usr/lib/x.so", of an executable mapping of a file */
static int take_mapping(struct walk *w, char *line)
{
	struct running_use use = {.pid = w->pid};
	unsigned int major, minor;
	unsigned long inode;
	char reference[PATH_MAX], perms[5];
	const struct mount *mount;
	struct statx st;
	bool held;
	int path = 0;

	if (sscanf(line, "%lx-%lx %4s %*x %x:%x %lu %n", &use.begin, &use.end, perms, &major,
		   &minor, &inode, &path) != 6 ||
	    perms[2] != 'x' || !inode || !path)
		return 0;
	line[strcspn(line, "\n")] = 0;
	held = reach_held(reference, &st, &use);
	mount = held ? mounts_of_file(&w->mounts, &st)
		     : mounts_find(&w->mounts, makedev(major, minor));
	if (!may_be_read(mount, makedev(major, minor), line + path)) {
		w->running->served++;
		return 0;
	}
	if (!held && !running_reach(reference, &st, &use, line + path, inode))
		return 0;
	return note(w, &st, &use, line + path);
}

static int take_mappings(struct walk *w)
{
	char path[64], *line = NULL;
	size_t capacity = 0;
	FILE *in;
	int err = 0;

	snprintf(path, sizeof(path), "/proc/%d/maps", (int)w->pid);
	in = fopen(path, "re");
	if (!in)
		return -errno;
	while (!err && getline(&line, &capacity, in) >= 0)
		err = take_mapping(w, line);
	free(line);
	fclose(in);
	return err;
}

/* A program that has unmapped itself is still what runs. Kernel threads have none. */
static int take_program(struct walk *w)
{
	struct running_use use = {.pid = w->pid};
	char reference[PATH_MAX], path[PATH_MAX];
	struct statx st;
	ssize_t n;

	snprintf(reference, sizeof(reference), "/proc/%d/exe", (int)w->pid);
	n = readlink(reference, path, sizeof(path) - 1);
	if (n < 0)
		return -errno;
	if (!look(&st, reference))
		return 0;
	path[n] = 0;
	if (!may_be_read(mounts_of_file(&w->mounts, &st),
			 makedev(st.stx_dev_major, st.stx_dev_minor), path))
		return 0;
	return note(w, &st, &use, path);
}

static int take_process(struct walk *w)
{
	int err = mounts_read(&w->mounts, w->pid);

	if (!err)
		err = take_mappings(w);
	if (!err)
		err = take_program(w);
	if (err == -EACCES || err == -EPERM)
		w->running->hidden++;
	else if (!err)
		w->running->processes++;
	/* Whatever else went wrong, the process has ended. */
	return err == -ENOMEM ? err : 0;
}

/* ---- all ----------------------------------------------------------------------------------- */

int running_read(struct running *r)
{
	struct walk w = {.running = r};
	const struct dirent *entry;
	DIR *proc = opendir("/proc");
	int err = 0;

	*r = (struct running){};
	if (!proc)
		return -errno;
	while (!err && (entry = readdir(proc))) {
		if (!isdigit((unsigned char)*entry->d_name))
			continue;
		w.pid = strtol(entry->d_name, NULL, 10);
		err = take_process(&w);
	}
	closedir(proc);
	mounts_free(&w.mounts);
	return err;
}

int running_read_one(struct running *r, pid_t pid)
{
	struct walk w = {.running = r, .pid = pid};
	int err;

	*r = (struct running){};
	err = take_process(&w);
	mounts_free(&w.mounts);
	return err;
}

bool running_still_has(const struct running_use *use, dev_t device, ino_t inode)
{
	char reference[PATH_MAX];
	struct statx st;

	return reach_held(reference, &st, use) && st.stx_ino == inode &&
	       makedev(st.stx_dev_major, st.stx_dev_minor) == device;
}

static void keep(void *file)
{
}

void running_free(struct running *r)
{
	size_t i;

	tdestroy(r->tree, keep);
	for (i = 0; i < r->n; i++)
		free_file(r->v[i]);
	free(r->v);
	*r = (struct running){};
}

const char *running_name(char name[RUNNING_NAME_LEN], pid_t pid)
{
	char path[64];
	FILE *in;

	snprintf(path, sizeof(path), "/proc/%d/comm", (int)pid);
	in = fopen(path, "re");
	if (!in || !fgets(name, RUNNING_NAME_LEN, in))
		strcpy(name, "?");
	name[strcspn(name, "\n")] = 0;
	if (in)
		fclose(in);
	return name;
}
