/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A library is mapped by the kernel itself, for the asking: uselib(2), from before there was mmap.
 * It takes an old kind of file, which is made here of the library's code, and listed.
 *
 * expect: denied
 * needs: uselib(2)
 */
#include "by-hand.h"

#define AT 0x10000000UL /* where it is mapped */

/* Make the file @to of the code of @library: a header and one segment. */
static struct code make(const char *library, const char *to)
{
	struct code code = find_code(library);
	int fd = open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0755);
	char *bytes = calloc(1, code.len);
	struct {
		Elf64_Ehdr header;
		Elf64_Phdr segment;
	} elf = {
		.header = {.e_ident = ELFMAG,
			   .e_type = ET_EXEC,
			   .e_machine = EM_X86_64,
			   .e_phoff = sizeof(Elf64_Ehdr),
			   .e_phentsize = sizeof(Elf64_Phdr),
			   .e_phnum = 1},
		.segment = {.p_type = PT_LOAD,
			    .p_flags = PF_R | PF_X,
			    .p_offset = 4096,
			    .p_vaddr = AT,
			    .p_filesz = code.len,
			    .p_memsz = code.len},
	};

	if (fd < 0 || !bytes || pread(code.fd, bytes, code.len, code.offset) < 0 ||
	    pwrite(fd, &elf, sizeof(elf), 0) < 0 || pwrite(fd, bytes, code.len, 4096) < 0)
		err(1, "%s", to);
	close(fd);
	return code;
}

#ifdef __x86_64__
/* Only 32-bit programs have it: asked for in their way, by an address that they can have. */
static long uselib(const char *path)
{
	char *low = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
	long result = 86;

	if (low == MAP_FAILED)
		err(1, "mmap");
	strcpy(low, path);
	__asm__ volatile("int $0x80"
			 : "+a"(result)
			 : "b"(low)
			 : "memory", "r8", "r9", "r10", "r11");
	return (int)result;
}
#else
static long uselib(const char *path)
{
	(void)path;
	return -ENOSYS;
}
#endif

static int use(const struct code *code)
{
	long result = uselib("used");

	if (!result)
		return call((void *)AT, code);
	if (result == -ENOSYS)
		return lacks("uselib(2)");
	errno = -result;
	return failed("uselib");
}

int main(void)
{
	struct code code;
	int status;

	make(getenv("EVIL_LIBRARY"), "listed");
	if (system("interdict deny --vendor evil listed >&2"))
		errx(1, "interdict deny");
	code = make(getenv("LIBRARY"), "used");
	status = use(&code);
	if (system("interdict remove 90-local.policy >&2"))
		errx(1, "interdict remove");
	return status;
}
