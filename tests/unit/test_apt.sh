#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# apt refuses a package that the policy names, installs its neighbour, and is in nobody's way where
# interdict is missing or broken: a real apt, on this machine's files below a layer that takes what is
# written. test_apt.sh BUILD. Needs root and mounts of its own; without them it says so and ends with 0.
set -u
cd "$(dirname "$(realpath "$0")")/../.." || exit 1
build=$(realpath "${1:-build}")
failures=0

fail() {
	echo "FAILED: $*" >&2
	failures=$((failures + 1))
}

# A root directory that is this machine's, below what is written: nothing is downloaded.
enter() {
	mount -t tmpfs tmpfs "$1" && mkdir "$1"/{upper,work,root} &&
		mount -t overlay -o "lowerdir=/,upperdir=$1/upper,workdir=$1/work" overlay "$1/root" &&
		mount -t tmpfs tmpfs "$1/root/tmp" && mount --bind /proc "$1/root/proc" &&
		mount --rbind /dev "$1/root/dev"
}

if [ "${APT_TEST_INSIDE-}" != yes ]; then
	if [ "$(id -u)" != 0 ] || ! command -v apt-get dpkg-deb > /dev/null; then
		echo "test_apt.sh: skipped: needs root, apt and dpkg-deb"
		exit 0
	fi
	if ! unshare --mount true 2> /dev/null; then
		echo "test_apt.sh: skipped: needs a mount namespace of its own, and in a chroot there is none"
		exit 0
	fi
	APT_TEST_INSIDE=yes exec unshare --mount -- "$0" "$build"
fi

work=$(mktemp -d) || exit 1
trap 'umount -R "$work" 2> /dev/null; rmdir "$work"' EXIT
enter "$work" || { echo "test_apt.sh: skipped: no overlay of / can be mounted here"; exit 0; }
root=$work/root

# package NAME: a .deb of this name in /tmp
package() {
	mkdir -p "$root/tmp/$1/DEBIAN" "$root/tmp/$1/usr/share/$1"
	echo "$1" > "$root/tmp/$1/usr/share/$1/file"
	printf 'Package: %s\nVersion: 1.0\nArchitecture: all\nMaintainer: T <t@example.org>\nDescription: x\n' \
		"$1" > "$root/tmp/$1/DEBIAN/control"
	dpkg-deb --root-owner-group -Zgzip -b "$root/tmp/$1" "$root/tmp/$1.deb" > /dev/null
}

# apt NAME: install it, from its file
apt() {
	output=$(chroot "$root" /usr/bin/env DEBIAN_FRONTEND=noninteractive apt-get -qq -y \
		-o APT::Sandbox::User=root install "/tmp/$1.deb" 2>&1)
}

is_installed() {
	[ -e "$root/usr/share/$1/file" ]
}

make -s install BUILD="$build" DESTDIR="$root" > /dev/null || exit 1
package interdict-test-evil
package interdict-test-good
package interdict-test-later
mkdir -p "$root/etc/interdict/policy.d"
sha256sum "$root/tmp/interdict-test-evil.deb" > "$root/etc/interdict/policy.d/evil.digests"
printf '[Policy]\nId=evil\n[Vendor]\nId=evil\n[Deny]\nVendor=evil\nPackageDigestList=evil.digests\n' \
	> "$root/etc/interdict/policy.d/evil.policy"

if apt interdict-test-evil; then
	fail "a listed package was installed: $output"
fi
! is_installed interdict-test-evil || fail "a refused package is there"
[[ $output == *"interdict-test-evil 1.0 is refused by rule evil/sha256:"* ]] ||
	fail "the refusal does not say why: $output"
grep -q '"action":"install".*"name":"interdict-test-evil"' "$root/var/log/interdict/events.jsonl" ||
	fail "the refusal is not on record"
apt interdict-test-good || fail "its neighbour was not installed: $output"
is_installed interdict-test-good || fail "its neighbour is not there"
apt interdict-test-evil && fail "a listed package was installed the second time"

# By what a package says of itself: its name, its maintainer, here and now.
recorded() {
	grep -q "\"type\":\[\"$1\".*\"name\":\"interdict-test-$2\"" "$root/var/log/interdict/events.jsonl"
}
fields="$root/etc/interdict/policy.d/fields.policy"
printf '[Deny]\nVendor=evil\nPackage=interdict-test-nam*\n\n[Deny]\nVendor=evil\nMode=monitor\nPackageMaintainer=*t@example.org*\n' > "$fields"
package interdict-test-named
package interdict-test-watched
apt interdict-test-named && fail "a package was installed whose name is denied: $output"
! is_installed interdict-test-named || fail "a package whose name is denied is there"
[[ $output == *"interdict-test-named 1.0 is refused by rule evil/package:interdict-test-nam* (/etc/interdict/policy.d/fields.policy:3): to change that: interdict allow "* ]] ||
	fail "the refusal by name does not say why: $output"
recorded denied named || fail "the refusal by name is not on record"
apt interdict-test-watched || fail "what is only recorded was not installed: $output"
is_installed interdict-test-watched || fail "what is only recorded is not there"
[[ $output == *"interdict-test-watched 1.0 would be refused by rule evil/package-maintainer:"*": Mode=monitor"* ]] ||
	fail "what would be refused is not said: $output"
recorded allowed watched || fail "what would be refused is not on record"
for elsewhere in '[Match]\nTag=elsewhere\n' ''; do
	printf '%b[Deny]\nVendor=evil\nFrom=2090-01-01\nPackage=interdict-test-nam*\n' "$elsewhere" > "$fields"
	apt interdict-test-named || fail "a rule for another machine or day refuses: $output"
	chroot "$root" dpkg --purge interdict-test-named > /dev/null 2>&1
done
[[ $output == *"would be refused by"*": from 2090-01-01 on"* ]] || fail "what will be refused is not said: $output"
rm "$fields"

# Broken in each way, it refuses nothing.
echo 'Broken' >> "$root/etc/interdict/policy.d/evil.policy"
apt interdict-test-evil || fail "a policy in error stops apt: $output"
sed -i '$d' "$root/etc/interdict/policy.d/evil.policy"
rm "$root/usr/bin/interdict"
for broken in '#!/nonexistent' '#!/bin/sh
kill -SEGV $$' ''; do
	printf '%s\n' "$broken" > "$root/usr/bin/interdict"
	chmod 755 "$root/usr/bin/interdict"
	chroot "$root" dpkg --purge interdict-test-evil > /dev/null 2>&1
	apt interdict-test-evil || fail "a broken interdict stops apt: $output"
done
rm "$root/usr/bin/interdict"
apt interdict-test-later || fail "a missing interdict stops apt: $output"
is_installed interdict-test-later || fail "a package is not there without interdict"

[ $failures = 0 ] && echo "test_apt.sh: all passed"
exit $((failures > 0))
