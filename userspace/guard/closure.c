/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Libraries are looked for as ld.so does it: DT_RPATH (also of who loads), DT_RUNPATH, the cache,
 * the default directories; a file of another machine or class is passed over. The environment is
 * not asked. Running `ld.so --list` instead would cost an exec for each program.
 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "closure.h"
#include "file.h"
#include "needs.h"

#define LD_CACHE     "/etc/ld.so.cache"
#define LD_CACHE_MAX (64 << 20)

struct closure_name {
	char *name;
	uint16_t machine;
	uint8_t class;
};

/* One file while what it needs is looked for. */
struct object {
	struct closure *c;
	struct closure_file *file;
	const char *runpath;
};

/* ---- the set --------------------------------------------------------------------------------- */

static void *grown(void *v, size_t n, size_t *capacity, size_t each)
{
	size_t wanted = *capacity ? 2 * *capacity : 64;
	void *bigger = v;

	if (n < *capacity)
		return v;
	bigger = reallocarray(v, wanted, each);
	if (bigger)
		*capacity = wanted;
	return bigger;
}

static struct closure_file *find_known(const struct closure *c, const struct stat *st)
{
	size_t i;

	for (i = 0; i < c->n; i++)
		if (c->v[i]->inode == st->st_ino && c->v[i]->device == st->st_dev)
			return c->v[i];
	return NULL;
}

/* What cannot be read needs nothing: *@content is NULL then. */
static int read_content(struct closure *c, const char *path, const struct stat *st,
			struct remembered_file **content)
{
	int err;

	*content = remembered_find(c->remembered, st);
	if (*content)
		return 0;
	err = needs_read(c->remembered, path, st, content);
	return err == -ENOMEM ? err : 0;
}

static struct closure_file *new_file(const char *path, const struct stat *st)
{
	struct closure_file *file = calloc(1, sizeof(*file));

	if (!file)
		return NULL;
	file->path = strdup(path);
	file->size = st->st_size;
	file->device = st->st_dev;
	file->inode = st->st_ino;
	if (file->path)
		return file;
	free(file);
	return NULL;
}

/* Put a file in the set, to be looked at in its turn. */
static int put_file(struct closure *c, const char *real, const struct stat *st,
		    const struct closure_file *by)
{
	struct closure_file *file = find_known(c, st), **v;

	if (file) {
		/* What is added itself is not there for another's sake, whoever came first. */
		file->by = by ? file->by : NULL;
		return 0;
	}
	v = grown(c->v, c->n, &c->capacity, sizeof(*v));
	if (!v)
		return -ENOMEM;
	c->v = v;
	file = new_file(real, st);
	if (!file)
		return -ENOMEM;
	file->by = by;
	c->v[c->n++] = file;
	return read_content(c, real, st, &file->content);
}

static int add_file(struct closure *c, const char *path, const struct closure_file *by)
{
	struct stat st;
	const char *real = tree_file(&c->tree, path, &st);

	if (!real)
		return c->tree.no_memory ? -ENOMEM : 0;
	return put_file(c, real, &st, by);
}

/* ---- where a library lies -------------------------------------------------------------------- */

/* 1: a shared object that @o's loader would take, and added; 0: there is none; -ENOMEM. */
static int take_if_fits(const struct object *o, const char *path)
{
	const struct remembered_file *asks = o->file->content;
	struct remembered_file *content = NULL;
	struct stat st;
	const char *real = tree_file(&o->c->tree, path, &st);
	int err;

	if (!real)
		return o->c->tree.no_memory ? -ENOMEM : 0;
	err = read_content(o->c, real, &st, &content);
	if (err)
		return err;
	if (!content || content->class != asks->class || content->machine != asks->machine)
		return 0;
	return put_file(o->c, real, &st, o->file) ? -ENOMEM : 1;
}

static int take_from_dir(const struct object *o, const char *dir, size_t len, const char *name)
{
	char path[PATH_MAX];

	if (!len || snprintf(path, sizeof(path), "%.*s/%s", (int)len, dir, name) >= PATH_MAX)
		return 0;
	return take_if_fits(o, path);
}

