/* SPDX-License-Identifier: GPL-2.0-only */
/* For the tests of collect(): what there is to find, and what was found. */
#ifndef INTERDICT_TEST_COLLECTING_H
#define INTERDICT_TEST_COLLECTING_H

#include "scratch.h"

#include <elf.h>
#include <errno.h>
#include <openssl/evp.h>
#include <stdbool.h>

#include "collect/collect.h"
#include "hash.h"

#define MODULE_NAME ".gnu.linkonce.this_module"
#define TAR_BLOCK   512

static const char script[] = "#!/bin/sh\necho script\n";
static const char preinst[] = "#!/bin/sh\nexit 0\n";
static const char postinst[] = "echo without an interpreter line\n";

/* ---- running a collection ------------------------------------------------------------------ */

struct seen {
	size_t n;
	struct component v[64];
	int answer; /* of found() */
};

static inline int see(void *context, const struct component *component)
{
	struct seen *s = context;

	assert_true(s->n < sizeof(s->v) / sizeof(*s->v));
	s->v[s->n] = *component;
	s->v[s->n].path = strdup(component->path);
	assert_non_null(s->v[s->n].path);
	s->n++;
	return s->answer;
}

static inline void forget(struct seen *s)
{
	while (s->n)
		free(s->v[--s->n].path);
}

/* A collection that nothing was seen of yet. */
struct run {
	struct collect collect;
	struct diag d;
	struct seen seen;
};

static inline int run(struct run *r, const char *name)
{
	forget(&r->seen);
	diag_free(&r->d);
	r->collect.found = see;
	r->collect.context = &r->seen;
	r->collect.d = &r->d;
	r->collect.unread = r->collect.unopened = 0;
	return collect(&r->collect, scratch_path(name));
}

static inline void end(struct run *r)
{
	forget(&r->seen);
	diag_free(&r->d);
}

static inline void expect_md5(const struct content_md5 *md5, bool known, const void *data,
			      size_t len)
{
	uint8_t value[CONTENT_MD5_LEN];

	assert_int_equal(md5->known, known);
	if (!known)
		return;
	assert_true(EVP_Digest(data, len, value, NULL, EVP_md5(), NULL));
	assert_memory_equal(md5->value, value, sizeof(value));
}

/* The @i-th component is @name, a path below the scratch directory, and has this content. */
static inline void expect(const struct run *r, size_t i, const char *kind, const char *name,
			  const void *data, size_t len)
{
	uint8_t value[FINGERPRINT_LEN];

	assert_true(i < r->seen.n);
	assert_string_equal(r->seen.v[i].path, scratch_path(name));
	assert_string_equal(component_name(&r->seen.v[i]), kind);
	assert_int_equal(r->seen.v[i].digest.size, len);
	assert_int_equal(hash_bytes(value, data, len), 0);
	assert_memory_equal(r->seen.v[i].digest.value, value, sizeof(value));
	expect_md5(&r->seen.v[i].md5, r->collect.md5, data, len);
}

#define EXPECT_TEXT(r, i, kind, name, text) expect(r, i, kind, name, text, sizeof(text) - 1)

/* It fails with @rc, names its input in one error line that holds @word, and hands nothing over. */
static inline void expect_failure(struct run *r, const char *name, int rc, const char *word)
{
	assert_int_equal(run(r, name), rc);
	assert_int_equal(r->seen.n, 0);
	assert_int_equal(r->d.errors, 1);
	diag_expect(&r->d, 0, DIAG_ERROR, scratch_path(name), 0, word, NULL);
}

static inline int __attribute__((format(printf, 1, 2))) try_shell(const char *fmt, ...)
{
	char command[8192];
	va_list args;
	int n = snprintf(command, sizeof(command), "set -e; cd %s; ", scratch_dir);

	va_start(args, fmt);
	vsnprintf(command + n, sizeof(command) - n, fmt, args);
	va_end(args);
	return system(command);
}

#define shell(...) assert_int_equal(try_shell(__VA_ARGS__), 0)

static inline void *read_whole(const char *name, size_t *len)
{
	FILE *f = fopen(scratch_path(name), "re");
	struct stat st;
	void *data;

	assert_non_null(f);
	assert_int_equal(fstat(fileno(f), &st), 0);
	data = malloc(st.st_size + 1);
	assert_non_null(data);
	*len = fread(data, 1, st.st_size, f);
	assert_int_equal(*len, st.st_size);
	fclose(f);
	return data;
}

/* ---- what there is to find ----------------------------------------------------------------- */

