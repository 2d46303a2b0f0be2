/* SPDX-License-Identifier: GPL-2.0-only */
#include "inside.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "hash.h"
#include "identity/examine.h"
#include "interdict/examine.h"
#include "package.h"

#define SECOND 1000000000LL

/* ---- what is reported ---------------------------------------------------------------------- */

/* NULL stays NULL. */
static bool copy_text(char **to, const char *from)
{
	*to = from ? strdup(from) : NULL;
	return *to || !from;
}

static bool copy_texts(const struct inside *in, struct finding *f,
		       const struct collect_inside *inside)
{
	const char *below = inside->path + strlen(in->path);
	const struct deb *package = inside->package;

	if (!copy_text(&f->path, in->path) || !copy_text(&f->inside, *below ? below : NULL))
		return false;
	return !package || (copy_text(&f->package, package->package) &&
			    copy_text(&f->package_version, package->version) &&
			    copy_text(&f->package_architecture, package->architecture));
}

int inside_found(const struct inside *in, struct finding *f, enum finding_place place,
		 const struct collect_inside *inside)
{
	f->place = place;
	f->kind = inside->kind;
	f->device = in->st->st_dev;
	f->inode = in->st->st_ino;
	f->modified = in->st->st_mtim.tv_sec * SECOND + in->st->st_mtim.tv_nsec;
	f->size = place == FINDING_FILE ? (uint64_t)in->st->st_size : inside->size;
	f->digested = inside->digest;
	if (inside->digest)
		f->digest = *inside->digest;
	if (copy_texts(in, f, inside))
		return looking_found(in->looking, f);
	finding_free(f);
	return -ENOMEM;
}

/* ---- what the rules say -------------------------------------------------------------------- */

/* Some bytes, and what is asked of them. */
struct content_bytes {
	const struct digest *digest; /* or NULL */
	const uint8_t *v;	     /* or NULL */
	size_t n;
};

static int identify(const struct looking *l, struct examined *e, const struct content_bytes *of)
{
	const struct bytes bytes = {.memory = of->v, .size = of->n};
	struct fingerprint *f = e->identity.fingerprints;

	if (of->digest) {
		f->kind = FINGERPRINT_SHA256;
		memcpy(f->value, of->digest->value, FINGERPRINT_LEN);
		e->identity.count = 1;
	}
	if (!of->v || !(l->kinds & KINDS_EXAMINED))
		return 0;
	return examine_kinds(e, &bytes, l->kinds & KINDS_EXAMINED, l->scan->trusted);
}

/* Return: 1 when a rule names it, 0, or -ENOMEM. */
static int ask_rules(const struct looking *l, struct finding *f, const struct content_bytes *of)
{
	struct examined e = {};
	int rc = identify(l, &e, of);

	if (!rc && e.identity.count)
		rc = looking_judge(l, f, &e.identity, NULL);
	examined_free(&e);
	return rc;
}

/* What was found by something else has a digest all the same. */
static int report(const struct inside *in, struct finding *f, const struct collect_inside *inside)
{
	struct collect_inside whole = *inside;
	struct digest digest;

	if (!inside->digest && inside->bytes && inside->kept == inside->size) {
		digest.size = inside->size;
		if (hash_bytes(digest.value, inside->bytes, inside->kept))
			return -ENOMEM;
		whole.digest = &digest;
	}
	return inside_found(in, f, FINDING_INSIDE, &whole);
}

/* What the kernel would be given of a packed driver. */
static int judge_unpacked(const struct inside *in, const struct collect_inside *inside)
{
	struct content_bytes of = {inside->plain_digest, inside->plain->v, inside->plain->n};
	bool top = !strcmp(inside->path, in->path);
	struct finding f = {};
	int rc = ask_rules(in->looking, &f, &of);

	if (rc <= 0)
		return rc;
	return inside_found(in, &f, top ? FINDING_FILE : FINDING_INSIDE, inside);
}

static int judge(const struct inside *in, const struct collect_inside *inside)
{
	struct content_bytes of = {inside->digest, inside->bytes, inside->kept};
	struct finding f = {};
	int rc;

	if (inside->kind == CONTENT_PACKAGE)
		of.v = NULL; /* it is not whole, and runs nothing */
	rc = ask_rules(in->looking, &f, &of);
	if (rc > 0)
		return report(in, &f, inside);
	return !rc && inside->plain_digest ? judge_unpacked(in, inside) : rc;
}

/* ---- what is too large --------------------------------------------------------------------- */

static bool may_be_signed(const struct inside *in, const struct collect_inside *inside)
{
	return in->looking->kinds & KINDS_EXAMINED && !inside->bytes &&
	       inside->size != SIZE_UNKNOWN && inside->size > COLLECT_KEPT_MAX &&
	       content_is_component(inside->kind) && inside->kind != CONTENT_SCRIPT;
}

/* ---- whom collect_look() asks -------------------------------------------------------------- */

static unsigned int wants(void *context, uint64_t size, enum content_kind kind, bool top)
{
	struct inside *in = context;
	const struct looking *l = in->looking;
	unsigned int want = 0;

	if (!top && !in->counted)
		looking_add(in->looking, COUNT_ARCHIVES, 1);
	in->counted |= !top;
	/* The file itself was judged before. */
	if (!top)
		want = size == SIZE_UNKNOWN ? l->kinds : image_kinds_wanted(l->scan->image, size);
	if (kind == CONTENT_PACKAGE && package_is_wanted(l->scan->policy, size))
		want |= KIND_BIT(FINGERPRINT_SHA256);
	return want & ~KIND_BIT(FINGERPRINT_PATH);
}

static int look(void *context, const struct collect_inside *inside)
{
	const struct inside *in = context;
	bool top = !strcmp(inside->path, in->path);
	int rc = 0;

	if (inside->kind == CONTENT_PACKAGE)
		rc = package_judge(in, inside);
	if (!rc && (!top || inside->plain_digest))
		rc = judge(in, inside);
	if (!rc && !top && may_be_signed(in, inside))
		looking_unopened(in->looking, inside->path,
				 "is larger than 64 MiB, of which its signer is not known: "
				 "unpack it");
	return rc;
}

static void unopened(void *context, const char *path, const char *why)
{
	const struct inside *in = context;

	looking_unopened(in->looking, path, "%s", why);
}

static bool is_over(void *context)
{
	const struct inside *in = context;

	return looking_is_over(in->looking);
}

struct collect_look inside_look(struct inside *in)
{
	return (struct collect_look){
		.wants = wants,
		.look = look,
		.unopened = unopened,
		.is_over = is_over,
		.context = in,
	};
}
