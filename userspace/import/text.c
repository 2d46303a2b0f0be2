/* SPDX-License-Identifier: GPL-2.0-only */
/* Lists that are written in lines. */
#include <errno.h>

#include "import/reader.h"

static int take_line(void *context, const char *s, size_t len, bool whole)
{
	struct input *in = context;
	const char *end = s + len;

	lines_trim(&in->lines, &s, &end);
	if (!memchr(s, '\0', end - s))
		return in->take(in, s, end, whole);
	input_error(in, in->lines.line, "a NUL byte, this is no text: save UTF-16 as UTF-8");
	return -EINVAL;
}

int input_read_lines(struct input *in, size_t max,
		     int (*take)(struct input *in, const char *s, const char *end, bool whole),
		     void *context)
{
	int rc;

	in->take = take;
	in->context = context;
	in->lines = (struct lines){
		.max = max,
		.take = take_line,
		.context = in,
		.progress = &in->progress,
	};
	rc = lines_read(&in->lines, in->fd);
	if (rc != -EMSGSIZE)
		return rc;
	input_error(in, in->lines.line, "longer than %zu bytes: this is no such list", max);
	return -EINVAL;
}

size_t input_first_line(const struct input *in, const char **line)
{
	const char *s = in->head, *end = in->head + in->head_len, *newline;

	if (!strncmp(s, "\xef\xbb\xbf", 3))
		s += 3;
	for (; s < end; s = newline + 1) {
		newline = memchr(s, '\n', end - s);
		if (!newline)
			newline = end;
		*line = s;
		if (newline > s && newline[-1] == '\r')
			s = newline - 1;
		else
			s = newline;
		if (s > *line && !is_comment(*line, s))
			return s - *line;
	}
	return 0;
}
