/* SPDX-License-Identifier: GPL-2.0-only */
/* Included before all else, it makes of the BPF program one that does the same and is another. */
static volatile const int another_build __attribute__((used, section(".rodata"))) = 1;
