#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# interdict scan as its user sees it: exit statuses, tables that fit, hostile names in each format,
# files that are written whole or not at all, wherever it is killed. test_scan.sh [BUILD]
set -u
build=$(realpath "${1:-build}") || exit 1
interdict=$build/interdict
here=$(dirname "$(realpath "$0")")
work=$(mktemp -d) || exit 1
export TMPDIR=$work/tmp
trap 'rm -rf "$work"' EXIT
cd "$work" && mkdir tmp tree other || exit 1
failures=0 tried=0 skipped=0
hostile=$'tree/=cmd|x\n\e[31m"a",b'

fail() {
	echo "FAILED: $*" >&2
	failures=$((failures + 1))
}

# scan STATUS OPTION…: into out and err
scan() {
	local want=$1 got
	shift
	tried=$((tried + 1))
	"$interdict" scan "$@" > out 2> err
	got=$?
	[ $got = "$want" ] || fail "scan $*: status $got, not $want: $(head -c 300 err)"
}

# says FILE WORDS…
says() {
	local file=$1 word
	shift
	for word; do
		grep -qF -- "$word" "$file" || fail "no \"$word\" in $file: $(head -c 500 "$file")"
	done
}

# python NAME CODE: it must hold of `text`, what is in out
python() {
	python3 -c 'import csv, io, json, sys
text = open("out", newline="", errors="surrogateescape").read()
'"$2" 2> python.err || fail "$1: $(tail -n 1 python.err)"
}

digest_of() {
	sha256sum < "$1" | cut -d' ' -f1
}

# policy FILE DIGEST SIZE MODE
policy() {
	printf '[Policy]\nId=test\nVersion=7\n[Vendor]\nId=acme\nName=ACME, Ltd\n[Deny]\nVendor=acme\nMode=%s\nDigest=sha256:%s %s\n' \
		"$4" "$2" "$3" > "$1"
}

# ---- what lies there: the same bytes under other names; of the same size, and not listed
cp "$build/canary-allow" listed
cp listed "$hostile"
cp listed tree/$'bad\xff'
cp listed tree/innocent
{ head -c -1 listed; printf x; } > tree/same-size
echo nothing > other/file
policy acme.policy "$(digest_of listed)" "$(stat -c %s listed)" enforce
policy monitor.policy "$(digest_of listed)" "$(stat -c %s listed)" monitor

# ---- statuses
scan 1 --policy acme.policy tree
says out "3 restricted components found: 3 denied here" "acme/sha256:" "not in force here" "/innocent"
grep -q same-size out && fail "what is not listed is found"
scan 0 --policy acme.policy other
says out "none found" "by         sha256" "on         "
scan 1 --policy monitor.policy tree
says out "3 only recorded here"
scan 0 --policy acme.policy --exclude tree/ --exclude "$work/tree" tree
scan 4 --policy acme.policy missing
says err missing
scan 4 --policy missing.policy tree
scan 4 --policy other tree
says err "names nothing"
echo nonsense > bad.policy
scan 4 --policy bad.policy tree
says err "bad.policy:1:"
[ -s out ] && fail "a policy in error gives output"
scan 2 --format xml
says err "table, json, csv or cyclonedx"
scan 2 --max-size 4x
scan 2 --nonsense
scan 2 --policy acme.policy -o tmp tree
scan 0 --help
says out "Examples:" "Exit status:"
if [ "$(id -u)" = 0 ] && ! [ -e /sys/fs/bpf/interdict ] &&
	! compgen -G '/*/interdict/policy.d/*.policy' > /dev/null && ! compgen -G '/usr/lib/interdict/policy.d/*.policy' > /dev/null; then
	scan 4 tree
	says err "no policy is in force" "interdict push"
fi

# A directory of policies is one, too.
mkdir policies && cp acme.policy policies
scan 1 --policy policies tree
[ -z "$(ls -A tmp)" ] || fail "left in TMPDIR: $(ls tmp)"

# ---- tables fit, and no terminal obeys a name
for columns in 40 60 80 100 132 200; do
	COLUMNS=$columns "$interdict" scan --policy acme.policy tree > out 2> err
	python "a table of $columns columns" '
