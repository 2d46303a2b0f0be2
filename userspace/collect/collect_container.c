/* SPDX-License-Identifier: GPL-2.0-only */
#include "collect_container.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define JSON_BYTES_MAX (16 * CONTAINER_JSON_MAX)

/* An image index may name others: in use are two. */
#define INDEX_DEPTH 4
/* Descriptors that are followed: an index of all of them costs as little as one. */
#define DESCRIPTORS_MAX 10000

#define BLOBS "blobs/"

struct check {
	struct container *container;
	const char *path;
	struct diag *d;
	size_t followed, absent, missing;
};

/* ---- what is kept -------------------------------------------------------------------------- */

bool container_is_json(const char *name)
{
	return !strcmp(name, "index.json") || !strcmp(name, "manifest.json") ||
	       !strcmp(name, "oci-layout") || !strncmp(name, BLOBS, sizeof(BLOBS) - 1);
}

bool container_is_layer(const char *name)
{
	return !strncmp(name, BLOBS, sizeof(BLOBS) - 1) || strstr(name, ".tar");
}

int container_add_json(struct container *container, const char *name, char *text, size_t len)
{
	struct container_json *v;

	if (len > JSON_BYTES_MAX - container->json_bytes || container->json_n == DESCRIPTORS_MAX) {
		free(text);
		return 0;
	}
	v = reallocarray(container->json, container->json_n + 1, sizeof(*v));
	if (v)
		container->json = v;
	if (!v || !(v[container->json_n].name = strdup(name))) {
		free(text);
		return -ENOMEM;
	}
	v[container->json_n].text = text;
	v[container->json_n++].len = len;
	container->json_bytes += len;
	return 0;
}

int container_add_entry(struct container *container, const char *name, bool opened)
{
	size_t capacity = container->entries_capacity ? 2 * container->entries_capacity : 32;
	struct container_entry *v = container->entries;

	if (container->entries_n == container->entries_capacity) {
		v = reallocarray(v, capacity, sizeof(*v));
		if (!v)
			return -ENOMEM;
		container->entries = v;
		container->entries_capacity = capacity;
	}
	v[container->entries_n] = (struct container_entry){.name = strdup(name), .opened = opened};
	if (!v[container->entries_n].name)
		return -ENOMEM;
	container->entries_n++;
	container->sorted = false;
	return 0;
}

void container_free(struct container *container)
{
	size_t i;

	for (i = 0; i < container->entries_n; i++)
		free(container->entries[i].name);
	for (i = 0; i < container->json_n; i++) {
		free(container->json[i].name);
		free(container->json[i].text);
	}
	free(container->entries);
	free(container->json);
	*container = (struct container){};
}

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct container_entry *)a)->name,
		      ((const struct container_entry *)b)->name);
}

static const struct container_entry *find_entry(struct container *container, const char *name)
{
	struct container_entry key = {.name = (char *)name};

	if (!container->entries_n)
		return NULL;
	if (!container->sorted)
		qsort(container->entries, container->entries_n, sizeof(key), by_name);
	container->sorted = true;
	return bsearch(&key, container->entries, container->entries_n, sizeof(key), by_name);
}

/* NULL: it is not there, or says nothing that can be read. The caller releases it. */
static json_t *load(const struct container *container, const char *name)
{
	size_t i;

	for (i = 0; i < container->json_n; i++)
		if (!strcmp(container->json[i].name, name))
			return json_loadb(container->json[i].text, container->json[i].len, 0, NULL);
	return NULL;
}

/* ---- what is said -------------------------------------------------------------------------- */

static const char *text_of(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text ? text : "";
}

/* A link that was not followed: what it leads to is a layer that was read. */
static bool is_link(const struct container *container, const char *name)
{
	char *path;
	bool is;

	if (!container->dir || asprintf(&path, "%s/%s", container->dir, name) < 0)
		return false;
	is = !access(path, F_OK);
	free(path);
	return is;
}

