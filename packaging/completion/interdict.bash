# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# The program says itself what commands and options it has, so that this cannot be out of date.

# Those that it lists before its options.
_interdict_commands() {
	interdict --help 2>/dev/null | sed -n '/^  --help/q; s/^  \([a-z]*\) .*/\1/p'
}

# Of the lines that describe options: in others they are of other commands.
_interdict_options() {
	interdict "$@" --help 2>/dev/null | grep -E '^ +-' | grep -oE -- '(^ *-[a-z]\b|--[a-z-]+)' |
		tr -d ' ' | sort -u
}

_interdict_packages() {
	# shellcheck disable=SC2016 # dpkg's
	dpkg-query -W -f '${Package}\n' 2>/dev/null
	rpm -qa --qf '%{NAME}\n' 2>/dev/null
}

_interdict_vendors() {
	interdict vendors 2>/dev/null | sed 's/ .*//'
}

# The first words below "Formats:".
_interdict_import_formats() {
	interdict import --help 2>/dev/null | sed -n '/^Formats:/,/^$/s/^  \([a-z0-9]*\) .*/\1/p'
}

# _interdict_values COMMAND OPTION: what may stand behind it, a word each.
_interdict_values() {
	case "$1 $2" in
	*" --signature-state") echo claimed valid verified invalid ;;
	*" --mode") echo enforce monitor ;;
	"disable --for") echo 10min 30min 1h 4h 24h ;;
	"events --format") echo table csv json ;;
	"scan --format") echo table json csv cyclonedx ;;
	"report --format") echo html json csv ;;
	"import --format") _interdict_import_formats ;;
	"events --kind") echo denied monitored install finding running change heartbeat checkpoint all ;;
	"events --hook") echo exec exec-check mmap mprotect driver driver-memory ;;
	"events --since" | "events --until") echo today yesterday -1h -24h -30d ;;
	"report --since") echo 7d 30d 90d ;;
	"report --max-age") echo 24h 48h 7d ;;
	"scan --max-size") echo 512M 4G 16G 0 ;;
	"digest --package") _interdict_packages ;;
	*" --vendor") _interdict_vendors ;;
	esac
}

# _interdict_argument OPTION COMMAND…: what --help calls that which has to follow; nothing if nothing has.
_interdict_argument() {
	local option=$1
	shift
	interdict "$@" --help 2>/dev/null | sed -nE "/^ +-/s/.*$option(, --[a-z]+)? ([^ ,]+).*/\\2/p" | head -n 1
}

# compgen's letter for such a thing: u user, d directory, f file, - what cannot be named.
_interdict_kind() {
	case $1 in
	USER) echo u ;;
	DIR | PREFIX) echo d ;;
	FILE* | *FILE | NAME.policy | PATH | LIST | HOSTS) echo f ;;
	*) echo - ;;
	esac
}

# Likewise for what a command takes that is no option.
_interdict_operand() {
	case $1 in
	push | deny | allow | bundle | digest | import | explain | identify | scan) echo f ;;
	*) echo - ;;
	esac
}

# _interdict_words COMMAND PREVIOUS WORD: those that may stand there, or nothing.
_interdict_words() {
	local values
	values=$(_interdict_values "$1" "$2")
	if [ -n "$values" ]; then
		echo "$values"
	elif [[ $3 == -* ]]; then
		_interdict_options "${of[@]}"
	elif [ "$1" = help ]; then
		_interdict_commands
	elif [ "$1 $2" = "vendors vendors" ]; then
		_interdict_vendors
	fi
}

_interdict() {
	local word=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]}
	local command=${COMP_WORDS[1]} words kind argument='' of=("${COMP_WORDS[1]}")
	COMPREPLY=()
	if [ "$COMP_CWORD" = 1 ]; then
		words="$(_interdict_commands) help"
		[[ $word != -* ]] || words="--help --version"
		mapfile -t COMPREPLY < <(compgen -W "$words" -- "$word")
		return
	fi
	[[ "$command ${COMP_WORDS[*]:2}" != events*" --verify"* ]] || of+=(--verify)
	words=$(_interdict_words "$command" "$previous" "$word")
	if [ -n "$words" ]; then
		mapfile -t COMPREPLY < <(compgen -W "$words" -- "$word")
		return
	fi
	[[ $previous != -* ]] || argument=$(_interdict_argument "$previous" "${of[@]}")
	kind=$(_interdict_operand "$command")
	[ -z "$argument" ] || kind=$(_interdict_kind "$argument")
	[ "$kind" = - ] || mapfile -t COMPREPLY < <(compgen "-$kind" -- "$word")
}

complete -o filenames -F _interdict interdict
