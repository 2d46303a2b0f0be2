/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Container images. To the collector an image is an archive, or a directory, of archives: each
 * layer is opened because of its content, whoever names it. What is found out here is whether all
 * layers that the image's manifests name are there: `index.json`, its manifests and their layers
 * (the OCI image layout, image-spec 1.1), or else `manifest.json` and its layers (docker save, or
 * podman save --format=docker-archive).
 */
#ifndef INTERDICT_COLLECT_CONTAINER_H
#define INTERDICT_COLLECT_CONTAINER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "diag.h"

/* A longer manifest is not read: those in use have some KiB. */
#define CONTAINER_JSON_MAX (1024 * 1024)

struct container_entry {
	char *name;
	bool opened; /* it was read as an archive, or it is empty */
};

struct container_json {
	char *name, *text;
	size_t len;
};

/* Zeroed by the caller. */
struct container {
	const char *dir; /* where links may lead to layers; NULL: it is in an archive */
	struct container_entry *entries;
	struct container_json *json;
	size_t entries_n, entries_capacity, json_n;
	size_t json_bytes;
	bool sorted;
};

/** container_is_json() - whether @name, inside an image, may be what says what is in it. */
bool container_is_json(const char *name);
/** container_is_layer() - whether @name may be a layer's. */
bool container_is_layer(const char *name);
/**
 * container_add_json() - keep what is said. Text beyond 16 MiB or 10,000 files is dropped.
 * @text: taken over
 * Return: 0, or -ENOMEM.
 */
int container_add_json(struct container *container, const char *name, char *text, size_t len);
/** container_add_entry() - keep that there is an entry. Return: 0, or -ENOMEM. */
int container_add_entry(struct container *container, const char *name, bool opened);
/**
 * container_check() - name the layers that are missing or could not be read.
 * @missing: added to
 * @path: of the image
 * @d: an error for each, and a warning when manifests are missing: images for other machines
 *
 * Return: whether it is an image at all.
 */
bool container_check(struct container *container, size_t *missing, const char *path,
		     struct diag *d);
/** container_free() - release everything. */
void container_free(struct container *container);

#endif
