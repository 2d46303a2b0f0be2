// SPDX-License-Identifier: GPL-2.0-only
/*
 * btfids BASE MODULE: fill in the .BTF_ids section of a kernel module that has .BTF.
 *
 * The kernel's BTF_ID() macros leave four zero bytes for each id, under a symbol that says which:
 * __BTF_ID__func__NAME__N is the BTF id of function NAME. BTF_SET8_START() and BTF_KFUNCS_START()
 * make a set of them, __BTF_ID__set8__NAME: its count, its flags, and pairs of id and flags that
 * must be sorted by id. kbuild has resolve_btfids write these numbers; Debian 12's headers do not
 * contain that, nor the vmlinux that it wants. This does the part of it that interdict.ko needs: an
 * unknown symbol is an error, never skipped.
 *
 * BASE is the kernel's BTF (/sys/kernel/btf/vmlinux, or an ELF file with .BTF): a module's own
 * starts where that ends.
 */
#include <bpf/btf.h>
#include <errno.h>
#include <fcntl.h>
#include <gelf.h>
#include <libelf.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PREFIX "__BTF_ID__"

struct pair {
	__u32 id;
	__u32 flags;
};

struct set8 {
	__u32 count;
	__u32 flags;
	struct pair pairs[];
};

struct module {
	const char *path;
	Elf *elf;
	struct btf *btf;
	Elf_Data *ids; /* the section's bytes */
	size_t ids_index;
	Elf_Scn *symbols;
	GElf_Shdr symbols_header;
};

typedef bool visitor(struct module *module, const char *name, const GElf_Sym *symbol);

static bool complain(const struct module *module, const char *what, const char *which)
{
	fprintf(stderr, "btfids: %s: %s%s\n", module->path, what, which);
	return false;
}

/* Where a symbol's bytes are; NULL unless they lie in the section. */
static void *bytes_of(const struct module *module, const GElf_Sym *symbol, size_t len)
{
	if (symbol->st_value > module->ids->d_size || len > module->ids->d_size - symbol->st_value)
		return NULL;
	return (char *)module->ids->d_buf + symbol->st_value;
}

/* func__NAME__N: N is digits, and NAME may hold anything. */
static bool fill_id(struct module *module, const char *name, const GElf_Sym *symbol)
{
	__u32 *slot = bytes_of(module, symbol, sizeof(*slot));
	char *function, *end;
	int id;

	if (!strncmp(name, "set8__", 6))
		return true;
	if (strncmp(name, "func__", 6) || !slot)
		return complain(module, "cannot resolve " PREFIX, name);
	function = strdup(name + 6);
	end = function + strlen(function);
	while (end > function && strncmp(end, "__", 2))
		end--;
	*end = '\0';
	id = btf__find_by_name_kind(module->btf, function, BTF_KIND_FUNC);
	if (id > 0)
		*slot = id;
	else
		complain(module, "its BTF has no function ", function);
	free(function);
	return id > 0;
}

static int by_id(const void *a, const void *b)
{
	const struct pair *x = a, *y = b;

	return (x->id > y->id) - (x->id < y->id);
}

static bool finish_set(struct module *module, const char *name, const GElf_Sym *symbol)
{
	struct set8 *set = bytes_of(module, symbol, symbol->st_size);

	if (strncmp(name, "set8__", 6))
		return true;
	if (!set || symbol->st_size < sizeof(*set))
		return complain(module, "no room for " PREFIX, name);
	set->count = (symbol->st_size - sizeof(*set)) / sizeof(set->pairs[0]);
	qsort(set->pairs, set->count, sizeof(set->pairs[0]), by_id);
	return true;
}

/* Each symbol that the macros made, its name without the prefix. */
static bool for_each_symbol(struct module *module, visitor *visit)
{
	Elf_Data *data = elf_getdata(module->symbols, NULL);
	size_t count = module->symbols_header.sh_size / module->symbols_header.sh_entsize, i;
	GElf_Sym symbol;

	for (i = 0; i < count; i++) {
		const char *name;

		if (!gelf_getsym(data, i, &symbol))
			return complain(module, "bad symbol table", "");
		name = elf_strptr(module->elf, module->symbols_header.sh_link, symbol.st_name);
		if (symbol.st_shndx != module->ids_index || !name ||
		    strncmp(name, PREFIX, strlen(PREFIX)))
			continue;
		if (!visit(module, name + strlen(PREFIX), &symbol))
			return false;
	}
	return true;
}

static bool find_sections(struct module *module)
{
	Elf_Scn *section = NULL;
	GElf_Shdr header;
	size_t names;

	if (elf_getshdrstrndx(module->elf, &names))
		return complain(module, "not an ELF file", "");
	while ((section = elf_nextscn(module->elf, section))) {
		const char *name;

		if (!gelf_getshdr(section, &header))
			return complain(module, "bad section header", "");
		name = elf_strptr(module->elf, names, header.sh_name);
		if (header.sh_type == SHT_SYMTAB) {
			module->symbols = section;
			module->symbols_header = header;
		} else if (name && !strcmp(name, ".BTF_ids")) {
			module->ids = elf_getdata(section, NULL);
			module->ids_index = elf_ndxscn(section);
		}
	}
	if (!module->ids || !module->symbols || !module->symbols_header.sh_entsize)
		return complain(module, "no .BTF_ids section or no symbols", "");
	return true;
}

static bool fill(struct module *module)
{
	if (!find_sections(module) || !for_each_symbol(module, fill_id) ||
	    !for_each_symbol(module, finish_set))
		return false;
	elf_flagdata(module->ids, ELF_C_SET, ELF_F_DIRTY);
	elf_flagelf(module->elf, ELF_C_SET, ELF_F_LAYOUT);
	if (elf_update(module->elf, ELF_C_WRITE) < 0)
		return complain(module, elf_errmsg(-1), "");
	return true;
}

static bool load_btf(struct module *module, const char *base_path)
{
	struct btf *base = btf__parse(base_path, NULL);

	if (!base) {
		fprintf(stderr, "btfids: %s: no BTF: %s\n", base_path, strerror(errno));
		return false;
	}
	module->btf = btf__parse_split(module->path, base);
	return module->btf || complain(module, "no BTF: ", strerror(errno));
}

int main(int argc, char **argv)
{
	struct module module = {};
	bool done;
	int fd;

	if (argc != 3) {
		fprintf(stderr, "usage: btfids BASE MODULE\n");
		return 2;
	}
	module.path = argv[2];
	if (!load_btf(&module, argv[1]))
		return 1;
	elf_version(EV_CURRENT);
	fd = open(module.path, O_RDWR | O_CLOEXEC);
	if (fd >= 0)
		module.elf = elf_begin(fd, ELF_C_RDWR, NULL);
	done = module.elf ? fill(&module) : complain(&module, strerror(errno), "");
	elf_end(module.elf);
	if (fd >= 0)
		close(fd);
	return !done;
}
