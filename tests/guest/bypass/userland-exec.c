/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A loader of its own: the listed program is read, as a packer keeps it (every byte inverted), laid
 * out in anonymous memory, and entered by way of the system's ld.so, which alone is mapped.
 *
 * expect: denied
 * limit: code in anonymous memory comes from no file
 */
#include <sys/auxv.h>

#include "technique.h"

#define PAGE 4096UL

static struct bytes packed(void)
{
	struct bytes b = load(content("PROGRAM"));
	size_t i;

	for (i = 0; i < b.len; i++)
		b.at[i] = ~b.at[i];
	put("packed", b);
	return load("packed");
}

static struct bytes unpacked(struct bytes b)
{
	size_t i;

	for (i = 0; i < b.len; i++)
		b.at[i] = ~b.at[i];
	return b;
}

/* Where what is position independent is to lie: room for all segments. */
static char *room_for(size_t len)
{
	char *at = mmap(NULL, len, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS,
			-1, 0);

	must(at != MAP_FAILED, "mmap");
	return at;
}

static char *lay_out(struct bytes b)
{
	const Elf64_Ehdr *head = (void *)b.at;
	const Elf64_Phdr *part = (void *)(b.at + head->e_phoff);
	char *base = room_for(1 << 20);
	int i;

	for (i = 0; i < head->e_phnum; i++)
		if (part[i].p_type == PT_LOAD)
			memcpy(base + part[i].p_vaddr, b.at + part[i].p_offset, part[i].p_filesz);
	return base;
}

/* ld.so, as the kernel maps it. */
static char *map_loader(const char *path)
{
	struct bytes b = load(path);
	const Elf64_Ehdr *head = (void *)b.at;
	const Elf64_Phdr *part = (void *)(b.at + head->e_phoff);
	int fd = open(path, O_RDONLY | O_CLOEXEC), i;
	char *base = room_for(1 << 20);

	for (i = 0; i < head->e_phnum; i++) {
		size_t skip = part[i].p_vaddr % PAGE;

		if (part[i].p_type != PT_LOAD)
			continue;
		if (part[i].p_flags & PF_W)
			memcpy(base + part[i].p_vaddr, b.at + part[i].p_offset, part[i].p_filesz);
		else
			must(mmap(base + part[i].p_vaddr - skip, part[i].p_filesz + skip,
				  PROT_READ | (part[i].p_flags & PF_X ? PROT_EXEC : 0),
				  MAP_PRIVATE | MAP_FIXED, fd,
				  part[i].p_offset - skip) != MAP_FAILED,
			     "mmap of ld.so");
	}
	return base;
}

static const char *loader_of(struct bytes b)
{
	const Elf64_Ehdr *head = (void *)b.at;
	const Elf64_Phdr *part = (void *)(b.at + head->e_phoff);

	while (part->p_type != PT_INTERP)
		part++;
	return b.at + part->p_offset;
}

/* The stack of a new program: arguments, environment, and what the kernel tells. */
static unsigned long *new_stack(struct bytes b, char *base, char *loader)
{
	const Elf64_Ehdr *head = (void *)b.at;
	unsigned long *top = (void *)(room_for(1 << 20) + (1 << 19));
	unsigned long words[] = {
		1,	   (unsigned long)"it",
		0,	   0,
		AT_PHDR,   (unsigned long)(base + head->e_phoff),
		AT_PHENT,  sizeof(Elf64_Phdr),
		AT_PHNUM,  head->e_phnum,
		AT_PAGESZ, PAGE,
		AT_BASE,   (unsigned long)loader,
		AT_ENTRY,  (unsigned long)(base + head->e_entry),
		AT_RANDOM, getauxval(AT_RANDOM),
		AT_NULL,   0,
	};

	return memcpy(top, words, sizeof(words));
}

int main(void)
{
	struct bytes b = unpacked(packed());
	char *base = lay_out(b), *loader = map_loader(loader_of(b));
	unsigned long *stack = new_stack(b, base, loader);
	const Elf64_Ehdr *head = (void *)load(loader_of(b)).at;

#ifdef __x86_64__
	__asm__ volatile("mov %0, %%rsp; xor %%edx, %%edx; jmp *%1"
			 :
			 : "r"(stack), "r"(loader + head->e_entry)
			 : "rdx", "memory");
	__builtin_unreachable();
#else
	(void)stack, (void)loader, (void)head;
	missing("a way to enter a program on this architecture");
#endif
}
