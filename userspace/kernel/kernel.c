/* SPDX-License-Identifier: GPL-2.0-only */
/* What is pinned in the running kernel: read it, lift it. requirements.c asks what could be. */
#include <bpf/bpf.h>
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
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
	[HOOK_WRITE] = "write",
	[HOOK_TRUNCATE] = "truncate",
};

/* bpffs takes no dots in names. */
void kernel_link_pin(char path[KERNEL_PIN_LEN], const char *dir, enum hook hook)
{
	snprintf(path, KERNEL_PIN_LEN, "%s/link_%s", dir, hook_names[hook]);
}

int kernel_open_pin_in(const char *dir, const char *name)
{
	char path[KERNEL_PIN_LEN];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	fd = bpf_obj_get(path);
	return fd < 0 ? -errno : fd;
}

int kernel_open_pin(const char *name)
{
	return kernel_open_pin_in(PIN_DIR, name);
}

/* What another build has pinned may hold larger values than ours, and bpf(2) copies all of one. */
static int check_map(int fd, __u32 type, size_t value_size)
{
	struct bpf_map_info info = {};
	__u32 len = sizeof(info);

	if (bpf_obj_get_info_by_fd(fd, &info, &len))
		return -errno;
	return info.type == type && info.value_size == value_size ? 0 : -EBADMSG;
}

int kernel_read_value(int fd, void *value, size_t size)
{
	__u32 zero = 0;
	int err = check_map(fd, BPF_MAP_TYPE_ARRAY, size);

	if (err)
		return err;
	return bpf_map_lookup_elem(fd, &zero, value) ? -errno : 0;
}

int kernel_write_value(int fd, const void *value, size_t size)
{
	__u32 zero = 0;
	int err = check_map(fd, BPF_MAP_TYPE_ARRAY, size);

	if (err)
		return err;
	return bpf_map_update_elem(fd, &zero, value, 0) ? -errno : 0;
}

static int read_pinned(const char *pin, void *value, size_t size)
{
	int fd = kernel_open_pin(pin), err;

	if (fd < 0)
		return fd;
	err = kernel_read_value(fd, value, size);
	close(fd);
	return err;
}

static int read_header(int image, struct image_header *header)
{
	char *lines = (char *)header;
	int err = check_map(image, BPF_MAP_TYPE_ARRAY, IMAGE_LINE);
	__u32 i;

	if (err)
		return err;
	for (i = 0; i < IMAGE_HEADER_LINES; i++)
		if (bpf_map_lookup_elem(image, &i, lines + i * IMAGE_LINE))
			return -errno;
	if (header->magic != IMAGE_MAGIC || header->abi != INTERDICT_ABI_VERSION)
		return -EBADMSG;
	return 0;
}

/* The inner array in force: a descriptor, or a negative errno. */
static int open_image(int policy_fd)
{
	__u32 zero = 0, id;
	int err = check_map(policy_fd, BPF_MAP_TYPE_ARRAY_OF_MAPS, sizeof(id)), fd;

	if (err)
		return err;
	if (bpf_map_lookup_elem(policy_fd, &zero, &id))
		return -errno;
	fd = bpf_map_get_fd_by_id(id);
	return fd < 0 ? -errno : fd;
}

int kernel_read_image_header(int policy_fd, struct image_header *header)
{
	int fd = open_image(policy_fd), err;

	if (fd < 0)
		return fd;
	err = read_header(fd, header);
	close(fd);
	return err;
}

