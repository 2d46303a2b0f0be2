/* SPDX-License-Identifier: GPL-2.0-only */
#include <string.h>

#include "content.h"

static ssize_t source_next(struct content_peek *p, const void **data)
{
	ssize_t n = p->source->next(p->source->context, data);

	if (n < 0)
		p->error = n;
	return n;
}

int content_peek(struct content_peek *p)
{
	const void *data;
	size_t take;
	ssize_t n;

	while (p->len < CONTENT_HEAD) {
		n = source_next(p, &data);
		if (n <= 0)
			return n;
		take = CONTENT_HEAD - p->len;
		if (take > (size_t)n)
			take = n;
		memcpy(p->head + p->len, data, take);
		p->len += take;
		p->rest = (const uint8_t *)data + take;
		p->rest_len = n - take;
	}
	return 0;
}

ssize_t content_peek_next(void *peek, const void **data)
{
	struct content_peek *p = peek;
	size_t n = p->rest_len;

	if (!p->begun) {
		p->begun = true;
		*data = p->head;
		return p->len ? (ssize_t)p->len : p->error;
	}
	if (!n)
		return source_next(p, data);
	*data = p->rest;
	p->rest_len = 0;
	return (ssize_t)n;
}
