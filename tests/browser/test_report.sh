#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# usage: test_report.sh BUILD [DIR]
#
# Reports of a month and of a year, of a machine where all is well and where nothing is, and of a
# fleet: each is looked at in Chromium, and its numbers are those of its log. What is looked at stays
# in DIR. That the checks can fail is tried, too.
set -euo pipefail
export LC_ALL=C PYTHONDONTWRITEBYTECODE=1

build=$(realpath "$1")
here=$(dirname "$(realpath "$0")")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
out=$(realpath -m "${2:-$work/out}")
failures=0
readonly build here work out

interdict() {
	"$build/interdict" "$@"
}

fail() {
	echo "FAILED: $*"
	failures=$((failures + 1))
}

# Without Chromium it says so, and checks the numbers.
look() {
	local status=0
	/usr/bin/python3 "$here/check_report.py" --out "$out" "$@" || status=$?
	[ $status = 0 ] || [ $status = 77 ] || fail "$1"
}

refuses() {
	/usr/bin/python3 "$here/check_report.py" "$@" > "$work/refused" && fail "is taken for good: $1"
	grep -q ^FAILED "$work/refused" || { cat "$work/refused"; fail "no reason for $1"; }
}

# ---- what they are made of -------------------------------------------------------

cp -r "$here/sample" "$work/"
cd "$work/sample"
"$build/browser/make_log" month 30 2000
"$build/browser/make_log" year 365 3000
: > empty
openssl genpkey -algorithm ed25519 -out key 2> /dev/null
openssl pkey -in key -pubout -out pem

make() {
	local name=$1
	shift
	interdict report --policy policy -o "$work/$name.html" "$@" 2> "$work/said" || {
		cat "$work/said"
		fail "$name: no report"
	}
}

make month --log month --status enforcing.json --scan clean.json --key key \
	--reference 'Contract 4711, BOD 17-01'
make year --log year --status monitor.json --scan found.json --since 366d
make nothing --log empty --status nothing.json

look "$work/month.html" month month.1
look "$work/year.html" year year.1
look "$work/nothing.html" empty
interdict report --verify "$work/month.html" --trusted-key pem > /dev/null || fail "not verified"

# ---- a fleet ---------------------------------------------------------------------

mkdir fleet
interdict report --from "$work/month.html" --json > machine
for i in $(seq 1 24); do
	state=enforcing why=
	[ $((i % 6)) != 0 ] || state=monitor
	[ "$i" != 5 ] || { state='not enforced' why='bpf in the LSM list: landlock,yama: boot with lsm=bpf'; }
	jq -c --arg h "host$i.example.org" --arg s "$state" --arg w "$why" '.host.hostname = $h |
		.summary.state = $s | .status.why = $w | .signature = null' machine > "fleet/$i.json"
	echo "host$i.example.org"
done > hosts
echo ghost.example.org >> hosts
jq -c '.host.hostname = "<script>alert(1)</script>\u001b\u202e" | .summary.state = "\"><img src=x>" |
	.vendors[0].id = "<b>" | .gaps = [{id: "x", text: "<script>", remedy: "</main>"}] |
	.denials.by_day[0] = {day: "<img src=>", denied: 9000000000000000000}' machine > fleet/hostile.json
echo '{' > 'fleet/<broken>.json'
interdict report --merge fleet --expect hosts -o "$work/fleet.html" 2> /dev/null || [ $? = 3 ] ||
	fail "no fleet"
look "$work/fleet.html"

# ---- the checks can fail ---------------------------------------------------------

mkdir "$work/bad"
sed 's|"denied":[0-9]*|"denied":1|g' "$work/month.html" > "$work/bad/number.html"
refuses "$work/bad/number.html" month month.1
sed 's|\(<b>\)[0-9,]*\(</b><span>denied\)|\112\2|' "$work/month.html" > "$work/bad/tile.html"
refuses "$work/bad/tile.html" month month.1
refuses "$work/month.html" month
sed 's|<main>|<main onclick="x()">|' "$work/month.html" > "$work/bad/handler.html"
refuses "$work/bad/handler.html"
if command -v chromium > /dev/null; then
	sed 's|<main>|<main><p style="width:2000px;max-width:none">wide</p>|' "$work/month.html" \
		> "$work/bad/wide.html"
	refuses "$work/bad/wide.html"
	sed 's|<main>|<main><p style="color:#999;background:#aaa">pale</p>|' "$work/month.html" \
		> "$work/bad/pale.html"
	refuses "$work/bad/pale.html"
	printf '<main><p>a\342\200\256b</p>' > turn
	sed -e '/<main>/r turn' "$work/month.html" > "$work/bad/turn.html"
	refuses "$work/bad/turn.html"
fi

[ $failures = 0 ] && echo "test_report.sh: all passed"
exit $((failures > 0))
