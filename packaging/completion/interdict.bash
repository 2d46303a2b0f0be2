# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash

# Of the lines that describe options: in others they are of other commands.
_interdict_options() {
	interdict "$1" --help 2>/dev/null | grep -E '^ +-' | grep -oE -- '--[a-z-]+' | sort -u
}

_interdict_packages() {
	# shellcheck disable=SC2016 # dpkg's
	dpkg-query -W -f '${Package}\n' 2>/dev/null
	rpm -qa --qf '%{NAME}\n' 2>/dev/null
}

# The first words below "Formats:".
_interdict_formats() {
	interdict import --help 2>/dev/null | sed -n '/^Formats:/,/^$/s/^  \([a-z0-9]*\) .*/\1/p'
}

_interdict() {
	local word=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]}
	local commands="allow bundle deny digest disable doctor enable events explain identify import push reload remove report rollback scan status unload vendors"
	COMPREPLY=()
	if [ "$COMP_CWORD" = 1 ]; then
		mapfile -t COMPREPLY < <(compgen -W "$commands --help --version" -- "$word")
	elif [[ $word == -* && $previous != --@(since|until) ]]; then
		mapfile -t COMPREPLY < <(compgen -W "$(_interdict_options "${COMP_WORDS[1]}")" -- "$word")
	elif [ "$previous" = --signature-state ]; then
		mapfile -t COMPREPLY < <(compgen -W "claimed valid verified invalid" -- "$word")
	elif [ "$previous" = --for ]; then
		mapfile -t COMPREPLY < <(compgen -W "10min 30min 1h 4h 24h" -- "$word")
	elif [ "$previous" = --mode ]; then
		mapfile -t COMPREPLY < <(compgen -W "enforce monitor" -- "$word")
	elif [ "${COMP_WORDS[1]} $previous" = "events --format" ]; then
		mapfile -t COMPREPLY < <(compgen -W "table csv json" -- "$word")
	elif [ "${COMP_WORDS[1]} $previous" = "scan --format" ]; then
		mapfile -t COMPREPLY < <(compgen -W "table json csv cyclonedx" -- "$word")
	elif [ "$previous" = --max-size ]; then
		mapfile -t COMPREPLY < <(compgen -W "512M 4G 16G 0" -- "$word")
	elif [ "${COMP_WORDS[1]} $previous" = "scan --policy" ]; then
		mapfile -t COMPREPLY < <(compgen -f -- "$word")
	elif [ "$previous" = --kind ]; then
		mapfile -t COMPREPLY < <(compgen -W "denied monitored install finding running change heartbeat checkpoint all" -- "$word")
	elif [ "$previous" = --hook ]; then
		mapfile -t COMPREPLY < <(compgen -W "exec exec-check mmap mprotect driver driver-memory" -- "$word")
	elif [ "$previous" = --uid ]; then
		mapfile -t COMPREPLY < <(compgen -u -- "$word")
	elif [[ $previous == --@(since|until) ]]; then
		mapfile -t COMPREPLY < <(compgen -W "today yesterday -1h -24h -30d" -- "$word")
	elif [ "$previous" = --format ] && [ "${COMP_WORDS[1]}" = report ]; then
		mapfile -t COMPREPLY < <(compgen -W "html json csv" -- "$word")
	elif [ "$previous" = --format ]; then
		mapfile -t COMPREPLY < <(compgen -W "$(_interdict_formats)" -- "$word")
	elif [ "$previous" = --package ]; then
		mapfile -t COMPREPLY < <(compgen -W "$(_interdict_packages)" -- "$word")
	elif [[ $previous == --@(policy|catalog|seal|merge) ]]; then
		mapfile -t COMPREPLY < <(compgen -d -- "$word")
	elif [[ ${COMP_WORDS[1]} == @(push|allow|bundle|deny|digest|explain|identify|import|scan) ]] || [[ $previous == --@(file|from|verify|log|status|expect|key|trusted-key|certificate|list|scan|exclude|output|signer-cert|signer-key) ]]; then
		mapfile -t COMPREPLY < <(compgen -f -- "$word")
	fi
}

complete -o filenames -F _interdict interdict
