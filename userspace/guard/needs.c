/* SPDX-License-Identifier: GPL-2.0-only */
#include "needs.h"

#include <byteswap.h>
#include <elf.h>
#include <errno.h>
#include <gelf.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bytes.h"
#include "file.h"

/* One read gives the headers, and the dynamic strings of most programs. */
#define HEAD_LEN     (32 << 10)
#define STRINGS_MAX  (16 << 20)
#define DYNAMIC_MAX  (1 << 20)
#define SEGMENTS_MAX 8 /* that name an interpreter or libraries; the loader takes one of each */
#define SCRIPT_LINE  255
#define NEEDS_MAX    (1 << 20) /* of one file; what is beyond is passed over */

/* A file while it is looked at. */
struct reading {
	struct bytes bytes;
	uint8_t *head; /* the file's first bytes */
	size_t head_len;
	FILE *out;
	size_t put;
	bool no_memory;
	/* of an ELF file */
	Elf *elf;
	GElf_Ehdr header;
	GElf_Dyn *dynamic;
	size_t count;  /* of its entries, up to DT_NULL */
	char *strings; /* NUL behind them */
	size_t strings_len;
	const char *runpath;
};

static void put(struct reading *r, enum need need, const char *text)
{
	size_t len = strlen(text) + 1;

	if (len + 1 > NEEDS_MAX - r->put)
		return;
	fputc(need, r->out);
	fwrite(text, 1, len, r->out);
	r->put += len + 1;
}

/* @len bytes at @at, all of them, in a new buffer with a NUL behind; or NULL. */
static void *read_part(struct reading *r, uint64_t at, size_t len)
{
	char *part;
	ssize_t n;

	if (at > r->bytes.size || len > r->bytes.size - at)
		return NULL;
	part = malloc(len + 1);
	if (!part) {
		r->no_memory = true;
		return NULL;
	}
	if (at + len <= r->head_len) {
		memcpy(part, r->head + at, len);
		n = len;
	} else {
		n = bytes_read(&r->bytes, at, part, len);
	}
	part[len] = 0;
	if (n == (ssize_t)len)
		return part;
	free(part);
	return NULL;
}

/* ---- the dynamic section --------------------------------------------------------------------- */

/* From the file's own bytes to this machine's. */
static bool translate(struct reading *r, void *raw, size_t len)
{
	Elf_Data data = {.d_buf = raw, .d_type = ELF_T_DYN, .d_version = EV_CURRENT, .d_size = len};

	return gelf_xlatetom(r->elf, &data, &data, r->header.e_ident[EI_DATA]);
}

static GElf_Dyn entry_of(const void *raw, size_t i, bool wide)
{
	const Elf32_Dyn *narrow = raw;
	const Elf64_Dyn *v = raw;

	return wide ? v[i] : (GElf_Dyn){narrow[i].d_tag, {narrow[i].d_un.d_val}};
}

static void read_entries(struct reading *r, const GElf_Phdr *ph)
{
	bool wide = r->header.e_ident[EI_CLASS] == ELFCLASS64;
	size_t each = wide ? sizeof(Elf64_Dyn) : sizeof(Elf32_Dyn), n = ph->p_filesz / each;
	void *raw = read_part(r, ph->p_offset, n * each);
	GElf_Dyn entry;

	r->count = 0;
	r->dynamic = raw && n ? reallocarray(NULL, n, sizeof(*r->dynamic)) : NULL;
	r->no_memory |= raw && n && !r->dynamic;
	if (r->dynamic && translate(r, raw, n * each)) {
		while (r->count < n) {
			entry = entry_of(raw, r->count, wide);
			if (entry.d_tag == DT_NULL)
				break;
			r->dynamic[r->count++] = entry;
		}
	}
	free(raw);
}

/* Where the file has what is mapped at @address. */
static bool offset_of(const struct reading *r, uint64_t address, uint64_t len, uint64_t *offset)
{
	GElf_Phdr ph;
	size_t n, i;

	if (elf_getphdrnum(r->elf, &n))
		return false;
	for (i = 0; i < n && gelf_getphdr(r->elf, i, &ph); i++)
		if (ph.p_type == PT_LOAD && address >= ph.p_vaddr &&
		    address - ph.p_vaddr < ph.p_filesz &&
		    len <= ph.p_filesz - (address - ph.p_vaddr) && ph.p_offset <= INT64_MAX / 2) {
			*offset = ph.p_offset + (address - ph.p_vaddr);
			return true;
		}
	return false;
}

