# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# A machine that boots a Debian release from a disk of its own, with its own systemd as PID 1 and
# Debian's kernel, again and again. For the suites in suite/, which run on the host:
#
#	#!/bin/bash
#	. "$(dirname "$(realpath "$0")")/../machine.sh"
#
#	machine_make "${RELEASE:-bookworm}"	a copy of the release's disk
#	machine_boot [PARAMETER…]		boot it; the kernel's parameters are for this boot alone
#	machine_wait				until the boot has ended; prints running, degraded, …
#	guest dpkg -i /run/share/x.deb		run it as root; its output and its status
#	guest_script <<< 'cd /; ls | wc -l'	likewise a bash script
#	machine_put FILE… DIRECTORY		copy files of the host into it
#	machine_get FILE > copy			and out of it
#	machine_install				this build, as `make install` lays it out ($BUILD/root)
#	machine_reboot [PARAMETER…]		shut it down and boot it again
#	machine_off				shut it down
#	machine_crash				end it at once, as a loss of power does; then machine_boot
#	finish					the last line: counts, and the status
#
# What is on the disk stays from boot to boot; $machine/share is /run/share in it, $machine/console.N
# what the Nth boot has written to the console. $BUILD is the first argument. Checks are those of
# ../guest/counted.sh: status_is "it is installed" 0 guest dpkg -s interdict.
#
# A kernel splat fails the suite, and so does a machine that does not answer. There is no network.
# Emulated, a boot takes half a minute; with INTERDICT_KVM=1 it is not emulated.
export PATH="$PATH:/usr/sbin:/sbin" LC_ALL=C
BOOT=$(dirname "$(realpath "${BASH_SOURCE[0]}")")
readonly BOOT
readonly NO_ANSWER=125
BUILD=${1:-$(realpath "$BOOT/../..")/build}
# shellcheck source=tests/guest/splat.sh
. "$BOOT/../guest/splat.sh"
# shellcheck source=tests/guest/counted.sh
. "$BOOT/../guest/counted.sh"

# Seconds that the slowest may take, emulated on a busy host.
readonly PATIENCE=${PATIENCE:-600}
machine='' qemu='' boots=0

# ---- make and end --------------------------------------------------------------------------------

# machine_make RELEASE: or end the suite, saying why there is none.
machine_make() {
	local release=$1 status=0
	disk=$("$BOOT/disk" "$release") || status=$?
	case $status in
	0) ;;
	3) skip "a boot of $release" "disk of it (above)"; finish; exit ;;
	*) fail "a disk with $release" "status $status"; finish; exit 1 ;;
	esac
	initrd=$("$BOOT/../guest/initrd" "$(realpath "$disk/kernel")" "$BOOT/init" ext4) || exit 4
	machine=$(mktemp -d "${TMPDIR:-/tmp}/interdict-boot-XXXXXX")
	trap machine_end EXIT
	trap 'exit 4' HUP INT TERM
	mkdir "$machine/share"
	echo 0 > "$machine/number"
	cp --sparse=always --reflink=auto "$disk/disk" "$machine/disk"
}

machine_end() {
	[ -z "$qemu" ] || kill -9 "$qemu" 2> /dev/null
	if [ -n "${KEEP-}" ]; then
		echo "kept $machine" >&2
	else
		rm -rf "$machine"
	fi
}

finish() {
	[ -z "$qemu" ] || machine_off
	echo "$passed passed, $failed failed, $skipped skipped"
	[ "$failed" = 0 ]
}

# ---- boot ----------------------------------------------------------------------------------------

kernel_parameters() {
	echo "console=ttyS0 loglevel=5 mitigations=off panic=-1 oops=panic random.trust_cpu=on" \
		"watchdog_thresh=30 rcupdate.rcu_cpu_stall_timeout=60 workqueue.watchdog_thresh=60" \
		"systemd.show_status=1 lsm=landlock,lockdown,yama,integrity,apparmor,bpf $*"
}

# See tests/guest/run for why one thread.
qemu_arguments() {
	local image=$disk/kernel/vmlinux
	[ -e "$image" ] || image=$disk/kernel/vmlinuz
	printf '%s\n' -nodefaults -no-user-config -display none -no-reboot -nic none -smp 2 -m 1536 \
		-kernel "$(realpath "$image")" -initrd "$initrd" -append "$(kernel_parameters "$@")"
	if [ -n "${INTERDICT_KVM-}" ]; then
		printf '%s\n' -accel kvm -cpu host
	else
		printf '%s\n' -accel tcg,thread=single -cpu max,la57=off
	fi
	printf '%s\n' -drive "if=none,format=raw,id=disk,cache=writeback,file=$machine/disk" \
		-device virtio-blk-pci,drive=disk,serial=root \
		-chardev "file,id=console,path=$machine/console.$boots" -serial chardev:console \
		-device virtio-serial-pci -chardev "pipe,id=agent,path=$machine/agent" \
		-device virtserialport,chardev=agent,name=agent \
		-virtfs "local,path=$machine/share,mount_tag=share,security_model=none,multidevs=remap" \
		-device virtio-rng-pci
}

