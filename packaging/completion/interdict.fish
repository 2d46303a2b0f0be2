# SPDX-License-Identifier: GPL-2.0-only
#
# The program says itself what commands and options it has, so that this cannot be out of date.

# Those that it lists before its options, with a tab and what they do.
function __interdict_commands
    interdict --help 2>/dev/null | sed -n '/^  --help/q; s/^  \([a-z][a-z]*\)  *\(.*\)/\1\t\2/p'
end

# Of the lines that describe options: in others they are of other commands.
function __interdict_options
    set -l words (commandline -opc)
    set -l of $words[2]
    if test "$of" = events; and contains -- --verify $words
        set -a of --verify
    end
    interdict $of --help 2>/dev/null | string match -r -- '^ +-.*' | string match -ar -- '(?:(?<=  )-[a-z]\b|--[a-z-]+)' | sort -u
end

# What --help calls that which has to follow the word before this one.
function __interdict_argument
    set -l words (commandline -opc)
    if string match -q -- '-*' $words[-1]
        interdict $words[2] --help 2>/dev/null | sed -nE "/^ +-/s/.*$words[-1](, --[a-z]+)? ([^ ,]+).*/\2/p" | head -n 1
    end
end

function __interdict_values
    set -l words (commandline -opc)
    switch "$words[2] $words[-1]"
        case '* --signature-state'
            printf '%s\n' claimed valid verified invalid
        case '* --mode'
            printf '%s\n' enforce monitor
        case 'disable --for'
            printf '%s\n' 10min 30min 1h 4h 24h
        case 'events --format'
            printf '%s\n' table csv json
        case 'scan --format'
            printf '%s\n' table json csv cyclonedx
        case 'report --format'
            printf '%s\n' html json csv
        case 'import --format'
            interdict import --help 2>/dev/null | sed -n '/^Formats:/,/^$/s/^  \([a-z0-9]*\) .*/\1/p'
        case 'events --kind'
            printf '%s\n' denied monitored install finding running change heartbeat checkpoint all
        case 'events --hook'
            printf '%s\n' exec exec-check mmap mprotect driver driver-memory
        case 'events --since' 'events --until'
            printf '%s\n' today yesterday -1h -24h -30d
        case 'report --since'
            printf '%s\n' 7d 30d 90d
        case 'report --max-age'
            printf '%s\n' 24h 48h 7d
        case 'scan --max-size'
            printf '%s\n' 512M 4G 16G 0
        case 'digest --package'
            dpkg-query -W -f '${Package}\n' 2>/dev/null
            rpm -qa --qf '%{NAME}\n' 2>/dev/null
        case '* --vendor'
            interdict vendors 2>/dev/null | string replace -r ' .*' ''
    end
end

function __interdict_files
    switch (__interdict_argument)
        case DIR PREFIX
            __fish_complete_directories
        case USER
            __fish_complete_users
        case 'FILE*' '*FILE' NAME.policy PATH LIST HOSTS
            __fish_complete_path
        case ''
            set -l words (commandline -opc)
            switch $words[2]
                case push deny allow bundle digest import explain identify scan
                    __fish_complete_path
                case vendors
                    interdict vendors 2>/dev/null | string replace -r ' .*' ''
                case help
                    __interdict_commands
            end
    end
end

function __interdict_complete
    set -l words (commandline -opc)
    set -l values (__interdict_values)
    set -l dash (string match -r -- '^-' (commandline -ct))
    if test (count $words) = 1; and test -n "$dash"
        printf '%s\n' --help --version
    else if test (count $words) = 1
        __interdict_commands
        echo help
    else if test (count $values) -gt 0
        printf '%s\n' $values
    else if test -n "$dash"
        __interdict_options
    else
        __interdict_files
    end
end

complete -c interdict -f -a '(__interdict_complete)'