static void read_strings(struct reading *r)
{
	uint64_t address = 0, len = 0, offset;
	size_t i;

	for (i = 0; i < r->count; i++) {
		if (r->dynamic[i].d_tag == DT_STRTAB)
			address = r->dynamic[i].d_un.d_ptr;
		if (r->dynamic[i].d_tag == DT_STRSZ)
			len = r->dynamic[i].d_un.d_val;
	}
	r->strings = NULL;
	r->strings_len = len;
	if (len && len <= STRINGS_MAX && offset_of(r, address, len, &offset))
		r->strings = read_part(r, offset, len);
}

/* The string at @offset of the dynamic strings, or NULL when it does not end there. */
static const char *string(const struct reading *r, uint64_t offset)
{
	if (offset >= r->strings_len || !memchr(r->strings + offset, 0, r->strings_len - offset))
		return NULL;
	return r->strings + offset;
}

static void put_paths(struct reading *r)
{
	const char *path, *runpath = NULL;
	size_t i;

	for (i = 0; i < r->count; i++) {
		path = string(r, r->dynamic[i].d_un.d_val);
		if (path && r->dynamic[i].d_tag == DT_RPATH)
			put(r, NEED_RPATH, path);
		if (path && r->dynamic[i].d_tag == DT_RUNPATH)
			runpath = path;
	}
	if (runpath)
		put(r, NEED_RUNPATH, runpath);
}

static void put_libraries(struct reading *r)
{
	const char *name;
	size_t i;

	for (i = 0; i < r->count; i++) {
		if (r->dynamic[i].d_tag != DT_NEEDED)
			continue;
		name = string(r, r->dynamic[i].d_un.d_val);
		if (name && strlen(name) < PATH_MAX)
			put(r, NEED_LIBRARY, name);
	}
}

static void read_dynamic(struct reading *r, const GElf_Phdr *ph)
{
	if (ph->p_filesz > DYNAMIC_MAX || ph->p_offset > INT64_MAX / 2)
		return;
	read_entries(r, ph);
	if (r->dynamic)
		read_strings(r);
	if (r->dynamic && r->strings) {
		put_paths(r);
		put_libraries(r);
	}
	free(r->dynamic);
	free(r->strings);
	r->dynamic = NULL;
	r->strings = NULL;
}

/* ---- an ELF file ----------------------------------------------------------------------------- */

static void read_interpreter(struct reading *r, const GElf_Phdr *ph)
{
	char *path;

	if (!ph->p_filesz || ph->p_filesz > PATH_MAX || ph->p_offset > INT64_MAX / 2)
		return;
	path = read_part(r, ph->p_offset, ph->p_filesz);
	if (path && memchr(path, 0, ph->p_filesz))
		put(r, NEED_FILE, path);
	free(path);
}

/* libelf wants all that the header speaks of: the sections, which lie elsewhere, need not be. */
static void forget_sections(uint8_t *head)
{
	if (head[EI_CLASS] == ELFCLASS64) {
		Elf64_Ehdr *h = (void *)head;

		h->e_shoff = 0;
		h->e_shnum = h->e_shstrndx = 0;
	} else {
		Elf32_Ehdr *h = (void *)head;

		h->e_shoff = 0;
		h->e_shnum = h->e_shstrndx = 0;
	}
}

/* Whether the first bytes hold the program headers: some tools put them at the end of the file. */
static bool head_has_segments(const struct reading *r)
{
	uint64_t len = (uint64_t)r->header.e_phnum * r->header.e_phentsize;

	return r->header.e_phnum != PN_XNUM && r->header.e_phoff <= r->head_len &&
	       len <= r->head_len - r->header.e_phoff;
}

static void open_elf(struct reading *r)
{
	elf_version(EV_CURRENT);
	if (r->head_len >= sizeof(Elf64_Ehdr))
		forget_sections(r->head);
	r->elf = elf_memory((char *)r->head, r->head_len);
	if (r->elf && gelf_getehdr(r->elf, &r->header) && head_has_segments(r))
		return;
	elf_end(r->elf);
	r->elf = elf_begin(r->bytes.fd, ELF_C_READ, NULL);
	if (elf_kind(r->elf) != ELF_K_ELF || !gelf_getehdr(r->elf, &r->header)) {
		elf_end(r->elf);
		r->elf = NULL;
	}
}

