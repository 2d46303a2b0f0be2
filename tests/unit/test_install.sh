#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# What `make install` puts down, `make uninstall` takes away, all of it.
set -euo pipefail
cd "$(dirname "$(realpath "$0")")/../.."
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

make -s install DESTDIR="$dir" > /dev/null
for file in usr/bin/interdict usr/sbin/interdictd usr/libexec/interdict/canary-deny \
	usr/libexec/interdict/canary-allow usr/lib/systemd/system/interdictd.service \
	usr/lib/systemd/system/interdict-scan.service usr/lib/systemd/system/interdict-scan.timer \
	usr/lib/systemd/system/interdict-off.service usr/lib/systemd/system/interdict-wait.service \
	usr/lib/systemd/system/interdict-confirm.service usr/lib/systemd/catalog/interdict.catalog \
	usr/lib/interdict/vendors.d/kaspersky.vendor etc/apt/apt.conf.d/50interdict \
	usr/share/man/man1/interdict.1 usr/share/man/man8/interdictd.8 \
	usr/share/interdict/interdict.rules.yml usr/share/bash-completion/completions/interdict; do
	[ -s "$dir/$file" ] || {
		echo "test_install.sh: not installed: $file"
		exit 1
	}
done
make -s uninstall DESTDIR="$dir" > /dev/null
left=$(find "$dir" -mindepth 1)
[ -z "$left" ] || {
	echo "test_install.sh: left behind: $left"
	exit 1
}
echo "test_install.sh: passed"
