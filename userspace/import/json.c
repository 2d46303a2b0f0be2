/* SPDX-License-Identifier: GPL-2.0-only */
/* JSON, within bounds. */
#include <errno.h>
#include <malloc.h>
#include <stdlib.h>
#include <unistd.h>

#include "file.h"
#include "import/reader.h"

/* What jansson holds: a few bytes of hostile text may be many in memory. */
static size_t heap_used, heap_max;
static bool heap_full; /* jansson does not always say so */

static void *heap_take(size_t size)
{
	void *p = NULL;

	if (heap_used < heap_max && size <= heap_max - heap_used)
		p = malloc(size);
	heap_used += p ? malloc_usable_size(p) : 0;
	heap_full |= !p;
	return p;
}

static void heap_give(void *p)
{
	heap_used -= p ? malloc_usable_size(p) : 0;
	free(p);
}

/* Half of the machine's memory, so that hostile text does not bring out the OOM killer. */
static size_t find_heap_max(void)
{
	long pages = sysconf(_SC_PHYS_PAGES), page = sysconf(_SC_PAGESIZE);
	uint64_t half = pages > 0 && page > 0 ? (uint64_t)pages * page / 2 : INPUT_JSON_HEAP;

	return half < INPUT_JSON_HEAP ? half : INPUT_JSON_HEAP;
}

struct text {
	struct input *in;
	uint64_t len;
	int error;
};

static size_t read_text(void *buf, size_t len, void *context)
{
	struct text *t = context;
	ssize_t n = file_read(t->in->fd, buf, len);

	if (n > 0)
		t->len += n;
	t->error = n < 0 ? (int)n : t->len > INPUT_JSON_MAX ? -EFBIG : 0;
	if (t->error)
		return -1;
	/* jansson does not know the mark: a blank means the same. */
	if (t->len == (uint64_t)n && n >= 3 && !memcmp(buf, "\xef\xbb\xbf", 3))
		memset(buf, ' ', 3);
	progress_add(&t->in->progress, n);
	return n;
}

static int complain(struct input *in, const struct text *t, const json_error_t *error)
{
	if (t->error == -EFBIG)
		input_error(in, 0, "longer than %llu MiB of JSON: export it in parts",
			    INPUT_JSON_MAX >> 20);
	else if (t->error)
		return t->error;
	else if (heap_full)
		input_error(in, 0, "takes more than %zu MiB of memory: export it in parts",
			    heap_max >> 20);
	else
		input_error(in, error->line, "no valid JSON: %s: export it again", error->text);
	return -EINVAL;
}

int input_load_json(struct input *in)
{
	struct text t = {.in = in};
	json_malloc_t take;
	json_error_t error;
	json_free_t give;

	heap_used = 0;
	heap_full = false;
	heap_max = find_heap_max();
	json_get_alloc_funcs(&take, &give);
	json_set_alloc_funcs(heap_take, heap_give);
	/* Of a key that is there twice, each reader would take another. */
	in->json = json_load_callback(read_text, &t, JSON_REJECT_DUPLICATES, &error);
	json_set_alloc_funcs(take, give);
	return in->json ? 0 : complain(in, &t, &error);
}

const char *json_text(const json_t *object, const char *key)
{
	return json_string_value(json_object_get(object, key));
}

bool json_is(const json_t *object, const char *key, const char *text)
{
	const char *value = json_text(object, key);

	return value && !strcmp(value, text);
}