table = text.split("\n\n")[0].split("\n")
assert len(table) == 4, table
assert all(len(line) <= '$columns' for line in table), table
assert "\x1b" not in text'
done
script -qec "'$interdict' scan --policy acme.policy tree" /dev/null > out < /dev/null
grep -q $'\e\\[31m"a"' out && fail "the terminal obeys a name"

# ---- formats
scan 1 --policy acme.policy --json tree
python "JSON" '
scan = json.loads(text)
assert scan["complete"] is True and scan["methods"] == ["sha256"] and scan["unread"]["count"] == 0
assert scan["files"] == 4 and not scan["policy_in_force"] and scan["filesystems"]["read"]
paths = [f["path"] for f in scan["findings"]]
assert len(paths) == 3 and paths == sorted(paths), paths
assert any(p.endswith("/bad\\xff") for p in paths) and any(p.endswith("=cmd|x\n\x1b[31m\"a\",b") for p in paths), paths
f = scan["findings"][0]
assert f["vendor_name"] == "ACME, Ltd" and f["policy_version"] == 7 and f["effect"] == "denied"
assert f["matched"] == "sha256:" + f["sha256"] and f["rule"] == "acme/sha256:" + f["sha256"][:12]'
scan 1 --policy acme.policy --format csv tree
python "CSV" '
rows = list(csv.DictReader(io.StringIO(text)))
assert text.count("\r\n") == text.count("\n") == 4, text
assert len(rows) == 3 and all(None not in r and None not in r.values() for r in rows)
assert all(not v or v[0] not in "=+-@" for r in rows for v in r.values()), rows
assert {r["vendor_name"] for r in rows} == {"ACME, Ltd"}'
(cd tree && "$interdict" scan --policy ../acme.policy --format csv .) > out
python "CSV from below" 'assert len(list(csv.DictReader(io.StringIO(text)))) == 3'
scan 1 --policy acme.policy --format cyclonedx tree
cp out bill
python "CycloneDX" '
import re
bill = json.loads(text)
assert bill["bomFormat"] == "CycloneDX" and bill["specVersion"] == "1.6" and bill["version"] == 1
assert re.fullmatch(r"urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", bill["serialNumber"])
parts = bill["components"]
assert len(parts) == 3 and len({p["bom-ref"] for p in parts}) == 3
types = {"application", "library", "device-driver", "file"}
assert all(p["type"] in types and p["name"] and p["supplier"]["name"] == "ACME, Ltd" for p in parts)
assert all(p["hashes"][0]["alg"] == "SHA-256" and len(p["hashes"][0]["content"]) == 64 for p in parts)
assert all(set(p) <= {"type", "bom-ref", "name", "version", "supplier", "hashes", "evidence", "properties"} for p in parts)
assert {"name": "interdict:verdict", "value": "denied"} in parts[0]["properties"]
assert bill["compositions"] == [{"aggregate": "complete", "assemblies": ["machine"]}]'
scan 1 --policy acme.policy --format cyclonedx tree
diff <(jq 'del(.serialNumber, .metadata.timestamp)' bill) <(jq 'del(.serialNumber, .metadata.timestamp)' out) > /dev/null ||
	fail "the same scan gives another bill"

# ---- one file of 2,000 names: read once by each thread at most, and told within bounds
mkdir many && truncate -s 64M many/name
python3 -c 'import os
for i in range(1999): os.link("many/name", "many/name-%d" % i)'
policy many.policy "$(digest_of many/name)" $((64 << 20)) enforce
scan 1 --policy many.policy --json many
python "JSON of many names" '
import os
scan = json.loads(text)
size, threads = 64 << 20, os.cpu_count()
assert size <= scan["bytes"] <= threads * (size + 4096 * 2000), scan["bytes"]
assert scan["files"] == 2000 and scan["complete"] is True and "findings_more" not in scan
found = scan["findings"]
assert len(found) == 100 and all(f["sha256"] == found[0]["sha256"] for f in found)
assert [f["names_more"] for f in found if "names_more" in f] == [1900]'
scan 1 --policy many.policy --format csv many
python "CSV of many names" '
rows = list(csv.DictReader(io.StringIO(text)))
assert len(rows) == 100 and sum(int(r["names_more"]) for r in rows) == 1900'
scan 1 --policy many.policy --format cyclonedx many
python "CycloneDX of many names" '
parts = json.loads(text)["components"]
more = [p["value"] for c in parts for p in c["properties"] if p["name"] == "interdict:names-more"]
assert len(parts) == 100 and more == ["1900"], more'
scan 1 --policy many.policy many
says out "2,000 restricted components found: 2000 denied here" "(and 1900 more names)"
rm -r many

