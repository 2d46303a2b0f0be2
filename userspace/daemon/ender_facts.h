/* SPDX-License-Identifier: GPL-2.0-only */
/* What is so of a process that may have to be ended: found in a child, which may take its time. */
#ifndef INTERDICT_ENDER_FACTS_H
#define INTERDICT_ENDER_FACTS_H

#include "daemon.h"
#include "guard/closure.h"
#include "running/running.h"
#include "running/stop.h"

/* A process, and a file of it. */
struct suspect {
	uint64_t start_time; /* ns since boot */
	dev_t device;
	ino_t inode;
	pid_t pid;
};

/* What was found of one. */
struct judged {
	struct stop_facts facts; /* but for those of the machine */
	struct running_use use;	 /* where it has the file, if it has */
};

struct ender_facts {
	struct closure needed; /* what this machine needs; empty until it is asked for */
	bool has_needed;
	pid_t daemon;
};

/**
 * ender_facts_begin() - make ready, in a child of interdictd.
 * @f: filled; ender_facts_end() releases it
 */
void ender_facts_begin(struct ender_facts *f);
/**
 * ender_facts_of() - find who a process is.
 * @facts: its pid, and whether it is gone, own, kernel or needed: filled
 *
 * Return: 0, or -ENOMEM: then nobody may be ended.
 */
int ender_facts_of(struct ender_facts *f, struct stop_facts *facts, const struct suspect *s);
/** ender_facts_end() - release what is held. */
void ender_facts_end(struct ender_facts *f);

/**
 * ender_judge() - find all that is so of @n processes, by the image in force.
 * @daemon: as it was when the child began: the image must be the one that it had in force then
 * @out: a struct judged is written for each, in their order
 *
 * Return: 0; -ESTALE when another image came meanwhile; or what image_map() and running_find()
 * give.
 */
int ender_judge(const struct daemon *daemon, const struct suspect *v, size_t n, FILE *out);
/** ender_time() - by which rules begin and end: a clock that is set back revives none. */
uint64_t ender_time(void);

#endif
