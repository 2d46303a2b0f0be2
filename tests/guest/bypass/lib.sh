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

# as_user COMMAND…: as an ordinary user without privileges.
as_user() {
	setpriv --reuid=1000 --regid=1000 --clear-groups --no-new-privs "$@"
}
