/* SPDX-License-Identifier: GPL-2.0-only */
/* What the running kernel can do for the program, read off its BTF and never off its version. */
#include <bpf/btf.h>
#include <string.h>

#include "kernel.h"
#include "kmod.h"

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
	struct btf *btf = btf__load_vmlinux_btf();
	const struct btf_type *type;
	bool found = false;
	int id, i;

	id = btf ? btf__find_by_name_kind(btf, structure, BTF_KIND_STRUCT) : -1;
	type = id > 0 ? btf__type_by_id(btf, id) : NULL;
	for (i = 0; type && i < btf_vlen(type) && !found; i++)
		found = !strcmp(btf__name_by_offset(btf, btf_members(type)[i].name_off), member);
	btf__free(btf);
	return found;
}

int kernel_parameter_count(const char *function)
{
	struct btf *btf = btf__load_vmlinux_btf();
	int id = btf ? btf__find_by_name_kind(btf, function, BTF_KIND_FUNC) : -1, count = -1;
	const struct btf_type *type = id > 0 ? btf__type_by_id(btf, id) : NULL;

	if (type)
		type = btf__type_by_id(btf, type->type);
	if (type)
		count = btf_vlen(type);
	btf__free(btf);
	return count;
}

unsigned int kernel_capabilities(void)
{
	struct btf *btf = btf__load_vmlinux_btf();
	unsigned int capabilities = 0;

	if (kmod_state() == KMOD_PRESENT)
		capabilities |= CAN_KMOD;
	if (btf && has_function(btf, "bpf_dynptr_from_file"))
		capabilities |= CAN_DYNPTR;
	if (btf && kernel_has_enumerator(btf, "kernel_read_file_id", "READING_MODULE_COMPRESSED"))
		capabilities |= CAN_UNPACKED;
	btf__free(btf);
	return capabilities;
}
