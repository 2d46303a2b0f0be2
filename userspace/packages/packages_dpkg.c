/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * dpkg's database, as dpkg 1.15 to 1.22 write it (dpkg's lib/dpkg/parse.c, dbmodify.c, divertdb.c).
 *
 * dpkg writes what it does to updates/NNNN first, a paragraph a file, and at times merges them into
 * status: what is newest is read in that order, so that a package shows up while dpkg still runs.
 */
#include <errno.h>
#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "packages_dpkg.h"

#define STATUS	   "/var/lib/dpkg/status"
#define UPDATES	   "/var/lib/dpkg/updates"
#define DIVERSIONS "/var/lib/dpkg/diversions"

#define UPDATES_MAX 1000 /* dpkg merges them every 250 */

static int is_update(const struct dirent *entry)
{
	size_t len = strlen(entry->d_name);

	return len && len < 16 && strspn(entry->d_name, "0123456789") == len;
}

static int read_update(struct packages *db, const char *name)
{
	char path[sizeof(UPDATES) + NAME_MAX + 2], *text;
	size_t len;
	int err;

	snprintf(path, sizeof(path), UPDATES "/%s", name);
	err = packages_read_text(db, path, &text, &len);
	/* Gone: it was merged, and the status will tell at the next reading. */
	if (err)
		return err == -ENOMEM ? err : 0;
	err = dpkg_parse_status(db, text, true);
	free(text);
	return err;
}

static int read_updates(struct packages *db)
{
	int dir = packages_below(db, UPDATES, O_RDONLY | O_DIRECTORY);
	struct dirent **names;
	int n, i, err = 0;

	if (dir < 0)
		return 0;
	n = scandirat(dir, ".", &names, is_update, alphasort);
	close(dir);
	if (n < 0)
		return errno == ENOMEM ? -ENOMEM : 0;
	for (i = 0; i < n; i++) {
		if (!err && i < UPDATES_MAX)
			err = read_update(db, names[i]->d_name);
		free(names[i]);
	}
	free(names);
	return err;
}

static int read_diversions(struct packages *db)
{
	char *text;
	size_t len;
	int err = packages_read_text(db, DIVERSIONS, &text, &len);

	if (err)
		return err == -ENOMEM ? err : 0;
	err = dpkg_parse_diversions(db, text);
	free(text);
	return err;
}

static int complain(struct packages *db, int err)
{
	if (err == -ENOMEM)
		return err;
	diag_warning(db->d, STATUS, 0, "packages of dpkg's cannot be told: %s", strerror(-err));
	db->unread++;
	return 0;
}

int dpkg_open(struct packages *db)
{
	char *text;
	size_t len;
	int err = packages_read_text(db, STATUS, &text, &len);

	/* Between a root without dpkg and a link to nothing there is no difference. */
	if (err == -ENOENT)
		return 0;
	if (err)
		return complain(db, err);
	err = dpkg_parse_status(db, text, false);
	free(text);
	if (!err)
		err = read_updates(db);
	if (!err)
		err = read_diversions(db);
	dpkg_drop_removed(db);
	return err;
}

void dpkg_close(struct packages *db)
{
	size_t i;

	for (i = 0; i < db->diversion_count; i++) {
		free(db->diversions[i].from);
		free(db->diversions[i].to);
		free(db->diversions[i].by);
	}
	free(db->diversions);
	db->diversions = NULL;
	db->diversion_count = 0;
}
