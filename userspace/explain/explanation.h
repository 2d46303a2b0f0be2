/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a policy would do with a file here, and why. The image and evaluate() are those of the
 * kernel; what is done here besides is to know of a file exactly what the kernel of this machine
 * would know, and to walk every rule instead of only the strongest.
 *
 * A driver has more than one way into the kernel where the kernel unpacks it: each is evaluated,
 * and a denial on any of them is one.
 */
#ifndef INTERDICT_EXPLANATION_H
#define INTERDICT_EXPLANATION_H

#include "identity/identity.h"
#include "image/image.h"
#include "kernel/ability.h"

/* What the answers hang on. */
struct explaining {
	const struct policy *policy;
	image_t *image;	     /* compiled from it */
	struct ability able; /* this machine */
	uint64_t now;	     /* the time of rules, ns since 1970 */
	/* Why this machine refuses nothing now: EVENT_CEILING, EVENT_DISABLED or 0. */
	unsigned int leniency;
};

#define EXPLAIN_WAYS 2

/* What the kernel knows of a file on one way into it, and what it makes of that. */
struct explain_way {
	const char *name; /* "run or mapped": a constant */
	bool has_path;	  /* the kernel knows where the file is; from memory it does not */
	struct identity identity;
	struct verdict verdict;
};

/* What a rule that names one of the file's fingerprints does, at this time and on this machine. */
enum standing {
	STANDING_UNTOLD,      /* nothing: this machine cannot tell this fingerprint */
	STANDING_OTHER_SIZE,  /* nothing: it is listed with the size of another file */
	STANDING_OTHER_STATE, /* nothing: it asks for another state of the signature */
	STANDING_OVER,	      /* nothing: its Until has passed */
	STANDING_NOT_YET,     /* nothing: an exception whose From lies ahead */
	STANDING_AHEAD,	      /* records: its From lies ahead */
	STANDING_MONITOR,     /* records: Mode=monitor */
	STANDING_DENY,
	STANDING_ALLOW,
	STANDINGS
};

struct explain_rule {
	const struct rule *rule; /* in the image */
	struct fingerprint f;	 /* that it names */
	enum standing standing;
	bool decides;
	/* Of a package: who names it, by the digest of its file or by a Package*= line. */
	const struct section *section;
	const struct package_pattern *package; /* NULL: by its digest */
};

enum outcome {
	OUTCOME_UNNAMED,    /* runs: no rule in force names it */
	OUTCOME_EXCEPTED,   /* runs: an exception says so */
	OUTCOME_RECORDED,   /* runs, and is recorded: the rule does not deny, or not yet */
	OUTCOME_LENIENT,    /* likewise: the rule denies, and this machine refuses nothing now */
	OUTCOME_DENIED,	    /* refused by a rule */
	OUTCOME_REFUSED,    /* a package: apt refuses to install it; no kernel runs one */
	OUTCOME_UNREADABLE, /* refused: what is in it is asked for, and cannot be read */
	OUTCOMES
};

struct explanation {
	struct known known; /* all that is in the file, whether the kernel can tell it or not */
	char *path;	    /* through all links; NULL: it has none */
	int unread;	    /* why nothing is known of what is in it, a negative errno; or 0 */
	struct explain_way ways[EXPLAIN_WAYS];
	size_t way_count;
	struct explain_rule *rules; /* the one that decides first, then by strength */
	size_t rule_count;
	/* Of a package: what sections say that name it, as rules. */
	struct rule *package_rules;
	size_t package_rule_count;
	enum outcome outcome;
};

/**
 * explain_file() - what would happen with a file.
 * @e: filled; explanation_free() releases it in each case
 * @x: policy and machine
 * @path: a regular file (a link to one is followed)
 *
 * Rules by path are asked about where @path leads to, through all links; the kernel also looks at
 * where a bind mount or a chroot comes from. They need nothing of what is in the file: where no
 * rule in force asks for that, they are the answer for a file that cannot be read here, too.
 *
 * Return: as identity_of_file().
 */
int explain_file(struct explanation *e, const struct explaining *x, const char *path);
/**
 * explain_module_name() - likewise, with a driver of which nothing but its name is known.
 * Return: 0, or -ENOMEM.
 */
int explain_module_name(struct explanation *e, const struct explaining *x, const char *name);
/** explanation_free() - release what @e holds. */
void explanation_free(struct explanation *e);

/** explain_denies() - whether the file would be refused. */
static inline bool explain_denies(const struct explanation *e)
{
	return e->outcome >= OUTCOME_DENIED;
}
/** explain_outcome_name() - for JSON: "unnamed", "excepted", "recorded", … */
const char *explain_outcome_name(enum outcome outcome);
/** explain_standing_name() - for JSON: "untold", "other-size", … */
const char *explain_standing_name(enum standing standing);

#endif
