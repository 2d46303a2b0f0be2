/* SPDX-License-Identifier: GPL-2.0-only */
#include <stdio.h>
#include <unistd.h>

#include "cli/decides.h"
#include "cli/output.h"

/* Where a kernel that unpacks drivers says how they are packed. */
#define KERNEL_UNPACKS "/sys/module/compression"

struct decides decides(const struct condition *c)
{
	unsigned int can = c->state.control.capabilities;

	return (struct decides){
		.signers = can & (CAN_KMOD | CAN_DYNPTR),
		.checked = can & CAN_KMOD,
		.unpacked = can & (CAN_KMOD | CAN_UNPACKED) || access(KERNEL_UNPACKS, F_OK),
	};
}

json_t *decides_json(const struct condition *c)
{
	struct decides d = decides(c);
	bool loaded = c->state.loaded;

	return json_pack("{s:b, s:b, s:b, s:b, s:b}", "digests", loaded, "signers",
			 loaded && d.signers, "drivers", loaded, "signatures_checked",
			 loaded && d.checked, "unpacked_drivers", loaded && d.unpacked);
}

void decides_print(const struct condition *c)
{
	struct decides d = decides(c);

	printf("  decides    programs and libraries by digest and path%s\n",
	       d.signers ? ", signer, build-id and authentihash"
			 : "; not signers of programs and libraries: no interdict.ko");
	printf("             drivers by all of these and by name; signatures are %s\n",
	       d.checked ? "checked" : "not checked (claimed): no interdict.ko");
	if (d.unpacked)
		return;
	printf("  ");
	output_coloured(COLOUR_YELLOW, "open");
	printf("       drivers that the kernel unpacks itself are seen packed only: a rule on "
	       "what\n"
	       "             is in them does not fire: " DECIDES_REMEDY_KMOD "\n");
}
