/* SPDX-License-Identifier: GPL-2.0-only */
/* rpm's file format, version 3 and 4, and of OpenPGP (RFC 4880) who made a signature. */
#include "rpm_file.h"

#include <stdio.h>
#include <stdlib.h>

#define LEAD	    96
#define ENTRIES_MAX (64 * 1024)
#define TEXT_MAX    1024
#define BLOB_MAX    4096
#define KEY_ID_LEN  8

enum rpm_tag {
	TAG_DSA_HEADER = 267,
	TAG_RSA_HEADER = 268,
	TAG_NAME = 1000,
	TAG_VERSION = 1001,
	TAG_RELEASE = 1002,
	TAG_EPOCH = 1003,
	TAG_VENDOR = 1011,
	TAG_PACKAGER = 1015,
	TAG_ARCHITECTURE = 1022,
	/* of the header of signatures alone */
	TAG_PGP = 1002,
	TAG_GPG = 1005,
};

enum rpm_type { TYPE_INT32 = 4, TYPE_STRING = 6, TYPE_BINARY = 7, TYPE_STRINGS = 8, TYPE_TEXT = 9 };

struct header {
	const struct bytes *from;
	uint64_t entries, store; /* offsets */
	uint32_t n, len;	 /* entries; bytes of the store */
};

struct found {
	uint32_t type, count;
	uint64_t at;   /* offset in the file */
	uint64_t left; /* bytes of the store from there on */
};

static uint32_t big(const uint8_t *v)
{
	return (uint32_t)v[0] << 24 | v[1] << 16 | v[2] << 8 | v[3];
}

static int read_exactly(const struct bytes *from, uint64_t at, void *dst, size_t len)
{
	ssize_t n = bytes_read(from, at, dst, len);

	if (n < 0)
		return (int)n;
	return (size_t)n == len ? 0 : -EBADMSG;
}

/* The header at @at. */
static int open_header(struct header *h, const struct bytes *from, uint64_t at)
{
	uint8_t intro[16];
	int rc = read_exactly(from, at, intro, sizeof(intro));

	if (rc)
		return rc;
	*h = (struct header){.from = from, .n = big(intro + 8), .len = big(intro + 12)};
	h->entries = at + sizeof(intro);
	h->store = h->entries + 16ULL * h->n;
	return memcmp(intro, "\x8e\xad\xe8", 3) || h->n > ENTRIES_MAX ? -EBADMSG : 0;
}

/* Return: 1 when the header has @tag, 0, or an error. */
static int find(const struct header *h, enum rpm_tag tag, struct found *f)
{
	uint8_t entry[16];
	uint32_t i, offset;
	int rc;

	for (i = 0; i < h->n; i++) {
		rc = read_exactly(h->from, h->entries + 16ULL * i, entry, sizeof(entry));
		if (rc)
			return rc;
		offset = big(entry + 8);
		if (big(entry) != tag || offset >= h->len)
			continue;
		*f = (struct found){.type = big(entry + 4),
				    .count = big(entry + 12),
				    .at = h->store + offset,
				    .left = h->len - offset};
		return 1;
	}
	return 0;
}

/* ---- texts --------------------------------------------------------------------------------- */

/* @text: NULL where there is none */
static int get_text(const struct header *h, enum rpm_tag tag, char **text)
{
	char v[TEXT_MAX + 1] = "";
	struct found f = {};
	ssize_t n;
	int rc = find(h, tag, &f);

	if (rc <= 0 || (f.type != TYPE_STRING && f.type != TYPE_STRINGS && f.type != TYPE_TEXT))
		return rc < 0 ? rc : 0;
	n = bytes_read(h->from, f.at, v, f.left < TEXT_MAX ? f.left : TEXT_MAX);
	if (n < 0)
		return (int)n;
	*text = strdup(v);
	return *text ? 0 : -ENOMEM;
}

static int get_epoch(const struct header *h, char epoch[16])
{
	struct found f = {};
	uint8_t v[4];
	int rc = find(h, TAG_EPOCH, &f);

	*epoch = 0;
	if (rc <= 0 || f.type != TYPE_INT32 || f.left < sizeof(v))
		return rc < 0 ? rc : 0;
	rc = read_exactly(h->from, f.at, v, sizeof(v));
	if (!rc)
		snprintf(epoch, 16, "%u:", big(v));
	return rc;
}

/* "1:3.0-2" */
static int get_version(const struct header *h, char **text)
{
	char epoch[16], *version = NULL, *release = NULL;
	int rc = get_epoch(h, epoch);

	if (!rc)
		rc = get_text(h, TAG_VERSION, &version);
	if (!rc)
		rc = get_text(h, TAG_RELEASE, &release);
	if (!rc && version &&
	    asprintf(text, "%s%s%s%s", epoch, version, release ? "-" : "", release ? release : "") <
		    0) {
		*text = NULL;
		rc = -ENOMEM;
	}
	free(version);
	free(release);
	return rc;
}

/* ---- who signed it ------------------------------------------------------------------------- */

