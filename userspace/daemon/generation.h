/* SPDX-License-Identifier: GPL-2.0-only */
/* The image that is in force, on the disk, and its number on this machine, which only grows. */
#ifndef INTERDICT_DAEMON_GENERATION_H
#define INTERDICT_DAEMON_GENERATION_H

#include <stdint.h>

#include "diag.h"
#include "image/image.h"

#define GENERATION_FILE STATE_DIR "/generation"

/** generation_next() - the next one. @in_force: what the kernel has */
uint64_t generation_next(const struct image_header *in_force);
/**
 * generation_remember() - write an image and its generation down. This goes before the kernel: a
 * generation is never given twice.
 * Return: 0, or what file_write() gives, in @d.
 */
int generation_remember(image_t *image, struct diag *d);

#endif
