#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# test_metrics.sh BUILD: what metrics_print() writes, read by two strict parsers, one of them
# Prometheus' own; and the alert rules, by Prometheus' own tests. Each alert is missed by
# one of these where it is not there.
set -euo pipefail
build=${1:?the build directory}
here=$(dirname "$(realpath "$0")")
rules=$here/../../packaging/prometheus/interdict.rules.yml
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

fail() {
	echo "FAILED: $*" >&2
	exit 1
}

"$build/unit/test_metrics" "$work"

# ---- the strict parser of the guest's suites, and that it is one ----

read_strictly() {
	"$here/../guest/exposition.py" "$@"
}

# refuses WORDS SED: a sample that is changed so is refused with these words.
refuses() {
	sed "$2" "$work/full.prom" > "$work/changed"
	! cmp -s "$work/full.prom" "$work/changed" || fail "$2 changes nothing"
	! read_strictly "$work/changed" 2> "$work/said" || fail "$2 is not refused"
	grep -q "$1" "$work/said" || fail "$2: $(< "$work/said")"
}

for sample in full empty hostile; do
	[ "$(read_strictly "$work/$sample.prom")" -gt 20 ] || fail "$sample.prom has no series"
done
[ "$(read_strictly "$work/full.prom" 'interdict_verdicts_total{vendor="acme"}' \
	'interdict_verdicts_total{vendor="acme",hook="mmap"}' 'interdict_enforcing' \
	'interdict_verdicts_total{vendor="nobody"}' | xargs)" = "14 2 1 absent" ] || fail "sums"
refuses "value" 's/^interdict_enforcing 1/interdict_enforcing yes/'
refuses "twice" 's/hook="mmap",vendor/hook="exec",vendor/'
refuses "behind its TYPE" '/^# TYPE interdict_enforcing/d'
refuses "labels" 's/,vendor="acme"/vendor="acme"/'
refuses "labels" 's/vendor="acme"/vendor="ac"me"/'
refuses "type" 's/^# TYPE interdict_enforcing gauge/# TYPE interdict_enforcing counter/'
refuses "value" 's/^\(interdict_hashed_files_total\) .*/\1 -1/'
head -c -1 "$work/full.prom" > "$work/changed"
! read_strictly "$work/changed" 2> "$work/said" || fail "a file that was cut off is not refused"

# ---- Prometheus ----

if ! promtool=$("$here/../promtool"); then
	echo "test_metrics: alerts and metrics were not tried: no promtool (Debian's prometheus)" >&2
	exit 0
fi
for sample in full empty hostile; do
	"$promtool" check metrics < "$work/$sample.prom" > "$work/said" 2>&1 ||
		fail "promtool check metrics: $sample.prom: $(< "$work/said")"
done
! sed 's/vendor="acme"/vendor="ac"me"/' "$work/full.prom" | "$promtool" check metrics > /dev/null 2>&1 ||
	fail "promtool takes everything"

# passes: the tests of the rules in $work
passes() {
	"$promtool" test rules "$work/test_metrics.rules.yml" > "$work/said" 2>&1
}

cp "$rules" "$here/test_metrics.rules.yml" "$work"
"$promtool" check rules "$work/interdict.rules.yml" > "$work/said" 2>&1 ||
	fail "promtool check rules: $(< "$work/said")"
passes || fail "promtool test rules: $(< "$work/said")"
# Under other names none of them fires, and promtool names each that is missed.
sed 's/alert: /alert: Not/' "$rules" > "$work/interdict.rules.yml"
! passes || fail "promtool misses nothing"
alerts=0
while read -r alert; do
	grep -q "[^t]$alert" "$work/said" || fail "no test misses $alert"
	alerts=$((alerts + 1))
done < <(sed -n 's/.*- alert: //p' "$rules")
[ $alerts -gt 10 ] || fail "only $alerts alerts"
echo "test_metrics: $alerts alerts, each fires and is missed where it is left out"
