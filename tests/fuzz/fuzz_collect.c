/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * collect() over any bytes as a file: alone, as an archive, as a package, with others inside, as a
 * container image.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "collect/collect.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct collect_limits limits = {
	.unpacked = 8 << 20,
	.entries = 1000,
	.names = 1 << 20,
	.ratio = 1000,
	.grace = 1 << 20,
	.depth = 4,
};

static char path[64];

static void require(int truth)
{
	if (!truth)
		abort();
}

static int found(void *context, const struct component *component)
{
	size_t *n = context;

	(*n)++;
	require(component->maintainer || content_is_component(component->kind));
	require(component->digest.size > 0);
	require(!strncmp(component->path, path, strlen(path)));
	require(strcmp(component_name(component), "other"));
	return 0;
}

static int package(void *context, const char *name)
{
	require(name[0]);
	return 0;
}

static void check(int fd)
{
	struct diag d = {};
	size_t n = 0;
	struct collect c = {
		.found = found, .package = package, .context = &n, .limits = &limits, .d = &d};
	int rc;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	rc = collect(&c, path);
	/* Something was handed over, or there is an error that says why not. */
	require(rc ? !n && d.errors : n);
	require(!c.unread || d.errors);
	require(!c.unopened || d.warnings || rc);
	require(c.input < COLLECT_INPUTS);
	diag_free(&d);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	int fd = memfd_create("fuzz", MFD_CLOEXEC);

	require(fd >= 0 && write(fd, data, size) == (ssize_t)size);
	check(fd);
	close(fd);
	return 0;
}
