#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# What `make install` puts down, `make uninstall` takes away, all of it, and nothing else; not while it
# is in force. Elsewhere it is built for that place.
set -euo pipefail
cd "$(dirname "$(realpath "$0")")/../.."
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

die() {
	echo "test_install.sh: $*"
	exit 1
}

# installed DIRECTORY PREFIX SYSCONFDIR
installed() {
	local file
	for file in "$2"/{bin/interdict,sbin/interdictd,libexec/interdict/canary-{deny,allow}} \
		"$2"/lib/systemd/system/interdict{d,-scan,-off,-wait,-confirm}.service \
		"$2"/lib/systemd/system/interdict-scan.timer "$2/lib/systemd/catalog/interdict.catalog" \
		"$2/lib/interdict/vendors.d/kaspersky.vendor" "$3/apt/apt.conf.d/50interdict" \
		"$2"/share/man/{man1/interdict.1,man8/interdictd.8} "$2/share/interdict/interdict.rules.yml" \
		"$2/share/bash-completion/completions/interdict"; do
		[ -s "$1$file" ] || die "not installed: $file"
	done
	[ -d "$1$2/lib/interdict/policy.d" ] || die "not installed: policy.d"
}

# uninstalled DIRECTORY: no file is left, nor a directory of its own.
uninstalled() {
	local left
	left=$(find "$1" \( ! -type d -o -name '*interdict*' \) -print)
	[ -z "$left" ] || die "left behind: $left"
}

# A system that is mounted has empty directories which are not ours.
in_a_mounted_system() {
	local root="$dir/a system" foreign
	mkdir -p "$root"/{proc,sys,home,usr/local/bin,usr/share/man/man1,var/tmp}
	make -s install DESTDIR="$root" > /dev/null
	installed "$root" /usr /etc
	make -s uninstall DESTDIR="$root" > /dev/null
	uninstalled "$root"
	for foreign in proc sys home usr/local/bin usr/share/man/man1 var/tmp; do
		[ -d "$root/$foreign" ] || die "taken away, and not its own: $foreign"
	done
}

# In force is what is pinned, here in a namespace whose /sys says so.
while_in_force() {
	local here=(PREFIX="$dir/here/usr" SYSCONFDIR="$dir/here/etc" DESTDIR=) said
	mkdir -p "$dir/here/usr/bin"
	touch "$dir/here/usr/bin/interdict"
	unshare -rm true 2> /dev/null || {
		echo "test_install.sh: skipped: no namespace here in which something could be in force"
		return
	}
	# shellcheck disable=SC2016 # expanded there
	said=$(unshare -rm sh -c 'mount -t tmpfs tmpfs /sys && mkdir -p /sys/fs/bpf/interdict && exec make -s uninstall "$@"' \
		sh "${here[@]}" 2>&1) && die "uninstalled while it was in force"
	[[ $said == *"interdict unload"* ]] || die "uninstall while in force: it says $said"
	[ -e "$dir/here/usr/bin/interdict" ] || die "removed while it was in force"
}

# What was built for /usr, and is installed elsewhere then.
elsewhere() {
	local build=$dir/build place=("BUILD=$dir/build" CFLAGS=-O0 PREFIX=/opt/usr SYSCONFDIR=/opt/etc "DESTDIR=$dir/elsewhere")
	make -s BUILD="$build" CFLAGS=-O0 "$build"/{userspace/guard/needed.o,interdictd.service} > /dev/null
	grep -q ExecStart=/usr/ "$build/interdictd.service" || die "a service that is not in /usr"
	make -s install "${place[@]}" > /dev/null
	installed "$dir/elsewhere" /opt/usr /opt/etc
	[ -d "$dir/elsewhere/opt/etc/interdict" ] || die "not installed: /opt/etc/interdict"
	! grep -rE '[ =-]/(usr|etc)/' "$dir/elsewhere/opt/usr/lib/systemd" || die "a unit that looks elsewhere"
	grep -q /opt/usr/libexec/interdict/ "$dir/elsewhere/opt/usr/sbin/interdictd" || die "interdictd looks for no canary in /opt"
	! strings "$dir/elsewhere/opt/usr/sbin/interdictd" | grep '^/usr/libexec/interdict' || die "interdictd looks into /usr"
	make -s uninstall "${place[@]}" > /dev/null
	uninstalled "$dir/elsewhere"
}

in_a_mounted_system
while_in_force
elsewhere
echo "test_install.sh: passed"
