/* SPDX-License-Identifier: GPL-2.0-only */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include "explanation_parts.h"
#include "file.h"
#include "interdict/examine.h"
#include "interdict/filesystems.h"
#include "running/modules.h"

/* ---- what is in it --------------------------------------------------------------------------- */

/*
 * There is room for as many fingerprints as four signers have: a file of more may hide one that is
 * asked for behind others that are not. Then only what is asked for is looked for, as in the
 * kernel.
 */
static int take(struct known *k, const struct explaining *x, const char *path, bool checked)
{
	const struct certificates named = {.v = x->policy->certificates,
					   .n = x->policy->certificate_count};
	const struct certificates *trusted = checked ? &named : &examine_unchecked;
	int err = identity_of_file(k, path, trusted);

	if (err || (k->file.identity.count < IDENTITY_FINGERPRINTS &&
		    k->plain.identity.count < IDENTITY_FINGERPRINTS))
		return err;
	known_free(k);
	return identity_of_file_kinds(k, path, image_header(x->image)->kinds, trusted);
}

/* ---- what the kernel knows ------------------------------------------------------------------- */

static void add_fingerprint_of(struct identity *to, const struct fingerprint *f)
{
	if (to->count < IDENTITY_FINGERPRINTS)
		to->fingerprints[to->count++] = *f;
}

/* Of what was found in the file, what is looked for: the kinds in @want. */
static void add_kinds(struct identity *to, const struct identity *from, __u32 want)
{
	const struct fingerprint *f = from->fingerprints;

	for (; f < from->fingerprints + from->count; f++)
		if (want & KIND_BIT(f->kind))
			add_fingerprint_of(to, f);
}

/* The digest is only taken where a listed one may have this size. */
static __u32 wanted(const struct explaining *x, uint64_t size, __u32 kinds)
{
	const struct image_header *header = image_header(x->image);

	kinds &= header->kinds & ~KIND_BIT(FINGERPRINT_SHA256);
	if (image_is_candidate(x->image, header, size))
		kinds |= KIND_BIT(FINGERPRINT_SHA256);
	return kinds;
}

static struct explain_way *add_way(struct explanation *e, const char *name)
{
	struct explain_way *way = &e->ways[e->way_count++];

	way->name = name;
	way->has_path = true;
	return way;
}

/* As it is: a program, a library, a driver that is not packed. */
static void go_plain(struct explanation *e, const struct explaining *x)
{
	const struct identity *file = &e->known.file.identity;
	bool driver = e->known.content.kind == CONTENT_DRIVER;
	struct explain_way *way = add_way(e, driver ? "loaded" : "run or mapped");
	__u32 kinds = driver ? ability_driver_kinds(&x->able) : ability_file_kinds(&x->able);

	add_kinds(&way->identity, file, wanted(x, file->stamp.size, kinds));
}

/* The bytes that a packed driver unpacks to, as a hook sees them that cannot look into its file. */
static void go_unpacked(struct explanation *e, const struct explaining *x,
			const struct identity *plain, const char *name)
{
	struct explain_way *way = add_way(e, name);

	add_kinds(&way->identity, plain,
		  wanted(x, plain->stamp.size, ability_driver_kinds(&x->able)));
}

/* The packed bytes; interdict.ko looks inside, and takes the digest of that whatever its size. */
static void go_packed(struct explanation *e, const struct explaining *x)
{
	const struct identity *file = &e->known.file.identity, *plain = &e->known.plain.identity;
	struct explain_way *way = add_way(e, "loaded, packed");
	__u32 kinds = ability_driver_kinds(&x->able), want;

	want = wanted(x, file->stamp.size, kinds);
	if (ability_checks(&x->able) && plain->count) {
		add_kinds(&way->identity, plain,
			  wanted(x, plain->stamp.size, kinds) | KIND_BIT(FINGERPRINT_SHA256));
		want &= KIND_BIT(FINGERPRINT_SHA256);
	}
	add_kinds(&way->identity, file, want);
}

/* Without its file nobody checks a signature. */
static int go_driver_packed(struct explanation *e, const struct explaining *x, const char *path,
			    bool by_kernel)
{
	const struct identity *plain;
	struct known unchecked;
	int err = take(&unchecked, x, path, false);

	plain = &unchecked.plain.identity;
	if (!err && (by_kernel || !plain->count))
		go_packed(e, x);
	if (!err && plain->count && !by_kernel) {
		go_unpacked(e, x, plain, "unpacked by modprobe, and loaded");
		e->ways[e->way_count - 1].has_path = false;
	}
	if (!err && plain->count && by_kernel && x->able.capabilities & CAN_UNPACKED)
		go_unpacked(e, x, plain, "loaded, as the kernel unpacks it");
	known_free(&unchecked);
	return err;
}

/* ---- files ----------------------------------------------------------------------------------- */

/* What is asked for, the kinds @want, and cannot be read is refused, whatever names the file;
 * unless those that could name it only record: then its path is left. */
