// SPDX-License-Identifier: GPL-2.0-only
/* The bytes of a file: its head, its digest, what kind of file it is. */
#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <string.h>
#include <unistd.h>

#include "interdict/examine.h"
#include "judge_reading.h"

/* What is smaller is read at once, and needs no advice. */
#define ADVISED (256 * 1024)

int judge_open(const struct target *t)
{
	int flags = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
	int fd = openat(t->directory, t->name, flags | O_NOATIME);

	if (fd < 0 && errno == EPERM)
		fd = openat(t->directory, t->name, flags);
	if (fd >= 0)
		return fd;
	/* A link now, or a device that nobody serves: it is another file. */
	return errno == ELOOP || errno == ENXIO ? -ENOENT : -errno;
}

static void keep_head(struct judge *j, const void *bytes, size_t n)
{
	j->head_len = n < sizeof(j->head) ? n : sizeof(j->head);
	memcpy(j->head, bytes, j->head_len);
}

/* The head is kept on the way. */
static int digest(struct judge *j, struct digest *d, int fd, uint64_t size)
{
	struct looking *l = j->all->looking;
	ssize_t n = 1;

	if (!EVP_DigestInit_ex(j->md, j->algorithm, NULL))
		return -ENOMEM;
	if (size > ADVISED)
		posix_fadvise(fd, 0, 0, POSIX_FADV_SEQUENTIAL);
	for (d->size = 0; n && d->size <= size; d->size += n) {
		if (looking_is_over(l))
			return -EINTR;
		n = pread(fd, j->block, JUDGE_BLOCK, (off_t)d->size);
		if (n < 0)
			return -errno;
		if (!d->size)
			keep_head(j, j->block, n);
		if (!EVP_DigestUpdate(j->md, j->block, n))
			return -ENOMEM;
		looking_add(l, COUNT_BYTES, n);
	}
	if (d->size != size)
		return -EBUSY;
	return EVP_DigestFinal_ex(j->md, d->value, NULL) ? 0 : -ENOMEM;
}

int judge_digest(struct judge *j, struct reading *r)
{
	int err;

	if (r->digested)
		return 0;
	err = digest(j, &r->digest, r->fd, r->st.st_size);
	r->digested = !err;
	return err;
}

int judge_head(struct judge *j, struct reading *r)
{
	const struct bytes bytes = {.fd = r->fd, .size = r->st.st_size};
	ssize_t n = r->digested ? 0 : bytes_read(&bytes, 0, j->head, sizeof(j->head));

	if (n < 0)
		return (int)n;
	if (!r->digested)
		j->head_len = n;
	looking_add(j->all->looking, COUNT_BYTES, n);
	r->kind = content_classify(j->head, j->head_len);
	return 0;
}

int judge_settle(struct reading *r)
{
	struct content c;
	int err;

	if (r->settled || (r->kind != CONTENT_RELOCATABLE && r->kind != CONTENT_PACKED))
		return 0;
	if (lseek(r->fd, 0, SEEK_SET))
		return -errno;
	err = content_read_fd(&c, r->fd, false);
	if (err)
		return err;
	r->kind = c.kind;
	r->settled = true;
	return 0;
}
