/* SPDX-License-Identifier: GPL-2.0-only */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "modules_identity.h"

void module_in_memory(struct identity *identity, const struct loaded_module *m)
{
	*identity = (struct identity){};
	if (!module_name_fingerprint(&identity->fingerprints[0], m->name))
		identity->count = 1;
	if (m->build_id.kind)
		identity->fingerprints[identity->count++] = m->build_id;
}

static bool is_the_same(const struct identity *identity, const struct loaded_module *m)
{
	size_t i;

	for (i = 0; m->build_id.kind && i < identity->count; i++)
		if (identity->fingerprints[i].kind == FINGERPRINT_BUILD_ID)
			return !memcmp(identity->fingerprints[i].value, m->build_id.value,
				       FINGERPRINT_LEN);
	return true;
}

int module_file(struct known *k, const struct loaded_module *m, const struct certificates *trusted)
{
	const struct identity *plain;
	int err;

	*k = (struct known){};
	if (!m->path)
		return -ENOENT;
	err = identity_of_file(k, m->path, trusted);
	if (err)
		return err;
	plain = k->plain.identity.count ? &k->plain.identity : &k->file.identity;
	return is_the_same(plain, m) ? 0 : -ESTALE;
}

char *module_place(const struct loaded_module *m)
{
	return m->path ? realpath(m->path, NULL) : NULL;
}
