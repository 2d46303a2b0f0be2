# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# docs/how-it-decides.md: see suite/docs.

small_machine
make_product
start_daemon || return
interdict deny --vendor acme /opt/acme/bin/agent > /dev/null
cp /opt/acme/bin/agent FILE
shown 1 "interdict explain FILE" "acme/sha256:"
not_run "make bypass" "it runs guests: tests/guest/suite/bypass is what it runs in them"
