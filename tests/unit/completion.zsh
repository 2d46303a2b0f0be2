# SPDX-License-Identifier: GPL-2.0-only
#
# completion.zsh DIR LINE: what a zsh that completes by DIR's functions would offer behind LINE, a word
# a line. It is a shell at a terminal of its own, and Tab is pressed.
setopt no_unset
zmodload zsh/zpty

# In that shell: each match is said as it is added, and the end of them.
watcher() {
	compadd() {
		local -a hits
		if [[ ${@[1,(i)(-|--)]} == *-(O|A|D)\ * ]]; then
			builtin compadd "$@"
			return
		fi
		builtin compadd -A hits "$@"
		(( ! $#hits )) || print -rl -- "<match "${^hits}">"
		builtin compadd "$@"
	}
	said() {
		print -r -- "<end>"
	}
	comppostfuncs=(said)
}

# wait_for TEXT: what the terminal shows up to it
wait_for() {
	local shown= piece
	while zpty -r terminal piece; do
		shown+=$piece
		[[ $shown != *$1* ]] || break
	done
	print -r -- $shown
}

zpty terminal zsh -f -i
zpty -w terminal "PS1=; stty -echo; fpath=(${(q)1} \$fpath); autoload -Uz compinit; compinit -u -D"
zpty -w terminal "$(functions watcher); watcher; bindkey '^I' complete-word; print re''ady"
wait_for ready > /dev/null
zpty -w -n terminal "$2"$'\t'
wait_for '<end>' | sed -n 's/.*<match \(.*\)>.*/\1/p'
zpty -d terminal
