# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# For the scripts that measure interdict in the guest, behind files.sh: interdictd, and its states.
#
# interdictd is started twice: the first loads the program, the second adopts it and so does not hold
# its links; it stays to the end, idle, as on any machine. Policies are put in force by `interdict
# push`, one after the other, and their images kept. Each state is then a matter of moments.

MODULES=$INPUTS/modules/$GUEST_KERNEL

die() {
	echo "${0##*/}: $*" >&2
	exit 1
}

# Before interdictd loads the program, which then asks it for bytes, digests and verdicts.
load_kmod() {
	insmod "$MODULES/interdict.ko" || die "interdict.ko: insmod failed"
}

# A module that is loaded and cannot be used would be measured without.
start_daemon() {
	interdictd 2> /run/interdictd.log &
	daemon=$!
	until grep -q 'in force' /run/interdictd.log; do
		kill -0 $daemon 2> /dev/null || die "interdictd: $(< /run/interdictd.log)"
		sleep 0.1
	done
	! grep 'interdict\.ko' /run/interdictd.log >&2 || [ ! -e /sys/module/interdict ] || exit 1
}

stop_daemon() {
	kill $daemon
	wait $daemon || die "interdictd: $(< /run/interdictd.log)"
}

push() {
	cp -r "$INPUTS/policies/$1" $TOOLS/policy
	interdict push $TOOLS/policy/bench.policy > /dev/null
	rm -r $TOOLS/policy
	$TOOLS/switch keep "$1"
}

# put_in_force POLICY…: ready for each of them, and for `empty`; all is off then
put_in_force() {
	local policy
	mkdir -p /run/interdict
	start_daemon
	stop_daemon
	start_daemon
	$TOOLS/switch keep empty
	for policy; do
		push "$policy"
	done
	$TOOLS/switch programs > $TOOLS/programs
	$TOOLS/switch off
}

exec {silence}<> <(:)

# What is detached is freed some grace periods later: not while something is measured. A builtin
# waits, since a dynamic program would be hashed, and nothing is written here.
settle() {
	read -rt 2 -u "$silence" || true
}

# Each state begins with everything attached and detached, whichever was before.
enter() {
	$TOOLS/switch on
	$TOOLS/switch off
	case $1 in
	nothing | only-none) ;;
	only-*) $TOOLS/switch use 1000 && $TOOLS/switch on "${1#only-}" ;;
	*) $TOOLS/switch use "$1" && $TOOLS/switch on ;;
	esac
	settle
}

# go_through STATE…: all rounds of measure_state, every other one backwards. So the times of a state
# and those of the first are interleaved pairs.
go_through() {
	local states=("$@") round i
	for ((round = 0; round < rounds; round++)); do
		for ((i = 0; i < $#; i++)); do
			measure_state "${states[round % 2 ? $# - 1 - i : i]}"
		done
	done
}
