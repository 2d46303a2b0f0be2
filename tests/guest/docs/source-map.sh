# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# docs/source-map.md: see suite/docs.

cd "$TREE" || return
shown 0 "make help" "guest-tests" "KERNELS"
not_run "make bench" "it runs guests, for an hour"
not_run "make demo" "it runs a guest"
not_run "make unit" "the tests that run before the guests"
