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

# Identities are kept only once the last change is a minute old: let it be.
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
