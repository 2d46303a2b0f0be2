/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Files are shared with the target by hard links, so that a list of ten million digests is not
 * copied for one new rule. Nothing here writes into a file that is already there: a new one is made
 * beside it and takes its name.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "file.h"
#include "stage.h"

#define LOCK_TRIES   100
#define LOCK_WAIT_US 100000
#define COPY_CHUNK   (64 << 10)
#define TEXT_MAX     (64 << 20)
#define ASIDE	     ".old"
#define GONE	     ".gone"

/* Held from stage_begin() to stage_end(): two commands at once would lose the edits of one. */
static int lock_fd = -1;
static char *lock_path;

static int failed(struct diag *d, const char *path, const char *what)
{
	int err = errno;
	const char *remedy = err == EACCES || err == EPERM ? ": run this as root" : "";

	diag_error(d, path, 0, "%s: %s%s", what, strerror(err), remedy);
	return -err;
}

static bool name_is_plain(const char *name)
{
	return *name && *name != '.' && !strchr(name, '/') && strlen(name) < NAME_MAX - 8;
}

static int check_name(const char *name, struct diag *d)
{
	if (name_is_plain(name))
		return 0;
	diag_error(d, name, 0,
		   "cannot be a file of a policy: give it a name of one component "
		   "that does not begin with a dot");
	return -EINVAL;
}

static char *join(const char *dir, const char *name)
{
	char *path;

	return asprintf(&path, "%s/%s", dir, name) < 0 ? NULL : path;
}

/* ---- the lock -------------------------------------------------------------------------------- */

/* Whether @fd is still the file that @path names: its last holder removes it. */
static bool is_current(int fd, const char *path)
{
	struct stat held, named;

	return !fstat(fd, &held) && !stat(path, &named) && held.st_ino == named.st_ino &&
	       held.st_dev == named.st_dev;
}

static int try_lock(const char *path)
{
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);

	if (fd < 0)
		return -1;
	if (!flock(fd, LOCK_EX | LOCK_NB) && is_current(fd, path))
		return fd;
	close(fd);
	errno = EWOULDBLOCK;
	return -1;
}

static int take_lock(const char *target, struct diag *d)
{
	int i;

	if (asprintf(&lock_path, "%s.lock", target) < 0)
		return -ENOMEM;
	for (i = 0; i < LOCK_TRIES; i++) {
		lock_fd = try_lock(lock_path);
		if (lock_fd >= 0)
			return 0;
		if (errno != EWOULDBLOCK)
			return failed(d, lock_path, "cannot be made");
		usleep(LOCK_WAIT_US);
	}
	diag_error(d, target, 0, "another interdict is changing it: try again when it is done");
	return -EBUSY;
}

static void drop_lock(void)
{
	if (lock_fd >= 0) {
		unlink(lock_path);
		close(lock_fd);
	}
	lock_fd = -1;
	free(lock_path);
	lock_path = NULL;
}

/* ---- copying --------------------------------------------------------------------------------- */

static int write_all(int fd, const char *text, size_t len)
{
	ssize_t n;

	for (; len; text += n, len -= n) {
		n = write(fd, text, len);
		if (n < 0 && errno != EINTR)
			return -errno;
		if (n < 0)
			n = 0;
	}
	return 0;
}

enum how {
	SHARE, /* files are linked, where the file system can */
	COPY,
	REFER, /* all are links to the originals */
};

static int copy_bytes(int to, int from)
{
	char chunk[COPY_CHUNK];
	ssize_t n;
	int err;

	while ((n = read(from, chunk, sizeof(chunk))) > 0) {
		err = write_all(to, chunk, n);
		if (err)
			return err;
	}
	return n < 0 ? -errno : 0;
}

static int copy_file(const char *from, const char *to)
{
	int in = open(from, O_RDONLY | O_CLOEXEC), out = -1, err = 0;
	struct stat st;

	if (in < 0 || fstat(in, &st))
		goto failed;
	out = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, st.st_mode & 0777);
	if (out < 0)
		goto failed;
	err = copy_bytes(out, in);
	if (!err && fsync(out))
		goto failed;
	goto out;
