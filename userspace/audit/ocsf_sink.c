/* SPDX-License-Identifier: GPL-2.0-only */
/* The copy of the log in OCSF's words. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "audit/jsonl.h"
#include "audit/ocsf.h"
#include "audit/sink.h"
#include "conf.h"

#define OCSF_FILE LOG_DIR "/events.ocsf.jsonl"

static struct sink_item *make(const struct notice *n)
{
	json_t *o = ocsf_record(n->record);
	char *text = o ? json_dumps(o, JSON_COMPACT | JSON_PRESERVE_ORDER) : NULL;
	struct sink_item *item = text ? sink_item(text, strlen(text)) : NULL;

	free(text);
	json_decref(o);
	return item;
}

/* It waits as text, whose bytes can be counted. */
static int send_item(struct sink *s, const struct sink_item *item)
{
	struct jsonl *copy_of_log = s->own;
	json_t *o = json_loadb(item->data, item->len, 0, NULL);
	int err;

	if (!o)
		return -EMSGSIZE;
	if (!copy_of_log) {
		s->own = copy_of_log = calloc(1, sizeof(*copy_of_log));
		if (copy_of_log)
			jsonl_open_copy(copy_of_log, s->path ? s->path : OCSF_FILE);
	}
	err = copy_of_log ? jsonl_write(copy_of_log, o) : -ENOMEM;
	json_decref(o);
	return err;
}

static void ready(struct sink *s)
{
}

static void close_file(struct sink *s)
{
	if (s->own)
		jsonl_close(s->own);
	free(s->own);
	s->own = NULL;
}

const struct sink_type sink_ocsf = {
	.name = "ocsf",
	.speaks = true,
	.make = make,
	.send = send_item,
	.ready = ready,
	.close = close_file,
};
