#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# usage: scan.sh [BUILD] [ROUNDS]
#
# What `interdict scan` takes for a /usr in the page cache, beside what others take for the same files
# in the same run: find(1), which only asks for each file's size; sha256sum on all processors; and
# hashdeep and clamscan with the same list. These two are Debian's, fetched and not installed. Each
# figure is the least of ROUNDS (of the slow ones, of one) that take turns. Where /usr is too small to
# say anything, root has Debian's packages put below BUILD/bench/scan/root. Exit status: 0 the limits
# are kept, 1 one is not or was not measured, 4 failed.
set -euo pipefail
export LC_ALL=C TIMEFORMAT='%R'
here=$(dirname "$(realpath "$0")")
build=$(realpath "${1:-build}")
rounds=${2:-5}
cpus=$(nproc)
work=$build/bench/scan
peers=$work/peers
readonly here build rounds cpus work peers

readonly FILES=150000 BYTES=$((6 << 30)) # of the tree, at least
readonly VENDOR=2000 MANY=100000 SPREAD=10
# As many files as a server's desktop, its compilers and their documents have.
readonly PACKAGES=(linux-headers-amd64 linux-image-amd64 clang gcc-12 g++-12 gfortran golang-go
	openjdk-17-jdk libreoffice texlive-latex-extra texlive-fonts-extra qemu-system libboost-all-dev
	python3-scipy r-base firmware-linux-free)

die() {
	echo "scan.sh: $*" >&2
	exit 4
}

# ---- the tree -----------------------------------------------------------------------------------------

# is_large TREE
is_large() {
	[ -d "$1" ] && [ "$(find "$1" -xdev 2> /dev/null | wc -l)" -ge $FILES ] &&
		[ "$(du -xsB1 "$1" 2> /dev/null | cut -f1)" -ge $BYTES ]
}

make_tree() {
	local list
	[ "$(id -u)" = 0 ] || die "/usr has less than $FILES files or 6 GiB: run it as root"
	list=$(IFS=,; echo "${PACKAGES[*]}")
	debootstrap --variant=minbase --include="$list" bookworm "$work/root" > "$work/root.log" 2>&1 ||
		die "debootstrap: $(tail -n 1 "$work/root.log")"
}

find_tree() {
	tree=/usr
	is_large $tree && return
	tree=$work/root/usr
	is_large "$tree" || make_tree
	is_large "$tree" || die "$tree is too small, too"
}

# ---- lists --------------------------------------------------------------------------------------------

# policy NAME, its [Deny] lines on standard input
policy() {
	mkdir -p "$work/$1"
	{
		printf '%s\n' '[Policy]' Id=bench '' '[Vendor]' Id=nobody
		cat
	} > "$work/$1/bench.policy"
}

# list NAME COUNT SPREAD
list() {
	printf '\n[Deny]\nVendor=nobody\nDigestList=bench.digests\n' | policy "$1"
	"$work/lists" "$2" "$3" < "$work/sizes.txt" > "$work/$1/bench.digests"
}

make_lists() {
	local name n
	for name in sizes lists; do
		${CC:-cc} -O2 -std=gnu11 -D_GNU_SOURCE "$here/$name.c" -o "$work/$name"
	done
	"$work/sizes" "$tree" > "$work/sizes.txt"
	list vendor $VENDOR $SPREAD
	list many $MANY 0
	list unsized $VENDOR $SPREAD
	sed -i 's/ .*//' "$work/unsized/bench.digests"
	for n in {0..99}; do
		printf '\n[Deny]\nVendor=nobody\nSignerOrganization=Nobody %d Ltd.\n' "$n"
	done | policy signers
	{
		printf '%s\n' '%%%% HASHDEEP-1.0' '%%%% size,sha256,filename' '##'
		awk '{ print $2 "," $1 ",x" NR }' "$work/many/bench.digests"
	} > "$work/hashdeep.txt"
	awk '{ print $1 ":" $2 ":Bench" NR }' "$work/many/bench.digests" > "$work/list.hsb"
}

# ---- peers --------------------------------------------------------------------------------------------

# Their packages, with those libraries that this machine may lack.
fetch_peers() {
	[ ! -d "$peers/usr" ] || return 0
	mkdir -p "$peers/debs"
	(cd "$peers/debs" && apt-get -qq download hashdeep clamav libclamav12 libmspack0 libtfm1) \
		> "$peers/log" 2>&1 || return 0
	for package in "$peers/debs"/*.deb; do
		dpkg-deb -x "$package" "$peers"
	done
}

libraries=$peers/usr/lib/$(${CC:-cc} -print-multiarch)

# runs PROGRAM OPTION…: whether it can be run here
runs() {
	LD_LIBRARY_PATH=$libraries "$@" > /dev/null 2>&1 || {
		echo "scan.sh: not measured: ${1##*/}: it is not here and apt-get cannot fetch it" >&2
		return 1
	}
}

# ---- times --------------------------------------------------------------------------------------------

# take NAME COMMAND…: seconds; what it found, and that it found nothing, is all the same.
take() {
	local name=$1 s
	shift
	s=$({ time "$@" > /dev/null 2>&1 || [ $? -lt 4 ] || echo failed; } 2>&1)
	case $s in *failed*) die "$* failed" ;; esac
	echo "$name $s" >> "$work/times"
}

scan() {
	"$build/interdict" scan --json --policy "$work/$1" "$tree"
}

bare_walk() {
	find "$tree" -size +1000000G
}

all_sums() {
	find "$tree" -xdev -type f -print0 | xargs -0 -P "$cpus" -n 64 sha256sum
}

hashdeep_list() {
	LD_LIBRARY_PATH=$libraries "$peers/usr/bin/hashdeep" -r -c sha256 -m -k "$work/hashdeep.txt" "$tree"
}

# Of archives it looks at no more than the others do.
clamscan_list() {
	LD_LIBRARY_PATH=$libraries "$peers/usr/bin/clamscan" -r -i --no-summary --scan-archive=no \
		--max-filesize=2000M --max-scansize=2000M -d "$work/list.hsb" "$tree"
}

measure() {
	local i
	bare_walk > /dev/null
	all_sums > /dev/null # and all of it is in memory, if it fits
	for ((i = 0; i < rounds; i++)); do
		take find bare_walk
		take vendor scan vendor
		take signers scan signers
		take many scan many
	done
	for i in 1 2; do
		take sha256sum all_sums
		take unsized scan unsized
	done
	if runs "$peers/usr/bin/hashdeep" -V; then take hashdeep hashdeep_list; fi
	if runs "$peers/usr/bin/clamscan" -V; then take clamscan clamscan_list; fi
}

mkdir -p "$work"
: > "$work/times"
find_tree
make_lists
fetch_peers
echo "$tree: $(find "$tree" -xdev | wc -l) files, $(du -xsm "$tree" | cut -f1) MiB, $cpus CPUs," \
	"load $(cut -d' ' -f1 /proc/loadavg)"
measure
awk -f "$here/scan.awk" "$work/times"
