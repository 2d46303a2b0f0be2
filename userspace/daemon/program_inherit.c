/* SPDX-License-Identifier: GPL-2.0-only */
/* What a new program must know of files from before its time: the maps of the one it replaces. */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <unistd.h>

#include "interdict.skel.h"
#include "kernel/kernel.h"
#include "program_inherit.h"

static bool is_alike(int fd, const struct bpf_map *map)
{
	struct bpf_map_info info = {};
	__u32 len = sizeof(info);

	return !bpf_obj_get_info_by_fd(fd, &info, &len) && info.type == bpf_map__type(map) &&
	       info.key_size == bpf_map__key_size(map) &&
	       info.value_size == bpf_map__value_size(map) &&
	       info.max_entries == bpf_map__max_entries(map) &&
	       info.map_flags == bpf_map__map_flags(map);
}

static int go_on_with(struct bpf_map *map, const char *pin)
{
	int fd = kernel_open_pin(pin), err = 0;

	if (fd < 0)
		return 0;
	if (is_alike(fd, map))
		err = bpf_map__reuse_fd(map, fd);
	close(fd);
	return err;
}

int program_inherit(struct interdict_bpf *s)
{
	int err = go_on_with(s->maps.exposed, PIN_EXPOSED);

	return err ? err : go_on_with(s->maps.openings, PIN_OPENINGS);
}
