# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# docs/administrators-guide.md, on one machine, through its dates: see suite/docs.

small_machine
make_product
clock_is "2026-12-01 08:00 UTC"
shown 0 "interdict deny --vendor kaspersky --dry-run" "would be in force"

# ---- day 0
shown 0 "sudo mkdir -p /etc/interdict"
shown 0 "printf '[Machine]\nMode=monitor\n' | sudo tee /etc/interdict/interdict.conf"
not_run "sudo systemctl enable --now interdictd" "no systemd runs in this guest: interdictd is started without"
start_daemon || return
shown 0 "sudo interdict reload"
shown '0|1' "sudo interdict doctor" "monitor"
shown '0|1' "sudo interdict doctor --test"

# ---- days 1 to 14
shown 0 "interdict digest -o acme.digests /opt/acme"
block "Id=acme-2026" > 50-acme.policy
shown 1 "sudo interdict scan --policy 50-acme.policy" /opt/acme/bin/agent "$(digest_of /opt/acme/bin/agent | cut -c1-12)"
shown 0 "sudo interdict push --dry-run --scan /opt 50-acme.policy" /opt/acme/bin/agent
shown 0 "sudo interdict push 50-acme.policy" "generation"
runs "a machine that only records" /opt/acme/bin/agent
runs "and another one" /opt/acme/bin/console
shown 0 "sudo interdict events --kind monitored --since -7d --sum" /opt/acme/bin/agent /opt/acme/bin/console
shown '0|1' "sudo interdict explain /opt/acme/bin/console" "50-acme.policy" "acme/sha256:"

# ---- day 14
shown 0 "sudo interdict allow --until 2027-01-31 --reason 'ticket 4711' --approved-by ciso@example.org /opt/acme/bin/console"
sed -i "s/^Version=1/Version=2/; /^Vendor=acme/a $(block From=2027-01-01)" 50-acme.policy
shown 0 "sudo interdict push 50-acme.policy"
shown '0|1' "sudo interdict status" "monitor" "acme-2026 version 2"
shown 0 "printf '[Machine]\nMode=enforce\n' | sudo tee /etc/interdict/interdict.conf"
shown 0 "sudo interdict reload"
status_is "the machine enforces" 0 interdict status
before=$(events)
runs "before the date it runs" /opt/acme/bin/agent
holds "before the date: on record" event_follows "$before"

# ---- days 14 to 30
block "Id=acme-pilot" > 60-acme-pilot.policy
cp 60-acme-pilot.policy other.policy
status_is "without the tag it is for no one here" 0 interdict push --dry-run other.policy
shown 0 "printf 'pilot\n' | sudo tee /etc/interdict/tags"
shown 0 "sudo interdict push 60-acme-pilot.policy"
denied "in the pilot" /opt/acme/bin/agent
runs "in the pilot: the exception" /opt/acme/bin/console
shown 0 "sudo interdict events --kind denied --since -24h" /opt/acme/bin/agent
shown 0 "sudo interdict remove acme-pilot"
runs "after the pilot, before the date" /opt/acme/bin/agent

# ---- day 30
clock_is "2027-01-01 00:01 UTC"
denied "on the date, and nobody did anything" /opt/acme/bin/agent
runs "on the date: the exception" /opt/acme/bin/console
shown 0 "sudo interdict status" "enforcing"
shown 0 "sudo interdict events --last 20" "denied" /opt/acme/bin/agent
shown 1 "sudo interdict scan --record --events --running" /opt/acme/bin/agent
shown '0|3' "sudo interdict report -o report.html"
holds "the report is written" grep -q "Acme Security" report.html
not_run "sudo systemctl enable --now interdict-scan.timer" "no systemd runs in this guest"

# ---- in the way
shown 0 "sudo interdict disable --for 1h --reason 'the mail server is down, ticket 4712'"
runs "disabled" /opt/acme/bin/agent
shown 0 "sudo interdict enable"
denied "enabled" /opt/acme/bin/agent
shown 0 "sudo interdict rollback"
denied "rolled back: the pilot's policy is there again" /opt/acme/bin/agent
shown 0 "sudo interdict unload"
runs "unloaded" /opt/acme/bin/agent
start_daemon || return
denied "started again" /opt/acme/bin/agent
shown 0 "sudo interdict status --json | jq -r '.enforcement, .policy.generation'" "enforcing"
