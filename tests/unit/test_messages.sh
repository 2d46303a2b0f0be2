#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The journal's catalog: journalctl takes it, it has a text for each MESSAGE_ID of the source and no
# other, and it names no field that no record has.
set -euo pipefail
cd "$(dirname "$(realpath "$0")")/../.."
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
catalog=packaging/catalog/interdict.catalog

die() {
	echo "test_messages.sh: $*"
	exit 1
}

install -Dm644 $catalog "$dir/usr/lib/systemd/catalog/interdict.catalog"
mkdir -p "$dir/var/lib/systemd/catalog"
journalctl --update-catalog --root="$dir" 2> "$dir/said" || die "journalctl: $(< "$dir/said")"
[ ! -s "$dir/said" ] || die "journalctl complains: $(< "$dir/said")"

in_source=$(grep -rhoE 'define MESSAGE_[A-Z]+_ID[[:space:]]+"[0-9a-f]{32}"' userspace | grep -oE '[0-9a-f]{32}' | sort)
in_catalog=$(grep -oE '^-- [0-9a-f]{32}' $catalog | cut -c4- | sort)
[ "$in_source" = "$in_catalog" ] ||
	die "not the same: $(diff <(echo "$in_source") <(echo "$in_catalog") || true)"

fields=$(grep -oE '"(INTERDICT_[A-Z_]+|OBJECT_PID)"' userspace/audit/{notice,journal}.c | cut -d: -f2 | tr -d '"')
for field in $(grep -oE '@[A-Z_0-9]+@|\bINTERDICT_[A-Z_0-9]+' $catalog | tr -d @ | sort -u); do
	grep -qx "$field" <<< "$fields" || die "no record has $field"
done

for id in $in_catalog; do
	text=$(journalctl --root="$dir" --dump-catalog "$id" 2> /dev/null) || die "$id is not found"
	[[ $text == *"Subject: "* && $text == *"Documentation: man:"* ]] || die "$id: $text"
done
echo "test_messages.sh: passed"