static void read_segments(struct reading *r)
{
	size_t n, i, taken = 0;
	GElf_Phdr ph;

	if (elf_getphdrnum(r->elf, &n))
		return;
	for (i = 0; i < n && taken < SEGMENTS_MAX && gelf_getphdr(r->elf, i, &ph); i++) {
		if (ph.p_type == PT_INTERP)
			read_interpreter(r, &ph);
		else if (ph.p_type == PT_DYNAMIC)
			read_dynamic(r, &ph);
		taken += ph.p_type == PT_INTERP || ph.p_type == PT_DYNAMIC;
	}
}

/* What a library's loader asks of it first; a file may be too broken for more. */
static void read_kind(const struct reading *r, struct remembered_file *f)
{
	const Elf64_Ehdr *h = (const void *)r->head; /* so far, both classes are alike */

	if (r->head_len < offsetof(Elf64_Ehdr, e_version))
		return;
	f->class = h->e_ident[EI_CLASS];
	f->machine =
		h->e_ident[EI_DATA] == ELFDATA2MSB ? be16toh(h->e_machine) : le16toh(h->e_machine);
}

static void read_elf(struct reading *r, struct remembered_file *f)
{
	read_kind(r, f);
	open_elf(r);
	if (r->elf)
		read_segments(r);
	elf_end(r->elf);
}

/* ---- a script -------------------------------------------------------------------------------- */

/* "-S A=b python3 -s": the program that env(1) starts. */
static void read_env(struct reading *r, char *words)
{
	char *state, *word = strtok_r(words, " \t\n", &state);

	while (word && (*word == '-' || strchr(word, '=')))
		word = strtok_r(NULL, " \t\n", &state);
	if (word)
		put(r, *word == '/' ? NEED_FILE : NEED_PROGRAM, word);
}

/* "#!/usr/bin/python3 -s" */
static void read_script(struct reading *r)
{
	char line[SCRIPT_LINE + 1] = "", *path, *rest;

	memcpy(line, r->head, r->head_len < SCRIPT_LINE ? r->head_len : SCRIPT_LINE);
	path = line + 2 + strspn(line + 2, " \t");
	path[strcspn(path, "\n")] = 0;
	rest = path + strcspn(path, " \t");
	if (*rest)
		*rest++ = 0;
	if (*path != '/')
		return;
	put(r, NEED_FILE, path);
	if (!strcmp(strrchr(path, '/'), "/env"))
		read_env(r, rest);
}

/* ---- outside --------------------------------------------------------------------------------- */

static int read_file(struct reading *r, struct remembered_file *f)
{
	ssize_t n = bytes_read(&r->bytes, 0, r->head, HEAD_LEN);

	r->head_len = n > 0 ? n : 0;
	r->out = open_memstream(&f->needs, &f->needs_len);
	if (!r->out)
		return -ENOMEM;
	if (r->head_len >= SELFMAG && !memcmp(r->head, "#!", 2))
		read_script(r);
	else if (r->head_len >= SELFMAG && !memcmp(r->head, ELFMAG, SELFMAG))
		read_elf(r, f);
	/* Half of what it needs is not what is remembered. */
	if (n < 0)
		f->settled = false;
	return fclose(r->out) || r->no_memory ? -ENOMEM : 0;
}

static struct remembered_file *add(struct remembered *r, const struct stat *seen,
				   const struct stat *opened)
{
	struct remembered_file *f = remembered_add(r, seen);

	/* Another has taken its place since: this look at the machine takes that for it. */
	if (f && !remembered_is(f, opened))
		f->settled = false;
	return f;
}

int needs_read(struct remembered *r, const char *path, const struct stat *st,
	       struct remembered_file **file)
{
	struct reading reading = {};
	struct stat opened;
	int fd = file_open_seen(path, &opened), err;

	if (fd < 0)
		return fd;
	reading.bytes = (struct bytes){.fd = fd, .size = opened.st_size};
	reading.head = malloc(HEAD_LEN);
	*file = reading.head ? add(r, st, &opened) : NULL;
	err = *file ? read_file(&reading, *file) : -ENOMEM;
	free(reading.head);
	close(fd);
	return err;
}
