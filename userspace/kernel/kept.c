/* SPDX-License-Identifier: GPL-2.0-only */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kept.h"

/* A line of mountinfo, cut up: "36 35 98:0 /root /mnt rw,noexec master:1 - ext3 /dev/sda1 rw". */
struct line {
	char *point, *options, *type, *source;
};

/* " \t\n\\" are written as \040 and so on (proc(5)). In place. */
static void unescape(char *text)
{
	char *to = text;

	for (; *text; text++) {
		if (text[0] == '\\' && text[1] >= '0' && text[1] <= '3' && text[2] >= '0' &&
		    text[2] <= '7' && text[3] >= '0' && text[3] <= '7') {
			*to++ = (text[1] - '0') << 6 | (text[2] - '0') << 3 | (text[3] - '0');
			text += 3;
		} else {
			*to++ = *text;
		}
	}
	*to = 0;
}

static bool cut_up(struct line *l, char *text)
{
	char *words[6], *behind = strstr(text, " - "), *rest;
	size_t i;

	if (!behind)
		return false;
	*behind = 0;
	for (i = 0; i < 6; i++) {
		words[i] = strtok_r(i ? NULL : text, " ", &rest);
		if (!words[i])
			return false;
	}
	*l = (struct line){.point = words[4], .options = words[5]};
	l->type = strtok_r(behind + 3, " \n", &rest);
	l->source = strtok_r(NULL, " \n", &rest);
	unescape(l->point);
	return l->type && l->source;
}

static bool is_below(const char *path, const char *point)
{
	size_t len = strlen(point);

	if (!strcmp(point, "/"))
		return true;
	return !strncmp(path, point, len) && (!path[len] || path[len] == '/');
}

static bool has_word(const char *list, const char *word)
{
	size_t len = strlen(word), n;

	for (; *list; list += n + (list[n] == ',')) {
		n = strcspn(list, ",");
		if (n == len && !strncmp(list, word, n))
			return true;
	}
	return false;
}

/* As is_of_this_kernel() and is_on_a_file() of bpf/keep.h have it. */
static void take(struct kept *k, const struct line *l)
{
	static const char types[] = "ext2,ext3,ext4,xfs,btrfs,f2fs,squashfs";
	const char *device = strrchr(l->source, '/');

	device = device ? device + 1 : l->source;
	*k = (struct kept){.noexec = has_word(l->options, "noexec")};
	snprintf(k->type, sizeof(k->type), "%s", l->type);
	k->stacked = !strcmp(l->type, "overlay");
	k->on_a_file = !strncmp(device, "loop", 4) || !strncmp(device, "nbd", 3);
	k->kept = has_word(types, l->type) && !k->on_a_file;
}

/* Of several on one directory the last is seen. */
static bool find(struct kept *k, FILE *in, const char *path)
{
	size_t capacity = 0, longest = 0;
	char *text = NULL;
	struct line l;

	while (getline(&text, &capacity, in) >= 0) {
		if (!cut_up(&l, text) || !is_below(path, l.point) || strlen(l.point) < longest)
			continue;
		longest = strlen(l.point);
		take(k, &l);
	}
	free(text);
	return longest;
}

int kept_at(struct kept *k, const char *mountinfo, const char *dir)
{
	char path[PATH_MAX];
	bool found;
	FILE *in;

	*k = (struct kept){};
	if (!realpath(dir, path))
		return -errno;
	in = fopen(mountinfo, "re");
	if (!in)
		return -errno;
	found = find(k, in, path);
	fclose(in);
	return found ? 0 : -ENOENT;
}
