#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# interdict events over records as interdictd writes them, hostile names and all: tables that fit,
# formats that parse, filters that agree with another program's. test_events.sh [BUILD]
set -u
build=$(realpath "${1:-build}") || exit 1
interdict=$build/interdict
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
failures=0 tried=0

fail() {
	echo "FAILED: $*" >&2
	failures=$((failures + 1))
}

# events OPTION…: into out; its status must be 0
events() {
	tried=$((tried + 1))
	"$interdict" events --file log "$@" > out 2> err || fail "events $*: status $?: $(< err)"
}

# same NAME: out is what want is
same() {
	cmp -s out want || fail "$1: $(diff out want | head -n 5)"
}

# python CODE: over `records`, the log's, into want
python() {
	python3 -c 'import fnmatch, json, sys
lines = open("log").read().splitlines()
records = [json.loads(line) for line in lines]
'"$1" > want || fail "python: $1"
}

"$build/tools/records" 4000 86400 > log || exit 1

# ---- filters, beside what another program says
events --raw
cp log want
same "--raw is the log"
# shellcheck disable=SC2089,SC2090 # the quotes are python's
for filter in "--vendor evil|r['interdict']['vendor'] == 'evil'" \
	"--uid 4000000000|r['user']['id'] == '4000000000'" \
	"--uid root|r['user']['id'] == '0'" \
	"--hook driver|r['event']['action'] == 'driver'" \
	"--rule acme/|r['rule']['id'].startswith('acme/')" \
	"--rule acme/sha256:$(printf '0a%.0s' {1..32})|r['rule']['id'] == 'acme/sha256:0a0a0a0a0a0a'" \
	"--path /opt/|r['file'].get('path', '').startswith('/opt/')" \
	"--path */bin/*|fnmatch.fnmatchcase(r['file'].get('path', ''), '*/bin/*')" \
	"--kind monitored|r['event']['type'] == ['allowed']" \
	"--kind denied,change|r['event']['type'] == ['denied']" \
	"--kind heartbeat|False" \
	"--vendor evil --uid 33 --kind denied|r['interdict']['vendor'] == 'evil' and r['user']['id'] == '33' and r['event']['type'] == ['denied']"; do
	# shellcheck disable=SC2086,SC2090 # several words
	set -f && events --raw ${filter%%|*} && set +f
	python "for line, r in zip(lines, records):
	if ${filter#*|}: print(line)"
	same "${filter%%|*}"
	[ "${filter#*|}" = False ] || [ -s out ] || fail "${filter%%|*}: nothing was found to compare"
done
path=$(printf '/srv/evil/\xff\xfe')
events --raw --path "$path"
grep -qF '/srv/evil/\\xff\\xfe/bad-utf8' out || fail "--path of no UTF-8: $(head -c 300 out)"
[ "$(grep -vc '/srv/evil/' out)" = 0 ] || fail "--path of no UTF-8 finds others"
middle=$(sed -n 2000p log | cut -d'"' -f4)
events --raw --since "$middle"
python "for line, r in zip(lines, records):
	if r['@timestamp'] >= '$middle': print(line)"
same "--since"
events --raw --until "$middle"
python "for line, r in zip(lines, records):
	if r['@timestamp'] < '$middle': print(line)"
same "--until"
events --raw --last 7 --vendor acme
python "print('\n'.join([l for l, r in zip(lines, records) if r['interdict']['vendor'] == 'acme'][-7:]))"
same "--last"

# ---- JSON, for terminals too
events --json
python "for r in records: print(json.dumps(r))"
python3 -c 'import json
for a, b in zip(open("out"), open("want"), strict=True):
	assert json.loads(a) == json.loads(b), a' || fail "--json changes records"
# None but a newline that a terminal would obey: C0, DEL, C1, and what turns the direction of text.
hostile=$'[\x01-\x09\x0b-\x1f\x7f]|\xc2[\x80-\x9f]|\xe2\x80[\x8e\x8f\xa8-\xae]|\xe2\x81[\xa6-\xa9]'
clean() {
	! LC_ALL=C grep -qaP "$hostile" "$1" || fail "$2: $(LC_ALL=C grep -aP "$hostile" "$1" | head -n 1 | cat -v)"
}
printf '\033' > bad
LC_ALL=C grep -qaP "$hostile" bad || fail "what is hostile is not found"
clean out "--json"
# A progress line, where this takes long, is the terminal's own.
TERM=dumb script -qec "'$interdict' events --file log --raw" /dev/null > terminal < /dev/null
tr -d '\r' < terminal > out
clean out "--raw on a terminal"
LC_ALL=C grep -q '[^ -~]' out && fail "--raw on a terminal: more than ASCII"
python3 -c 'import json
for a, b in zip(open("out"), open("want"), strict=True):
	assert json.loads(a) == json.loads(b), a' || fail "--raw on a terminal changes records"

# ---- CSV
events --format csv
tr -d '\r' < out > unix
clean unix "--format csv"
python3 - << 'END' || fail "CSV"
import csv, json
records = [json.loads(line) for line in open("log")]
text = open("out", newline="").read()
assert text.endswith("\r\n") and "\n" not in text.replace("\r\n", "")
rows = list(csv.DictReader(text.splitlines(keepends=True), strict=True))
assert len(rows) == len(records), len(rows)
def cell(text):
    out = ""
    for c in text:
        hostile = ord(c) < 0x20 or 0x7f <= ord(c) < 0xa0 or c in "\u200e\u200f\u2028\u2029\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
        out += "".join(f"\\x{b:02x}" for b in c.encode()) if hostile else c
    return "'" + out if out[:1] in ("=", "+", "-", "@") else out
formulas = 0
for row, r in zip(rows, records):
    assert None not in row and None not in row.values()
    assert row["time"] == r["@timestamp"] and row["rule"] == r["rule"]["id"]
    assert row["file"] == cell(r["file"].get("path", "")), (row["file"], r["file"])
    assert row["process_name"] == cell(r["process"]["name"]), row
    assert row["count"] == str(r["interdict"].get("repeated", {}).get("count", 1))
    assert all(v[:1] not in ("=", "+", "-", "@") for v in row.values())
    formulas += row["process_name"][:1] == "'"
assert formulas
END
events --format csv --vendor nobody
[ "$(wc -l < out)" = 1 ] || fail "CSV of nothing has its head: $(< out)"

# ---- sums
events --sum --json
python3 - << 'END' || fail "--sum"
import collections, json
count = collections.Counter()
first, last = {}, {}
for r in map(json.loads, open("log")):
    key = (r["event"]["type"][0], r["event"]["action"], r["rule"]["id"], r["file"].get("path"),
           r["file"].get("hash", {}).get("sha256"), r["user"]["id"])
    repeated = r["interdict"].get("repeated", {"count": 1, "first": r["@timestamp"], "last": r["@timestamp"]})
    count[key] += repeated["count"]
    first[key] = min(first.get(key, "9"), repeated["first"][:19] + "Z")
    last[key] = max(last.get(key, ""), repeated["last"][:19] + "Z")
rows = [json.loads(line) for line in open("out")]
assert len(rows) == len(count), (len(rows), len(count))
assert [r["count"] for r in rows] == sorted(count.values(), reverse=True)
for r in rows:
    key = ({"denied": "denied", "monitored": "allowed"}[r["kind"]], r["event"]["action"], r["rule"]["id"],
           r["file"].get("path"), r["file"]["hash"].get("sha256"), r["user"]["id"])
    assert count.pop(key) == r["count"], r
    assert (first[key], last[key]) == (r["first"], r["last"]), r
END
events --sum
cp out want
events --sum
same "--sum is the same each time"

# ---- tables
for width in 20 40 60 80 100 132 200; do
	for what in "" --sum; do
		# shellcheck disable=SC2086 # or no word
		COLUMNS=$width events $what
		clean out "a table of $width columns"
		python3 - $width << 'END' || fail "a table of $width columns $what"
import sys, unicodedata
width = int(sys.argv[1])
def columns(line):
    return sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in line)