/* @path with $ORIGIN filled in; NULL for other variables, which no distribution's own files use. */
static const char *expand(char expanded[PATH_MAX], const char *path, size_t len, const char *object)
{
	static const char *const origins[] = {"$ORIGIN", "${ORIGIN}"};
	const char *slash = strrchr(object, '/');
	size_t i, skip = 0;

	if (!memchr(path, '$', len))
		return snprintf(expanded, PATH_MAX, "%.*s", (int)len, path) < PATH_MAX ? expanded
										       : NULL;
	for (i = 0; i < 2 && !skip; i++)
		if (len >= strlen(origins[i]) && !memcmp(path, origins[i], strlen(origins[i])))
			skip = strlen(origins[i]);
	if (!skip || memchr(path + skip, '$', len - skip))
		return NULL;
	if (snprintf(expanded, PATH_MAX, "%.*s%.*s", (int)(slash - object), object,
		     (int)(len - skip), path + skip) >= PATH_MAX)
		return NULL;
	return expanded;
}

/* Each directory of a colon-separated @path that object @owner brings. */
static int take_from_path(const struct object *o, const char *path, const char *owner,
			  const char *name)
{
	char expanded[PATH_MAX];
	const char *dir;
	size_t len;
	int err;

	for (; path; path = path[len] ? path + len + 1 : NULL) {
		len = strcspn(path, ":");
		dir = expand(expanded, path, len, owner);
		err = dir ? take_from_dir(o, dir, strlen(dir), name) : 0;
		if (err)
			return err;
	}
	return 0;
}

/* ---- /etc/ld.so.cache ------------------------------------------------------------------------ */

#define CACHE_MAGIC "glibc-ld.so.cache1.1"

struct cache_header {
	char magic[20];
	uint32_t count;
	uint32_t strings_len;
	uint32_t unused[5];
};

struct cache_entry {
	int32_t flags;
	uint32_t name, path; /* offsets from the header */
	uint32_t os_version;
	uint64_t hwcap;
};

static void read_cache(struct closure *c)
{
	int fd = file_open(LD_CACHE);
	struct stat st;
	ssize_t n;

	if (fd < 0)
		return;
	if (fstat(fd, &st) || st.st_size > LD_CACHE_MAX)
		goto out;
	c->cache = malloc(st.st_size + 1);
	if (!c->cache)
		goto out;
	while (c->cache_len < (size_t)st.st_size) {
		n = file_read(fd, c->cache + c->cache_len, st.st_size - c->cache_len);
		if (n <= 0)
			break;
		c->cache_len += n;
	}
	c->cache[c->cache_len] = 0;
out:
	close(fd);
}

static const char *cache_string(const char *base, size_t len, uint32_t offset)
{
	return offset < len ? base + offset : "";
}

/* The entries of one name: variants for newer processors come first, then what all can run. */
static int take_from_cache(const struct object *o, const char *name)
{
	const char *base = memmem(o->c->cache, o->c->cache_len, CACHE_MAGIC, strlen(CACHE_MAGIC));
	struct cache_header header;
	struct cache_entry entry;
	size_t len, i;
	int found = 0;

	len = base ? o->c->cache_len - (base - o->c->cache) : 0;
	if (len < sizeof(header))
		return 0;
	memcpy(&header, base, sizeof(header));
	if (header.count > (len - sizeof(header)) / sizeof(entry))
		return 0;
	for (i = 0; i < header.count && found >= 0; i++) {
		memcpy(&entry, base + sizeof(header) + i * sizeof(entry), sizeof(entry));
		if (strcmp(cache_string(base, len, entry.name), name))
			continue;
		found = take_if_fits(o, cache_string(base, len, entry.path));
		if (found && !entry.hwcap)
			return found;
	}
	return found < 0 ? found : 0;
}

/* ---- looking a name up ----------------------------------------------------------------------- */

/* Whether this name was looked up before; it is remembered. 1, 0 or -ENOMEM. */
static int seen(const struct object *o, const char *name)
{
	const struct remembered_file *asks = o->file->content;
	struct closure *c = o->c;
	struct closure_name *v;
	size_t i;

	for (i = 0; i < c->name_count; i++)
		if (c->names[i].machine == asks->machine && c->names[i].class == asks->class &&
		    !strcmp(c->names[i].name, name))
			return 1;
	v = grown(c->names, c->name_count, &c->name_capacity, sizeof(*v));
	if (!v)
		return -ENOMEM;
	c->names = v;
	v[i] = (struct closure_name){strdup(name), asks->machine, asks->class};
	if (!v[i].name)
		return -ENOMEM;
	c->name_count++;
	return 0;
}

