/* SPDX-License-Identifier: GPL-2.0-only */
/* What the running kernel can do for the program, read off its BTF and never off its version. */
#include <bpf/btf.h>
#include <string.h>

#include "kernel.h"
#include "kmod.h"

/* Read once: it has 130,000 types, and a start asks half a dozen times. */
static struct btf *vmlinux;

static const struct btf *kernel_btf(void)
{
	if (!vmlinux)
		vmlinux = btf__load_vmlinux_btf();
	return vmlinux;
}

void kernel_forget_btf(void)
{
	btf__free(vmlinux);
	vmlinux = NULL;
}

static bool has_function(const struct btf *btf, const char *name)
{
	return btf__find_by_name_kind(btf, name, BTF_KIND_FUNC) > 0;
}

bool kernel_has_enumerator(const struct btf *btf, const char *type, const char *name)
{
	int id = btf__find_by_name_kind(btf, type, BTF_KIND_ENUM), i;
	const struct btf_type *t = id > 0 ? btf__type_by_id(btf, id) : NULL;

	for (i = 0; t && i < btf_vlen(t); i++)
		if (!strcmp(btf__name_by_offset(btf, btf_enum(t)[i].name_off), name))
			return true;
	return false;
}

bool kernel_has_member(const char *structure, const char *member)
{
	const struct btf *btf = kernel_btf();
	const struct btf_type *type;
	bool found = false;
	int id, i;

	id = btf ? btf__find_by_name_kind(btf, structure, BTF_KIND_STRUCT) : -1;
	type = id > 0 ? btf__type_by_id(btf, id) : NULL;
	for (i = 0; type && i < btf_vlen(type) && !found; i++)
		found = !strcmp(btf__name_by_offset(btf, btf_members(type)[i].name_off), member);
	return found;
}

int kernel_parameter_count(const char *function)
{
	const struct btf *btf = kernel_btf();
	int id = btf ? btf__find_by_name_kind(btf, function, BTF_KIND_FUNC) : -1, count = -1;
	const struct btf_type *type = id > 0 ? btf__type_by_id(btf, id) : NULL;

	if (type)
		type = btf__type_by_id(btf, type->type);
	if (type)
		count = btf_vlen(type);
	return count;
}

unsigned int kernel_capabilities(void)
{
	const struct btf *btf = kernel_btf();
	unsigned int capabilities = 0;

	if (kmod_state() == KMOD_PRESENT)
		capabilities |= CAN_KMOD;
	if (btf && has_function(btf, "bpf_dynptr_from_file"))
		capabilities |= CAN_DYNPTR;
	if (btf && kernel_has_enumerator(btf, "kernel_read_file_id", "READING_MODULE_COMPRESSED"))
		capabilities |= CAN_UNPACKED;
	return capabilities;
}
