/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Names: whether a file lies below a directory that a rule names by PathPrefix=. One source for the
 * BPF program, which climbs from dentry to dentry, and for userspace, which has a path.
 *
 *	anchored   /opt/kaspersky/: directories from the root on, NAMES_DEPTH of them at most
 *	floating   KVRT2024_Data/ behind an asterisk and a slash: directories that follow one
 *	           another anywhere, NAMES_FLOATING of them at most
 *
 * Whoever climbs calls name_directory() for each directory, from the file's own upward, and
 * name_top() if the last one was the root's. A prefix is looked for only where the deepest of its
 * directories would be, and there only if the name is as long as that of some prefix: nearly always
 * the lengths, which the header of the image holds, are all that is asked. Else the names are read
 * and digested, from the highest down, and noted: name_judge() then lets the rules speak.
 *
 * A digest has 64 bits: who can choose the name of a directory so that it collides could as well
 * choose the name that is listed. NAMES_READ(dst, len, address) must copy the @len bytes at
 * @address, a number, before this header is included.
 */
#ifndef INTERDICT_NAMES_H
#define INTERDICT_NAMES_H

#include "evaluate.h"

#define NAMES_DEPTH    8  /* directories of an anchored prefix; a power of two */
#define NAMES_FLOATING 4  /* of a floating one */
#define NAMES_NOTED    64 /* prefixes that a path may have; a power of two */
#define NAME_BYTES_MAX 63 /* of a directory's name: longer ones are in no prefix */

/* A climb: the directories seen last, which are the highest; and what they come to. */
struct name_walk {
	struct image_names listed;
	__u64 name[NAMES_DEPTH]; /* of directory i in i % NAMES_DEPTH: where it lies */
	__u8 len[NAMES_DEPTH];	 /* bytes; 0: longer than any in a prefix */
	__u32 count;		 /* directories so far */
	__u32 recent;		 /* bit i: the one i before the last may end a floating prefix */
	__u32 noted;		 /* prefixes so far; of too many the first are overwritten */
	__u32 reserved;
	struct tag tags[NAMES_NOTED];
	__u64 word[(NAME_BYTES_MAX + 1) / 8]; /* the name that is being read */
};

/* ---- digests of names ------------------------------------------------------------------------ */

EVALUATE_INLINE __u64 name_mix(__u64 hash, __u64 word)
{
	hash = (hash ^ word) * 0x9e3779b97f4a7c15ULL;
	return hash ^ hash >> 29;
}

/* A digest of the @len bytes at @address, by way of @w. */
EVALUATE_GLOBAL __u64 name_hash(struct name_walk *w, __u64 address, __u64 len)
{
	__u64 hash = len;
	__u32 i;

	if (!w)
		return 0;
#ifdef __bpf__
	asm volatile("" : "+r"(len));
#endif
	if (!len || len > NAME_BYTES_MAX)
		return 0;
	for (i = 0; i < sizeof(w->word) / sizeof(w->word[0]); i++)
		w->word[i] = 0;
	NAMES_READ(w->word, len, address);
	for (i = 0; i < sizeof(w->word) / sizeof(w->word[0]); i++)
		if (i * sizeof(w->word[0]) < len)
			hash = name_mix(hash, w->word[i]);
	return hash ^ hash >> 32;
}

/** name_tag_begin() - the tag of a prefix of @n directories, before the highest of them. */
EVALUATE_INLINE struct tag name_tag_begin(__u32 n, int anchored)
{
	return (struct tag){.hi = n | (anchored ? 1ULL << 32 : 0)};
}

/** name_tag_add() - take in its next directory, whose name_hash() is @hash. */
EVALUATE_INLINE void name_tag_add(struct tag *tag, __u64 hash)
{
	tag->lo = name_mix(name_mix(tag->lo, hash), tag->hi);
}

