# SPDX-License-Identifier: GPL-2.0-only
#
# To be sourced after check.sh: boots, as interdictd counts them, without booting.
# shellcheck shell=bash
boots=0

# next_boot: what was pinned is gone, and interdictd begins
next_boot() {
	boots=$((boots + 1))
	interdict unload > /dev/null 2>&1
	wait "${daemon-}" 2> /dev/null
	printf '%08x-0000-4000-8000-000000000000\n' $boots > /run/boot_id
	mountpoint -q /proc/sys/kernel/random/boot_id ||
		mount --bind /run/boot_id /proc/sys/kernel/random/boot_id
	OPTIONS=--boot start_daemon
}
