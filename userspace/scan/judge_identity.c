// SPDX-License-Identifier: GPL-2.0-only
/* What a file says of itself. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "interdict/examine.h"
#include "judge_reading.h"

static void put_digest(struct examined *e, const struct digest *d)
{
	struct fingerprint *f = &e->identity.fingerprints[e->identity.count++];

	f->kind = FINGERPRINT_SHA256;
	memcpy(f->value, d->value, FINGERPRINT_LEN);
}

/* A packed driver by what the kernel gets of it. */
static int unpack(struct judge *j, struct reading *r)
{
	const struct certificates *trusted = j->all->looking->scan->trusted;
	struct content_plain plain = {};
	struct content c;
	struct bytes bytes;
	int err;

	if (lseek(r->fd, 0, SEEK_SET))
		return -errno;
	err = content_read_fd_plain(&c, &plain, r->fd);
	if (!err && c.kind == CONTENT_DRIVER_PACKED && !c.broken) {
		put_digest(&j->plain, &c.plain);
		bytes = (struct bytes){.memory = plain.v, .size = plain.n};
		if (plain.v)
			err = examine_kinds(&j->plain, &bytes, r->want, trusted);
	}
	free(plain.v);
	return err;
}

static int look_into_packed(struct judge *j, struct reading *r)
{
	int err = judge_settle(r);

	if (err || r->kind != CONTENT_DRIVER_PACKED)
		return err;
	pthread_mutex_lock(&j->all->unpacking);
	err = unpack(j, r);
	pthread_mutex_unlock(&j->all->unpacking);
	return err;
}

/* The parsers look into what begins as ELF or PE, and nothing else. */
static bool is_examined(const struct judge *j)
{
	return j->head_len > 4 && (!memcmp(j->head, "\177ELF", 4) || !memcmp(j->head, "MZ", 2));
}

int judge_identify(struct judge *j, struct reading *r)
{
	const struct bytes bytes = {.fd = r->fd, .size = r->st.st_size};
	int err = 0;

	if (r->want & KIND_BIT(FINGERPRINT_SHA256))
		err = judge_digest(j, r);
	if (!err && r->digested)
		put_digest(&j->file, &r->digest);
	if (!err)
		err = judge_head(j, r);
	if (err)
		return err;
	if (r->kind == CONTENT_PACKED)
		return r->want & ~KIND_BIT(FINGERPRINT_PATH) ? look_into_packed(j, r) : 0;
	if (r->want & KINDS_EXAMINED && is_examined(j))
		err = examine_kinds(&j->file, &bytes, r->want, j->all->looking->scan->trusted);
	return err;
}