failed:
	err = -errno;
out:
	if (in >= 0)
		close(in);
	if (out >= 0)
		close(out);
	return err;
}

/* An entry of the target: linked where that is wanted and the file system can, else copied. */
static int share_entry(const char *from, const char *to, const struct stat *st, enum how how)
{
	char link[PATH_MAX];
	ssize_t n;

	if (how == SHARE && !linkat(AT_FDCWD, from, AT_FDCWD, to, 0))
		return 0;
	if (S_ISREG(st->st_mode))
		return copy_file(from, to);
	if (!S_ISLNK(st->st_mode))
		return 0;
	n = readlink(from, link, sizeof(link) - 1);
	if (n < 0)
		return -errno;
	link[n] = 0;
	return symlink(link, to) ? -errno : 0;
}

/* In a rehearsal everything is a link: nothing is copied, and what is unreadable is named later. */
static int refer_entry(const char *from, const char *to)
{
	char path[PATH_MAX];

	if (!realpath(from, path))
		return symlink(from, to) ? -errno : 0;
	return symlink(path, to) ? -errno : 0;
}

static int copy_dir(const char *from, const char *to, enum how how, struct diag *d);

static int copy_entry(const char *from, const char *to, enum how how, struct diag *d)
{
	struct stat st;
	int err;

	if (lstat(from, &st))
		return failed(d, from, "cannot be read");
	if (S_ISDIR(st.st_mode) && how != REFER) {
		if (mkdir(to, st.st_mode & 0777))
			return failed(d, to, "cannot be made");
		return copy_dir(from, to, how, d);
	}
	err = how == REFER ? refer_entry(from, to) : share_entry(from, to, &st, how);
	if (!err)
		return 0;
	errno = -err;
	return failed(d, from, "cannot be copied");
}

static bool is_dots(const char *name)
{
	return !strcmp(name, ".") || !strcmp(name, "..");
}

static int copy_dir(const char *from, const char *to, enum how how, struct diag *d)
{
	DIR *dir = opendir(from);
	struct dirent *entry;
	char *source, *copy;
	int err = 0;

	if (!dir)
		return errno == ENOENT ? 0 : failed(d, from, "cannot be read");
	while (!err && (entry = readdir(dir))) {
		if (is_dots(entry->d_name))
			continue;
		source = join(from, entry->d_name);
		copy = join(to, entry->d_name);
		err = source && copy ? copy_entry(source, copy, how, d) : -ENOMEM;
		free(source);
		free(copy);
	}
	closedir(dir);
	return err;
}

static void remove_dir(const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *entry;
	char *name;

	while (dir && (entry = readdir(dir))) {
		name = is_dots(entry->d_name) ? NULL : join(path, entry->d_name);
		if (name && unlink(name) && errno == EISDIR)
			remove_dir(name);
		free(name);
	}
	if (dir)
		closedir(dir);
	rmdir(path);
}

/* interdictd may be about to exchange it, for a command that was killed: it finds it whole or not
 * at all. */
static void discard(const char *path)
{
	char *gone;

	if (asprintf(&gone, "%s" GONE, path) < 0)
		return;
	remove_dir(rename(path, gone) ? path : gone);
	free(gone);
}

/* ---- stages ---------------------------------------------------------------------------------- */

static int make_parent(const char *target, struct diag *d)
{
	char *copy = strdup(target), *slash;
	int err = 0;

	if (!copy)
		return -ENOMEM;
	for (slash = strchr(copy + 1, '/'); slash && !err; slash = strchr(slash + 1, '/')) {
		*slash = 0;
		if (mkdir(copy, 0755) && errno != EEXIST && errno != EROFS)
			err = failed(d, copy, "cannot be made");
		*slash = '/';
	}
	free(copy);
	return err;
}

/* To exchange a link would put a copy in the place of what somebody keeps elsewhere. */
static int check_target(const char *target, struct diag *d)
{
	struct stat st;

	if (lstat(target, &st) || S_ISDIR(st.st_mode))
		return 0;
	diag_error(d, target, 0, "is no directory of its own, but a %s: make it one",
		   S_ISLNK(st.st_mode) ? "link" : "file");
	return -ENOTDIR;
}

