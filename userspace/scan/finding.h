/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One thing that a scan has found: a component that a rule of the policy names, where it is, and by
 * which of its fingerprints. Who looks makes it (judge.c, archive.c, running.c, loaded.c); who
 * tells (result.c and the formats of the command line) reads it. All text may be hostile.
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
};

struct findings {
	struct finding *v;
	size_t n, capacity;
};

/**
 * findings_add() - append an empty one.
 * Return: it, zeroed, good until the next is added; or NULL without memory.
 */
struct finding *findings_add(struct findings *all);
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
/** findings_sort() - by path, what is inside, pid; the same findings always lie alike. */
void findings_sort(struct findings *all);
/** finding_free() - release the strings of one, and zero it. */
void finding_free(struct finding *f);
/** findings_free() - release everything and zero @all. */
void findings_free(struct findings *all);

#endif
