#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The pages of docs/ and the README: links lead somewhere, files that they name are there, each limit that
# a technique of tests/guest/bypass declares is told of, each page has a test that runs its commands, and
# lines fit. The commands themselves are run in guests: tests/guest/suite/docs.
set -u
cd "$(dirname "$(realpath "$0")")/../.." || exit
wrong=0 checked=0

# check WHAT COMMAND…: it is true.
check() {
	local what=$1
	shift
	checked=$((checked + 1))
	"$@" > /dev/null && return
	echo "test_docs.sh: $what"
	wrong=$((wrong + 1))
}

# Paths of the tree that a page names, a line each.
paths() {
	grep -oE '(^|[ (`])(bpf|include|kmod|man|packaging|tests|userspace)/[A-Za-z0-9_./-]*[A-Za-z0-9_]' "$1" |
		tr -d ' (`' | sort -u
}

links() {
	grep -oE '\]\([^)#]+' "$1" | cut -c3- | grep -v '^http'
}

# Techniques that declare a limit somewhere.
limited() {
	grep -lE '^( \*|#) limit' tests/guest/bypass/* | xargs -n 1 basename
}

# What a scenario runs, or names with a reason, in order. Nothing is run here.
run_by() {
	# shellcheck disable=SC2016 # of that shell
	sed -e ':a; /\\$/{N; s/\\\n//; ba' -e '}' "$1" | grep -E '^(shown|shown_for|not_run|no_guest_in_a_guest) ' |
		bash -c 'shown() { echo "$2"; }; shown_for() { echo "$2"; }; not_run() { echo "$1"; }
			no_guest_in_a_guest() { echo "$1"; }; digest_of() { echo; }; . /dev/stdin'
}

# The same comparison as in the guest, early.
compare() {
	local page=$1 scenario=$2 differ
	differ=$(diff <(tests/guest/docs/commands.py "$page" | grep -v '^name ') <(run_by "$scenario"))
	check "$page and $scenario differ: $differ" test -z "$differ"
}

for page in docs/*.md; do
	check "$page: a line of more than 120 columns" test -z "$(grep -vE '^(sudo )?interdict ' "$page" | grep -E '^.{121}')"
	for path in $(paths "$page"); do
		check "$page names $path, which is not there" test -e "$path"
	done
	for link in $(links "$page"); do
		check "$page: no $link" test -e "docs/$link"
	done
	name=$(basename "$page" .md)
	[ "$name" = README ] || check "$page has no tests/guest/docs/$name.sh" test -e "tests/guest/docs/$name.sh"
	[ "$name" = README ] || check "docs/README.md does not name $name.md" grep -qF "($name.md)" docs/README.md
done
for path in $(paths README.md); do
	check "README.md names $path, which is not there" test -e "$path"
done
for name in $(limited); do
	check "how-it-decides.md does not name $name" grep -qE "(^|[ /])${name%.c}(\.c)?([ ,.]|$)" docs/how-it-decides.md
done
check "none declares a limit" test "$(limited | wc -l)" -ge 20
for name in $(sed -n 's/.*techniques\{0,1\} \([^*]*\)\.$/\1/p' docs/how-it-decides.md | tr -d ',;' | tr ' ' '\n' |
	grep -E '^[a-z0-9-]+(\.c)?$' | grep -E -- '-.*-|\.c$'); do
	check "how-it-decides.md names $name, which is no technique" test -e "tests/guest/bypass/$name"
done
for scenario in tests/guest/docs/*.sh; do
	page=docs/$(basename "$scenario" .sh).md
	[ "$page" != docs/README.md ] || page=README.md
	check "$scenario is of no page" test -e "$page"
	compare "$page" "$scenario"
	check "tests/guest/suites does not run $scenario" grep -qw "$(basename "$scenario" .sh)" tests/guest/suites
done
[ $wrong = 0 ] || exit 1
echo "test_docs.sh: passed: $checked checks"
