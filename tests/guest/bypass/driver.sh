# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# For the techniques that load a driver: . "${0%/*}/driver.sh"
#
# The driver is the same whether it is listed or not. Where the unlisted twin is asked for, the
# digest of another driver of its size is listed in its place.

# shellcheck source=tests/guest/bypass/lib.sh
. "${0%/*}/lib.sh"

# make_driver NAME: the kernel's own driver, unpacked: NAME.ko here
make_driver() {
	local path
	path=$(modinfo -n "$1" 2> /dev/null) || lacks "driver $1 of this kernel"
	case $path in
	*.xz) xz -dc "$path" ;;
	*) cat "$path" ;;
	esac > "$1.ko"
	module=${1//-/_}
	rmmod "$module" 2> /dev/null || true
}

# list_driver FILE: it, or its twin; until the technique ends
list_driver() {
	cp "$1" listed.ko
	[ "$WHICH" = evil ] || printf X | dd of=listed.ko conv=notrunc status=none bs=1 seek=15
	rule=driver/sha256:$(sha256sum listed.ko | cut -c 1-12)
	interdict deny --vendor driver listed.ko > /dev/null || exit 4
	trap 'interdict remove "$rule" > /dev/null' EXIT
}

# say_whether_loaded: as content does that ran; and unload it
say_whether_loaded() {
	! grep -q "^$module " /proc/modules || echo "ran $WHICH"
	rmmod "$module" 2> /dev/null || true
}

# Whether this kernel unpacks .xz by itself.
unpacks() {
	[ "$(cat /sys/module/compression 2> /dev/null)" = xz ]
}
