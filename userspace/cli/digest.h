/* SPDX-License-Identifier: GPL-2.0-only */
/* What `interdict digest` has found, what it leaves out, and how it writes that. */
#ifndef INTERDICT_CLI_DIGEST_H
#define INTERDICT_CLI_DIGEST_H

#include <jansson.h>

#include "collect/collect.h"
#include "image/image.h"
#include "machine/published.h"
#include "packages/packages.h"

struct listed {
	struct component component;
	bool again;	/* its digest is in the list already */
	char *left_out; /* why it is not in the list; NULL: it is */
};

/* An input that is a package's file. */
struct package_read {
	const char *path; /* the input's */
	size_t first, n;  /* its components */
	struct digest digest;
	bool is_published; /* a list has it: then who, and its digest, are known */
	struct publisher publisher;
};

struct listing {
	struct collect collect;
	struct diag d;
	struct digests excluded; /* sorted */
	struct listed *v;	 /* in the order of the inputs, then of the paths */
	size_t n, capacity;
	size_t ended;		       /* of the inputs that have ended: their components */
	size_t digests;		       /* without those listed again, and those left out */
	size_t left_out;	       /* components */
	size_t inputs[COLLECT_INPUTS]; /* by enum collect_input */
	size_t empty, failed;	       /* inputs without a component; inputs not taken */
	struct collect_item *items;    /* what is read */
	size_t items_n;
	char **patterns; /* of --package */
	size_t patterns_n;
	char **names; /* of packages that were read */
	size_t names_n;
	struct packages *packages; /* that are installed; NULL: not asked for */
	bool shared;		   /* list what other packages own, too */
	bool unsure;		   /* a database of packages, or the catalog, cannot be read */
	struct package_read *read; /* in the order of the inputs */
	size_t read_n;
	struct published published;
	const char *policy, *catalog; /* directories; of the policy, NULL: the machine's */
	const char *output;	      /* a file, or NULL: stdout */
	bool json;
};

/** digest_add_item() - add what is to be read. Return: the item, or NULL without memory. */
struct collect_item *digest_add_item(struct listing *l, const char *path);
/** digest_leave_out() - take a component from the list, and name it. Return: 0, or -ENOMEM. */
int digest_leave_out(struct listing *l, struct listed *listed, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/** digest_write() - write the list. Return: 0, or an error that was said. */
int digest_write(struct listing *l);
/** digest_summarize() - say on stderr what is in it. */
void digest_summarize(const struct listing *l);

/**
 * digest_open_packages() - read the databases of what is installed.
 * Return: 0, or an error, which is in @l->d.
 */
int digest_open_packages(struct listing *l);
/**
 * digest_add_packages() - add the files of the packages that --package names to what is read.
 * Return: 0; -ENOENT when there is none of a name (in @l->d); -ENOMEM.
 */
int digest_add_packages(struct listing *l);
/**
 * digest_leave_out_shared() - take from the list what is other packages' too.
 *
 * An other package is one that is not among the inputs: it is not named by --package, none of its
 * name was read, and none of the files that were read is its own.
 *
 * Return: 0, or -ENOMEM.
 */
int digest_leave_out_shared(struct listing *l);

/**
 * digest_add_package_file() - note that an input is a package's file.
 * @first: the first of its components; they end with the last
 * Return: 0, or -ENOMEM.
 */
int digest_add_package_file(struct listing *l, const char *path, size_t first);
/** digest_find_published() - find out whose these are; what goes wrong is in @l->d. */
void digest_find_published(struct listing *l);
/** digest_print_published() - say on stderr whose they are. */
void digest_print_published(const struct listing *l);
/** digest_published_json() - whose package @component is from; NULL: not known. */
json_t *digest_published_json(const struct listing *l, size_t component);

#endif
