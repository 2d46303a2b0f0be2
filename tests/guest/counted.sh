# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# Checks, each a line, and their counts.

passed=0 failed=0 skipped=0

pass() {
	passed=$((passed + 1))
	echo "ok       $1"
}

fail() {
	failed=$((failed + 1))
	echo "FAILED   $1: $2"
}

# skip NAME CAPABILITY: what is missing is named, never silent.
skip() {
	skipped=$((skipped + 1))
	echo "skipped  $1: no $2"
}

# status_is NAME STATUS COMMAND…: it ends with that status; its output is in $output.
status_is() {
	local name=$1 want=$2 got
	shift 2
	output=$("$@" 2>&1)
	got=$?
	if [ $got = "$want" ]; then
		pass "$name"
	else
		fail "$name" "status $got, not $want: ${output:0:300}"
	fi
}

# says NAME WORDS…: the last $output holds each of them.
says() {
	local name=$1 word
	shift
	for word in "$@"; do
		[[ $output == *"$word"* ]] || {
			fail "$name" "no \"$word\" in: ${output:0:300}"
			return
		}
	done
	pass "$name"
}

# holds NAME COMMAND…: it is true.
holds() {
	local name=$1
	shift
	if "$@"; then
		pass "$name"
	else
		fail "$name" "does not hold: $*"
	fi
}
