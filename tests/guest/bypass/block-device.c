/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The library's bytes are mapped from a block device, which is no file.
 *
 * limit: a block device is no file: what is mapped from one is not judged
 */
#include "by-hand.h"

/* Attach @path to a loop device. Return: its name. */
static const char *attached(const char *path)
{
	static char name[64];
	char command[128];
	FILE *out;

	snprintf(command, sizeof(command), "losetup --find --show %s", path);
	out = popen(command, "re");
	if (!out || fscanf(out, "%63s", name) != 1 || pclose(out))
		errx(1, "losetup");
	return name;
}

static int run_from(const char *device, const struct code *code)
{
	int fd = open(device, O_RDONLY | O_CLOEXEC);
	void *at = mmap(NULL, code->len, PROT_READ | PROT_EXEC, MAP_SHARED, fd, code->offset);

	if (at == MAP_FAILED)
		return failed(device);
	return call(at, code);
}

int main(void)
{
	struct code code = find_code(copy_of(getenv("LIBRARY"), "library.so"));
	const char *device = attached("library.so");
	char command[128];
	int status = run_from(device, &code);

	snprintf(command, sizeof(command), "losetup --detach %s", device);
	return system(command) ? 1 : status;
}
