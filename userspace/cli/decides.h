/* SPDX-License-Identifier: GPL-2.0-only */
/* What this machine can decide, with what its program was loaded with; and what it cannot. */
#ifndef INTERDICT_CLI_DECIDES_H
#define INTERDICT_CLI_DECIDES_H

#include <jansson.h>
#include <stdbool.h>

#include "cli/condition.h"

struct decides {
	bool signers;  /* who signed a program or library, its build-id and authentihash */
	bool checked;  /* whether signatures fit */
	bool unpacked; /* drivers that the kernel unpacks itself, by what is in them */
};

/** decides() - what the program in the kernel decides. */
struct decides decides(const struct condition *c);
/** decides_json() - a new object {"digests","signers","drivers",…}, all of them booleans. */
json_t *decides_json(const struct condition *c);
/** decides_print() - the same as lines of `interdict status`, with what is open and its remedy. */
void decides_print(const struct condition *c);

#define DECIDES_REMEDY_KMOD                                                                        \
	"install interdict-dkms (or make -C kmod), then: modprobe interdict && systemctl restart " \
	"interdictd"

#endif
