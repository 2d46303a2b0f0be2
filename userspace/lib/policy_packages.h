/* SPDX-License-Identifier: GPL-2.0-only */
/* Which installed packages a policy names. */
#ifndef INTERDICT_POLICY_PACKAGES_H
#define INTERDICT_POLICY_PACKAGES_H

#include "packages.h"
#include "policy.h"

/** policy_names_package() - whether any of a section's Package*= lines fits a package. */
bool policy_names_package(const struct section *s, const struct package *p);
/** policy_names_packages() - whether a policy has any such line. */
bool policy_names_packages(const struct policy *p);

#endif
