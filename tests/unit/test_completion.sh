#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# test_completion.sh BUILD: bash, zsh and fish, each itself, offer every command of `interdict --help`
# and every option of `interdict COMMAND --help`, and no other; and the program takes what they offer
# as a value.
set -u
build=${1:?the build directory}
cd "$(dirname "$(realpath "$0")")/../.." || exit
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
mkdir "$dir/bin" "$dir/here"
ln -s "$build/interdict" "$dir/bin/interdict"
PATH=$dir/bin:$PATH
completion=$PWD/packaging/completion
asked=0

die() {
	echo "test_completion.sh: $*"
	exit 1
}

for shell in bash zsh fish; do
	command -v $shell > /dev/null || die "no $shell: apt-get install $shell"
done

# ---- what each offers: LINE → words, one a line --------------------------------------------------

# As readline does: the function that is registered, with the words and where the cursor is.
by_bash() {
	# shellcheck disable=SC2016 # of that shell
	bash --noprofile --norc -c '
		. "$1"
		read -ra COMP_WORDS <<< "$2"
		[[ $2 != *" " ]] || COMP_WORDS+=("")
		COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
		[[ $(complete -p interdict) =~ -F\ ([^\ ]+) ]]
		"${BASH_REMATCH[1]}"
		printf "%s\n" "${COMPREPLY[@]}"' - "$completion/interdict.bash" "$1"
}

# A terminal with a zsh in it, which lists what it would insert when Tab is pressed.
by_zsh() {
	zsh -f tests/unit/completion.zsh "$completion" "$1"
}

by_fish() {
	# shellcheck disable=SC2016 # of that shell
	fish --no-config -c 'source $argv[1]; complete -C $argv[2]' "$completion/interdict.fish" "$1" |
		cut -f 1
}

# ---- what there is ------------------------------------------------------------------------------

commands() {
	interdict --help | awk '/^$/ {n++} n == 2 && /^  [a-z]/ {print $1}'
}

# Whatever looks like an option, ahead of the exit statuses; less what the text says of other options.
options() {
	interdict "$@" --help | sed '/^Exit status/,$d' | awk '
		/^ +-/ {
			sub(/^ +/, "")
			sub(/   .*/, "")	# what it means
			n = split($0, word, /[ ,|]+/)
			for (i = 1; i <= n; i++)
				if (word[i] ~ /^--?[a-z]/) print word[i]
		}' | sort -u
}

# offers NAME WANT LINE: all three offer the lines of WANT behind LINE, and no other.
offers() {
	local shell got
	for shell in bash zsh fish; do
		got=$(by_$shell "$3" | sort -u | sed '/^$/d')
		[ "$got" = "$2" ] || die "$shell: $1: $(diff <(echo "$2") <(echo "$got"))"
		asked=$((asked + 1))
	done
}

# values "COMMAND OPTION" COMMAND…: each word offered behind the option is one that this command takes
# in its place.
values() {
	local line=$1 value shell offered
	shift
	for shell in bash zsh fish; do
		offered=$(by_$shell "interdict $line ")
		[ -n "$offered" ] || die "$shell: interdict $line: nothing is offered"
		for value in $offered; do
			"$@" "${line#* }" "$value" > /dev/null 2> "$dir/said" || [ $? != 2 ] ||
				die "$shell: interdict $line $value: $(cat "$dir/said")"
			asked=$((asked + 1))
		done
	done
}

[ "$(commands | wc -l)" -ge 20 ] || die "interdict --help lists $(commands | wc -l) commands"
offers commands "$( (commands; echo help) | sort)" "interdict "
offers "options of its own" "$(printf '%s\n' --help --version)" "interdict -"
offers "commands to ask about" "$(commands | sort)" "interdict help "
for command in $(commands); do
	[ -n "$(options "$command")" ] || die "interdict $command --help names no option"
	offers "$command" "$(options "$command")" "interdict $command -"
done
offers "events --verify" "$(options events --verify)" "interdict events --verify -"
values "events --format" interdict events --file /dev/null
values "events --kind" interdict events --file /dev/null
values "events --hook" interdict events --file /dev/null
values "events --since" interdict events --file /dev/null
values "report --format" interdict report --from /nonexistent
values "report --since" interdict report --log /nonexistent --status /nonexistent -o /nonexistent/x
values "report --max-age" interdict report --merge /nonexistent -o /nonexistent/x
values "scan --format" interdict scan --policy /nonexistent "$dir/here"
values "scan --max-size" interdict scan --policy /nonexistent "$dir/here"
values "import --format" interdict import --vendor acme /nonexistent
values "import --mode" interdict import --vendor acme /nonexistent
values "disable --for" setpriv --reuid=65534 --clear-groups interdict disable --reason test
values "deny --signature-state" interdict deny --dry-run --policy "$dir/here" --vendor acme \
	--signer-org Acme
echo "test_completion.sh: passed: $asked asked"
