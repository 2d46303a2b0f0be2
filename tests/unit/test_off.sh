#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# test_off.sh BUILD: a boot that is told to put nothing in force leaves one record of that, in the
# log and in a real journal, and `journalctl -x` explains it. In a mount namespace of its own, with
# fresh /run and /var/log; nothing is loaded into the kernel.
set -euo pipefail
build=${1:?the build directory}
here=$(dirname "$(realpath "$0")")
journald=/usr/lib/systemd/systemd-journald

die() {
	echo "test_off.sh: $*"
	exit 1
}

if [ "${2-}" != inside ]; then
	if [ "$(id -u)" != 0 ] || ! [ -x $journald ]; then
		echo "test_off.sh: skipped: needs root and systemd-journald"
		exit
	fi
	exec unshare --mount --propagation private "$0" "$build" inside
fi

for dir in /run /var/log /var/lib/systemd; do
	mount -t tmpfs fresh $dir
done
mkdir -p /run/log/journal /run/credentials /run/root/usr/lib/systemd/catalog \
	/run/root/var/lib/systemd/catalog /var/lib/systemd/catalog
touch /run/credentials/interdict.off
cp "$here/../../packaging/catalog/interdict.catalog" /run/root/usr/lib/systemd/catalog
journalctl --update-catalog --root=/run/root
cp /run/root/var/lib/systemd/catalog/database /var/lib/systemd/catalog

$journald 2> /run/journald.log &
pid=$!
trap 'kill $pid' EXIT
for _ in {1..100}; do
	[ ! -S /run/systemd/journal/socket ] || break
	sleep 0.05
done
export CREDENTIALS_DIRECTORY=/run/credentials
"$build/interdictd" --off 2> /run/said || die "status $?: $(< /run/said)"
"$build/interdictd" --off 2>> /run/said || die "the second time: status $?"
[ "$(grep -c '"interdict.change"' /var/log/interdict/events.jsonl)" = 1 ] ||
	die "not one record: $(< /var/log/interdict/events.jsonl)"
grep -q '"action":"off".*"reason":"the credential interdict.off is there"' /var/log/interdict/events.jsonl ||
	die "not this record: $(< /var/log/interdict/events.jsonl)"
for _ in {1..100}; do
	output=$(journalctl -q --directory=/run/log/journal -x -t interdict)
	[ -z "$output" ] || break
	sleep 0.05
done
[[ $output == *"nothing is put in force: the credential interdict.off is there"* &&
	$output == *"Subject: What is enforced here was changed: off"* ]] || die "the journal has: $output"
unset CREDENTIALS_DIRECTORY
"$build/interdictd" --off 2> /run/said || die "not told so: status $?"
[ ! -s /run/said ] || die "not told so: $(< /run/said)"
[ "$(grep -c '"interdict.change"' /var/log/interdict/events.jsonl)" = 1 ] || die "not told so, and a record"
echo "test_off.sh: passed"
