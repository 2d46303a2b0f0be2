# SPDX-License-Identifier: GPL-2.0-only
set -l commands allow bundle deny digest disable doctor enable events explain identify import push reload remove report rollback scan status unload vendors

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
complete -c interdict -n "__fish_seen_subcommand_from events" -l format -x -a "table csv json"
complete -c interdict -n "__fish_seen_subcommand_from events" -l kind -x -a "denied monitored install finding running change heartbeat checkpoint all"
complete -c interdict -n "__fish_seen_subcommand_from events" -l hook -x -a "exec exec-check mmap mprotect driver driver-memory"
complete -c interdict -n "__fish_seen_subcommand_from events" -l uid -x -a "(__fish_complete_users)"
complete -c interdict -n "__fish_seen_subcommand_from events" -l since -x -a "today yesterday -1h -24h -30d"
complete -c interdict -n "__fish_seen_subcommand_from events" -l until -x -a "today yesterday -1h -24h -30d"
complete -c interdict -n "__fish_seen_subcommand_from report" -l format -x -a "html json csv"
complete -c interdict -n "__fish_seen_subcommand_from scan" -l format -x -a "table json csv cyclonedx"
complete -c interdict -n "__fish_seen_subcommand_from scan" -l max-size -x -a "512M 4G 16G 0"
complete -c interdict -n "__fish_seen_subcommand_from scan" -l policy -r
