/* SPDX-License-Identifier: GPL-2.0-only */
/* slots take|free: hold every slot of the program that is in force, or give them back. */
#include <bpf/bpf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SLOTS "/sys/fs/bpf/interdict/slots"

int main(int argc, char **argv)
{
	struct bpf_map_info info = {};
	__u32 len = sizeof(info), key;
	int fd = bpf_obj_get(SLOTS);
	void *slot;

	if (argc != 2 || fd < 0 || bpf_obj_get_info_by_fd(fd, &info, &len)) {
		perror(SLOTS);
		return 1;
	}
	slot = calloc(1, info.value_size);
	for (key = 0; slot && key < info.max_entries; key++) {
		*(__u32 *)slot = !strcmp(argv[1], "take"); /* its first member says who has it */
		if (bpf_map_update_elem(fd, &key, slot, 0)) {
			perror("bpf_map_update_elem");
			return 1;
		}
	}
	free(slot);
	return 0;
}
