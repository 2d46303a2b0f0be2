/* SPDX-License-Identifier: GPL-2.0-only */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bundle/directory.h"
#include "conf.h"
#include "file.h"
#include "generation.h"

/* What the kernel has yet to take. */
#define IMAGE_NEXT IMAGE_FILE ".next"

/* The file has it; should that be lost, what it was given to last. */
static uint64_t remembered(void)
{
	struct image_header last;
	uint64_t generation;
	char *text;

	image_read_header(&last, IMAGE_FILE);
	if (file_read_whole(GENERATION_FILE, &text, NULL))
		return last.generation;
	generation = strtoull(text, NULL, 10);
	free(text);
	return generation > last.generation ? generation : last.generation;
}

uint64_t generation_next(const struct image_header *in_force)
{
	uint64_t known = remembered();

	return (known > in_force->generation ? known : in_force->generation) + 1;
}

int generation_remember(image_t *image, struct diag *d)
{
	char text[32];
	int len, err;

	len = snprintf(text, sizeof(text), "%llu\n",
		       (unsigned long long)image_header(image)->generation);
	err = file_write(GENERATION_FILE, text, len, 0644);
	if (!err)
		err = file_write(IMAGE_NEXT, image->base, image->len, 0600);
	if (err)
		diag_error(d, STATE_DIR, 0, "cannot be written: %s", strerror(-err));
	return err;
}

int generation_settle(struct diag *d)
{
	int err = rename(IMAGE_NEXT, IMAGE_FILE) ? -errno : directory_sync(STATE_DIR);

	if (err)
		diag_warning(d, IMAGE_FILE, 0,
			     "cannot be replaced: %s: it still has the policy before",
			     strerror(-err));
	return err;
}

void generation_drop(void)
{
	unlink(IMAGE_NEXT);
}

/* Killed before the kernel had it, or after. */
void generation_recover(const struct image_header *in_force)
{
	struct image_header next;

	file_remove_unfinished(GENERATION_FILE);
	file_remove_unfinished(IMAGE_NEXT);
	if (in_force->magic && image_read_header(&next, IMAGE_NEXT) &&
	    !memcmp(next.digest, in_force->digest, sizeof(next.digest)) &&
	    next.generation == in_force->generation)
		generation_settle(NULL);
	else
		generation_drop();
}
