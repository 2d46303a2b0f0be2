#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# test_man.sh BUILD: every command has a manual page that tells of each of its options, and of no other;
# --help tells of all that the source takes; pages that are referred to are there; each page of a
# program ends in its exit statuses and examples, and those are a shell's, of commands and options that there are.
set -u
build=${1:?the build directory}
cd "$(dirname "$(realpath "$0")")/../.." || exit
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
wrong=0 checked=0

is_wrong() {
	echo "test_man.sh: $*"
	wrong=$((wrong + 1))
}

# check WHAT COMMAND…: it is true.
check() {
	local what=$1
	shift
	checked=$((checked + 1))
	"$@" || is_wrong "$what"
}

commands() {
	"$build/interdict" --help | sed -n '/^  --help/q; s/^  \([a-z]*\) .*/\1/p'
}

help_of() {
	"$build/interdict" "$@" --help
	[ "$1" != events ] || "$build/interdict" events --verify --help
}

# Long options, a line each.
options() {
	grep -oE -- '--[a-z][a-z-]*' | sort -u
}

# The page as a reader has it: no line is broken, and nothing is bold.
rendered() {
	mandoc -Tutf8 -Owidth=1000 "$1" | sed 's/.\x08//g'
}

# The options that a page describes, each an item of a list.
described() {
	sed -n '/^\.It .*Fl /p' "$1" | grep -oE 'Fl -[a-z][a-z-]*' | sed 's/Fl /-/' | sort -u
}

# All commands of a page: the names that lead to it.
names_of() {
	local page
	for page in man/interdict-*.1; do
		[ "$(realpath "$page")" != "$(realpath "$1")" ] || basename "${page#man/interdict-}" .1
	done
}

check_options() {
	local command=$1 page=man/interdict-$1.1 text option known
	text=$(rendered "$page")
	for option in $(help_of "$command" | sed '/^Exit status/,$d; /^Usage/d' | grep -E '^ +-' | options |
		grep -vx -e --help); do # interdict(1) has it, for all
		check "$page does not tell of $option" grep -qFe "$option" <<< "$text"
	done
	known=$(for command in $(names_of "$page"); do help_of "$command"; done | options)
	for option in $(described "$page"); do
		check "$page tells of $option, --help does not" grep -qxFe "$option" <<< "$known"
	done
}

# What getopt is told, by the file's name.
check_source() {
	local file command option
	for file in userspace/cli/*.c; do
		grep -q 'struct option ' "$file" || continue
		command=$(basename "$file" .c)
		case $command in
		options) continue ;;
		apply) command=push ;;
		events_verify) command="events" ;;
		esac
		for option in $(sed -n '/struct option /,/};/p' "$file" | grep -oE '\{"[a-z-]+"' | tr -d '{"'); do
			check "$file takes --$option, --help does not tell" \
				grep -qFe "--$option" <<< "$(help_of "$command")"
		done
	done
}

# Whoever is referred to, if it is ours.
check_references() {
	local page name section
	while read -r page name section; do
		check "$page refers to $name($section)" test -e "man/$name.$section"
	done < <(grep -oE '^\.Xr interdict[a-z.-]* [0-9]' man/*.[158] | sed 's/:\.Xr / /')
}

# The command lines of a page's examples and of a command's: the commands and options are there.
check_examples() {
	local from=$1 line command option
	while read -r line; do
		line=${line##*interdict }
		command=${line%% *}
		check "$from: no command $command: $line" grep -qx "$command" <<< "$(commands)"
		for option in $(sed "s/'[^']*'//g; s/[|&;].*//" <<< "$line" | options); do
			check "$from: $command has no $option: $line" grep -qFe "$option" <<< "$(help_of "$command")"
		done
	done < <(sed -e ':a; /\\$/{N; s/\\\n *//; ba' -e '}' | grep -oE '(^|[|;&] *|\$\()(sudo )?interdict [a-z]+.*')
}

examples() {
	rendered "$1" | sed -n '/^EXAMPLES/,/^[A-Z]/{/^ /s/^ *//p}'
}

# The literal blocks of a page's examples, as a shell reads them.
example_blocks() {
	sed -n '/^\.Sh EXAMPLES/,/^\.Sh [^E]/{/^\.Bd/,/^\.Ed/{/^\./d; s/\\e/\\/g; s/\\&//g; p}}' "$1"
}

for command in $(commands); do
	check "no man/interdict-$command.1" test -e "man/interdict-$command.1"
	check "interdict(1) does not name $command" grep -qw "$command" man/interdict.1
	check_options "$command"
	check_examples "interdict $command --help" < <(help_of "$command" | sed -n '/^Examples/,$s/^ *//p')
done
for page in man/*.[158]; do
	check "mandoc" mandoc -Tlint -Werror "$page"
	check "$page has no examples" grep -q '^\.Sh EXAMPLES' "$page"
	[[ $page == *.5 ]] || check "$page has no exit statuses" grep -q '^\.Sh EXIT STATUS' "$page"
	[ -L "$page" ] || check_examples "$page" < <(examples "$page")
	[[ $page == *.5 ]] || check "$page: a shell cannot read its examples" bash -n <(example_blocks "$page")
done
check_source
check_references
make -s install DESTDIR="$dir" > /dev/null
for page in man/*.[158]; do
	check "not installed: $page" cmp -s "$page" "$dir/usr/share/man/man${page##*.}/${page#man/}"
done
[ $wrong = 0 ] || exit 1
echo "test_man.sh: passed: $checked checks"
