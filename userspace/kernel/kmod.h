/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The kernel module, seen from outside: whether it is there and can be used, and its keyring. All
 * that works without it goes on without it.
 */
#ifndef INTERDICT_KMOD_H
#define INTERDICT_KMOD_H

#include <stddef.h>

#include "diag.h"
#include "identity/certificate.h"

enum kmod_state {
	KMOD_ABSENT,  /* not loaded */
	KMOD_NO_BTF,  /* loaded, and without BTF: the kernel has registered none of its functions */
	KMOD_PRESENT, /* loaded; whether its functions are there shows when a program uses them */
};

#define KMOD_DIR "/sys/module/interdict"
#define KMOD_BTF "/sys/kernel/btf/interdict"

/** kmod_state() - what the running kernel says of the module. */
enum kmod_state kmod_state(void);

/**
 * kmod_load() - load the module, by modprobe(8), if it is installed for this kernel.
 * @d: a warning when it is there and does not load, with what modprobe said and what to do
 *
 * Return: what kmod_state() says then.
 */
enum kmod_state kmod_load(struct diag *d);

/**
 * kmod_trust() - make the module's keyring hold these certificates and no others.
 * @certificates: @n of them
 * @d: a warning for each that the kernel does not take
 *
 * What chains to one of them is `verified`. Certificates that stay are never absent in between.
 *
 * Return: 0; -ENOENT without the module; or what keyctl(2) gives.
 */
int kmod_trust(const struct certificate *certificates, size_t n, struct diag *d);

#endif