# ---- written whole or not at all
scan 1 --policy acme.policy --json -o file tree
[ -s out ] && fail "-o prints, too"
[ "$(stat -c %a file)" = 640 ] || fail "-o: mode $(stat -c %a file)"
scan 4 --policy acme.policy -o /nonexistent/file tree
says err "/nonexistent/file"
cp file before
scan 4 --policy acme.policy -o file missing
cmp -s file before || fail "a scan that failed has changed -o"
for signal in TERM INT; do
	"$interdict" scan --policy acme.policy -o file / > out 2> err &
	pid=$!
	until grep -q 'SigCgt:.*[1-9a-f]' /proc/$pid/status; do
		sleep 0.02
	done
	sleep 0.1
	kill -$signal $pid
	wait $pid
	got=$?
	case $got in
	4)
		says err "interrupted: nothing was written"
		[ "$(wc -l < err)" = 1 ] || fail "SIG$signal: more than a line: $(< err)"
		cmp -s file before || fail "SIG$signal has changed -o"
		;;
	*) fail "SIG$signal: status $got" ;;
	esac
done

# At each system call that changes anything, or the last of them, which write the file, and some
# before: what is there is what was, or the new one.
"$build/tools/killat" count 0 "$interdict" scan --policy acme.policy --json -o counted tree > killed 2>&1
total=$(awk 'NR == 1 { print $1 }' count)
for kind in none old; do
	kills=0
	for n in $(seq 1 $((total / 16 + 1)) "$total") $(seq $((total > 20 ? total - 20 : 1)) $((total + 10))); do
		rm -rf at && mkdir at
		[ $kind = none ] || cp before at/file
		"$build/tools/killat" count "$n" "$interdict" scan --policy acme.policy --json -o at/file tree > killed 2>&1
		got=$?
		if [ -e at/file ] && ! cmp -s at/file before; then
			[ $got = 3 ] || ! cmp -s at/file /dev/null || fail "killed at $n: empty"
			jq -e '.findings | length == 3' at/file > /dev/null || fail "killed at $n: half a file"
		fi
		[ $kind = none ] || [ -e at/file ] || fail "killed at $n: the old file is gone"
		# The one moment in which a whole file waits to take the place of another.
		left=$(find at -mindepth 1 ! -name file)
		[ -z "$left" ] || [[ $kind$(tail -n 1 killed) =~ ^old.*number\ (82|38|264|316)$ ]] || fail "killed at $n ($kind): left $left"
		[ $got = 3 ] || [ $got = 0 ] || fail "killat: $got: $(< killed)"
		[ $got = 3 ] || kills=$((kills + 1))
	done
	[ $kills -ge 10 ] || fail "killed at $kills calls only"
	tried=$((tried + kills))
done
rm -rf tmp && mkdir tmp

# ---- the daily scan
sed 's|@PREFIX@|/usr|g' "$here/../../packaging/interdict-scan.service.in" | sed "s|/usr/bin/interdict|$interdict|" > interdict-scan.service
cp "$here/../../packaging/interdict-scan.timer" .
if command -v systemd-analyze > /dev/null; then
	tried=$((tried + 1))
	SYSTEMD_UNIT_PATH=$work: systemd-analyze verify --man=no ./interdict-scan.timer ./interdict-scan.service > out 2>&1 ||
		fail "systemd-analyze verify: $(< out)"
	grep interdict-scan out && fail "systemd-analyze complains: $(< out)"
else
	skipped=$((skipped + 1))
	echo "skipped: the timer's unit: no systemd-analyze"
fi

[ $failures = 0 ] || exit 1
echo "test_scan.sh: $tried tried, $skipped skipped, passed"
