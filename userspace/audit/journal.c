/* SPDX-License-Identifier: GPL-2.0-only */
#include <endian.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "journal.h"

/* As sd-journal(3) asks for: no record is longer, so that none needs a file in memory. */
#define SEND_BUFFER (8 << 20)

/* ---- a record ---------------------------------------------------------------------------------
 */

/* A value that spans lines has its length in front of it. */
static void put(FILE *out, const char *name, const char *value)
{
	uint64_t len = strlen(value), on_wire = htole64(len);

	if (!strchr(value, '\n')) {
		fprintf(out, "%s=%s\n", name, value);
		return;
	}
	fprintf(out, "%s\n", name);
	fwrite(&on_wire, sizeof(on_wire), 1, out);
	fwrite(value, 1, len, out);
	fputc('\n', out);
}

static void put_fields(FILE *out, const struct notice *n)
{
	const struct notice_field *f;
	char text[NOTICE_TEXT_LEN];

	put(out, "MESSAGE", n->message);
	put(out, "MESSAGE_ID", n->id);
	fprintf(out, "PRIORITY=%i\nSYSLOG_IDENTIFIER=interdict\n", n->priority);
	for (f = notice_fields; f->path; f++)
		if (f->journal && notice_text(text, n->record, f->path))
			put(out, f->journal, text);
	/* Of a denial, as it was called before there were other actions. */
	if (!strcmp(notice_string(n->record, "event.dataset"), "interdict.denial"))
		put(out, "INTERDICT_HOOK", notice_string(n->record, "event.action"));
	if (!notice_text(text, n->record, "interdict.repeated.count"))
		strcpy(text, "1");
	put(out, "INTERDICT_COUNT", text);
}

static struct sink_item *make(const struct notice *n)
{
	struct sink_item *item = NULL;
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	if (!out)
		return NULL;
	put_fields(out, n);
	if (!fclose(out))
		item = sink_item(text, len);
	free(text);
	return item;
}

/* ---- over the socket --------------------------------------------------------------------------
 */

static int connect_to(const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), err;
	int size = SEND_BUFFER;

	if (fd < 0)
		return -errno;
	if (setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof(size)))
		setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
	snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	if (!connect(fd, (struct sockaddr *)&address, sizeof(address)))
		return fd;
	err = -errno;
	close(fd);
	return err;
}

static bool is_gone(int err)
{
	return err == -ENOENT || err == -ECONNREFUSED || err == -ECONNRESET || err == -EPIPE ||
	       err == -ENOTCONN;
}

/* Connected, so that it can be asked whether there is room in journald's queue; then each journald
 * is connected to anew. */
static int send_item(struct sink *s, const struct sink_item *item)
{
	int err = 0;

	if (s->fd < 0)
		s->fd = connect_to(s->path ? s->path : JOURNAL_SOCKET);
	if (s->fd < 0)
		err = s->fd;
	else if (send(s->fd, item->data, item->len, MSG_NOSIGNAL) < 0)
		err = -errno;
	if (err == -EAGAIN)
		sink_listen(s, EPOLLOUT);
	if (!is_gone(err))
		return err;
	sink_close(s);
	return -ENOTCONN;
}

static void ready(struct sink *s)
{
	sink_ignore(s);
	sink_again(s);
}

const struct sink_type sink_journal = {
	.name = "journal",
	.make = make,
	.send = send_item,
	.ready = ready,
	.close = sink_close,
};
