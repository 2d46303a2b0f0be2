/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One thing that a scan has found: a component that a rule of the policy names, where it is, and by
 * which of its fingerprints; findings.c has all of them. Who looks makes it (judge.c, archive.c,
 * running.c, loaded.c); who tells (result.c and the formats of the command line) reads it. All text
 * may be hostile.
 */
#ifndef INTERDICT_FINDING_H
#define INTERDICT_FINDING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "identity/content.h"
#include "image/image.h"

enum finding_place {
	FINDING_FILE,	 /* a file on a file system */
	FINDING_INSIDE,	 /* in an archive, a package or a container image; `inside` says where */
	FINDING_PACKAGE, /* a .deb or .rpm that is listed itself, by its own digest */
	FINDING_RUNNING, /* a process executes it or has it mapped */
	FINDING_LOADED,	 /* a kernel module that is loaded */
	FINDING_PLACES
};

/* What the rule would do with it here and now. */
enum finding_effect {
	FINDING_DENIED,	   /* it is refused */
	FINDING_MONITORED, /* recorded: Mode=monitor, or the machine's ceiling */
	FINDING_AHEAD,	   /* recorded: the rule's From lies ahead */
	FINDING_EXCEPTED,  /* an exception lets it */
	FINDING_EFFECTS
};

struct finding {
	enum finding_place place;
	enum finding_effect effect;
	enum content_kind kind; /* what it is; CONTENT_OTHER: not known */
	char *path;		/* absolute; of a module that no file is known of, its name */
	char *inside;		/* as struct component has it behind the path; NULL */
	/* of the file on the disk; zero where there is none */
	dev_t device;
	ino_t inode;
	uint64_t size;	      /* bytes; of what lies inside, of itself; SIZE_UNKNOWN */
	int64_t modified;     /* ns since 1970 UTC */
	bool deleted;	      /* no name leads to it any more */
	struct digest digest; /* SHA-256 of the whole file, or of what lies inside … */
	bool digested;	      /* … if it was taken */
	/* why: of the rule that won, all copied, since an image may go before its findings */
	struct fingerprint matched;
	char rule[RULE_ID_LEN]; /* rule_id(): "kaspersky/sha256:44aef3025d9c" */
	char vendor[RULE_NAME_LEN];
	char policy[RULE_NAME_LEN];
	uint64_t version; /* of the policy */
	uint64_t from;	  /* of FINDING_AHEAD: ns since 1970 UTC */
	/* whose it is, by the package database, or by the package that it lies in; NULL */
	char *package, *package_version, *package_architecture;
	/* of FINDING_RUNNING */
	pid_t pid;
	uint64_t start_time; /* ns since boot: with `pid`, unique */
	bool mapped;	     /* a library of it, not its program */
	/* of FINDING_FILE */
	uint64_t names_more; /* names that lead to it and are not told */
};

/* As many as a report reads; in the files of a machine, and once more in what it runs. */
#define FINDINGS_MAX	   20000
#define FINDINGS_TEXT_MAX  (16 << 20) /* bytes, of their paths above all */
#define FINDINGS_NAMES_MAX 100	      /* of a file, by one rule */

struct findings {
	struct finding *v;
	size_t n, capacity;
	uint64_t more; /* that are counted alone */
	size_t text;   /* bytes */
	void *names;   /* tsearch(3): of files, while they are found */
};

/**
 * findings_take() - append one, or count it.
 * @f: its strings are taken over, also after a failure, and it is zeroed
 *
 * A name of a file of which FINDINGS_NAMES_MAX are told is counted with the first of them. What is
 * beyond FINDINGS_MAX or FINDINGS_TEXT_MAX is counted there, too, or else in @all->more.
 *
 * Return: 0, or -ENOMEM.
 */
int findings_take(struct findings *all, struct finding *f);
/** findings_count() - all that were found, told or not: each name of a file is one. */
uint64_t findings_count(const struct findings *all);
/**
 * finding_match() - fill in why: effect and rule.
 * @verdict: with a rule of @image
 * @matched: the fingerprint that it names
 * @now: ns since 1970 UTC, at which it was judged
 */
void finding_match(struct finding *f, image_t *image, const struct verdict *verdict,
		   const struct fingerprint *matched, uint64_t now);
/** finding_place_name() - in the words of JSON and tables: "file", "inside", "package", … */
const char *finding_place_name(enum finding_place place);
/** finding_effect_name() - likewise: "denied", "monitored", "ahead", "excepted". */
const char *finding_effect_name(enum finding_effect effect);
/** findings_sort() - by path, what is inside, pid; the same findings always lie alike. No more are
 * taken after it. */
void findings_sort(struct findings *all);
/** finding_free() - release the strings of one, and zero it. */
void finding_free(struct finding *f);
/** findings_free() - release everything and zero @all. */
void findings_free(struct findings *all);

#endif
