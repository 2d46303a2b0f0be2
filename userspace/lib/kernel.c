/* SPDX-License-Identifier: GPL-2.0-only */
/* What is pinned in the running kernel: read it, lift it. requirements.c asks what could be. */
#include <bpf/bpf.h>
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "kernel.h"

const char *const hook_names[HOOKS] = {
	[HOOK_EXEC] = "exec",
	[HOOK_EXEC_CHECK] = "exec-check",
	[HOOK_MMAP] = "mmap",
	[HOOK_MPROTECT] = "mprotect",
	[HOOK_DRIVER] = "driver",
	[HOOK_DRIVER_MEMORY] = "driver-memory",
	[HOOK_DRIVER_FILE] = "driver-file",
};

/* bpffs takes no dots in names. */
void kernel_link_pin(char path[KERNEL_PIN_LEN], const char *dir, enum hook hook)
{
	snprintf(path, KERNEL_PIN_LEN, "%s/link_%s", dir, hook_names[hook]);
}

int kernel_open_pin(const char *name)
{
	char path[KERNEL_PIN_LEN];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", PIN_DIR, name);
	fd = bpf_obj_get(path);
	return fd < 0 ? -errno : fd;
}

static int read_element(const char *pin, void *value)
{
	__u32 zero = 0;
	int fd = kernel_open_pin(pin), err = 0;

	if (fd < 0)
		return fd;
	if (bpf_map_lookup_elem(fd, &zero, value))
		err = -errno;
	close(fd);
	return err;
}

static int read_header(int image, struct image_header *header)
{
	char *lines = (char *)header;
	__u32 i;

	for (i = 0; i < IMAGE_HEADER_LINES; i++)
		if (bpf_map_lookup_elem(image, &i, lines + i * IMAGE_LINE))
			return -errno;
	if (header->magic != IMAGE_MAGIC || header->abi != INTERDICT_ABI_VERSION)
		return -EBADMSG;
	return 0;
}

int kernel_read_image_header(int policy_fd, struct image_header *header)
{
	__u32 zero = 0, id;
	int fd, err;

	if (bpf_map_lookup_elem(policy_fd, &zero, &id))
		return -errno;
	fd = bpf_map_get_fd_by_id(id);
	if (fd < 0)
		return -errno;
	err = read_header(fd, header);
	close(fd);
	return err;
}

/* An inner array that holds @image. A file descriptor, or a negative errno. */
static int image_to_map(image_t *image)
{
	LIBBPF_OPTS(bpf_map_create_opts, opts, .map_flags = BPF_F_INNER_MAP | BPF_F_MMAPABLE);
	int fd = bpf_map_create(BPF_MAP_TYPE_ARRAY, "image", sizeof(__u32), IMAGE_LINE,
				image->len / IMAGE_LINE, &opts);
	void *lines;
	int err;

	if (fd < 0)
		return -errno;
	lines = mmap(NULL, image->len, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (lines == MAP_FAILED) {
		err = -errno;
		close(fd);
		return err;
	}
	memcpy(lines, image->base, image->len);
	munmap(lines, image->len);
	return fd;
}

int kernel_install_image(int policy_fd, image_t *image)
{
	__u32 zero = 0;
	int fd, err;

	err = image_check(image);
	if (err)
		return err;
	fd = image_to_map(image);
	if (fd < 0)
		return fd;
	err = bpf_map_update_elem(policy_fd, &zero, &fd, 0) ? -errno : 0;
	close(fd);
	return err;
}

static unsigned int hooks_pinned(void)
{
	char path[KERNEL_PIN_LEN];
	unsigned int hooks = 0;
	int hook;

	for (hook = 0; hook < HOOKS; hook++) {
		kernel_link_pin(path, PIN_DIR, hook);
		if (!access(path, F_OK))
			hooks |= 1u << hook;
	}
	return hooks;
}

int kernel_read_state(struct kernel_state *state)
{
	int fd, err;

	memset(state, 0, sizeof(*state));
	if (geteuid())
		return -EPERM;
	fd = kernel_open_pin(PIN_POLICY);
	if (fd == -ENOENT)
		return 0;
	if (fd < 0)
		return fd;
	err = kernel_read_image_header(fd, &state->header);
	close(fd);
	if (!err)
		err = read_element(PIN_CONTROL, &state->control);
	if (!err)
		err = read_element(PIN_COUNTERS, &state->counters);
	state->hooks = hooks_pinned();
	state->loaded = !err && state->hooks;
	return err;
}

/* Unlink what @dir holds whose name begins with @prefix. */
static int unpin(const char *dir, const char *prefix)
{
	char path[KERNEL_PIN_LEN + 256];
	struct dirent *entry;
	DIR *handle = opendir(dir);
	int err = 0;

	if (!handle)
		return -errno;
	while ((entry = readdir(handle))) {
		if (entry->d_name[0] == '.' || strncmp(entry->d_name, prefix, strlen(prefix)))
			continue;
		snprintf(path, sizeof(path), "%s/%s", dir, entry->d_name);
		if (unlink(path) && errno != ENOENT)
			err = -errno;
	}
	closedir(handle);
	return err;
}

int kernel_remove_pins(const char *dir)
{
	int err = unpin(dir, "link_");

	/* Without its links nothing is enforced any more; the maps go after them. */
	if (!err)
		err = unpin(dir, "");
	if (!err && rmdir(dir))
		err = -errno;
	return err;
}

/* Replace the policy by one that denies nothing: at once, for every hook. */
static int install_nothing(void)
{
	const struct policy nothing = {};
	struct image image = {};
	int fd = kernel_open_pin(PIN_POLICY), err;

	if (fd < 0)
		return fd;
	err = image_compile(&image, &nothing, NULL, NULL);
	if (!err)
		err = kernel_install_image(fd, &image);
	image_free(&image);
	close(fd);
	return err;
}

int kernel_unload(void)
{
	/* A start that was killed half way has left what would go on denying. */
	if (!access(PIN_DIR_NEW, F_OK))
		kernel_remove_pins(PIN_DIR_NEW);
	if (access(PIN_DIR, F_OK))
		return -errno;
	/* The links go one by one, and the kernel frees them later: lift the verdicts first. What
	 * is pinned may be of another build, or half: then only the links count. */
	install_nothing();
	return kernel_remove_pins(PIN_DIR);
}
