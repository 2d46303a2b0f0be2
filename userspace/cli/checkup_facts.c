/* SPDX-License-Identifier: GPL-2.0-only */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/checkup.h"
#include "cli/status_files.h"
#include "file.h"
#include "kernel/ability.h"
#include "running/modules.h"

#define MOUNTINFO     "/proc/self/mountinfo"
#define SIGNED_MAGIC  "~Module signature appended~\n"
#define SIGNED_LENGTH (sizeof(SIGNED_MAGIC) - 1)

static const char *const dirs[CHECKUP_PLACES] = {"/",	 "/usr", "/usr/local", "/opt",
						 "/srv", "/var", "/home"};

static void read_line(char *line, size_t size, const char *path)
{
	int fd = file_open(path);
	ssize_t n = fd < 0 ? 0 : file_read(fd, line, size - 1);

	line[n > 0 ? n : 0] = 0;
	line[strcspn(line, "\n")] = 0;
	if (fd >= 0)
		close(fd);
}

/* "none [integrity] confidentiality" */
static void read_lockdown(struct facts *f)
{
	char line[128], *open, *close;

	read_line(line, sizeof(line), "/sys/kernel/security/lockdown");
	open = strchr(line, '[');
	close = open ? strchr(open, ']') : NULL;
	if (close)
		snprintf(f->lockdown, sizeof(f->lockdown), "%.*s", (int)(close - open - 1),
			 open + 1);
}

/* What is packed cannot be told so; modprobe says when it loads it. */
static bool is_unsigned(const char *path)
{
	char end[SIGNED_LENGTH] = "";
	const char *suffix = strrchr(path, '.');
	int fd = suffix && !strcmp(suffix, ".ko") ? file_open(path) : -1;
	bool is = false;

	if (fd < 0)
		return false;
	if (lseek(fd, -(off_t)sizeof(end), SEEK_END) >= 0)
		is = file_read(fd, end, sizeof(end)) == sizeof(end) &&
		     memcmp(end, SIGNED_MAGIC, sizeof(end)) != 0;
	close(fd);
	return is;
}

static void look_at_module(struct facts *f)
{
	struct ability ability;
	char line[8];

	f->kmod = kmod_state();
	f->kmod_file = modules_find("interdict");
	f->kmod_unsigned = f->kmod_file && is_unsigned(f->kmod_file);
	read_line(line, sizeof(line), "/sys/module/module/parameters/sig_enforce");
	f->signed_only = *line == 'Y' || !strcmp(f->lockdown, "integrity") ||
			 !strcmp(f->lockdown, "confidentiality");
	ability_read(&ability, f->condition->state.control.capabilities);
	snprintf(f->packing, sizeof(f->packing), "%s", ability.unpacks);
}

static void look_at_policy(struct facts *f)
{
	struct status_files files;

	if (!f->condition->state.loaded)
		return;
	status_files_read(&files, f->condition);
	f->files_changed = files.changed;
	status_files_free(&files);
	if (f->condition->state.header.unsized)
		f->unsized = condition_unsized();
}

void checkup_look(struct facts *f, const struct condition *condition)
{
	size_t i;

	*f = (struct facts){.condition = condition};
	read_lockdown(f);
	look_at_module(f);
	look_at_policy(f);
	peers_read(&f->peers, "");
	for (i = 0; i < CHECKUP_PLACES; i++)
		if (!kept_at(&f->places[i].on, MOUNTINFO, dirs[i]))
			f->places[i].dir = dirs[i];
}

void checkup_forget(struct facts *f)
{
	json_decref(f->unsized);
	free(f->kmod_file);
	*f = (struct facts){};
}
