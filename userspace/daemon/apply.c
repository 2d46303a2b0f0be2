/* SPDX-License-Identifier: GPL-2.0-only */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "apply.h"
#include "build.h"
#include "clock.h"
#include "conf.h"
#include "file.h"
#include "kernel.h"
#include "kmod.h"
#include "stage.h"

#define LAST_GOOD	STATE_DIR "/image"
#define GENERATION_FILE STATE_DIR "/generation"

/* ---- what is remembered -------------------------------------------------------------------------
 */

static uint64_t last_good_generation(void)
{
	struct image_header header = {};
	int fd = open(LAST_GOOD, O_RDONLY | O_CLOEXEC);
	ssize_t got = fd < 0 ? -1 : file_read(fd, &header, sizeof(header));

	if (fd >= 0)
		close(fd);
	return got == sizeof(header) && !image_check_local(&header) ? header.generation : 0;
}

/* The file has it; should that be lost, what it was given to last. */
static uint64_t remembered_generation(void)
{
	uint64_t generation, last_good = last_good_generation();
	char *text;

	if (file_read_whole(GENERATION_FILE, &text, NULL))
		return last_good;
	generation = strtoull(text, NULL, 10);
	free(text);
	return generation > last_good ? generation : last_good;
}

static uint64_t next_generation(const struct applied *applied)
{
	uint64_t remembered = remembered_generation();

	return (remembered > applied->header.generation ? remembered : applied->header.generation) +
	       1;
}

/* Written before the kernel gets the image: a generation is never given twice. */
static int remember(image_t *image, struct diag *d)
{
	char text[32];
	int len, err;

	len = snprintf(text, sizeof(text), "%llu\n",
		       (unsigned long long)image_header(image)->generation);
	err = file_write(GENERATION_FILE, text, len, 0644);
	if (!err)
		err = file_write(LAST_GOOD, image->base, image->len, 0600);
	if (err)
		diag_error(d, STATE_DIR, 0, "cannot be written: %s", strerror(-err));
	return err;
}

static json_t *list_policies(const struct policy *policy)
{
	json_t *list = json_array();
	size_t i;

	for (i = 0; i < policy->file_count; i++)
		json_array_append_new(list,
				      json_pack("{s:s, s:s, s:I}", "path", policy->files[i]->path,
						"id", policy->files[i]->id, "version",
						(json_int_t)policy->files[i]->version));
	return list;
}

/* ---- apply -------------------------------------------------------------------------------------
 */

static bool is_in_force(const struct applied *applied, image_t *image)
{
	return applied->header.magic && !memcmp(applied->header.digest, image_header(image)->digest,
						sizeof(applied->header.digest));
}

/* Hand a new image to the kernel and to the disk. */
static int install(struct program *p, struct applied *applied, struct image *image, struct diag *d)
{
	int err = image_set_generation(image, next_generation(applied), clock_ns(CLOCK_REALTIME));

	if (!err)
		err = remember(image, d);
	if (err)
		return err;
	err = program_install(p, image);
	if (err) {
		diag_error(d, NULL, 0, "the kernel does not take the policy: %s", strerror(-err));
		return err;
	}
	applied->header = *image_header(image);
	return 0;
}

static int install_with_stage(struct program *p, struct applied *applied, struct image *image,
			      const char *stage, bool changed, struct diag *d)
{
	struct stage s = {.target = (char *)POLICY_DIR_LOCAL, .dir = (char *)stage};
	int err = 0;

	if (stage)
		err = stage_exchange(&s, d);
	if (err || !changed)
		return err;
	err = install(p, applied, image, d);
	if (err && stage)
		stage_exchange(&s, d);
	return err;
}

/* Files that were read from the stage lie in the local directory once it is in its place. */
static void rename_staged(struct policy *policy, const char *stage)
{
	size_t len = stage ? strlen(stage) : 0, i;
	char *path;

	for (i = 0; len && i < policy->file_count; i++) {
		if (strncmp(policy->files[i]->path, stage, len))
			continue;
		if (asprintf(&path, "%s%s", POLICY_DIR_LOCAL, policy->files[i]->path + len) < 0)
			continue;
		free(policy->files[i]->path);
		policy->files[i]->path = path;
	}
}

