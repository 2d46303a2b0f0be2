# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# For scripts in the test guest: . "$GUEST_LIB"

guest_die() {
	echo "guest: $*" >&2
	return 1
}

# mkfs_at ext4|xfs|btrfs|tmpfs|overlay DIR [SIZE_MB]
#
# Make a file system and mount it on DIR. It lies on a disk of memory, since 9p and
# the root overlay are no place for files under test, and a loop device is one that
# somebody may write below. An overlay has its layers on ext4: DIR.layers/{lower,upper}.
mkfs_at() {
	local type=$1 dir=$2 size=${3:-}
	mkdir -p "$dir" || return
	case $type in
	ext4) guest_image "$type" "$dir" "${size:-64}" ;;
	xfs) guest_image "$type" "$dir" "${size:-320}" ;;
	btrfs) guest_image "$type" "$dir" "${size:-128}" ;;
	tmpfs) mount -t tmpfs -o "size=${size:-64}m" guest "$dir" ;;
	overlay) guest_overlay "$dir" "${size:-64}" ;;
	*) guest_die "mkfs_at: no such type: $type" ;;
	esac
}

# The next of 24 disks, which take memory only for what is written to them.
guest_disk() {
	local next
	modprobe brd rd_nr=24 rd_size=$((1 << 20)) || return
	next=$(cat /run/guest/disks 2> /dev/null || echo 0)
	echo $((next + 1)) > /run/guest/disks
	echo "/dev/ram$next"
}

guest_image() {
	local type=$1 dir=$2 size=$3 disk
	disk=$(guest_disk) || return
	case $type in
	ext4) mkfs.ext4 -q "$disk" "${size}M" ;;
	xfs) mkfs.xfs -q -d "size=${size}m" "$disk" ;;
	btrfs) mkfs.btrfs -q -b "${size}M" "$disk" ;;
	esac > /dev/null && mount -t "$type" "$disk" "$dir" && return
	guest_die "cannot make $type at $dir"
}

guest_overlay() {
	local dir=$1 size=$2 layers=$1.layers
	mkfs_at ext4 "$layers" "$size" &&
		mkdir -p "$layers/lower" "$layers/upper" "$layers/work" &&
		mount -t overlay -o "lowerdir=$layers/lower,upperdir=$layers/upper,workdir=$layers/work" \
			overlay "$dir"
}
