/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * libFuzzer: any bytes as a file that a scan looks into, by a policy that asks for every
 * fingerprint: each entry is hashed, kept and parsed.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "packages/rpm_file.h"
#include "scan/inside.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct collect_limits limits = {
	.unpacked = 8 << 20,
	.entries = 1000,
	.names = 1 << 20,
	.ratio = 1000,
	.grace = 1 << 20,
	.depth = 4,
};

/* The digest is that of the script in the corpus. */
static const char text[] =
	"[Vendor]\nId=acme\n[Deny]\nVendor=acme\nPackage=acme*\nPackageMaintainer=*example*\n"
	"Digest=sha256:a8076d3d28d21e02012b20eaf7dbf75409a6277134439025f282e368e3305abf\n"
	"BuildId=0123456789abcdef0123456789abcdef01234567\nModuleName=acme\n"
	"SignerOrganization=Acme\nPathPrefix=/usr/bin\nAuthentiHash=sha256:"
	"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\n";

static struct policy policy;
static struct image image;

static void require(int truth)
{
	if (!truth)
		abort();
}

static void write_policy(const char *path)
{
	FILE *f = fopen(path, "we");

	require(f && fputs(text, f) >= 0 && !fclose(f));
}

static void prepare(void)
{
	char dir[] = "/tmp/interdict-fuzz-XXXXXX", path[64];
	const char *dirs[POLICY_DIRS] = {dir};

	require(mkdtemp(dir) != NULL);
	snprintf(path, sizeof(path), "%s/t.policy", dir);
	write_policy(path);
	require(!policy_read(&policy, dirs, NULL));
	require(!image_compile(&image, &policy, NULL, NULL));
	require(!unlink(path) && !rmdir(dir));
}

static void check_findings(const struct scan *s)
{
	const struct finding *f;
	size_t i;

	for (i = 0; i < s->findings.n; i++) {
		f = &s->findings.v[i];
		require(!strcmp(f->path, "/x") && !strcmp(f->vendor, "acme"));
		require(f->place == FINDING_PACKAGE || (f->inside && *f->inside == ':'));
		require(f->matched.kind && f->matched.kind != FINGERPRINT_PATH);
		require(f->place != FINDING_PACKAGE || f->digested);
	}
}

static void check(int fd)
{
	struct diag d = {};
	struct scan_options options = {.archives = true};
	struct scan scan = {.options = &options, .policy = &policy, .image = &image, .d = &d};
	struct looking looking = {.scan = &scan,
				  .kinds = image_header(&image)->kinds,
				  .lock = PTHREAD_MUTEX_INITIALIZER};
	struct stat st;
	struct inside in = {.looking = &looking, .path = "/x", .st = &st};
	struct collect_look look = inside_look(&in);
	int rc;

	require(!fstat(fd, &st));
	rc = collect_look(&look, &limits, "/x", fd, NULL);
	require(!rc);
	require(scan.unopened == d.warnings);
	check_findings(&scan);
	findings_free(&scan.findings);
	diag_free(&d);
}

static void check_rpm(const uint8_t *data, size_t size)
{
	const struct bytes bytes = {.memory = data, .size = size};
	struct package p;

	if (!rpm_file_read(&p, &bytes))
		require(p.name != NULL);
	rpm_file_free(&p);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	int fd = memfd_create("fuzz", MFD_CLOEXEC);

	if (!image.base)
		prepare();
	require(fd >= 0 && write(fd, data, size) == (ssize_t)size);
	check(fd);
	close(fd);
	check_rpm(data, size);
	return 0;
}
