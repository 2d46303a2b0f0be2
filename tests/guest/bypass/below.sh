# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# For the techniques that write below a file system: . "${0%/*}/below.sh"

# shellcheck source=tests/guest/bypass/lib.sh
. "${0%/*}/lib.sh"
need filefrag mkfs.ext4

# begin_on DEVICE [MOUNT-OPTION…]: a file system with a program that is judged, twice
begin_on() {
	mkfs.ext4 -q -b 4096 "$1" > /dev/null 2>&1
	mkdir inner
	mount -t ext4 "${@:2}" "$1" inner || exit 4
	cp "$FILLER_PROGRAM" inner/program
	sync
	settle
	inner/program
	inner/program
	block=$(filefrag -b4096 -e inner/program | awk '$1 == "0:" { sub(/\.\./, "", $4); print $4 }')
	[ "$(cmp_at "$1" "$FILLER_PROGRAM")" = same ] || {
		echo "the program does not lie where it should" >&2
		exit 4
	}
}

# cmp_at DEVICE FILE: whether that file's bytes are where the program's should be
cmp_at() {
	cmp -s -n "$(stat -c %s "$2")" -i "$((block * 4096)):0" "$1" "$2" && echo same
}

# rewrite_on DEVICE: put the content under test there, and run it
rewrite_on() {
	dd if="$PROGRAM" of="$1" bs=4096 seek="$block" conv=notrunc,fsync status=none
	sync
	echo 1 > /proc/sys/vm/drop_caches
	[ "$(cmp_at "$1" "$PROGRAM")" = same ] || echo "the device was not rewritten" >&2
	inner/program
	umount inner
}