/* Note the prefix of the last @n directories seen, if it can be one. */
EVALUATE_GLOBAL int name_note(struct name_walk *w, __u32 n, __u32 anchored)
{
	struct tag tag = name_tag_begin(n, anchored);
	__u32 i, at;

	if (!w)
		return 0;
	for (i = 0; i < NAMES_DEPTH && i < n; i++) {
		at = (w->count - 1 - i) % NAMES_DEPTH;
		if (!w->len[at])
			return 0;
		name_tag_add(&tag, name_hash(w, w->name[at], w->len[at]));
	}
	w->tags[w->noted % NAMES_NOTED] = tag;
	w->noted++;
	return 0;
}

/* ---- the climb ----------------------------------------------------------------------------- */

/** name_climb_begin() - begin at a file. What was noted in another climb stays. */
EVALUATE_INLINE void name_climb_begin(struct name_walk *w)
{
	w->count = 0;
	w->recent = 0;
}

/** name_directory() - the next directory upward: its name, of @len bytes, lies at @address. */
EVALUATE_GLOBAL int name_directory(struct name_walk *w, __u64 address, __u32 len)
{
	__u32 at, n, fits;

	if (!w)
		return 0;
	if (len > NAME_BYTES_MAX)
		len = 0;
	at = w->count % NAMES_DEPTH;
	w->name[at] = address;
	w->len[at] = len;
	w->count++;
	w->recent = w->recent << 1 | (w->listed.floating >> len & 1);
	fits = w->recent & w->listed.lengths;
	for (n = 1; fits && n <= NAMES_FLOATING; n++)
		if (fits >> (n - 1) & 1)
			name_note(w, n, 0);
	return 0;
}

/** name_top() - the last directory was the root's. */
EVALUATE_GLOBAL int name_top(struct name_walk *w)
{
	__u32 n, len;

	if (!w)
		return 0;
	for (n = 1; n <= NAMES_DEPTH; n++) {
		if (n > w->count || !(w->listed.depths >> (n - 1) & 1))
			continue;
		len = w->len[(w->count - n) % NAMES_DEPTH];
		if (w->listed.anchored >> (len & 63) & 1)
			name_note(w, n, 1);
	}
	return 0;
}

/* ---- the rules ----------------------------------------------------------------------------- */

/* What a file's names are worth. */
struct name_verdict {
	__u32 rule;	/* index, 0: none in force names it */
	__s32 strength; /* enum strength */
};

struct name_search {
	struct evaluation e;
	struct name_walk *walk;
	struct fingerprint *f; /* room for one; its kind is FINGERPRINT_PATH */
};

/* Let the rules speak that name one of the prefixes. */
static long name_judge_noted(__u32 turn, void *context)
{
	struct name_search *s = context;
	struct tag tag = s->walk->tags[turn % NAMES_NOTED];

	__builtin_memcpy(s->f->value, &tag, sizeof(tag));
	s->e.f = s->f;
	s->e.rule = image_find(s->e.image, s->e.header, s->f);
	if (s->e.rule)
		evaluate_loop(RULE_CHAIN_MAX, evaluate_rule, &s->e);
	return 0;
}

/**
 * name_judge() - what the names are worth that were noted.
 * @image: the policy image
 * @header: its first line
 * @w: the climb
 * @f: room for a fingerprint
 * @now: ns since 1970 UTC
 */
EVALUATE_INLINE struct name_verdict name_judge(image_t *image, const struct image_header *header,
					       struct name_walk *w, struct fingerprint *f,
					       __u64 now)
{
	struct name_search s = {.e = {.image = image, .header = header, .now = now}};

	s.walk = w;
	s.f = f;
	f->kind = FINGERPRINT_PATH;
	evaluate_loop(w->noted < NAMES_NOTED ? w->noted : NAMES_NOTED, name_judge_noted, &s);
	return (struct name_verdict){.rule = s.e.verdict.rule, .strength = s.e.best};
}

#endif