/* "/etc/interdict/policy.d" → "/etc/interdict/.policy.d.XXXXXX" */
static char *template_beside(const char *target)
{
	const char *slash = strrchr(target, '/');
	int dir = slash ? slash - target + 1 : 0;
	char *template;

	return asprintf(&template, "%.*s.%s.XXXXXX", dir, target, target + dir) < 0 ? NULL
										    : template;
}

/* Stages of @target, or what has their names and ends in @suffix: globfree() it if this is 0. */
static int find_stages(const char *target, const char *suffix, glob_t *found)
{
	const char *slash = strrchr(target, '/');
	int dir = slash ? slash - target + 1 : 0, err;
	char *pattern;

	if (asprintf(&pattern, "%.*s.%s.??????%s", dir, target, target + dir, suffix) < 0)
		return -ENOMEM;
	err = glob(pattern, 0, NULL, found) ? -ENOENT : 0;
	free(pattern);
	return err;
}

static int sweep_with(const char *target, const char *suffix, void (*action)(const char *path))
{
	glob_t stale;
	size_t i;
	int err = find_stages(target, suffix, &stale);

	if (err)
		return err == -ENOENT ? 0 : err;
	for (i = 0; i < stale.gl_pathc; i++)
		action(stale.gl_pathv[i]);
	globfree(&stale);
	return 0;
}

/* What a killed command left: whoever has the lock has the only stage. */
int stage_sweep(const char *target)
{
	int err = sweep_with(target, "", discard);

	return err ? err : sweep_with(target, GONE, remove_dir);
}

int stage_recover(const char *target, struct diag *d)
{
	glob_t aside;
	size_t i;
	int err = find_stages(target, ASIDE, &aside);

	if (err)
		return err == -ENOENT ? 0 : err;
	if (access(target, F_OK) && rename(aside.gl_pathv[0], target))
		err = failed(d, aside.gl_pathv[0], "cannot be put back");
	/* The change was done; what is aside is the former policy. */
	for (i = 0; !err && i < aside.gl_pathc; i++)
		remove_dir(aside.gl_pathv[i]);
	globfree(&aside);
	return err;
}

static char *template_in_tmp(void)
{
	const char *tmp = getenv("TMPDIR");

	return join(tmp && *tmp ? tmp : "/tmp", "interdict.XXXXXX");
}

static mode_t mode_of(const char *target)
{
	struct stat st;

	/* interdictd takes no stage that others than root may write to. */
	return stat(target, &st) ? 0755 : st.st_mode & 0755;
}

static int begin(struct stage *s, char *template, const char *source, enum how how, struct diag *d)
{
	int err;

	if (!template)
		return -ENOMEM;
	if (!mkdtemp(template)) {
		err = failed(d, template, "cannot be made");
		free(template);
		return err;
	}
	s->dir = template;
	if (how != REFER && chmod(s->dir, mode_of(s->target)))
		return failed(d, s->dir, "cannot be made");
	return copy_dir(source, s->dir, how, d);
}

static int begin_staging(struct stage *s, const char *target, const char *source, enum how how,
			 struct diag *d)
{
	int err;

	memset(s, 0, sizeof(*s));
	s->target = strdup(target);
	err = s->target ? check_target(target, d) : -ENOMEM;
	if (!err)
		err = make_parent(target, d);
	if (!err)
		err = take_lock(target, d);
	s->locked = lock_fd >= 0;
	if (!err)
		err = stage_recover(target, d);
	if (!err)
		err = stage_sweep(target);
	if (!err)
		err = begin(s, template_beside(target), source, how, d);
	if (err)
		stage_end(s);
	return err;
}

int stage_begin(struct stage *s, const char *target, struct diag *d)
{
	return begin_staging(s, target, target, SHARE, d);
}

int stage_begin_from(struct stage *s, const char *target, const char *source, struct diag *d)
{
	return begin_staging(s, target, source, COPY, d);
}