lines = open("out").read().split("\n")[:-1]
assert len(lines) > 100
for line in lines:
    assert columns(line) <= width, (columns(line), line)
assert width < 60 or any("…" in line for line in lines)
END
	done
done
COLUMNS=200 events
[ "$(wc -l < out)" = 4001 ] || fail "not a line for each record"
grep -q 'RULE .*USER .*PROCESS .*FILE' out || fail "200 columns do not show all"
COLUMNS=40 events
grep -q '^[0-9-]\{5\} [0-9:]\{5\}  denied ' out || fail "40 columns: $(sed -n 2p out)"
events
grep -qF '/tmp/evil\x0a{"event":{"action":"forged"}}' out || fail "a newline in a name: $(grep -m1 forged out)"

# ---- what is not a denial
{
	printf '{"@timestamp":"2026-11-21T22:45:03Z","event":{"category":["host"],"type":["info"],'
	printf '"action":"heartbeat","dataset":"interdict.heartbeat"},"interdict":{"mode":"enforce",'
	printf '"enforcing":false,"why_not":"disabled","policy":{"generation":4},"canary":{"denied":false}}}\n'
	printf '{"@timestamp":"2026-11-21T22:45:04Z","event":{"category":["configuration"],"action":"checkpoint",'
	printf '"dataset":"interdict.checkpoint"},"interdict":{"checkpoint":{"number":17}}}\n'
	printf '{"@timestamp":"2026-11-21T22:45:05Z","event":{"category":["configuration"],"action":"gap",'
	printf '"dataset":"interdict.checkpoint","reason":"records are missing"}}\n'
	printf '{"@timestamp":"2026-11-21T22:45:06Z","event":{"category":["intrusion_detection","package"],'
	printf '"type":["denied"],"action":"install","dataset":"interdict.install"},"rule":{"id":"evil/path:1"},'
	printf '"file":{"path":"/tmp/evil.deb"},"interdict":{"vendor":"evil"}}\n'
} > log
events
[ "$(sed 1d out | wc -l)" = 2 ] || fail "the table has what the log says of itself: $(< out)"
grep -q 'change   gap .*records are missing' out || fail "a gap: $(< out)"
grep -q 'refused  evil/path:1 .*/tmp/evil.deb' <(COLUMNS=80 "$interdict" events --file log) || fail "a package: $(< out)"
events --kind all
grep -q 'heartbeat .*not enforcing, generation 4, canary NOT denied: disabled' out || fail "a heartbeat: $(< out)"
grep -q 'checkpoint .*records up to 17' out || fail "a checkpoint: $(< out)"
events --json
[ "$(wc -l < out)" = 4 ] || fail "--json has all"
events --kind heartbeat,checkpoint --json
[ "$(wc -l < out)" = 2 ] || fail "two kinds: $(< out)"

[ $failures = 0 ] && echo "test_events.sh: all $tried passed"
exit $((failures > 0))
