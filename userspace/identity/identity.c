/* SPDX-License-Identifier: GPL-2.0-only */
#include "identity.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "file.h"
#include "hash.h"

#define SECOND (1000 * 1000 * 1000LL)

static int take_stamp(struct stamp *stamp, int fd)
{
	struct stat st;

	if (fstat(fd, &st))
		return -errno;
	stamp->size = st.st_size;
	stamp->sec = st.st_ctim.tv_sec;
	stamp->nsec = st.st_ctim.tv_nsec;
	stamp->valid = 0;
	return 0;
}

/* ctime moves in ticks of 4 ms: a change that is older than this moves it at the next one. */
#define STAMP_SETTLE_NS (100 * 1000 * 1000LL)

static bool is_settled(const struct stamp *stamp)
{
	struct timespec now;
	int64_t age;

	if (clock_gettime(CLOCK_REALTIME, &now))
		return false;
	age = now.tv_sec - stamp->sec;
	if (age < 0 || age > 1)
		return age > 1;
	return age * SECOND + now.tv_nsec - stamp->nsec >= STAMP_SETTLE_NS;
}

static void put_digest(struct identity *identity, const struct digest *digest)
{
	struct fingerprint *f = &identity->fingerprints[0];

	f->kind = FINGERPRINT_SHA256;
	memcpy(f->value, digest->value, FINGERPRINT_LEN);
	identity->count = 1;
	identity->taken = KIND_BIT(FINGERPRINT_SHA256);
	identity->stamp.size = digest->size;
}

static int examine_plain(struct known *k, const struct content_plain *plain, unsigned int want,
			 const struct certificates *trusted)
{
	const struct bytes bytes = {.memory = plain->v, .size = plain->n};

	if (k->content.kind != CONTENT_DRIVER_PACKED || k->content.broken)
		return 0;
	put_digest(&k->plain.identity, &k->content.plain);
	return plain->v ? examine_kinds(&k->plain, &bytes, want, trusted) : 0;
}

static int read_file(struct known *k, int fd, unsigned int want, const struct certificates *trusted)
{
	struct content_plain plain = {};
	struct bytes bytes = {.fd = fd};
	int rc;

	rc = content_read_fd_plain(&k->content, &plain, fd);
	if (!rc) {
		put_digest(&k->file.identity, &k->content.digest);
		bytes.size = k->content.digest.size;
		rc = examine_kinds(&k->file, &bytes, want, trusted);
	}
	if (!rc)
		rc = examine_plain(k, &plain, want, trusted);
	free(plain.v);
	return rc;
}

static int read_between_stamps(struct known *k, int fd, unsigned int want,
			       const struct certificates *trusted)
{
	struct stamp before = {}, after = {};
	bool settled;
	int rc;

	rc = take_stamp(&before, fd);
	if (rc)
		return rc;
	settled = is_settled(&before);
	rc = read_file(k, fd, want, trusted);
	if (!rc)
		rc = take_stamp(&after, fd);
	if (rc)
		return rc;
	if (memcmp(&before, &after, sizeof(before)))
		return -EBUSY;
	after.valid = settled;
	k->file.identity.stamp = after;
	return 0;
}

int identity_of_file_kinds(struct known *k, const char *path, unsigned int want,
			   const struct certificates *trusted)
{
	int fd, rc;

	*k = (struct known){};
	fd = file_open(path);
	if (fd < 0)
		return fd;
	rc = read_between_stamps(k, fd, want, trusted);
	close(fd);
	return rc;
}

int identity_of_file(struct known *k, const char *path, const struct certificates *trusted)
{
	return identity_of_file_kinds(k, path, UINT_MAX, trusted);
}

/* Return: 1 for what has to be unpacked to be told; else 0, or an error. */
static int examine_path(struct examined *e, const char *path, unsigned int want)
{
	struct bytes bytes = {.fd = file_open(path)};
	uint8_t head[CONTENT_HEAD];
	struct stat st;
	ssize_t n;
	int rc;

	if (bytes.fd < 0)
		return bytes.fd;
	rc = fstat(bytes.fd, &st) ? -errno : 0;
	bytes.size = rc ? 0 : st.st_size;
	n = rc ? rc : bytes_read(&bytes, 0, head, sizeof(head));
	if (n < 0)
		rc = n;
	else if (content_classify(head, n) == CONTENT_PACKED)
		rc = 1;
	else
		rc = examine_kinds(e, &bytes, want, NULL);
	close(bytes.fd);
	return rc;
}

int identity_of_kinds(struct known *k, const char *path, unsigned int want)
{
	struct digest digest;
	int rc = 0;

	*k = (struct known){};
	if (want & KIND_BIT(FINGERPRINT_SHA256)) {
		rc = hash_file(&digest, path);
		if (!rc)
			put_digest(&k->file.identity, &digest);
	}
	if (!rc)
		rc = examine_path(&k->file, path, want);
	if (rc != 1)
		return rc;
	known_free(k);
	return identity_of_file(k, path, NULL);
}

void known_free(struct known *k)
{
	examined_free(&k->file);
	examined_free(&k->plain);
}
