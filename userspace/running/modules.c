/* SPDX-License-Identifier: GPL-2.0-only */
#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "file.h"
#include "hash.h"
#include "modules.h"

#define MODULES	      "/sys/module"
#define NOTE_GNU_LEN  16 /* its header, and "GNU" */
#define NOTE_BUILD_ID 3

int module_name_fingerprint(struct fingerprint *f, const char *name)
{
	char folded[MODULE_NAME_LEN] = "";
	size_t i;

	memset(f, 0, sizeof(*f));
	f->kind = FINGERPRINT_MODULE_NAME;
	snprintf(folded, sizeof(folded), "%s", name);
	for (i = 0; folded[i]; i++)
		if (folded[i] == '-')
			folded[i] = '_';
	return hash_bytes(f->value, folded, strlen(folded));
}

/* The kernel keeps the note as the file had it. */
static void read_build_id(struct loaded_module *m)
{
	char path[sizeof(MODULES) + MODULE_NAME_LEN + 64], *note;
	uint32_t words[3];
	size_t len;

	snprintf(path, sizeof(path), MODULES "/%s/notes/.note.gnu.build-id", m->name);
	if (file_read_whole(path, &note, &len))
		return;
	if (len > NOTE_GNU_LEN) {
		memcpy(words, note, sizeof(words));
		len -= NOTE_GNU_LEN;
		if (words[2] == NOTE_BUILD_ID && words[1] && words[1] <= len &&
		    words[1] <= FINGERPRINT_LEN) {
			m->build_id.kind = FINGERPRINT_BUILD_ID;
			m->build_id.len = words[1];
			memcpy(m->build_id.value, note + NOTE_GNU_LEN, words[1]);
		}
	}
	free(note);
}

/* Built-in code has a directory there too, and no initstate. */
static int add_module(struct loaded_modules *m, const char *name)
{
	char path[sizeof(MODULES) + 256 + 16];
	struct loaded_module *v;

	snprintf(path, sizeof(path), MODULES "/%.255s/initstate", name);
	if (access(path, F_OK) || strlen(name) >= MODULE_NAME_LEN)
		return 0;
	v = reallocarray(m->v, m->n + 1, sizeof(*v));
	if (!v)
		return -ENOMEM;
	m->v = v;
	v = &m->v[m->n++];
	memset(v, 0, sizeof(*v));
	strcpy(v->name, name);
	read_build_id(v);
	return 0;
}

/* ---- where their files are ----------------------------------------------------------------- */

/* Whether the first @len bytes of @path are of the file of driver @name. */
static bool is_file_of(const char *path, size_t len, const char *name)
{
	const char *base = memrchr(path, '/', len), *c;

	base = base ? base + 1 : path;
	for (c = base; c < path + len && *name; c++, name++)
		if (*c != *name && !(*c == '-' && *name == '_'))
			return false;
	return !*name && path + len - c >= 3 && !strncmp(c, ".ko", 3);
}

/* modules.dep begins each line with a path below its own directory. */
static int find_file(char **found, const char *name, const char *directory, const char *dep)
{
	const char *line = dep;
	size_t len;

	for (; *line; line += strcspn(line, "\n"), line += *line == '\n') {
		len = strcspn(line, ":\n");
		if (is_file_of(line, len, name))
			return asprintf(found, "%s/%.*s", directory, (int)len, line) < 0 ? -ENOMEM
											 : 0;
	}
	return 0;
}

#define DIRECTORY_LEN 256

/* The running kernel's modules.dep, or NULL: a machine without one has nothing to find. */
static char *read_dep(char directory[DIRECTORY_LEN])
{
	char path[DIRECTORY_LEN + 16], *dep;
	struct utsname name = {};

	uname(&name);
	snprintf(directory, DIRECTORY_LEN, "/lib/modules/%s", name.release);
	snprintf(path, sizeof(path), "%s/modules.dep", directory);
	return file_read_whole(path, &dep, NULL) ? NULL : dep;
}

static int find_files(struct loaded_modules *m)
{
	char directory[DIRECTORY_LEN], *dep = read_dep(directory);
	size_t i;
	int err = 0;

	for (i = 0; i < m->n && dep && !err; i++)
		err = find_file(&m->v[i].path, m->v[i].name, directory, dep);
	free(dep);
	return err;
}

char *modules_find(const char *name)
{
	char directory[DIRECTORY_LEN], folded[MODULE_NAME_LEN], *path = NULL, *dep, *c;

	snprintf(folded, sizeof(folded), "%s", name);
	for (c = folded; *c; c++)
		if (*c == '-')
			*c = '_';
	dep = read_dep(directory);
	if (dep)
		find_file(&path, folded, directory, dep);
	free(dep);
	return path;
}

int modules_read(struct loaded_modules *m)
{
	DIR *directory = opendir(MODULES);
	struct dirent *entry;
	int err = 0;

	*m = (struct loaded_modules){};
	if (!directory)
		return -errno;
	while (!err && (entry = readdir(directory)))
		if (entry->d_name[0] != '.')
			err = add_module(m, entry->d_name);
	closedir(directory);
	return err ? err : find_files(m);
}

void modules_free(struct loaded_modules *m)
{
	size_t i;

	for (i = 0; i < m->n; i++)
		free(m->v[i].path);
	free(m->v);
	*m = (struct loaded_modules){};
}