int kernel_share_image(int from_policy_fd, int to_policy_fd)
{
	struct image_header header;
	int fd = open_image(from_policy_fd), err;
	__u32 zero = 0;

	if (fd < 0)
		return fd;
	err = read_header(fd, &header);
	if (!err && bpf_map_update_elem(to_policy_fd, &zero, &fd, 0))
		err = -errno;
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

static int read_hits(uint64_t *sum)
{
	int fd = kernel_open_pin(PIN_HITS), err = 0;
	struct hit_count hits;
	__u32 place;

	if (fd < 0)
		return fd;
	for (place = 0; place < HIT_PLACES && !err; place++) {
		err = bpf_map_lookup_elem(fd, &place, &hits);
		*sum += err ? 0 : hits.count;
	}
	close(fd);
	return err;
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
		err = read_pinned(PIN_CONTROL, &state->control, sizeof(state->control));
	if (!err)
		err = read_pinned(PIN_COUNTERS, &state->counters, sizeof(state->counters));
	if (!err)
		err = read_hits(&state->hits);
	state->hooks = hooks_pinned();
	state->loaded = !err && state->hooks;
	return err;
}

/* Call @action for each path in @dir whose name begins with @prefix. */
static int each_pin(const char *dir, const char *prefix, int (*action)(const char *, void *),
		    void *context)
{
	char path[KERNEL_PIN_LEN + 256];
	struct dirent *entry;
	DIR *handle = opendir(dir);
	int err = 0, failed;

	if (!handle)
		return -errno;
	while ((entry = readdir(handle))) {
		if (entry->d_name[0] == '.' || strncmp(entry->d_name, prefix, strlen(prefix)))
			continue;
		snprintf(path, sizeof(path), "%s/%s", dir, entry->d_name);
		failed = action(path, context);
		if (failed)
			err = failed;
	}
	closedir(handle);
	return err;
}

static int unpin(const char *path, void *context)
{
	return unlink(path) && errno != ENOENT ? -errno : 0;
}

/* ---- links --------------------------------------------------------------------------------- */

#define LINKS_MAX    64
#define GONE_TRIES   200
#define GONE_WAIT_US 10000

struct links {
	__u32 id[LINKS_MAX];
	size_t count;
};

/* Without memory it ends as the kernel ends it. */
static void keep_program(__u32 id)
{
	char path[KERNEL_PIN_LEN];
	int fd = bpf_prog_get_fd_by_id(id);

	if (fd < 0)
		return;
	snprintf(path, sizeof(path), "%s/%u", PIN_DIR_ENDED, id);
	mkdir(PIN_DIR_ENDED, 0700);
	bpf_obj_pin(fd, path);
	close(fd);
}

static int unpin_link(const char *path, void *context)
{
	struct links *links = context;
	struct bpf_link_info info = {};
	__u32 len = sizeof(info);
	int fd = bpf_obj_get(path);

	if (fd >= 0) {
		if (!bpf_obj_get_info_by_fd(fd, &info, &len) && links->count < LINKS_MAX) {
			links->id[links->count++] = info.id;
			keep_program(info.prog_id);
		}
		close(fd);
	}
	return unpin(path, NULL);
}

static bool any_is_attached(const struct links *links)
{
	size_t i;
	int fd;

	for (i = 0; i < links->count; i++) {
		fd = bpf_link_get_fd_by_id(links->id[i]);
		if (fd < 0)
			continue;
		close(fd);
		return true;
	}
	return false;
}

int kernel_remove_links(const char *dir)
{
	struct links links = {};
	int err = each_pin(dir, "link_", unpin_link, &links), i;

	/* The kernel detaches them some time after the last name is gone. Whoever holds one open
	 * keeps it: then this is not waited for. */
	for (i = 0; i < GONE_TRIES && any_is_attached(&links); i++)
		usleep(GONE_WAIT_US);
	return err;
}

void kernel_forget_ended(unsigned int wait)
{
	if (access(PIN_DIR_ENDED, F_OK))
		return;
	usleep(wait);
	each_pin(PIN_DIR_ENDED, "", unpin, NULL);
	rmdir(PIN_DIR_ENDED);
}

int kernel_remove_pins(const char *dir)
{
	int err = kernel_remove_links(dir);

	/* Without its links nothing is enforced any more; the maps go after them. */
	if (!err)
		err = each_pin(dir, "", unpin, NULL);
	if (!err && rmdir(dir))
		err = -errno;
	return err;
}

/* Replace the policy by one that denies nothing: at once, for every hook. */
static int install_nothing(const char *dir)
{
	const struct policy nothing = {};
	struct image image = {};
	int fd = kernel_open_pin_in(dir, PIN_POLICY), err;

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
	int replaced, err;

	/* The links go one by one, and the kernel frees them later: lift the verdicts first. What
	 * is pinned may be of another build, or half: then only the links count. What an upgrade
	 * that was killed has left enforces, too. */
	install_nothing(PIN_DIR);
	install_nothing(PIN_DIR_NEW);
	replaced = kernel_remove_pins(PIN_DIR_NEW);
	err = kernel_remove_pins(PIN_DIR);
	kernel_forget_ended(KERNEL_ENDED_WAIT);
	return err == -ENOENT ? replaced : err;
}