static void expect_layer(struct check *c, const char *name)
{
	const struct container_entry *entry = find_entry(c->container, name);

	if (entry ? entry->opened : is_link(c->container, name))
		return;
	c->missing++;
	diag_error(c->d, c->path, 0,
		   entry ? "the layer %s is no archive that can be read: save the image again"
			 : "the layer %s is not in it: save the image again, whole",
		   name);
}

/* "sha256:0123…" → "blobs/sha256/0123…"; NULL for what is no digest, or without memory. */
static char *blob_name(const json_t *descriptor)
{
	const char *digest = text_of(descriptor, "digest"), *colon = strchr(digest, ':');
	char *name;

	if (!colon || strchr(digest, '/') ||
	    asprintf(&name, BLOBS "%.*s/%s", (int)(colon - digest), digest, colon + 1) < 0)
		return NULL;
	return name;
}

/* Of other artifacts, such as attestations, layers are no archives. */
static void follow_layer(struct check *c, const json_t *layer)
{
	char *name = blob_name(layer);

	if (name && strstr(text_of(layer, "mediaType"), "tar"))
		expect_layer(c, name);
	free(name);
}

static void follow_manifest(struct check *c, const json_t *manifest, int depth);

static void follow_descriptor(struct check *c, const json_t *descriptor, int depth)
{
	char *name = blob_name(descriptor);
	json_t *manifest = name ? load(c->container, name) : NULL;

	if (manifest)
		follow_manifest(c, manifest, depth);
	else
		c->absent++;
	json_decref(manifest);
	free(name);
}

static bool follow_one_more(struct check *c)
{
	return c->followed++ < DESCRIPTORS_MAX;
}

static void follow_manifest(struct check *c, const json_t *manifest, int depth)
{
	const json_t *layers = json_object_get(manifest, "layers");
	const json_t *manifests = json_object_get(manifest, "manifests");
	size_t i;

	for (i = 0; i < json_array_size(layers) && follow_one_more(c); i++)
		follow_layer(c, json_array_get(layers, i));
	for (i = 0; i < json_array_size(manifests) && follow_one_more(c); i++)
		if (depth < INDEX_DEPTH)
			follow_descriptor(c, json_array_get(manifests, i), depth + 1);
}

/* [{"Config": …, "RepoTags": …, "Layers": ["0123…/layer.tar"]}] */
static bool follow_docker(struct check *c, const json_t *images)
{
	const json_t *layers;
	const char *name;
	bool any = false;
	size_t i, j;

	for (i = 0; i < json_array_size(images); i++) {
		layers = json_object_get(json_array_get(images, i), "Layers");
		any = any || json_is_array(layers);
		for (j = 0; j < json_array_size(layers) && follow_one_more(c); j++) {
			name = json_string_value(json_array_get(layers, j));
			expect_layer(c, name ? name : "?");
		}
	}
	return any;
}

bool container_check(struct container *container, size_t *missing, const char *path, struct diag *d)
{
	struct check c = {.container = container, .path = path, .d = d};
	json_t *layout = load(container, "oci-layout"), *index = load(container, "index.json");
	json_t *docker = load(container, "manifest.json");
	bool is_image = json_object_get(layout, "imageLayoutVersion") &&
			json_is_array(json_object_get(index, "manifests"));

	if (is_image)
		follow_manifest(&c, index, 0);
	else
		is_image = follow_docker(&c, docker);
	if (c.absent)
		diag_warning(d, path, 0,
			     "manifests that its index names are not in it, nor their layers: "
			     "images for other machines? (%zu)",
			     c.absent);
	if (c.followed > DESCRIPTORS_MAX) {
		c.missing++;
		diag_error(d, path, 0, "more than %d layers and manifests: not all looked for",
			   DESCRIPTORS_MAX);
	}
	*missing += c.missing;
	json_decref(layout);
	json_decref(index);
	json_decref(docker);
	return is_image;
}
