#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# records.py takes what interdictd writes, hostile names and all, and nothing else: each way in which a
# record can be unsound is tried, and must be found. test_records.sh [BUILD]
set -u
records=$(realpath "${1:-build}/tools/records") || exit 1
here=$(dirname "$(realpath "$0")")
check=$here/../guest/records.py page=$here/../../man/interdict-events.5
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
failures=0 tried=0

fail() {
	echo "FAILED: $*" >&2
	failures=$((failures + 1))
}

# sound NAME [OPTION…] FILE
sound() {
	local name=$1
	shift
	tried=$((tried + 1))
	"$check" "$@" > out 2>&1 || fail "$name: $(< out)"
}

# unsound 'WORDS' FILE…: refused, and it says why
unsound() {
	local words=$1 status
	shift
	tried=$((tried + 1))
	"$check" "$@" > out 2>&1
	status=$?
	[ $status = 1 ] || fail "status $status, not 1, for: $words"
	grep -qF -- "$words" out || fail "no '$words' in: $(< out)"
}

# changed 'WORDS' PYTHON: record r, changed so, is unsound; `denial` is what is changed
changed() {
	python3 -c 'import json, sys
r = json.loads(open("denial").read())
exec(sys.argv[1])
print(json.dumps(r))' "$2" > one
	unsound "$1" one
}

"$records" 5000 > log || exit 1
sound "what interdictd writes" log
grep -q '5000 records' out || fail "it does not count them: $(< out)"
grep -q '"repeated"' log || fail "no repeats were tried"
grep -qi '\\u001b' log || fail "no escapes were tried"
grep -q '<script>' log || fail "no script was tried"

# A denial with all that one can have.
grep '"command_line"' log | grep '"repeated"' | grep '"container"' | grep '"terminal"' |
	grep -v '"driver"' | grep '"denied"' | grep -m 1 '"executable".*"parent":.*"executable"' > denial
[ -s denial ] || fail "no full denial"
sound "one" denial

# ---- JSON
head -c -20 denial > cut.log
unsound "no JSON" cut.log
sound "a torn line that was expected" --torn 1 cut.log
cat cut.log <(echo) cut.log > cuts
unsound "no JSON" --torn 1 cuts
printf '\n' > empty
unsound "no JSON" empty
printf '[]\n' > array
unsound "no object" array
printf '{"@timestamp":NaN}\n' > nan
unsound "no JSON: NaN" nan
sed 's/"ecs":{/"ecs":{"version":"8.11.0",/' denial > twice
unsound "a name is there twice: version" twice
sed 's/"name":"[^"]*"/"name":"\xff"/' denial > latin
unsound "no UTF-8" latin
sed 's/"name":"[^"]*"/"name":"\\ud800"/' denial > half
unsound "half a character" half
sed 's/"name":"[^"]*"/"name":"a\tb"/' denial > control
unsound "no JSON" control
sed 's/$/x/' denial > longer
unsound "no JSON" longer
tr -d '\n' < denial > unended
unsound "no end of the line" unended

# ---- fields
changed "unknown field: process.extra" 'r["process"]["extra"] = 1'
changed "unknown field: extra" 'r["extra"] = 1'
changed "unknown field: interdict.ancestors.x" 'r["interdict"]["ancestors"][0]["x"] = 1'
changed "unknown field: interdict.repeated.x" 'r["interdict"]["repeated"]["x"] = 1'
changed "empty object: container" 'r["container"] = {}'
changed "no @timestamp" 'del r["@timestamp"]'
changed "no host.hostname" 'del r["host"]["hostname"]'
changed "no interdict.repeated.count" 'del r["interdict"]["repeated"]["count"]'
changed "no interdict.ancestors.pid" 'del r["interdict"]["ancestors"][0]["pid"]'
changed "event.start lacks beside interdict.repeated" 'del r["event"]["start"]'
changed "event.start without interdict.repeated" 'del r["interdict"]["repeated"]'
changed "file.name without file.path" 'del r["file"]["path"]'
changed "interdict.log.previous lacks beside" 'r["interdict"]["log"] = {"number": 1}'
changed "event.dataset is none" 'r["event"]["dataset"] = "interdict.other"'
changed "event.dataset is none" 'del r["event"]'
changed "no event.sequence" 'del r["event"]["sequence"]'

# ---- types
changed "process.pid is no integer" 'r["process"]["pid"] = "1"'
changed "process.pid is no integer" 'r["process"]["pid"] = True'
changed "process.pid is no integer" 'r["process"]["pid"] = 1.5'
changed "process.pid is no integer" 'r["process"]["pid"] = None'
changed "user.id is no numeral" 'r["user"]["id"] = 0'
changed "user.id is no numeral" 'r["user"]["id"] = "root"'
changed "@timestamp is no time" 'r["@timestamp"] = "2026-11-21 22:50:00"'
changed "file.hash.sha256 is no sha256" 'r["file"]["hash"]["sha256"] = "AB" * 32'
changed "file.code_signature.exists is no boolean" 'r["file"]["code_signature"]["exists"] = 0'
changed "event.type is no array" 'r["event"]["type"] = "denied"'
changed "event.type is no array" 'r["event"]["type"] = []'
changed "event.type is no array" 'r["event"]["type"] = ["other"]'
changed "event.action is no one of" 'r["event"]["action"] = "open"'
changed "interdict.ancestors is no array" 'r["interdict"]["ancestors"] = [1]'
changed "rule.id is no string" 'r["rule"]["id"] = ["x"]'
changed "interdict.log.number is no integer" 'r["interdict"]["log"] = {"number": "1", "previous": "0" * 64}'

# ---- what the page says in words
changed "event.outcome and event.type differ" 'r["event"]["outcome"] = "success"'
changed "interdict.mode and event.type differ" 'r["interdict"]["mode"] = "monitor"'
changed "file.name is not the end of file.path" 'r["file"]["name"] = "x"'
changed "count is below 1" 'r["interdict"]["repeated"]["count"] = 0'
changed "names what is not there: process.nothing" 'r["interdict"]["added"] = ["process.nothing"]'

# ---- the page is the source
sed '/^\.It Va user\.id /d' "$page" > other
unsound "unknown field: user.id" --page other denial
sed 's/^\.It Va user\.id Pq numeral/.It Va user.id Pq integer/' "$page" > other
unsound "user.id is no integer" --page other denial
sed 's/^\.It Va user\.id Pq numeral/.It Va user.id Pq number/' "$page" > other
"$check" --page other denial > out
[ $? = 4 ] || fail "a page with an unknown type: $(< out)"
"$check" --page /dev/null denial > out
[ $? = 4 ] || fail "a page of nothing: $(< out)"
"$check" none > out
[ $? = 4 ] || fail "a file that is not there: $(< out)"

[ $failures = 0 ] && echo "test_records.sh: all $tried passed"
exit $((failures > 0))
