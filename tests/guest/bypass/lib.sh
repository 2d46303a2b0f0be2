# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# For the techniques that are scripts: . "${0%/*}/lib.sh"

# lacks WORDS: what this technique needs is not here.
lacks() {
	echo "$*"
	exit 80
}

# need COMMAND…: each is installed.
need() {
	local command
	for command; do
		command -v "$command" > /dev/null || lacks "$command"
	done
}

# Let time go by, so that nothing of a file has just changed.
settle() {
	date -s '+5 minutes' > /dev/null
}

# as_user COMMAND…: as an ordinary user with no privilege.
as_user() {
	setpriv --reuid=1000 --regid=1000 --clear-groups "$@"
}

# Directories for an overlay, here.
make_layers() {
	mkdir lower upper work merged
}

# mount_overlay DIR [OPTIONS]: of these
mount_overlay() {
	mount -t overlay -o "lowerdir=lower,upperdir=upper,workdir=work${2:+,$2}" overlay "$1"
}

# register_format FLAGS INTERPRETER: files named *.bypass are its
register_format() {
	local at=/proc/sys/fs/binfmt_misc
	[ -e $at/register ] || mount -t binfmt_misc binfmt_misc $at || lacks binfmt_misc
	echo ":bypass:E::bypass::$2:$1" > $at/register || lacks "binfmt_misc flag $1"
}

forget_format() {
	echo -1 > /proc/sys/fs/binfmt_misc/bypass
}

# clock_is DATE: now; until it goes on as it was
clock_is() {
	read -r clock_moved _ < /proc/uptime
	clock_was=$(date +%s)
	date -s "$1" > /dev/null
}

clock_goes_on() {
	local now
	read -r now _ < /proc/uptime
	date -s "@$((clock_was + ${now%.*} - ${clock_moved%.*}))" > /dev/null
}

# dated_policy LINE…: one that denies $EVIL_BUILD, with these lines behind it; its Id is dated
dated_policy() {
	printf '%s\n' '[Policy]' Id=dated '[Vendor]' Id=evil '[Deny]' Vendor=evil \
		"Digest=sha256:$(sha256sum < "$EVIL_BUILD" | cut -d' ' -f1) $(stat -c %s "$EVIL_BUILD")" \
		"$@" > /root/policy/60-dated.policy
	interdict push /root/policy/60-dated.policy >&2
}
