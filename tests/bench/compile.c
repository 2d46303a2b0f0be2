/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * usage: compile DIRECTORY
 *
 * Read the policy in DIRECTORY, compile its image, check it and copy it into fresh memory, as
 * interdictd does, and print in one line: digests, distinct sizes, bytes of the image, the
 * milliseconds of CPU time that reading, compiling, checking and copying took, and the most memory
 * that the program ever held, in KiB. The copy is to where the kernel's map would be mapped, not
 * into it: no policy is put in force here.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <time.h>

#include "image/image.h"

static double milliseconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return t.tv_sec * 1e3 + t.tv_nsec / 1e6;
}

static int failed(struct diag *d, int err)
{
	diag_print(d, "compile");
	fprintf(stderr, "compile: %s\n", strerror(-err));
	return 1;
}

static long peak(void)
{
	struct rusage used = {};

	getrusage(RUSAGE_SELF, &used);
	return used.ru_maxrss;
}

static int copy(image_t *image)
{
	void *to =
		mmap(NULL, image->len, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (to == MAP_FAILED)
		return -errno;
	memcpy(to, image->base, image->len);
	munmap(to, image->len);
	return 0;
}

int main(int argc, char **argv)
{
	const char *dirs[POLICY_DIRS] = {argc == 2 ? argv[1] : NULL};
	double begin = milliseconds(), read, compiled, checked, copied;
	const struct image_header *header;
	struct policy policy = {};
	struct image image = {};
	struct diag d = {};
	int err;

	if (argc != 2)
		return fputs("usage: compile DIRECTORY\n", stderr), 2;
	err = policy_read(&policy, dirs, &d);
	read = milliseconds();
	if (!err)
		err = image_compile(&image, &policy, NULL, &d);
	compiled = milliseconds();
	if (!err)
		err = image_check(&image);
	checked = milliseconds();
	if (!err)
		err = copy(&image);
	copied = milliseconds();
	if (err)
		return failed(&d, err);
	header = image_header(&image);
	printf("%" PRIu64 " %" PRIu64 " %zu %.0f %.0f %.0f %.0f %ld\n",
	       (uint64_t)header->fingerprints, (uint64_t)header->size_count, image.len,
	       read - begin, compiled - read, checked - compiled, copied - checked, peak());
	image_free(&image);
	policy_free(&policy);
	diag_free(&d);
	return 0;
}