static uint8_t program[9000], library[5000], driver[7000];

static inline void make_elf(uint8_t *elf, size_t len, uint8_t type, uint8_t fill)
{
	memset(elf, fill, len);
	memset(elf, 0, 512);
	memcpy(elf, ELFMAG, SELFMAG);
	elf[EI_CLASS] = ELFCLASS64;
	elf[EI_DATA] = ELFDATA2LSB;
	elf[16] = type;
}

static inline int group_setup(void **state)
{
	make_elf(program, sizeof(program), ET_EXEC, 'p');
	make_elf(library, sizeof(library), ET_DYN, 'l');
	make_elf(driver, sizeof(driver), ET_REL, 'd');
	memcpy(driver + 4090, MODULE_NAME, sizeof(MODULE_NAME));
	return 0;
}

/* A program, a library, a script; a link, a hard link, an empty file, text, an object file. */
static inline void make_tree(const char *dir)
{
	char name[256];

	shell("mkdir -p %s/usr/bin %s/usr/lib", dir, dir);
	snprintf(name, sizeof(name), "%s/usr/bin/program", dir);
	scratch_write(name, program, sizeof(program));
	snprintf(name, sizeof(name), "%s/usr/lib/library", dir);
	scratch_write(name, library, sizeof(library));
	snprintf(name, sizeof(name), "%s/usr/bin/script", dir);
	scratch_text(name, script);
	shell("cd %s/usr; echo text > lib/text; : > lib/empty; ln -s ../bin/program "
	      "lib/link; ln bin/program bin/twin; printf '\\177ELF' > lib/elf",
	      dir);
}

static inline void make_deb(const char *options)
{
	make_tree("tree");
	shell("mkdir tree/DEBIAN; printf 'Package: x\nVersion: 1\nArchitecture: all\n"
	      "Maintainer: x <x@example.org>\nDescription: x\n' > "
	      "tree/DEBIAN/control");
	scratch_text("tree/DEBIAN/preinst", preinst);
	scratch_text("tree/DEBIAN/postinst", postinst);
	shell("chmod 755 tree/DEBIAN/p*; dpkg-deb --root-owner-group %s --build tree "
	      "x.deb > log 2>&1",
	      options);
}

/* Of the two names of one content, tar and dpkg-deb store the content under either. */
static inline const char *program_name(const struct run *r, size_t i, const char *prefix)
{
	static char name[256];
	bool twin = i < r->seen.n && strstr(r->seen.v[i].path, "twin");

	snprintf(name, sizeof(name), "%susr/bin/%s", prefix, twin ? "twin" : "program");
	return name;
}

static inline void expect_deb(struct run *r, const char *deb)
{
	char prefix[64], name[128];
	size_t i, first;

	assert_int_equal(r->d.errors + r->d.warnings, 0);
	assert_int_equal(r->seen.n, 5);
	snprintf(name, sizeof(name), "%s:DEBIAN/postinst", deb);
	EXPECT_TEXT(r, 0, "maintainer-script", name, postinst);
	snprintf(name, sizeof(name), "%s:DEBIAN/preinst", deb);
	EXPECT_TEXT(r, 1, "maintainer-script", name, preinst);
	snprintf(prefix, sizeof(prefix), "%s:", deb);
	first = strstr(r->seen.v[2].path, "script") ? 3 : 2;
	expect(r, first, "program", program_name(r, first, prefix), program, sizeof(program));
	for (i = 2; i < 4; i++) {
		snprintf(name, sizeof(name), "%s:usr/bin/script", deb);
		if (i != first)
			EXPECT_TEXT(r, i, "script", name, script);
	}
	snprintf(name, sizeof(name), "%s:usr/lib/library", deb);
	expect(r, 4, "library", name, library, sizeof(library));
}

/* A tar header of a regular file of @size, in octal. */
static inline void make_header(char header[TAR_BLOCK], const char *name, const char *size)
{
	unsigned int sum = 0, i;

	memset(header, 0, TAR_BLOCK);
	strcpy(header, name);
	strcpy(header + 100, "0000644");
	strcpy(header + 108, "0000000");
	strcpy(header + 116, "0000000");
	strcpy(header + 124, size);
	strcpy(header + 136, "00000000000");
	memset(header + 148, ' ', 8);
	header[156] = '0';
	memcpy(header + 257, "ustar\00000", 8);
	for (i = 0; i < TAR_BLOCK; i++)
		sum += (uint8_t)header[i];
	sprintf(header + 148, "%06o", sum);
}

#endif
