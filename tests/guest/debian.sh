# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# For the scripts that fetch kernels and what belongs to them from Debian's archive: which suites
# and mirrors, an apt of their own, and the cache.
# shellcheck disable=SC2034 # used by those
export PATH="$PATH:/usr/sbin:/sbin" LC_ALL=C

[ -n "${HOME-}" ] || HOME=~
ARCH=${INTERDICT_ARCH:-amd64}
CACHE=$(realpath -m "${INTERDICT_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/interdict}")
[ "$ARCH" = amd64 ] || CACHE=$CACHE/$ARCH
readonly ARCH CACHE
readonly KEYRING=/usr/share/keyrings/debian-archive-keyring.gpg
readonly KNOWN_SUITE='^(bullseye|bookworm|trixie|forky|sid|(old)*stable|testing|unstable)(-updates|-backports|-security|/updates)?$'
readonly UNAVAILABLE=3

say() {
	echo "${0##*/}: $*" >&2
}

die() {
	local status=$1
	shift
	say "$*"
	exit "$status"
}

need() {
	command -v "$1" >/dev/null || die 4 "$1 is missing: apt-get install $2"
}

# Suites that may hold a series, one group a line; the first group that has it
# wins. 6.12 is taken from bookworm-backports first because the linux-headers
# that belong to it run on both releases.
suites_of() {
	case $1 in
	5.10) echo "bullseye bullseye-security" ;;
	6.1) echo "bookworm bookworm-updates bookworm-security" ;;
	6.12)
		echo "bookworm-backports"
		echo "trixie trixie-updates trixie-security"
		;;
	6.18 | 7.3) echo "trixie-backports" ;;
	trixie) echo "trixie trixie-updates trixie-security" ;;
	*) return 1 ;;
	esac
}

# A release's name stands for the series of its own kernel.
series_of() {
	case $1 in
	trixie) echo 6.12 ;;
	*) echo "$1" ;;
	esac
}

# The URIs that apt is configured with for Debian itself. A machine without a
# security mirror most likely finds one beside its main mirror.
mirrors() {
	local uris
	uris=$(configured "$1")
	if [ "$1" = security ] && [ -z "$uris" ]; then
		uris=$(configured main | sed 's|/*$|-security/|')
	fi
	echo "$uris"
}

# Debian's by what its Release files say; where no lists were downloaded yet, by
# the names of the suites.
configured() {
	local uri release origin
	while IFS='|' read -r uri release origin; do
		[ "$origin" = Debian ] || [[ $origin = '$'* && $release =~ $KNOWN_SUITE ]] || continue
		case $release in
		*-security | */updates) [ "$1" = security ] || continue ;;
		*) [ "$1" = main ] || continue ;;
		esac
		echo "$uri"
	done < <(all_targets) | sort -u
}

all_targets() {
	index_targets | grep . || index_targets --no-release-info
}

index_targets() {
	# shellcheck disable=SC2016 # these are apt's variables
	apt-get indextargets "$@" --format '$(REPO_URI)|$(RELEASE)|$(ORIGIN)' \
		'Created-By: Packages' 2> /dev/null
}

# apt with lists, cache and sources of its own: it needs no root and leaves the
# machine's apt alone. Of the machine's settings it keeps Acquire (proxies,
# certificates), not the hooks.
write_apt_conf() {
	local apt=$1
	mkdir -p "$apt/lists/partial" "$apt/cache/archives/partial" "$apt/parts"
	{
		apt-config dump | grep '^Acquire::' | grep -v '^Acquire::IndexTargets'
		cat <<-END
		Dir::Etc::main "$apt/parts/none";
		Dir::Etc::parts "$apt/parts";
		Dir::Etc::sourcelist "$apt/sources.list";
		Dir::Etc::sourceparts "$apt/parts";
		Dir::Etc::preferences "$apt/parts/none";
		Dir::Etc::preferencesparts "$apt/parts";
		Dir::State::lists "$apt/lists";
		Dir::State::status "$apt/status";
		Dir::Cache "$apt/cache";
		Dir::Log "$apt";
		APT::Architecture "$ARCH";
		APT::Architectures { "$ARCH"; };
		APT::Sandbox::User "$(id -un)";
		END
	} > "$apt/conf"
	: > "$apt/status"
}

write_sources() {
	local apt=$1 suite uri kind
	shift
	for suite; do
		kind=main
		[[ $suite != *-security ]] || kind=security
		for uri in $(mirrors "$kind"); do
			echo "deb [arch=$ARCH lang=none target=Packages signed-by=$KEYRING] $uri $suite main"
		done
	done > "$apt/sources.list"
	[ -s "$apt/sources.list" ] ||
		die 4 "apt has no Debian mirror configured (apt-get indextargets)"
}

private_apt() {
	local apt=$1 tool=$2
	shift 2
	APT_CONFIG=$apt/conf "$tool" "$@"
}

version_of() {
	private_apt "$1" apt-cache madison "$2" | awk -F ' *[|] *' '{ print $2 }' |
		sort -V | tail -n 1
}

# A suite that is gone is no failure, a mirror out of reach is; apt's status does
# not tell them apart.
check_network() {
	local error
	error=$(grep -m 1 -E 'Could not (resolve|connect)|Temporary failure|timed out|Unable to connect' "$1") ||
		return 0
	die 4 "apt-get update: ${error#"${error%%[! ]*}"}"
}

first_of() {
	local path
	for path; do
		[ ! -e "$path" ] || { echo "$path"; return; }
	done
	die 4 "none of these exists in the packages: $*"
}
