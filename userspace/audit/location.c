/* SPDX-License-Identifier: GPL-2.0-only */
#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "location.h"

#define CONTAINER_ID_MIN 32 /* digits, without a break */
#define POD_UID_LEN	 36

/* ---- names to path, path to names ------------------------------------------------------------ */

/* The name before @end, whose NUL lies there; *begin: where it starts. */
static size_t name_before(const struct location *l, size_t end, size_t *begin)
{
	*begin = end;
	while (*begin && l->names[*begin - 1])
		--*begin;
	return end - *begin;
}

char *location_path(const struct location *l)
{
	size_t end = l->len <= LOCATION_LEN ? l->len : 0, begin, n;
	char *path, *at;

	if (!end && !l->whole)
		return NULL;
	path = at = malloc(end + sizeof("…/"));
	if (!path)
		return NULL;
	if (!l->whole)
		at = stpcpy(at, "…");
	if (!end)
		at = stpcpy(at, "/");
	while (end) {
		n = name_before(l, end - 1, &begin);
		*at++ = '/';
		memcpy(at, l->names + begin, n);
		at += n;
		end = begin;
	}
	*at = 0;
	return path;
}

void location_set(struct location *l, const char *path)
{
	size_t end = strlen(path), begin, n;

	*l = (struct location){};
	while (end) {
		begin = end;
		while (begin && path[begin - 1] != '/')
			begin--;
		n = end - begin;
		if (n && l->len + n + 1 > LOCATION_LEN)
			return;
		if (n) {
			memcpy(l->names + l->len, path + begin, n);
			l->names[l->len + n] = 0;
			l->len += n + 1;
		}
		end = begin ? begin - 1 : 0;
	}
	l->whole = 1;
}

/* ---- control groups -------------------------------------------------------------------------- */

static bool ends_with(const char *name, size_t len, const char *end)
{
	size_t n = strlen(end);

	return len > n && !memcmp(name + len - n, end, n);
}

static void copy(char *to, size_t size, const char *from, size_t len)
{
	snprintf(to, size, "%.*s", (int)len, from);
}

static void take_unit(struct control_group *g, const char *name, size_t len)
{
	if (!*g->unit && (ends_with(name, len, ".service") || ends_with(name, len, ".scope")))
		copy(g->unit, sizeof(g->unit), name, len);
}

static bool begins_with(const char *name, size_t len, const char *begin)
{
	size_t n = strlen(begin);

	return len > n && !memcmp(name, begin, n);
}

/* docker-ID.scope, cri-containerd-ID.scope, ID: the longest row of hexadecimal digits. */
static bool take_container_id(struct control_group *g, const char *name, size_t len)
{
	size_t i, n = 0;

	for (i = 0; i <= len; i++) {
		if (i < len && isxdigit((unsigned char)name[i])) {
			n++;
			continue;
		}
		if (n >= CONTAINER_ID_MIN) {
			copy(g->container, sizeof(g->container), name + i - n, n);
			return true;
		}
		n = 0;
	}
	return false;
}

static void take_container(struct control_group *g, const char *name, size_t len)
{
	static const char lxc[] = "lxc.payload.", machine[] = "machine-", scope[] = ".scope";
	size_t skip;

	if (take_container_id(g, name, len) || *g->container)
		return;
	if (begins_with(name, len, lxc)) {
		skip = sizeof(lxc) - 1;
		copy(g->container, sizeof(g->container), name + skip, len - skip);
	} else if (begins_with(name, len, machine) && ends_with(name, len, scope)) {
		skip = sizeof(machine) - 1;
		copy(g->container, sizeof(g->container), name + skip,
		     len - skip - (sizeof(scope) - 1));
	}
}

/* The uid at @name: 36 characters, of which systemd wants _ for -; 32 digits of a static pod. */
static size_t pod_uid_len(const char *name, size_t len)
{
	size_t n = 0;

	while (n < len && n < POD_UID_LEN &&
	       (isxdigit((unsigned char)name[n]) || strchr("-_", name[n])))
		n++;
	if (n == POD_UID_LEN && strchr("-_", name[8]))
		return n;
	return n == CONTAINER_ID_MIN ? n : 0;
}

/* podUID, kubepods-burstable-podUID.slice */
static void take_pod(struct control_group *g, const char *name, size_t len)
{
	size_t i, n = 0;

	for (i = 0; i + 3 < len && !n; i++)
		if (!memcmp(name + i, "pod", 3))
			n = pod_uid_len(name + i + 3, len - i - 3);
	if (!n)
		return;
	copy(g->pod, sizeof(g->pod), name + i + 2, n);
	for (i = 0; i < n; i++)
		if (g->pod[i] == '_')
			g->pod[i] = '-';
}

void control_group_read(struct control_group *g, const char *path)
{
	size_t len;

	*g = (struct control_group){};
	for (; *path; path += len + (path[len] == '/')) {
		len = strcspn(path, "/");
		take_unit(g, path, len);
		take_container(g, path, len);
		take_pod(g, path, len);
	}
}