int stage_rehearse(struct stage *s, const char *target, struct diag *d)
{
	return stage_rehearse_from(s, target, target, d);
}

int stage_rehearse_from(struct stage *s, const char *target, const char *source, struct diag *d)
{
	int err;

	memset(s, 0, sizeof(*s));
	s->target = strdup(target);
	err = s->target ? begin(s, template_in_tmp(), source, REFER, d) : -ENOMEM;
	if (err)
		stage_end(s);
	return err;
}

int stage_private(struct stage *s, const char *target, struct diag *d)
{
	int err;

	memset(s, 0, sizeof(*s));
	s->target = strdup(target);
	err = s->target ? begin(s, template_beside(target), target, REFER, d) : -ENOMEM;
	if (err)
		stage_end(s);
	return err;
}

void stage_end(struct stage *s)
{
	if (s->dir)
		discard(s->dir);
	free(s->dir);
	free(s->target);
	if (s->locked)
		drop_lock();
	memset(s, 0, sizeof(*s));
}

/* ---- files of a stage ------------------------------------------------------------------------ */

/* A new file beside @name, which takes its name when it is whole. */
static int open_new(struct stage *s, char **path, struct diag *d)
{
	int fd;

	*path = join(s->dir, ".new.XXXXXX");
	if (!*path)
		return -ENOMEM;
	fd = mkostemp(*path, O_CLOEXEC);
	if (fd < 0 || fchmod(fd, 0644))
		return failed(d, *path, "cannot be written");
	return fd;
}

static int put_new(struct stage *s, int fd, const char *new, const char *name, struct diag *d)
{
	char *path = join(s->dir, name);
	int err = 0;

	if (!path)
		return -ENOMEM;
	/* What is never exchanged need not last. */
	if ((s->locked && fsync(fd)) || rename(new, path))
		err = failed(d, path, "cannot be written");
	free(path);
	return err;
}

static int open_source(const char *path, struct diag *d)
{
	int fd = file_open(path);

	if (fd < 0)
		file_complain(d, path, fd);
	return fd;
}

int stage_put_file(struct stage *s, const char *path, const char *name, struct diag *d)
{
	const char *slash = strrchr(path, '/');
	char *new = NULL;
	int in = -1, out = -1, err;

	if (!name)
		name = slash ? slash + 1 : path;
	err = check_name(name, d);
	if (err)
		return err;
	in = err = open_source(path, d);
	if (in < 0)
		return err;
	out = err = open_new(s, &new, d);
	if (out < 0)
		goto out;
	err = copy_bytes(out, in);
	if (err) {
		errno = -err;
		failed(d, path, "cannot be copied");
		goto out;
	}
	err = put_new(s, out, new, name, d);
out:
	if (err && new)
		unlink(new);
	if (out >= 0)
		close(out);
	close(in);
	free(new);
	return err;
}

int stage_put_text(struct stage *s, const char *name, const char *text, size_t len, struct diag *d)
{
	char *new = NULL;
	int fd, err;

	err = check_name(name, d);
	if (err)
		return err;
	fd = err = open_new(s, &new, d);
	if (fd < 0)
		goto out;
	err = write_all(fd, text, len);
	if (err) {
		errno = -err;
		failed(d, new, "cannot be written");
	} else {
		err = put_new(s, fd, new, name, d);
	}
	close(fd);
out:
	if (err && new)
		unlink(new);
	free(new);
	return err;
}

static int read_all(int fd, size_t size, char **text, size_t *len)
{
	ssize_t n = 1;

	*text = malloc(size + 1);
	if (!*text)
		return -ENOMEM;
	for (*len = 0; *len < size && n; *len += n) {
		n = read(fd, *text + *len, size - *len);
		if (n < 0)
			return -errno;
	}
	(*text)[*len] = 0;
	return 0;
}

