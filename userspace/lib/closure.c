/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Libraries are looked for as ld.so does it: DT_RPATH (also of who loads), DT_RUNPATH, the cache,
 * the default directories; a file of another machine or class is passed over. The environment is
 * not asked. Running `ld.so --list` instead would cost an exec for each program.
 */
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <gelf.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "closure.h"
#include "file.h"

#define LD_CACHE     "/etc/ld.so.cache"
#define LD_CACHE_MAX (64 << 20)
#define STRINGS_MAX  (16 << 20)
#define DYNAMIC_MAX  (1 << 20)
#define SCRIPT_LINE  256

struct closure_name {
	char *name;
	uint16_t machine;
	uint8_t class;
};

/* One ELF file while it is looked at. */
struct object {
	struct closure *c;
	struct closure_file *file;
	Elf *elf;
	uint16_t machine;
	uint8_t class;
	Elf_Data *dynamic, *strings;
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

/* Put @path in the set, to be looked at in its turn. */
static int add_file(struct closure *c, const char *path, const struct closure_file *by)
{
	struct closure_file *file, **v;
	struct stat st;

	if (stat(path, &st) || !S_ISREG(st.st_mode))
		return 0;
	file = find_known(c, &st);
	if (file) {
		/* What is added itself is not there for another's sake, whoever came first. */
		file->by = by ? file->by : NULL;
		return 0;
	}
	v = grown(c->v, c->n, &c->capacity, sizeof(*v));
	if (!v)
		return -ENOMEM;
	c->v = v;
	file = calloc(1, sizeof(*file));
	if (!file)
		return -ENOMEM;
	file->path = realpath(path, NULL);
	if (!file->path) {
		free(file);
		return errno == ENOMEM ? -ENOMEM : 0;
	}
	file->by = by;
	file->size = st.st_size;
	file->device = st.st_dev;
	file->inode = st.st_ino;
	c->v[c->n++] = file;
	return 0;
}

/* ---- where a library lies -------------------------------------------------------------------- */

/* Whether @path is a shared object that @o's loader would take. */
static bool fits(const struct object *o, const char *path)
{
	unsigned char head[EI_NIDENT + 2 * sizeof(uint16_t)];
	int fd = file_open(path);
	uint16_t machine;
	ssize_t n;

	if (fd < 0)
		return false;
	n = file_read(fd, head, sizeof(head));
	close(fd);
	if (n != sizeof(head) || memcmp(head, ELFMAG, SELFMAG) || head[EI_CLASS] != o->class)
		return false;
	memcpy(&machine, head + EI_NIDENT + sizeof(uint16_t), sizeof(machine));
	return machine == o->machine;
}

/* 1: found and added; 0: not there; -ENOMEM. */
static int take_if_fits(const struct object *o, const char *path)
{
	if (!fits(o, path))
		return 0;
	return add_file(o->c, path, o->file) ? -ENOMEM : 1;
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
	struct closure *c = o->c;
	struct closure_name *v;
	size_t i;

	for (i = 0; i < c->name_count; i++)
		if (c->names[i].machine == o->machine && c->names[i].class == o->class &&
		    !strcmp(c->names[i].name, name))
			return 1;
	v = grown(c->names, c->name_count, &c->name_capacity, sizeof(*v));
	if (!v)
		return -ENOMEM;
	c->names = v;
	v[i] = (struct closure_name){strdup(name), o->machine, o->class};
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

/* ---- reading an ELF file --------------------------------------------------------------------- */

/* The bytes of the file that are mapped at @address. */
static Elf_Data *data_at(const struct object *o, uint64_t address, uint64_t len, Elf_Type type)
{
	GElf_Phdr ph;
	size_t n, i;

	if (elf_getphdrnum(o->elf, &n))
		return NULL;
	for (i = 0; i < n && gelf_getphdr(o->elf, i, &ph); i++)
		if (ph.p_type == PT_LOAD && address >= ph.p_vaddr &&
		    address - ph.p_vaddr < ph.p_filesz &&
		    len <= ph.p_filesz - (address - ph.p_vaddr) && ph.p_offset <= INT64_MAX / 2)
			return elf_getdata_rawchunk(o->elf, ph.p_offset + (address - ph.p_vaddr),
						    len, type);
	return NULL;
}

static bool dynamic_entry(const struct object *o, int i, GElf_Dyn *entry)
{
	return gelf_getdyn(o->dynamic, i, entry) && entry->d_tag != DT_NULL;
}

/* The string at @offset of the dynamic strings, or NULL when it does not end there. */
static const char *dynamic_string(const struct object *o, uint64_t offset)
{
	const char *strings = o->strings->d_buf;

	if (offset >= o->strings->d_size ||
	    !memchr(strings + offset, 0, o->strings->d_size - offset))
		return NULL;
	return strings + offset;
}

static bool find_strings(struct object *o)
{
	uint64_t address = 0, len = 0;
	GElf_Dyn entry;
	int i;

	for (i = 0; dynamic_entry(o, i, &entry); i++) {
		if (entry.d_tag == DT_STRTAB)
			address = entry.d_un.d_ptr;
		if (entry.d_tag == DT_STRSZ)
			len = entry.d_un.d_val;
	}
	if (!len || len > STRINGS_MAX)
		return false;
	o->strings = data_at(o, address, len, ELF_T_BYTE);
	return o->strings && o->strings->d_buf;
}

static int find_paths(struct object *o)
{
	const char *path;
	GElf_Dyn entry;
	int i;

	for (i = 0; dynamic_entry(o, i, &entry); i++) {
		if (entry.d_tag != DT_RPATH && entry.d_tag != DT_RUNPATH)
			continue;
		path = dynamic_string(o, entry.d_un.d_val);
		if (entry.d_tag == DT_RUNPATH) {
			o->runpath = path;
		} else if (path && !o->file->rpath) {
			o->file->rpath = strdup(path);
			if (!o->file->rpath)
				return -ENOMEM;
		}
	}
	return 0;
}

static int read_dynamic(struct object *o, const GElf_Phdr *ph)
{
	const char *name;
	GElf_Dyn entry;
	int i, err;

	if (ph->p_filesz > DYNAMIC_MAX || ph->p_offset > INT64_MAX / 2)
		return 0;
	o->dynamic = elf_getdata_rawchunk(o->elf, ph->p_offset, ph->p_filesz, ELF_T_DYN);
	if (!o->dynamic || !find_strings(o))
		return 0;
	err = find_paths(o);
	for (i = 0; !err && dynamic_entry(o, i, &entry); i++) {
		name = entry.d_tag == DT_NEEDED ? dynamic_string(o, entry.d_un.d_val) : NULL;
		if (name && take_needed(o, name) < 0)
			err = -ENOMEM;
	}
	return err;
}

static int read_interpreter(struct object *o, const GElf_Phdr *ph)
{
	Elf_Data *data;

	if (!ph->p_filesz || ph->p_filesz > PATH_MAX || ph->p_offset > INT64_MAX / 2)
		return 0;
	data = elf_getdata_rawchunk(o->elf, ph->p_offset, ph->p_filesz, ELF_T_BYTE);
	if (!data || !data->d_buf || !memchr(data->d_buf, 0, data->d_size))
		return 0;
	return add_file(o->c, data->d_buf, o->file);
}

static int read_elf(struct object *o)
{
	GElf_Ehdr header;
	GElf_Phdr ph;
	size_t n, i;
	int err = 0;

	if (elf_kind(o->elf) != ELF_K_ELF || !gelf_getehdr(o->elf, &header) ||
	    elf_getphdrnum(o->elf, &n))
		return 0;
	o->machine = header.e_machine;
	o->class = header.e_ident[EI_CLASS];
	for (i = 0; i < n && !err && gelf_getphdr(o->elf, i, &ph); i++) {
		if (ph.p_type == PT_INTERP)
			err = read_interpreter(o, &ph);
		else if (ph.p_type == PT_DYNAMIC)
			err = read_dynamic(o, &ph);
	}
	return err;
}

/* ---- reading a script ------------------------------------------------------------------------ */

const char *const program_dirs[PROGRAM_DIRS] = {
	"/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin",
};

/* The first that $PATH would find. */
static int add_program(struct closure *c, const char *name, struct closure_file *by)
{
	char path[PATH_MAX];
	size_t i;

	for (i = 0; i < PROGRAM_DIRS; i++) {
		snprintf(path, sizeof(path), "%s/%s", program_dirs[i], name);
		if (!access(path, X_OK))
			return add_file(c, path, by);
	}
	return 0;
}

/* "-S A=b python3 -s": the program that env(1) starts. */
static int read_env(struct closure *c, struct closure_file *file, char *words)
{
	char *state, *word = strtok_r(words, " \t\n", &state);

	while (word && (*word == '-' || strchr(word, '=')))
		word = strtok_r(NULL, " \t\n", &state);
	if (!word)
		return 0;
	return *word == '/' ? add_file(c, word, file) : add_program(c, word, file);
}

/* "#!/usr/bin/python3 -s" */
static int read_script(struct closure *c, struct closure_file *file, char line[SCRIPT_LINE])
{
	char *path = line + 2 + strspn(line + 2, " \t"), *rest;
	int err;

	path[strcspn(path, "\n")] = 0;
	rest = path + strcspn(path, " \t");
	if (*rest)
		*rest++ = 0;
	if (*path != '/')
		return 0;
	err = add_file(c, path, file);
	if (!err && !strcmp(strrchr(path, '/'), "/env"))
		err = read_env(c, file, rest);
	return err;
}

static int read_needs(struct closure *c, struct closure_file *file)
{
	struct object o = {.c = c, .file = file};
	char line[SCRIPT_LINE] = "";
	int fd = file_open(file->path), err = 0;

	if (fd < 0)
		return 0;
	if (pread(fd, line, sizeof(line) - 1, 0) < SELFMAG)
		goto out;
	if (line[0] == '#' && line[1] == '!') {
		err = read_script(c, file, line);
		goto out;
	}
	if (memcmp(line, ELFMAG, SELFMAG))
		goto out;
	o.elf = elf_begin(fd, ELF_C_READ, NULL);
	if (o.elf)
		err = read_elf(&o);
	elf_end(o.elf);
out:
	close(fd);
	return err;
}

/* ---- outside --------------------------------------------------------------------------------- */

void closure_init(struct closure *c)
{
	memset(c, 0, sizeof(*c));
	elf_version(EV_CURRENT);
	read_cache(c);
}

int closure_add(struct closure *c, const char *path)
{
	size_t next = c->n;
	int err = add_file(c, path, NULL);

	for (; next < c->n && !err; next++)
		err = read_needs(c, c->v[next]);
	return err;
}

void closure_free(struct closure *c)
{
	size_t i;

	for (i = 0; i < c->n; i++) {
		free(c->v[i]->path);
		free(c->v[i]->rpath);
		free(c->v[i]);
	}
	for (i = 0; i < c->name_count; i++)
		free(c->names[i].name);
	free(c->names);
	free(c->v);
	free(c->cache);
	memset(c, 0, sizeof(*c));
}
