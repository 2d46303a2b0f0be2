/* SPDX-License-Identifier: GPL-2.0-only */
/* A container image that is a directory. */
#include <stdlib.h>
#include <string.h>

#include "collect_container.h"
#include "collect_work.h"
#include "file.h"

/* tar(1)'s record. */
#define EMPTY_TAR_MAX (20 * 512)

/* As in an archive: what may be a manifest, by its name and its first byte. */
static int add_json(struct container *container, const struct job *job, const char *name)
{
	size_t len = 0;
	char *text;

	if (!container_is_json(name) || job->size > CONTAINER_JSON_MAX ||
	    file_read_whole(job->path, &text, &len))
		return 0;
	if (*text == '{' || *text == '[')
		return container_add_json(container, name, text, len);
	free(text);
	return 0;
}

/* A tar without a file: some blocks of zeros. */
static bool is_empty_tar(const struct job *job)
{
	bool empty;
	size_t len;
	char *text;

	if (job->size > EMPTY_TAR_MAX || file_read_whole(job->path, &text, &len))
		return false;
	empty = !len || (!text[0] && !memcmp(text, text + 1, len - 1));
	free(text);
	return empty;
}

static int add_below(struct container *container, const struct job *job, const char *name)
{
	int rc = 0;

	if (container_is_layer(name))
		rc = container_add_entry(container, name,
					 job->opened || job->size < 512 || is_empty_tar(job));
	return rc ? rc : add_json(container, job, name);
}

/* Only at the top of what was named, and only what begins as one. */
int work_check_container(struct work *w, const struct input *input)
{
	static const char *const marks[] = {"oci-layout", "manifest.json"};
	size_t skip = strlen(input->item->path), i;
	struct container container = {.dir = input->item->path};
	bool marked = false;
	const char *name;
	int rc = 0;

	for (i = input->first; i < input->first + input->n; i++) {
		name = w->jobs[i].path + skip + strspn(w->jobs[i].path + skip, "/");
		marked = marked || !strcmp(name, marks[0]) || !strcmp(name, marks[1]);
	}
	for (i = input->first; marked && !rc && i < input->first + input->n; i++) {
		name = w->jobs[i].path + skip + strspn(w->jobs[i].path + skip, "/");
		rc = add_below(&container, &w->jobs[i], name);
	}
	if (marked && !rc && container_check(&container, &w->c->unread, input->item->path, w->c->d))
		w->c->input = COLLECT_CONTAINER;
	container_free(&container);
	return rc;
}
