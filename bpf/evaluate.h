/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The decision (include/interdict/evaluate.h and names.h) over an image that lies in a BPF array.
 */
#ifndef INTERDICT_BPF_EVALUATE_H
#define INTERDICT_BPF_EVALUATE_H

#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#ifndef NULL
#define NULL ((void *)0)
#endif

typedef void image_t;

static __always_inline const void *image_line(image_t *image, __u32 line)
{
	return bpf_map_lookup_elem(image, &line);
}

#define EVALUATE_GLOBAL			    __noinline
#define evaluate_loop(turns, step, context) bpf_loop(turns, step, context, 0)

#define NAMES_READ(dst, len, address) bpf_probe_read_kernel(dst, len, (const void *)(address))

#include "interdict/evaluate.h"
#include "interdict/names.h"

#endif