/* The keys go before the policy: what is judged by it from its first moment on is judged with them.
 */
static void trust(const struct policy *policy, struct diag *d)
{
	int err = kmod_trust(policy->certificates, policy->certificate_count, d);

	if (err && err != -ENOENT)
		diag_warning(d, KMOD_DIR, 0, "its keyring cannot be filled: %s", strerror(-err));
}

int apply_policy(struct program *p, struct applied *applied, const char *stage, bool force,
		 bool *changed, struct diag *d)
{
	const char *dirs[POLICY_DIRS] = {POLICY_DIR_VENDOR, stage ? stage : POLICY_DIR_LOCAL,
					 POLICY_DIR_RUN};
	struct policy policy = {};
	struct image image = {};
	int err;

	err = build_image(&image, &policy, dirs, force, d);
	if (err)
		goto out;
	*changed = !is_in_force(applied, &image);
	if (*changed || !applied->policies)
		trust(&policy, d);
	err = install_with_stage(p, applied, &image, stage, *changed, d);
	if (err)
		goto out;
	rename_staged(&policy, stage);
	json_decref(applied->policies);
	applied->policies = list_policies(&policy);
	applied->last_good = false;
out:
	image_free(&image);
	policy_free(&policy);
	return err;
}

/* ---- at start ----------------------------------------------------------------------------------
 */

int apply_map_image(struct image *image)
{
	int fd = open(LAST_GOOD, O_RDONLY | O_CLOEXEC), err = 0;
	struct stat st;

	if (fd < 0)
		return -errno;
	if (fstat(fd, &st) || !st.st_size || st.st_size % IMAGE_LINE)
		err = -EBADMSG;
	if (!err) {
		image->len = st.st_size;
		image->base = mmap(NULL, image->len, PROT_READ, MAP_PRIVATE, fd, 0);
		if (image->base == MAP_FAILED) {
			image->base = NULL;
			err = -errno;
		}
	}
	close(fd);
	return err ? err : image_check(image);
}

int apply_nothing(struct program *p, struct diag *d)
{
	const char *const nowhere[POLICY_DIRS] = {};
	struct policy policy = {};
	struct image image = {};
	int err = build_image(&image, &policy, nowhere, false, d);

	if (!err)
		err = program_install(p, &image);
	image_free(&image);
	policy_free(&policy);
	return err;
}

static int install_last_good(struct program *p, struct applied *applied, struct diag *d)
{
	struct image image = {};
	int err = apply_map_image(&image);

	if (!err)
		err = program_install(p, &image);
	if (!err) {
		applied->header = *image_header(&image);
		diag_warning(d, LAST_GOOD, 0, "the last policy that held is in force until then");
	}
	image_free(&image);
	if (!err)
		return 0;
	diag_warning(d, LAST_GOOD, 0, "no earlier policy: nothing is denied until then");
	err = apply_nothing(p, d);
	if (!err)
		kernel_read_image_header(p->policy, &applied->header);
	return err;
}

/* What is in force without a generation is none of the directories' policies yet: a start that was
 * killed, or an unload, has left it. */
static bool holds_policy(const struct program *p, struct image_header *header)
{
	if (p->pinned && !kernel_read_image_header(p->policy, header) && header->generation)
		return true;
	memset(header, 0, sizeof(*header));
	return false;
}

/* A change that was killed half way is ended, here as in the directories. */
static void recover(struct diag *d)
{
	file_remove_unfinished(GENERATION_FILE);
	file_remove_unfinished(LAST_GOOD);
	stage_recover(POLICY_DIR_LOCAL, d);
}

int apply_at_start(struct program *p, struct applied *applied, struct diag *d)
{
	bool held = holds_policy(p, &applied->header), changed;
	int err;

	recover(d);
	err = apply_policy(p, applied, NULL, false, &changed, d);
	if (!err)
		return 0;
	applied->last_good = true;
	if (!held)
		return install_last_good(p, applied, d);
	diag_warning(d, NULL, 0, "generation %llu stays in force",
		     (unsigned long long)applied->header.generation);
	return 0;
}
