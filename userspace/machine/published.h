/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Packages that vendors publish: the digests of their files, by each PackageDigestList= of the
 * policy in force and of the catalog. Nothing runs a package: these lists are for who looks at
 * files.
 */
#ifndef INTERDICT_PUBLISHED_H
#define INTERDICT_PUBLISHED_H

#include "machine_policy.h"
#include "policy/catalog.h"

/* A list of the catalog. */
struct published_list {
	const struct catalog_vendor *vendor;
	const char *name;
	struct digests digests;
};

struct published {
	struct policy policy;
	struct catalog catalog;
	struct published_list *lists; /* of the catalog */
	size_t n;
};

/* Who publishes a package. */
struct publisher {
	const char *vendor, *name; /* id, and name or NULL */
	const char *list;	   /* that has it */
	/* The [Deny] in force that names the list; NULL: the catalog alone knows it. */
	const struct section *section;
	const char *file; /* that names the list: of the policy or of the catalog */
	unsigned long line;
};

/**
 * published_read() - read what is known.
 * @p: filled; published_free() releases it in each case
 * @places: of the policy; what is wrong in its files is for others to say
 * @catalog: a directory; one that is not there holds nothing
 * @d: what is wrong in the catalog, as warnings and errors
 *
 * Return: 0; -EINVAL when the catalog, or a list of it, is in error; -ENOMEM.
 */
int published_read(struct published *p, const struct places *places, const char *catalog,
		   struct diag *d);
/** published_is_empty() - whether no list names any package. */
bool published_is_empty(const struct published *p);
/**
 * published_find() - whose package has this SHA-256.
 * @publisher: filled with what @p holds; of a policy that names it twice, the first
 *
 * Return: whether any list names it.
 */
bool published_find(const struct published *p, struct publisher *publisher,
		    const uint8_t value[FINGERPRINT_LEN]);
/** published_free() - release everything and zero @p. */
void published_free(struct published *p);

#endif
