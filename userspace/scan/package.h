/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A .deb or an .rpm, listed by its own digest (PackageDigestList=), or named by what it says of
 * itself (Package=, PackageMaintainer=, PackageVendor=, PackageKey=). No rule of the image is about
 * either: nothing runs a package.
 */
#ifndef INTERDICT_PACKAGE_H
#define INTERDICT_PACKAGE_H

#include "inside.h"

/**
 * package_is_wanted() - whether a section may name a package.
 * @policy: or NULL
 * @size: of its file; SIZE_UNKNOWN
 */
bool package_is_wanted(const struct policy *policy, uint64_t size);
/**
 * package_judge() - report a package that a section of the policy names.
 * @package: with digest and, of an .rpm, its first bytes
 *
 * What an exception by digest lets is nothing to be found here.
 *
 * Return: 0, found or not; or -ENOMEM.
 */
int package_judge(const struct inside *in, const struct collect_inside *package);

#endif
