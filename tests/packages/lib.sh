# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# For the suites that install the Debian packages in a machine that boots a release of its own. They
# run on the host: suite/life BUILD, with RELEASE=bookworm or trixie. $BUILD/deb holds the packages of
# this build (OLD) and those of a later version whose BPF program is another (NEW).
# shellcheck source=tests/boot/machine.sh
. "$(dirname "$(realpath "${BASH_SOURCE[0]}")")/../boot/machine.sh"
PACKAGES=$(dirname "$(realpath "${BASH_SOURCE[0]}")")
readonly PACKAGES
RELEASE=${RELEASE:-bookworm}
OLD=$(dpkg-parsechangelog -l "$PACKAGES/../../packaging/debian/changelog" -S Version)
NEW=$OLD+next
readonly RELEASE OLD NEW
# shellcheck disable=SC2034 # for the suites
readonly DEBS=/root/debs

# deb NAME VERSION: that package's file
deb() {
	(cd "$BUILD/deb" && ls "${1}_${2}"_*.deb)
}

# A machine that has booted, with the packages below $DEBS; or the suite ends.
packages_machine() {
	machine_make "$RELEASE"
	machine_boot || { finish; exit 1; }
	status_is "$RELEASE boots" 0 machine_wait
	machine_put "$BUILD"/deb/interdict{,-dkms}_{"$OLD","$NEW"}_*.deb $DEBS
}

# apt ARGUMENT…: in the machine, without questions
apt() {
	guest env DEBIAN_FRONTEND=noninteractive APT_LISTCHANGES_FRONTEND=none apt-get -q -y "$@"
}

# installs NAME PACKAGE VERSION
installs() {
	status_is "$1" 0 apt install --no-install-recommends --allow-downgrades "$DEBS/$(deb "$2" "$3")"
	status_is "$1: dpkg has it" 0 guest dpkg -l "$2"
	says "$1: dpkg has it" "ii  $2" " $3 "
}

# Two programs of the same size, of which the policy names the first.
put_programs() {
	machine_put "$BUILD/tools/program-evil" "$BUILD/tools/program-good" /opt/acme
}

denied() {
	status_is "$1" 126 guest_script <<< '/opt/acme/program-evil'
	status_is "$1: what is not listed runs" 0 guest /opt/acme/program-good
}

runs() {
	status_is "$1" 0 guest /opt/acme/program-evil
}

# Runs the listed program again and again until it is told to end, and counts what came of it.
start_trying() {
	guest_script <<-'END'
	cat > /root/try <<-'SCRIPT'
	#!/bin/bash
	ran=0 denied=0
	while [ ! -e /root/enough ]; do
		if /opt/acme/program-evil > /dev/null 2>&1; then
			ran=$((ran + 1))
		else
			denied=$((denied + 1))
		fi
		sleep 0.05
	done
	echo "ran $ran denied $denied" > /root/tried
	SCRIPT
	chmod 755 /root/try
	rm -f /root/enough /root/tried
	systemd-run -q --unit=trying /root/try
	END
}

# What start_trying has counted: "ran N denied N"
end_trying() {
	guest_script <<-'END'
	touch /root/enough
	until [ -s /root/tried ]; do sleep 0.1; done
	cat /root/tried
	END
}

# never_ran NAME: not once while start_trying tried, which it did more than a few times
never_ran() {
	local ran denied
	output=$(end_trying)
	read -r _ ran _ denied <<< "$output"
	if [ "$ran" = 0 ] && [ "${denied:-0}" -ge 20 ]; then
		pass "$1: $denied tries, all denied"
	else
		fail "$1" "$output"
	fi
}
