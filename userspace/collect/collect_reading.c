/* SPDX-License-Identifier: GPL-2.0-only */
#include "collect_reading.h"

#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>

#define BLOCK (128 * 1024)

/* Memory that a reading may have without waiting for others. */
#define LIGHT (16 << 20)

static pthread_mutex_t heavy = PTHREAD_MUTEX_INITIALIZER;

/* ---- what is wrong ------------------------------------------------------------------------- */

int level_damaged(struct level *l, const char *fmt, ...)
{
	va_list args;

	if (l->rc)
		return l->rc;
	l->rc = -EBADMSG;
	va_start(args, fmt);
	vsnprintf(l->why, sizeof(l->why), fmt, args);
	va_end(args);
	return l->rc;
}

int level_refused(struct level *l, const char *why)
{
	if (l->rc)
		return l->rc;
	l->rc = -EOVERFLOW;
	snprintf(l->why, sizeof(l->why), "%s", why);
	return l->rc;
}

int level_broken(struct level *l, struct archive *a)
{
	const char *text = archive_error_string(a);

	if (l->r->rc)
		return l->r->rc;
	if (!l->rc && (archive_errno(a) == ENOMEM || archive_errno(a) == EIO))
		return -archive_errno(a);
	return level_damaged(l, "damaged or cut short (%s): fetch it again",
			     text ? text : "no more is known");
}

static int too_much(struct reading *r, uint64_t limit, const char *of_what)
{
	if (!r->rc)
		snprintf(r->why, sizeof(r->why),
			 "more than %" PRIu64 " %s in it: name the unpacked files", limit, of_what);
	r->rc = -EFBIG;
	return r->rc;
}

/* ---- what they may ask of us --------------------------------------------------------------- */

static void show_progress(struct reading *r, la_int64_t packed)
{
	if (packed <= 0 || (uint64_t)packed <= r->shown)
		return;
	collect_progress(r->c, packed - r->shown);
	r->shown = packed;
}

/* Two that need much of it would need too much. */
static void share_memory(struct reading *r)
{
	if (r->heavy || r->windows + r->kept <= LIGHT)
		return;
	pthread_mutex_lock(&heavy);
	r->heavy = true;
}

void reading_end(struct reading *r)
{
	if (r->heavy)
		pthread_mutex_unlock(&heavy);
	r->heavy = false;
}

int reading_spend(struct reading *r, uint64_t n)
{
	la_int64_t packed = r->top ? archive_filter_bytes(r->top, -1) : (la_int64_t)r->packed;

	show_progress(r, packed);
	share_memory(r);
	if (r->look && !r->rc && r->look->is_over(r->look->context))
		r->rc = -EINTR;
	r->unpacked += n;
	if (r->unpacked > r->limits->unpacked)
		return too_much(r, r->limits->unpacked, "bytes");
	if (r->unpacked > r->limits->grace && packed > 0 &&
	    r->unpacked / r->limits->ratio > (uint64_t)packed)
		return too_much(r, r->limits->ratio, "times its own size");
	return r->rc;
}

int reading_spend_entry(struct reading *r)
{
	return ++r->entries > r->limits->entries ? too_much(r, r->limits->entries, "entries") : 0;
}

int reading_spend_name(struct reading *r, uint64_t n)
{
	r->names += n;
	return r->names > r->limits->names ? too_much(r, r->limits->names, "bytes of names") : 0;
}

/* ---- the bytes of an entry ----------------------------------------------------------------- */

/* The next block, and the hole before it. */
static int read_block(struct entry *e)
{
	la_int64_t offset = 0;
	int r = archive_read_data_block(e->a, &e->data, &e->len, &offset);

	if (r == ARCHIVE_EOF) {
		e->end = true;
		e->len = 0;
		offset = e->at;
		if (archive_entry_sparse_count(e->e))
			offset = archive_entry_size(e->e);
	} else if (r != ARCHIVE_OK) {
		return level_broken(e->level, e->a);
	}
	if (offset < 0 || (uint64_t)offset < e->at)
		return level_damaged(e->level, "damaged (an entry that goes back): fetch it again");
	e->hole = offset - e->at;
	return 0;
}

/* All bytes that its header promised? A hard link promises what lies elsewhere. */
static int check_size(const struct entry *e)
{
	if (!archive_entry_size_is_set(e->e) || archive_entry_hardlink(e->e) ||
	    archive_entry_filetype(e->e) != AE_IFREG)
		return 0;
	if ((uint64_t)archive_entry_size(e->e) == e->at)
		return 0;
	return level_damaged(e->level, "damaged (an entry's size is a lie): fetch it again");
}

ssize_t entry_next(void *entry, const void **data)
{
	static const char zeros[BLOCK];
	struct entry *e = entry;
	size_t n;
	int rc = e->level->rc;

	while (!rc && !e->hole && !e->len && !e->end)
		rc = read_block(e);
	if (rc)
		return rc;
	if (e->hole) {
		n = e->hole < BLOCK ? e->hole : BLOCK;
		*data = zeros;
		e->hole -= n;
	} else {
		n = e->len;
		*data = e->data;
		e->len = 0;
	}
	e->at += n;
	if (e->max && e->at > e->max)
		return level_refused(e->level, "an entry that is longer than it says: unpack it");
	rc = n ? reading_spend(e->level->r, n) : check_size(e);
	return rc ? rc : (ssize_t)n;
}

int entry_drain(struct entry *e)
{
	const void *data;
	ssize_t n;

	while ((n = entry_next(e, &data)) > 0)
		;
	return (int)n;
}
