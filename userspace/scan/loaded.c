// SPDX-License-Identifier: GPL-2.0-only
/* Kernel modules that are loaded: by name, by build-id, and by the file that they are from. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "looking.h"
#include "running/modules_identity.h"

#define SECOND 1000000000LL

static bool judge_in_memory(struct looking *l, struct finding *f, const struct loaded_module *m,
			    const char *place)
{
	struct identity identity;

	module_in_memory(&identity, m);
	return looking_judge(l, f, &identity, place);
}

/* Return: 1 when a rule names it, 0, or an error. */
static int judge_file(struct looking *l, struct finding *f, const struct loaded_module *m)
{
	struct known k;
	int rc;

	if (!m->path)
		return 0;
	rc = module_file(&k, m, l->scan->trusted);
	if (!rc)
		rc = looking_judge(l, f, &k.file.identity, NULL) ||
		     (k.plain.identity.count && looking_judge(l, f, &k.plain.identity, NULL));
	known_free(&k);
	/* Another driver's file by now says nothing of this one. */
	return rc == -ESTALE ? 0 : rc;
}

/* The file is told of only if it is this driver's. */
static void describe(struct finding *f, const struct loaded_module *m, const char *place)
{
	struct known k = {};
	struct stat st;

	f->place = FINDING_LOADED;
	f->kind = CONTENT_DRIVER;
	f->size = SIZE_UNKNOWN;
	if (place && !module_file(&k, m, &examine_unchecked) && !stat(place, &st)) {
		f->kind = k.content.kind;
		f->device = st.st_dev;
		f->inode = st.st_ino;
		f->size = st.st_size;
		f->modified = st.st_mtim.tv_sec * SECOND + st.st_mtim.tv_nsec;
		f->digested = true;
		f->digest.size = st.st_size;
		memcpy(f->digest.value, k.file.identity.fingerprints[0].value, FINGERPRINT_LEN);
	} else {
		place = NULL;
	}
	f->path = strdup(place ? place : m->name);
	known_free(&k);
}

/* Where the kernel says enough, only an exception is asked of the file: by its digest. */
static int judge(struct looking *l, struct finding *f, const struct loaded_module *m,
		 const char *place)
{
	const __u32 in_memory = KIND_BIT(FINGERPRINT_MODULE_NAME) | KIND_BIT(FINGERPRINT_BUILD_ID);
	bool named = judge_in_memory(l, f, m, place);
	struct finding of_file = {};
	int rc = 0;

	if (named ? image_header(l->scan->image)->allows : l->kinds & ~in_memory)
		rc = judge_file(l, &of_file, m);
	if (rc > 0 && (!named || of_file.effect == FINDING_EXCEPTED))
		*f = of_file;
	return named ? 1 : rc;
}

static int look_at(struct looking *l, const struct loaded_module *m)
{
	struct finding f = {};
	char *place = module_place(m);
	int rc = judge(l, &f, m, place);

	if (rc > 0) {
		describe(&f, m, place);
		rc = f.path ? looking_found(l, &f) : -ENOMEM;
	}
	free(place);
	return rc;
}

int modules_look(struct looking *l)
{
	struct loaded_modules modules;
	int err = modules_read(&modules), one;
	size_t i;

	for (i = 0; !err && i < modules.n && !looking_is_over(l); i++) {
		looking_add(l, COUNT_MODULES, 1);
		one = look_at(l, &modules.v[i]);
		if (one)
			looking_unread(l, modules.v[i].path ? modules.v[i].path : modules.v[i].name,
				       one);
	}
	modules_free(&modules);
	return err;
}
