# SPDX-License-Identifier: GPL-2.0-only
set -l commands allow bundle deny digest disable doctor enable events explain identify import push reload remove rollback status unload vendors

function __interdict_options
    set -l words (commandline -opc)
    interdict $words[2] --help 2>/dev/null | string match -r -- '^ +-.*' | string match -ar -- '--[a-z-]+' | sort -u
end

complete -c interdict -n "not __fish_seen_subcommand_from $commands" -f -a "$commands --help --version"
complete -c interdict -n "__fish_seen_subcommand_from $commands" -a '(__interdict_options)'
complete -c interdict -n "__fish_seen_subcommand_from deny" -l signature-state -x -a "claimed valid verified invalid"
complete -c interdict -n "__fish_seen_subcommand_from import" -l mode -x -a "enforce monitor"
complete -c interdict -n "__fish_seen_subcommand_from import" -l format -x -a "(interdict import --help 2>/dev/null | sed -n '/^Formats:/,/^\$/s/^  \([a-z0-9]*\) .*/\1/p')"
complete -c interdict -n "__fish_seen_subcommand_from disable" -l for -x -a "10min 30min 1h 4h 24h"
complete -c interdict -n "__fish_seen_subcommand_from digest" -l package -x -a "(dpkg-query -W -f '\${Package}\n' 2>/dev/null; rpm -qa --qf '%{NAME}\n' 2>/dev/null)"
