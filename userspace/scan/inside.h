/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What lies inside an archive, judged by every fingerprint that its bytes can tell. Rules by path
 * are not asked: inside there is none that a kernel would see. An entry of a size that no rule can
 * name is not looked at, nor hashed.
 */
#ifndef INTERDICT_INSIDE_H
#define INTERDICT_INSIDE_H

#include "collect/collect.h"
#include "looking.h"

/* An archive that is being looked into. */
struct inside {
	struct looking *looking;
	const char *path; /* of the file */
	const struct stat *st;
	bool counted; /* as one that was opened */
};

/** inside_look() - whom collect_look() asks; its context is a struct inside. */
struct collect_look inside_look(struct inside *in);
/**
 * inside_found() - report what @f says of what lies at @inside->path.
 * @f: of looking_judge(), or alike; taken over
 * @place: FINDING_INSIDE, FINDING_PACKAGE, or, of a packed driver that is the file, FINDING_FILE
 * Return: 0, or -ENOMEM.
 */
int inside_found(const struct inside *in, struct finding *f, enum finding_place place,
		 const struct collect_inside *inside);

#endif
