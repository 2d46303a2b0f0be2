/* SPDX-License-Identifier: GPL-2.0-only */
/* librpm takes locks even to read: it is given a copy of the database, as it was between changes.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#include "clock.h"
#include "conf.h"
#include "packages_rpm.h"

#define COPY_TRIES   10
#define COPY_WAIT_MS 50

void rpm_remove_copy(struct rpm_database *r)
{
	/* What SQLite makes besides, too. */
	static const char *const more[] = {"rpmdb.sqlite-shm", "rpmdb.sqlite-journal", ".rpm.lock",
					   "Index.db"};
	char path[128];
	size_t i;

	if (!*r->copy)
		return;
	for (i = 0; i < RPM_FILES_MAX + sizeof(more) / sizeof(*more); i++) {
		const char *name =
			i < RPM_FILES_MAX ? r->backend->files[i] : more[i - RPM_FILES_MAX];

		if (!name)
			continue;
		snprintf(path, sizeof(path), "%s/%s", r->copy, name);
		unlink(path);
	}
	rmdir(r->copy);
	*r->copy = 0;
}

static int make_copy_dir(struct rpm_database *r)
{
	const char *where = access(STATE_DIR, W_OK) ? "/tmp" : STATE_DIR;

	snprintf(r->copy, sizeof(r->copy), "%s/.rpm.XXXXXX", where);
	if (mkdtemp(r->copy))
		return 0;
	*r->copy = 0;
	return -errno;
}

static int copy_fd(int to, int from)
{
	ssize_t n;

	/* Shares the blocks where the file system can. */
	while ((n = copy_file_range(from, NULL, to, NULL, 1 << 30, 0)) > 0)
		;
	if (n < 0 && lseek(from, 0, SEEK_CUR) == 0)
		while ((n = sendfile(to, from, NULL, 1 << 30)) > 0)
			;
	return n < 0 ? -errno : 0;
}

static int copy_file(struct packages *db, struct rpm_database *r, const char *name)
{
	char from[128], to[128];
	int in, out, err;

	snprintf(from, sizeof(from), "%s/%s", r->place, name);
	in = packages_open_path(db, from);
	if (in < 0)
		return in;
	snprintf(to, sizeof(to), "%s/%s", r->copy, name);
	out = open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	err = out < 0 ? -errno : copy_fd(out, in);
	close(in);
	if (out >= 0)
		close(out);
	return err;
}

/* What changes with every write to a file of the database. */
struct marks {
	struct {
		ino_t inode;
		off_t size;
		uint64_t changed; /* ns */
	} file[RPM_FILES_MAX];
};

static uint64_t take_marks(struct packages *db, const struct rpm_database *r, struct marks *marks)
{
	uint64_t newest = 0;
	char path[128];
	struct stat st;
	int i, fd;

	memset(marks, 0, sizeof(*marks));
	for (i = 0; i < RPM_FILES_MAX && r->backend->files[i]; i++) {
		snprintf(path, sizeof(path), "%s/%s", r->place, r->backend->files[i]);
		fd = packages_below(db, path, O_PATH);
		if (fd < 0)
			continue;
		if (!fstat(fd, &st)) {
			marks->file[i].inode = st.st_ino;
			marks->file[i].size = st.st_size;
			marks->file[i].changed =
				st.st_ctim.tv_sec * 1000000000ULL + st.st_ctim.tv_nsec;
			if (marks->file[i].changed > newest)
				newest = marks->file[i].changed;
		}
		close(fd);
	}
	return newest;
}

static int copy_files(struct packages *db, struct rpm_database *r)
{
	int i, err = 0;

	for (i = 0; !err && i < RPM_FILES_MAX && r->backend->files[i]; i++) {
		err = copy_file(db, r, r->backend->files[i]);
		/* A log is only there between transactions. */
		if (i && err == -ENOENT)
			err = 0;
	}
	return err;
}

/* A change that is younger than the clock of file systems can tell may be followed by another that
 * leaves the same marks. */
static bool is_settled(uint64_t changed)
{
	uint64_t now = clock_ns(CLOCK_REALTIME);

	return changed > now || now - changed > COPY_WAIT_MS * 1000000ULL;
}

int rpm_copy(struct packages *db, struct rpm_database *r)
{
	struct marks before, after;
	int i, err = make_copy_dir(r);

	for (i = 0; !err && i < COPY_TRIES; i++) {
		if (is_settled(take_marks(db, r, &before))) {
			err = copy_files(db, r);
			take_marks(db, r, &after);
			if (err || !memcmp(&before, &after, sizeof(before)))
				return err;
		}
		usleep(COPY_WAIT_MS * 1000);
	}
	return err ? err : -EBUSY;
}
