# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# For the scripts that measure in the guest: the programs that measure, on tmpfs, and the files that
# they measure, on ext4 over a ram disk. Nothing may wait for the host while a time is taken: the
# guest's clock leaps then.

INPUTS=/opt/interdict-bench # brought by `run`, as a layer of the root
TOOLS=/dev/shm/bench
FILES=/mnt/bench
RESULTS=/dev/shm/results

# Bytes. ELF files are multiples of 8 long and so are the lists' sizes: no list asks for a file whose
# size is none. The candidates' sizes are in each list that is not empty.
SMALL=786433 LARGE=52428801
SMALL_LISTED=786440 LARGE_LISTED=52428808

# Also the tools must not be listed: they run in every state.
install_tools() {
	local tool
	mkdir -p $TOOLS
	for tool in measure switch copies target; do
		cp "$INPUTS/bin/$tool" $TOOLS/
		truncate -s +1 $TOOLS/$tool
	done
	: > $RESULTS
	# Where the kernel lays a process out at random it also works at random.
	sysctl -q kernel.randomize_va_space=0
}

# make_file_system MEGABYTES: noatime, or each first use also costs a journal entry, now and then.
make_file_system() {
	modprobe brd rd_nr=1 rd_size=$(($1 * 1024))
	mkfs.ext4 -q -m 0 /dev/ram0
	mkdir -p $FILES
	mount -o noatime /dev/ram0 $FILES
}

# make_files COUNT SIZE NAME: NAME0, NAME1… each a program
make_files() {
	$TOOLS/copies "$1" "$2" $TOOLS/target "$FILES/$3"
}

# While this runs the guest is never idle, and waits that are not measured do not make its clock leap
# by more than they take: timeouts stay what they are.
start_busy_loop() {
	while :; do :; done &
	busy=$!
	renice -n 19 $busy > /dev/null
}

stop_busy_loop() {
	kill $busy
	wait $busy 2> /dev/null || true
}

# take STATE NAME THING FIRST FILE…: measure, and note what came out as lines "STATE NAME TIME".
take() {
	local state=$1 name=$2 line
	shift 2
	$TOOLS/measure "$@" > $TOOLS/times
	while read -r line; do
		echo "$state $name $line" >> $RESULTS
	done < $TOOLS/times
}

# take_common STATE TURN: what is measured in every state. TURN picks files that nobody has used yet.
take_common() {
	local state=$1 turn=$2 small=$FILES/small0 large=$FILES/large0
	take "$state" exec-warm-small spawns $small $small
	take "$state" exec-warm-large spawns $small $large
	take "$state" exec-first-small spawn $small "$FILES/fresh-small$turn"
	take "$state" exec-first-large spawn $small "$FILES/fresh-large$turn"
	take "$state" map-warm map $small $small
	take "$state" load-first load $small "$FILES/fresh-library$turn"
	take "$state" open open $small $small
	take "$state" anonymous anon - -
}

# make_common_files TURNS
make_common_files() {
	make_files 1 $SMALL small
	make_files 1 $LARGE large
	make_files "$1" $SMALL fresh-small
	make_files "$1" $LARGE fresh-large
	make_files "$1" $SMALL fresh-library
}
