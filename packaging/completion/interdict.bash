# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash

_interdict_options() {
	interdict "$1" --help 2>/dev/null | grep -oE -- '--[a-z-]+' | sort -u
}

# The first words below "Formats:".
_interdict_formats() {
	interdict import --help 2>/dev/null | sed -n '/^Formats:/,/^$/s/^  \([a-z0-9]*\) .*/\1/p'
}

_interdict() {
	local word=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]}
	local commands="deny digest disable doctor enable events identify import push reload remove status unload"
	COMPREPLY=()
	if [ "$COMP_CWORD" = 1 ]; then
		mapfile -t COMPREPLY < <(compgen -W "$commands --help --version" -- "$word")
	elif [[ $word == -* ]]; then
		mapfile -t COMPREPLY < <(compgen -W "$(_interdict_options "${COMP_WORDS[1]}")" -- "$word")
	elif [ "$previous" = --signature-state ]; then
		mapfile -t COMPREPLY < <(compgen -W "claimed valid verified invalid" -- "$word")
	elif [ "$previous" = --for ]; then
		mapfile -t COMPREPLY < <(compgen -W "10min 30min 1h 4h 24h" -- "$word")
	elif [ "$previous" = --mode ]; then
		mapfile -t COMPREPLY < <(compgen -W "enforce monitor" -- "$word")
	elif [ "$previous" = --format ]; then
		mapfile -t COMPREPLY < <(compgen -W "$(_interdict_formats)" -- "$word")
	elif [ "$previous" = --policy ]; then
		mapfile -t COMPREPLY < <(compgen -d -- "$word")
	elif [[ ${COMP_WORDS[1]} == @(push|deny|digest|identify|import) ]] || [[ $previous == --@(file|list|exclude|output|signer-cert|signer-key) ]]; then
		mapfile -t COMPREPLY < <(compgen -f -- "$word")
	fi
}

complete -o filenames -F _interdict interdict