int stage_read_text(struct stage *s, const char *name, char **text, size_t *len, struct diag *d)
{
	char *path = join(s->dir, name);
	struct stat st;
	int fd, err;

	*text = NULL;
	*len = 0;
	if (!path)
		return -ENOMEM;
	if (access(path, F_OK) && errno == ENOENT) {
		free(path);
		return 0;
	}
	fd = err = open_source(path, d);
	if (fd < 0)
		goto out;
	if (fstat(fd, &st) || st.st_size > TEXT_MAX)
		err = -EFBIG;
	else
		err = read_all(fd, st.st_size, text, len);
	if (err) {
		errno = -err;
		failed(d, path, "cannot be read");
		free(*text);
		*text = NULL;
	}
	close(fd);
out:
	free(path);
	return err < 0 ? err : 0;
}

int stage_remove(struct stage *s, const char *name, struct diag *d)
{
	char *path = join(s->dir, name);
	int err = check_name(name, d);

	if (!path)
		return -ENOMEM;
	if (!err && unlink(path) && errno != ENOENT)
		err = failed(d, path, "cannot be removed");
	free(path);
	return err;
}

/* ---- the exchange ---------------------------------------------------------------------------- */

static int sync_dir(const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC), err = 0;

	if (fd < 0)
		return -errno;
	if (fsync(fd))
		err = -errno;
	close(fd);
	return err;
}

/* File systems that cannot exchange (NFS, 9p): three renames, not atomic for a reader, and finished
 * by stage_recover() when they were not. */
static int exchange_in_steps(const char *a, const char *b)
{
	char *aside;
	int err = 0;

	if (asprintf(&aside, "%s" ASIDE, a) < 0)
		return -ENOMEM;
	if (rename(b, aside)) {
		err = -errno;
	} else if (rename(a, b)) {
		err = -errno;
		rename(aside, b);
	} else if (rename(aside, a)) {
		err = -errno;
	}
	free(aside);
	return err;
}

/* Where there is no target yet, the stage takes its name; and gives it back when that is undone. It
 * must not seem undone when the stage is what is missing: somebody else may have removed it. */
static int exchange(struct stage *s)
{
	if (!renameat2(AT_FDCWD, s->dir, AT_FDCWD, s->target, RENAME_EXCHANGE))
		return 0;
	if (errno == EINVAL)
		return exchange_in_steps(s->dir, s->target);
	if (errno != ENOENT)
		return -errno;
	if (rename(s->placed ? s->target : s->dir, s->placed ? s->dir : s->target))
		return -errno;
	s->placed = !s->placed;
	return 0;
}

int stage_exchange(struct stage *s, struct diag *d)
{
	char *parent;
	int err;

	sync_dir(s->dir);
	err = exchange(s);
	if (err) {
		errno = -err;
		return failed(d, s->target, "cannot be replaced");
	}
	/* What a crash could lose now is the whole change: the directory is one or the other. */
	parent = strdup(s->target);
	if (parent)
		sync_dir(dirname(parent));
	free(parent);
	return 0;
}

/* ---- what is kept -------------------------------------------------------------------------- */

static int put_in_place(const char *new, const char *to)
{
	if (!renameat2(AT_FDCWD, new, AT_FDCWD, to, RENAME_EXCHANGE)) {
		remove_dir(new);
		return 0;
	}
	if (errno != ENOENT && errno != EINVAL)
		return -errno;
	/* There is none yet, or this file system cannot exchange. */
	remove_dir(to);
	return rename(new, to) ? -errno : 0;
}

static int keep(const char *from, const char *to, const char *new, struct diag *d)
{
	int err;

	remove_dir(new);
	if (mkdir(new, 0700))
		return failed(d, new, "cannot be made");
	err = copy_dir(from, new, COPY, d);
	if (err)
		return err;
	err = put_in_place(new, to);
	if (!err)
		return 0;
	errno = -err;
	return failed(d, to, "cannot be replaced");
}

int stage_keep(const char *from, const char *to, struct diag *d)
{
	char *new;
	int err;

	if (asprintf(&new, "%s.new", to) < 0)
		return -ENOMEM;
	err = keep(from, to, new, d);
	if (err)
		remove_dir(new);
	free(new);
	return err;
}