static int take_from_defaults(const struct object *o, const char *name)
{
	static const char *const dirs[] = {
		"/lib64",
		"/usr/lib64",
		"/lib",
		"/usr/lib",
		"/usr/local/lib",
		"/lib/x86_64-linux-gnu",
		"/usr/lib/x86_64-linux-gnu",
		"/lib/aarch64-linux-gnu",
		"/usr/lib/aarch64-linux-gnu",
	};
	size_t i;
	int err;

	for (i = 0; i < sizeof(dirs) / sizeof(dirs[0]); i++) {
		err = take_from_dir(o, dirs[i], strlen(dirs[i]), name);
		if (err)
			return err;
	}
	return 0;
}

static int take_from_rpaths(const struct object *o, const char *name)
{
	const struct closure_file *f;
	int err = 0;

	/* An object's DT_RUNPATH takes every DT_RPATH out of play. */
	if (o->runpath)
		return take_from_path(o, o->runpath, o->file->path, name);
	for (f = o->file; f && !err; f = f->by)
		err = f->rpath ? take_from_path(o, f->rpath, f->path, name) : 0;
	return err;
}

static int take_needed(const struct object *o, const char *name)
{
	char expanded[PATH_MAX];
	const char *path;
	int err;

	if (strchr(name, '/')) {
		path = expand(expanded, name, strlen(name), o->file->path);
		return path ? take_if_fits(o, path) : 0;
	}
	err = take_from_rpaths(o, name);
	if (!err)
		err = seen(o, name);
	if (!err)
		err = take_from_cache(o, name);
	if (!err)
		err = take_from_defaults(o, name);
	return err;
}

/* ---- what is needed -------------------------------------------------------------------------- */

const char *const program_dirs[PROGRAM_DIRS] = {
	"/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin",
};

/* The first that $PATH would find. */
static int add_program(struct closure *c, const char *name, struct closure_file *by)
{
	char path[PATH_MAX];
	const char *real;
	struct stat st;
	size_t i;

	for (i = 0; i < PROGRAM_DIRS; i++) {
		snprintf(path, sizeof(path), "%s/%s", program_dirs[i], name);
		real = tree_file(&c->tree, path, &st);
		if (real && !access(real, X_OK))
			return put_file(c, real, &st, by);
	}
	return c->tree.no_memory ? -ENOMEM : 0;
}

static int take_need(struct object *o, enum need need, const char *text)
{
	switch (need) {
	case NEED_FILE:
		return add_file(o->c, text, o->file);
	case NEED_PROGRAM:
		return add_program(o->c, text, o->file);
	case NEED_LIBRARY:
		return take_needed(o, text) < 0 ? -ENOMEM : 0;
	case NEED_RPATH:
		if (!o->file->rpath)
			o->file->rpath = text;
		return 0;
	case NEED_RUNPATH:
		o->runpath = text;
		return 0;
	}
	return 0;
}

static int take_needs(struct closure *c, struct closure_file *file)
{
	const struct remembered_file *content = file->content;
	struct object o = {.c = c, .file = file};
	const char *need = content ? content->needs : NULL, *end;
	int err = 0;

	end = need ? need + content->needs_len : NULL;
	for (; need < end && !err; need += strlen(need) + 1)
		err = take_need(&o, *need, need + 1);
	return err;
}

/* ---- outside --------------------------------------------------------------------------------- */

int closure_init(struct closure *c, struct remembered *remembered)
{
	memset(c, 0, sizeof(*c));
	c->own = remembered ? NULL : calloc(1, sizeof(*c->own));
	c->remembered = remembered ? remembered : c->own;
	if (!c->remembered)
		return -ENOMEM;
	read_cache(c);
	return 0;
}

int closure_add(struct closure *c, const char *path)
{
	size_t next = c->n;
	int err = add_file(c, path, NULL);

	for (; next < c->n && !err; next++)
		err = take_needs(c, c->v[next]);
	return err;
}

void closure_free(struct closure *c)
{
	size_t i;

	for (i = 0; i < c->n; i++) {
		free(c->v[i]->path);
		free(c->v[i]);
	}
	for (i = 0; i < c->name_count; i++)
		free(c->names[i].name);
	free(c->names);
	free(c->v);
	free(c->cache);
	tree_free(&c->tree);
	if (c->own)
		remembered_free(c->own);
	else if (c->remembered)
		remembered_end(c->remembered);
	free(c->own);
	memset(c, 0, sizeof(*c));
}
