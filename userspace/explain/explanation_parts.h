/* SPDX-License-Identifier: GPL-2.0-only */
/* What the parts of an explanation share with each other, and nobody else. */
#ifndef INTERDICT_EXPLANATION_PARTS_H
#define INTERDICT_EXPLANATION_PARTS_H

#include "explanation.h"

/** explain_judge() - evaluate each way of @e, and note every rule. Return: 0, or -ENOMEM. */
int explain_judge(struct explanation *e, const struct explaining *x);
/** explain_package() - of a package, likewise. Return: 0, or -ENOMEM. */
int explain_package(struct explanation *e, const struct explaining *x, const char *path);

/** explain_add_rule() - one more, zeroed. Return: NULL without memory. */
struct explain_rule *explain_add_rule(struct explanation *e);
/** explain_standing_at() - what @rule does at @now, ns since 1970, to a file that it names. */
enum standing explain_standing_at(const struct rule *rule, uint64_t now);
/** explain_sort_rules() - the one that decides first, then by strength. */
void explain_sort_rules(struct explanation *e);
/** explain_undecide_rules() - none of them decides. */
void explain_undecide_rules(struct explanation *e);

#endif
