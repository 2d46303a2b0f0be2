// SPDX-License-Identifier: GPL-2.0-only
#include "mountinfo.h"

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysmacros.h>

static bool is_octal(const char *s)
{
	return s[0] >= '0' && s[0] <= '3' && s[1] >= '0' && s[1] <= '7' && s[2] >= '0' &&
	       s[2] <= '7';
}

/* "\040" and the like, in place. */
static void unescape(char *text)
{
	char *to = text;

	for (; *text; text++) {
		if (*text == '\\' && is_octal(text + 1)) {
			*to++ = (char)((text[1] - '0') << 6 | (text[2] - '0') << 3 |
				       (text[3] - '0'));
			text += 3;
		} else {
			*to++ = *text;
		}
	}
	*to = 0;
}

static int keep(struct mountinfo *m, const struct mounted *mount)
{
	struct mounted *v = reallocarray(m->v, m->n + 1, sizeof(*v)), *kept;

	if (!v)
		return -ENOMEM;
	m->v = v;
	kept = &v[m->n++];
	*kept = *mount;
	kept->root = strdup(mount->root);
	kept->point = strdup(mount->point);
	kept->type = strdup(mount->type);
	kept->options = strdup(mount->options);
	if (!kept->root || !kept->point || !kept->type || !kept->options)
		return -ENOMEM;
	unescape(kept->root);
	unescape(kept->point);
	return 0;
}

/* "36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3 /dev/root rw,errors=continue" */
int mountinfo_add_line(struct mountinfo *m, char *line)
{
	char *behind = strstr(line, " - "), *rest = NULL;
	struct mounted mount = {};
	unsigned int major, minor;
	int at = 0;

	line[strcspn(line, "\n")] = 0;
	if (!behind ||
	    sscanf(line, "%" SCNu64 " %*u %u:%u %n", &mount.id, &major, &minor, &at) != 3 || !at)
		return 0;
	mount.device = makedev(major, minor);
	*behind = 0;
	mount.root = strtok_r(line + at, " ", &rest);
	mount.point = strtok_r(NULL, " ", &rest);
	mount.type = strtok_r(behind + 3, " ", &rest);
	strtok_r(NULL, " ", &rest);
	mount.options = strtok_r(NULL, " ", &rest);
	if (!mount.options)
		mount.options = "";
	if (!mount.root || !mount.point || !mount.type || *mount.point != '/')
		return 0;
	return keep(m, &mount);
}

int mountinfo_read(struct mountinfo *m)
{
	FILE *in = fopen("/proc/self/mountinfo", "re");
	size_t capacity = 0;
	char *line = NULL;
	int err = 0;

	*m = (struct mountinfo){};
	if (!in)
		return -errno;
	while (!err && getline(&line, &capacity, in) >= 0)
		err = mountinfo_add_line(m, line);
	free(line);
	fclose(in);
	return err;
}

int path_is_below(const char *path, const char *directory)
{
	size_t len = strlen(directory);

	if (len && directory[len - 1] == '/')
		len--;
	return !strncmp(path, directory, len) && (!path[len] || path[len] == '/');
}

/* The longest, and of these the last: it lies on top. */
const struct mounted *mountinfo_of(const struct mountinfo *m, const char *path)
{
	const struct mounted *best = NULL;
	size_t i, len, longest = 0;

	for (i = 0; i < m->n; i++) {
		len = strlen(m->v[i].point);
		if (len >= longest && path_is_below(path, m->v[i].point)) {
			longest = len;
			best = &m->v[i];
		}
	}
	return best;
}

void mountinfo_free(struct mountinfo *m)
{
	size_t i;

	for (i = 0; i < m->n; i++) {
		free(m->v[i].root);
		free(m->v[i].point);
		free(m->v[i].type);
		free(m->v[i].options);
	}
	free(m->v);
	*m = (struct mountinfo){};
}
