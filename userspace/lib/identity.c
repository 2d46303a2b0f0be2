/* SPDX-License-Identifier: GPL-2.0-only */
#include "identity.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "file.h"

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

static bool is_settled(const struct stamp *stamp)
{
	struct timespec now;
	int64_t age;

	if (clock_gettime(CLOCK_REALTIME, &now))
		return false;
	age = now.tv_sec - stamp->sec;
	if (age < 0 || age > 1)
		return age > 1;
	return age * SECOND + now.tv_nsec - stamp->nsec >= (int64_t)STAMP_SETTLE_NS;
}

static int read_between_stamps(struct identity *identity, struct content *content, int fd)
{
	struct stamp before = {};
	bool settled;
	int rc;

	rc = take_stamp(&before, fd);
	if (rc)
		return rc;
	settled = is_settled(&before);
	rc = content_read_fd(content, fd, true);
	if (!rc)
		rc = take_stamp(&identity->stamp, fd);
	if (rc)
		return rc;
	if (memcmp(&before, &identity->stamp, sizeof(before)))
		return -EBUSY;
	identity->stamp.valid = settled;
	return 0;
}

int identity_of_file(struct identity *identity, struct content *content, const char *path)
{
	struct content ours;
	struct fingerprint *f = &identity->fingerprints[0];
	int fd, rc;

	if (!content)
		content = &ours;
	memset(identity, 0, sizeof(*identity));
	fd = file_open(path);
	if (fd < 0)
		return fd;
	rc = read_between_stamps(identity, content, fd);
	close(fd);
	if (rc)
		return rc;
	f->kind = FINGERPRINT_SHA256;
	memcpy(f->value, content->digest.value, FINGERPRINT_LEN);
	identity->count = 1;
	return 0;
}