#define PACKET_SIGNATURE   2
#define SUBPACKET_ISSUER   16
#define SUBPACKET_MADE_BY  33
#define FINGERPRINT_V4_LEN 20

struct span {
	const uint8_t *v;
	size_t n;
};

/* The next @n bytes of @s; of fewer, none. */
static struct span cut(struct span *s, size_t n)
{
	struct span part = {};

	if (n > s->n) {
		s->n = 0;
		return part;
	}
	part = (struct span){s->v, n};
	s->v += n;
	s->n -= n;
	return part;
}

static uint32_t number(struct span *s, size_t n)
{
	struct span part = cut(s, n);
	uint32_t value = 0;
	size_t i;

	for (i = 0; i < part.n; i++)
		value = value << 8 | part.v[i];
	return value;
}

/* A length of a new packet, or of a subpacket. */
static uint32_t length(struct span *s)
{
	uint32_t n = number(s, 1);

	if (n < 192)
		return n;
	return n < 255 ? ((n - 192) << 8) + number(s, 1) + 192 : number(s, 4);
}

static struct span packet_body(struct span s)
{
	uint32_t head = number(&s, 1);
	uint32_t tag = head & 0x40 ? head & 0x3f : head >> 2 & 0xf;
	uint32_t n = s.n;

	if (!(head & 0x80) || tag != PACKET_SIGNATURE)
		return (struct span){};
	if (head & 0x40)
		n = length(&s);
	else if ((head & 3) < 3)
		n = number(&s, 1U << (head & 3));
	return cut(&s, n);
}

/* The key's id in these subpackets, NULL: none says. */
static const uint8_t *issuer_in(struct span all)
{
	struct span one;
	uint32_t type;

	while (all.n) {
		one = cut(&all, length(&all));
		type = number(&one, 1) & 0x7f;
		if (type == SUBPACKET_ISSUER && one.n == KEY_ID_LEN)
			return one.v;
		if (type == SUBPACKET_MADE_BY && one.n == 1 + FINGERPRINT_V4_LEN && one.v[0] == 4)
			return one.v + one.n - KEY_ID_LEN;
	}
	return NULL;
}

static const uint8_t *issuer(struct span body)
{
	uint32_t version = number(&body, 1);
	const uint8_t *id;

	if (version == 3) {
		cut(&body, 6);
		return cut(&body, KEY_ID_LEN).v;
	}
	if (version != 4)
		return NULL;
	cut(&body, 3);
	id = issuer_in(cut(&body, number(&body, 2)));
	return id ? id : issuer_in(cut(&body, number(&body, 2)));
}

static int get_key(const struct header *h, enum rpm_tag tag, char **key)
{
	uint8_t blob[BLOB_MAX];
	const uint8_t *id;
	struct found f = {};
	ssize_t n;
	int i, rc = find(h, tag, &f);

	if (rc <= 0 || f.type != TYPE_BINARY || f.count > BLOB_MAX || f.count > f.left)
		return rc < 0 ? rc : 0;
	n = bytes_read(h->from, f.at, blob, f.count);
	if (n < 0)
		return (int)n;
	id = issuer(packet_body((struct span){blob, n}));
	if (!id)
		return 0;
	*key = malloc(2 * KEY_ID_LEN + 1);
	for (i = 0; *key && i < KEY_ID_LEN; i++)
		sprintf(*key + 2 * i, "%02x", id[i]);
	return *key ? 0 : -ENOMEM;
}

/* ---- all together -------------------------------------------------------------------------- */

static int read_signatures(struct package *p, const struct header *h)
{
	static const enum rpm_tag tags[] = {TAG_RSA_HEADER, TAG_DSA_HEADER, TAG_PGP, TAG_GPG};
	size_t i;
	int rc = 0;

	for (i = 0; !rc && !p->key && i < sizeof(tags) / sizeof(*tags); i++)
		rc = get_key(h, tags[i], &p->key);
	return rc;
}

static int read_fields(struct package *p, const struct header *h)
{
	int rc = get_text(h, TAG_NAME, &p->name);

	if (!rc)
		rc = get_version(h, &p->version);
	if (!rc)
		rc = get_text(h, TAG_ARCHITECTURE, &p->architecture);
	if (!rc)
		rc = get_text(h, TAG_PACKAGER, &p->maintainer);
	if (!rc)
		rc = get_text(h, TAG_VENDOR, &p->vendor);
	return rc;
}

int rpm_file_read(struct package *p, const struct bytes *from)
{
	struct header h;
	uint64_t end;
	int rc = open_header(&h, from, LEAD);

	*p = (struct package){.format = PACKAGE_RPM};
	if (!rc)
		rc = read_signatures(p, &h);
	if (rc)
		return rc;
	end = h.store + h.len;
	rc = open_header(&h, from, (end + 7) / 8 * 8);
	if (!rc)
		rc = read_fields(p, &h);
	if (!rc && !p->name)
		rc = -EBADMSG;
	return rc;
}

void rpm_file_free(struct package *p)
{
	free(p->name);
	free(p->version);
	free(p->architecture);
	free(p->maintainer);
	free(p->vendor);
	free(p->key);
	*p = (struct package){};
}
