/* SPDX-License-Identifier: GPL-2.0-only */
/* One archive, package or packed file: how it is opened, and what is counted. */
#include <errno.h>
#include <inttypes.h>

#include "inside.h"

static bool is_too_large(const struct looking *l, const struct stat *st)
{
	uint64_t max = l->scan->options->size_max;

	return max && (uint64_t)st->st_size > max;
}

int archive_look(struct looking *l, const char *path, int fd, const struct stat *st,
		 const void *head, size_t len)
{
	struct inside in = {.looking = l, .path = path, .st = st};
	struct collect_look look = inside_look(&in);
	uint64_t bytes = 0;
	int rc;

	if (is_too_large(l, st)) {
		looking_unopened(l, path, "has more than %" PRIu64 " bytes: --max-size opens it",
				 l->scan->options->size_max);
		return 0;
	}
	/* As it is, and unpacked, it was judged before, if its own size did not rule that out. */
	look.driver =
		!(image_kinds_wanted(l->scan->image, st->st_size) & ~KIND_BIT(FINGERPRINT_PATH));
	rc = collect_look(&look, NULL, path, fd, &bytes);
	looking_add(l, COUNT_BYTES, bytes);
	return rc == -EINTR ? 0 : rc;
}
