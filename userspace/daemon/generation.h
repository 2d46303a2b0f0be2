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
 * generation is never given twice. IMAGE_FILE stays what it is until generation_settle().
 * Return: 0, or what file_write() gives, in @d.
 */
int generation_remember(image_t *image, struct diag *d);
/**
 * generation_settle() - the image that was written down last is in force: it is IMAGE_FILE.
 * Return: 0, or what rename(2) and fsync(2) give, in @d as a warning.
 */
int generation_settle(struct diag *d);
/** generation_drop() - the kernel does not take it: IMAGE_FILE is still what is in force. */
void generation_drop(void);
/**
 * generation_recover() - do one or the other, where a kill came in between.
 * @in_force: what the kernel has; its magic is 0: nothing
 */
void generation_recover(const struct image_header *in_force);

#endif
