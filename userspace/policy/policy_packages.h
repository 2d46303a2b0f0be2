/* SPDX-License-Identifier: GPL-2.0-only */
/* Which installed packages a policy names. */
#ifndef INTERDICT_POLICY_PACKAGES_H
#define INTERDICT_POLICY_PACKAGES_H

#include "packages/packages.h"
#include "policy.h"

/** policy_find_package() - the first of a section's Package*= lines that fits a package, or NULL.
 */
const struct package_pattern *policy_find_package(const struct section *s, const struct package *p);
/** policy_names_package() - whether there is one. */
static inline bool policy_names_package(const struct section *s, const struct package *p)
{
	return policy_find_package(s, p);
}
/** policy_names_packages() - whether a policy has any such line. */
bool policy_names_packages(const struct policy *p);

#endif