# machine_boot [PARAMETER…]: until it can be asked; its boot most likely goes on.
machine_boot() {
	local arguments
	boots=$((boots + 1))
	rm -f "$machine"/agent.* "$machine/share/ready"
	mkfifo "$machine/agent.in" "$machine/agent.out"
	exec {to_agent}<> "$machine/agent.in"
	mapfile -t arguments < <(qemu_arguments "$@")
	: > "$machine/console.$boots"
	qemu-system-x86_64 "${arguments[@]}" < /dev/null > "$machine/qemu" 2>&1 &
	qemu=$!
	wait_for_agent ready && return
	fail "boot $boots" "no word of it: $(tail -n 20 "$machine/console.$boots" | tr -d '\r')$(< "$machine/qemu")"
	machine_crash
	return $NO_ANSWER
}

# wait_for_agent FILE: until it has put that into the share, and while the machine is there.
wait_for_agent() {
	local end=$((SECONDS + PATIENCE))
	while [ ! -e "$machine/share/$1" ]; do
		[ $SECONDS -lt $end ] && kill -0 "$qemu" 2> /dev/null || return 1
		sleep 0.1
	done
}

# machine_wait: until nothing is left to start; prints what systemd calls that.
machine_wait() {
	guest systemctl is-system-running --wait
}

# ---- ask it --------------------------------------------------------------------------------------

# guest COMMAND [ARGUMENT…]
guest() {
	printf '%q ' "$@" | guest_script
}

# guest_script: on standard input
guest_script() {
	local number
	[ -n "$qemu" ] || return $NO_ANSWER
	number=$(($(< "$machine/number") + 1))
	echo $number > "$machine/number"
	cat > "$machine/share/$number.command"
	echo $number >&"$to_agent"
	if ! wait_for_agent $number.status; then
		echo "no answer from the machine" >&2
		return $NO_ANSWER
	fi
	cat "$machine/share/$number.output"
	return "$(< "$machine/share/$number.status")"
}

# machine_put FILE… DIRECTORY
machine_put() {
	local to=${*: -1}
	rm -rf "$machine/share/put"
	mkdir "$machine/share/put"
	cp -aL "${@:1:$#-1}" "$machine/share/put/"
	guest_script <<< "mkdir -p ${to@Q} && cp -rP --preserve=mode,timestamps /run/share/put/. ${to@Q}/"
}

# machine_get FILE
machine_get() {
	guest cat "$1"
}

# This build, and systemd knows of it.
machine_install() {
	rm -rf "$machine/share/put"
	cp -a "$BUILD/root" "$machine/share/put"
	guest_script <<-'END'
	cp -rP --preserve=mode,timestamps --no-target-directory /run/share/put / &&
		systemctl daemon-reload
	END
}

# ---- and end it ----------------------------------------------------------------------------------

machine_off() {
	local tainted
	tainted=$(guest cat /proc/sys/kernel/tainted) || tainted=0
	((!(tainted & SPLAT_TAINT))) || fail "boot $boots" "a kernel splat (tainted $tainted)"
	# It ends the agent, too.
	printf '%s\n' 'systemctl --no-block poweroff' > "$machine/share/off.command"
	echo off >&"$to_agent"
	wait_for_end || fail "boot $boots" "it does not shut down: $(tail -n 20 "$machine/console.$boots" | tr -d '\r')"
	ended
}

wait_for_end() {
	local end=$((SECONDS + PATIENCE))
	while kill -0 "$qemu" 2> /dev/null; do
		[ $SECONDS -lt $end ] || return 1
		sleep 0.5
	done
}

machine_reboot() {
	machine_off
	machine_boot "$@"
}

machine_crash() {
	ended
}

ended() {
	local splat
	kill -9 "$qemu" 2> /dev/null
	wait "$qemu" 2> /dev/null
	qemu=''
	exec {to_agent}>&-
	splat=$(splat_in "$machine/console.$boots") || return 0
	fail "boot $boots" "kernel splat: $splat"
}
