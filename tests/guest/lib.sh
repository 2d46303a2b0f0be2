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
# Make a file system and mount it on DIR. The image lies on tmpfs, since 9p and
# the root overlay are no place for files under test. An overlay has its layers
# on ext4: DIR.layers/{lower,upper}.
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

# The image is sparse, and unlinked once mounted: umount frees it.
guest_image() {
	local type=$1 dir=$2 size=$3 image status=0
	image=$(mktemp /dev/shm/image-XXXXXX) || return
	truncate -s "${size}M" "$image"
	{ "mkfs.$type" -q "$image" > /dev/null && mount -t "$type" -o loop "$image" "$dir"; } || status=1
	rm -f "$image"
	[ $status = 0 ] || guest_die "cannot make $type at $dir"
}

guest_overlay() {
	local dir=$1 size=$2 layers=$1.layers
	mkfs_at ext4 "$layers" "$size" &&
		mkdir -p "$layers/lower" "$layers/upper" "$layers/work" &&
		mount -t overlay -o "lowerdir=$layers/lower,upperdir=$layers/upper,workdir=$layers/work" \
			overlay "$dir"
}
