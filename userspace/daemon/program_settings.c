/* SPDX-License-Identifier: GPL-2.0-only */
/* What a program in the kernel is given, and told, once it is there. */
#include <bpf/bpf.h>
#include <time.h>

#include "clock.h"
#include "kernel/kernel.h"
#include "program.h"

int program_see_time(struct program *p, uint64_t time)
{
	struct control control;
	int err = kernel_read_value(p->control, &control, sizeof(control));

	if (err || control.clock >= time)
		return err;
	control.clock = time;
	return kernel_write_value(p->control, &control, sizeof(control));
}

int program_install(struct program *p, image_t *image)
{
	int err = program_see_time(p, clock_ns(CLOCK_TAI));

	return err ? err : kernel_install_image(p->policy, image);
}

int program_set_ceiling(struct program *p, enum rule_mode ceiling)
{
	struct control control;
	int err = kernel_read_value(p->control, &control, sizeof(control));

	if (err)
		return err;
	control.ceiling = ceiling;
	return kernel_write_value(p->control, &control, sizeof(control));
}

uint32_t program_ring_size(const struct program *p)
{
	struct bpf_map_info info = {};
	__u32 len = sizeof(info);

	return bpf_obj_get_info_by_fd(p->events, &info, &len) ? 0 : info.max_entries;
}
