# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# For the suites that run in the guest: checks, each a line, and what they need.

# shellcheck source=tests/guest/lib.sh
. "$GUEST_LIB"

BUILD=${1:?the build directory}
RUN=$BUILD/tools/run
LOG=/var/log/interdict/events.jsonl
SOCKET=/run/interdict/control
SUITES=$(dirname "$(realpath "${BASH_SOURCE[0]}")")
# shellcheck source=tests/guest/counted.sh
. "$SUITES/../counted.sh"

# check_records: every line of the log, and of what it was before it was rotated, is a record as
# interdict-events(5) has them. TORN: how many lines may be cut off, of a suite that kills or fills.
check_records() {
	local logs=()
	mapfile -t logs < <(compgen -G "$LOG.[0-9]*[0-9]"; compgen -G "$LOG.[0-9]"; compgen -G "$LOG")
	[ ${#logs[@]} -gt 0 ] || return
	if ! command -v python3 > /dev/null; then
		skip "the log's records are sound" python3
		return
	fi
	status_is "the log's records are sound" 0 python3 "$SUITES/../records.py" \
		--torn "${TORN:-0}" "${logs[@]}"
}

# The last line of every suite; its status is the guest's.
finish() {
	check_records
	echo "$passed passed, $failed failed, $skipped skipped"
	[ "$failed" = 0 ]
}

events() {
	local lines=()
	[ ! -e $LOG ] || mapfile -t lines < $LOG
	echo ${#lines[@]}
}

# An event more than $1, within three seconds.
event_follows() {
	local turn
	for turn in {1..60}; do
		[ "$(events)" -le "$1" ] || return 0
		sleep 0.05
	done
	return 1
}

# denied NAME COMMAND…: refused with EPERM, and by us: our own event says so.
denied() {
	local name=$1 before got
	shift
	before=$(events)
	output=$("$@" 2>&1)
	got=$?
	# ld.so does not say which errno its mapping failed with.
	if [ $got != 126 ] && [ $got != 77 ] && [[ $output != *"not permitted"* ]] &&
		[[ $output != *"failed to map segment"* ]]; then
		fail "$name" "not denied: status $got: ${output:0:300}"
	elif ! event_follows "$before"; then
		fail "$name" "refused, and no event of ours: ${output:0:300}"
	else
		pass "$name"
	fi
}

# runs NAME COMMAND…: the positive control.
runs() {
	local name=$1 got
	shift
	output=$("$@" 2>&1)
	got=$?
	if [ $got = 0 ]; then
		pass "$name"
	else
		fail "$name" "did not run: status $got: ${output:0:300}"
	fi
}

# Start interdictd and wait until it says that it is ready (sd_notify). Each denial is a record of its
# own, since most suites look at the record of the one they have just provoked; `flood` tries folding.
start_daemon() {
	local socket=/run/interdict-ready ready=/run/interdict-notified turn
	rm -f $socket $ready
	"$BUILD/tools/notified" $socket $ready &
	for turn in {1..40}; do
		[ ! -S $socket ] || break
		sleep 0.05
	done
	NOTIFY_SOCKET=$socket interdictd ${OPTIONS-} --fold "${FOLD-0}" 2> /run/interdictd.log &
	daemon=$!
	for turn in {1..1200}; do
		[ ! -e $ready ] || return 0
		kill -0 $daemon 2> /dev/null || break
		sleep 0.05
	done
	fail "interdictd starts" "$(< /run/interdictd.log)"
	return 1
}

# stop_daemon SIGNAL
stop_daemon() {
	kill "$1" $daemon
	wait $daemon 2> /dev/null
}

generation() {
	interdict status --json | sed -n 's/.*"generation": *\([0-9]*\).*/\1/p' | head -1
}

digest_of() {
	sha256sum "$1" | cut -d' ' -f1
}

# The digest and size of a file, as a list has them.
listed() {
	echo "$(digest_of "$1") $(stat -c %s "$1")  $1"
}

# remove_module: once the last run of what used it is over; 1: it stays
remove_module() {
	local turns=200
	until rmmod interdict 2> /dev/null; do
		[ $((turns--)) -gt 0 ] || return
		sleep 0.1
	done
}

# The kernel module of this build, loaded; without it the suite cannot say anything.
need_kmod() {
	local module=$BUILD/kmod/$GUEST_KERNEL/interdict.ko
	if ! [ -e "$module" ]; then
		skip "all with the kernel module" "interdict.ko for $GUEST_KERNEL (make kmod)"
		finish
		exit
	fi
	insmod "$module" || fail "interdict.ko loads" "insmod: status $?"
}
