/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The highest version that a machine has had of each bundle: none below it is taken again. A file
 * of lines "ID VERSION", by Id.
 */
#ifndef INTERDICT_FLOORS_H
#define INTERDICT_FLOORS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "diag.h"
#include "interdict/abi.h"

struct floor {
	char id[RULE_NAME_LEN];
	uint64_t version;
};

struct floors {
	struct floor *v;
	size_t n;
};

/**
 * floors_read() - read the file; none there is none.
 * @f: filled; floors_free() releases it in each case
 * Return: 0; -EBADMSG when it is garbled; -ENOMEM; or what file_open() gives; all in @d.
 */
int floors_read(struct floors *f, const char *path, struct diag *d);
/** floors_of() - that of a bundle; 0: the machine never had it. */
uint64_t floors_of(const struct floors *f, const char *id);
/** floors_raise() - to @version, unless it is as high. Return: 0 and @changed, or -ENOMEM. */
int floors_raise(struct floors *f, const char *id, uint64_t version, bool *changed);
/** floors_write() - whole, and on the disk when this returns. Return: 0, or what file_write()
 * gives, in @d. */
int floors_write(const struct floors *f, const char *path, struct diag *d);
/** floors_free() - release everything. */
void floors_free(struct floors *f);

#endif