static void judge_unreadable(struct explanation *e, const struct explaining *x, __u32 want)
{
	int strength = image_unknown_strength(x->image, want, x->now);

	if (strength == STRENGTH_NONE || (strength == STRENGTH_MONITOR && e->outcome))
		return;
	if (strength == STRENGTH_MONITOR)
		e->outcome = OUTCOME_RECORDED;
	else
		e->outcome = x->leniency ? OUTCOME_LENIENT : OUTCOME_UNREADABLE;
	explain_undecide_rules(e);
	explain_sort_rules(e);
}

/* What may be a file of content and says that it has none gives no digest that could be told. */
static void judge_size(struct explanation *e, const struct explaining *x, const char *path)
{
	struct statfs fs;

	if (e->known.file.identity.stamp.size || !image_header(x->image)->unsized ||
	    statfs(path, &fs) || !may_lie_about_size(fs.f_type))
		return;
	judge_unreadable(e, x, KIND_BIT(FINGERPRINT_SHA256));
}

/*
 * Of a file that cannot be read: -EIO, for the kernel neither; -EACCES, by who asks. Where nothing
 * asks what is in it, its name alone decides. A driver may be asked for more than a program.
 */
static int explain_unread(struct explanation *e, const struct explaining *x, const char *path,
			  int err)
{
	bool by_nobody = err == -EIO;
	__u32 kinds = by_nobody ? ability_file_kinds(&x->able) : ability_driver_kinds(&x->able);
	struct stat st;

	known_free(&e->known);
	e->known = (struct known){};
	e->unread = err;
	if (stat(path, &st) || !S_ISREG(st.st_mode))
		return err;
	kinds = wanted(x, st.st_size, kinds) & ~KIND_BIT(FINGERPRINT_PATH);
	if (kinds && !by_nobody)
		return err;
	e->known.file.identity.stamp.size = st.st_size;
	add_way(e, "run or mapped");
	if (explain_judge(e, x))
		return -ENOMEM;
	if (kinds)
		judge_unreadable(e, x, kinds);
	else
		judge_size(e, x, path);
	return e->outcome == OUTCOME_UNNAMED ? err : 0;
}

static bool is_unpacked_by_kernel(const struct explaining *x, const char *path)
{
	struct bytes bytes = {.fd = file_open(path), .size = 8};
	uint8_t head[8];
	ssize_t n;

	if (bytes.fd < 0)
		return false;
	n = bytes_read(&bytes, 0, head, sizeof(head));
	close(bytes.fd);
	return n > 0 && ability_unpacks(&x->able, head, n);
}

int explain_file(struct explanation *e, const struct explaining *x, const char *path)
{
	int err;

	memset(e, 0, sizeof(*e));
	e->path = realpath(path, NULL);
	if (!e->path && errno == ENOMEM)
		return -ENOMEM;
	err = take(&e->known, x, path, ability_checks(&x->able));
	if (err == -EIO || err == -EACCES)
		return explain_unread(e, x, path, err);
	if (err)
		return err;
	if (e->known.content.kind == CONTENT_DRIVER_PACKED)
		err = go_driver_packed(e, x, path, is_unpacked_by_kernel(x, path));
	else
		go_plain(e, x);
	if (!err)
		err = explain_judge(e, x);
	if (!err && e->known.content.kind == CONTENT_PACKAGE)
		err = explain_package(e, x, path);
	if (!err)
		judge_size(e, x, path);
	return err;
}

int explain_module_name(struct explanation *e, const struct explaining *x, const char *name)
{
	struct identity *identity = &e->known.file.identity;
	int err;

	memset(e, 0, sizeof(*e));
	err = module_name_fingerprint(&identity->fingerprints[0], name);
	if (err)
		return err;
	identity->count = 1;
	add_kinds(&add_way(e, "loaded")->identity, identity, ability_driver_kinds(&x->able));
	return explain_judge(e, x);
}

void explanation_free(struct explanation *e)
{
	known_free(&e->known);
	free(e->rules);
	free(e->package_rules);
	free(e->path);
	memset(e, 0, sizeof(*e));
}

/* ---- words ----------------------------------------------------------------------------------- */

const char *explain_outcome_name(enum outcome outcome)
{
	static const char *const names[OUTCOMES] = {
		[OUTCOME_UNNAMED] = "unnamed",	     [OUTCOME_EXCEPTED] = "excepted",
		[OUTCOME_RECORDED] = "recorded",     [OUTCOME_LENIENT] = "lenient",
		[OUTCOME_REFUSED] = "refused",	     [OUTCOME_DENIED] = "denied",
		[OUTCOME_UNREADABLE] = "unreadable",
	};

	return names[outcome];
}

const char *explain_standing_name(enum standing standing)
{
	static const char *const names[STANDINGS] = {
		[STANDING_UNTOLD] = "untold",
		[STANDING_OTHER_SIZE] = "other-size",
		[STANDING_OTHER_STATE] = "other-state",
		[STANDING_OVER] = "over",
		[STANDING_NOT_YET] = "not-yet",
		[STANDING_AHEAD] = "ahead",
		[STANDING_MONITOR] = "monitor",
		[STANDING_DENY] = "deny",
		[STANDING_ALLOW] = "allow",
	};

	return names[standing];
}
