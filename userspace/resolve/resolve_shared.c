/* SPDX-License-Identifier: GPL-2.0-only */
/* What others own too, who are not named. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "resolve_work.h"

struct vendor_at_hand {
	const struct work *w;
	const char *vendor;
};

static bool is_mine(void *context, const struct package *p)
{
	const struct vendor_at_hand *at = context;

	return resolve_is_named(at->w->policy, p, at->vendor);
}

static void take_sharers(struct work *w, const struct section *s, struct owned **of,
			 struct shared *v, size_t n)
{
	size_t i, left_out = 0;

	for (i = 0; i < n; i++) {
		of[i]->sharer = v[i].owner;
		left_out += !!v[i].owner;
		if (v[i].owner && left_out <= RESOLVE_NAMED_MAX)
			diag_warning(w->d, s->file->path, s->packages[0].line,
				     "%s of package %s is left out: %s of package %s is the same",
				     of[i]->path, packages_get(w->db, of[i]->package)->name,
				     v[i].path, v[i].owner->name);
		free(v[i].path);
	}
	if (left_out > RESOLVE_NAMED_MAX)
		diag_warning(w->d, s->file->path, s->packages[0].line,
			     "%zu more files are left out: other packages have them too",
			     left_out - RESOLVE_NAMED_MAX);
	w->r->shared += left_out;
}

int resolve_find_sharers(struct work *w, const struct section *s)
{
	struct vendor_at_hand at = {.w = w, .vendor = s->vendor};
	struct shared *v = calloc(w->n, sizeof(*v));
	struct owned **of = calloc(w->n, sizeof(*of));
	size_t i, n = 0;
	int err = v && of ? 0 : -ENOMEM;

	for (i = 0; !err && i < w->n; i++) {
		w->v[i].sharer = NULL;
		if (!resolve_can_run(&w->v[i]) ||
		    !is_mine(&at, packages_get(w->db, w->v[i].package)))
			continue;
		of[n] = &w->v[i];
		v[n].digest.size = w->v[i].file.size;
		v[n].md5.known = w->v[i].file.has_md5;
		memcpy(v[n].digest.value, w->v[i].file.sha256, FINGERPRINT_LEN);
		memcpy(v[n++].md5.value, w->v[i].file.md5, CONTENT_MD5_LEN);
	}
	if (!err)
		err = packages_shared(w->db, v, n, is_mine, &at);
	take_sharers(w, s, of, v, err ? 0 : n);
	free(v);
	free(of);
	return err;
}
