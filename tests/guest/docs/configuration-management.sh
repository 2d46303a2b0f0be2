# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# docs/configuration-management.md: what changes once changes nothing the second time, by hand and by the
# Ansible role: see suite/docs.

export ANSIBLE_PIPELINING=1 ANSIBLE_GATHERING=explicit ANSIBLE_NOCOLOR=1 ANSIBLE_HOME=/root/.ansible

# The recap's number of one word: ok, changed, failed.
recap() {
	sed -n "s/^localhost .*$1=\([0-9]*\).*/\1/p" <<< "$output"
}

# play NAME STATUS [VARIABLES]: the playbook once more
play() {
	output=$(ansible-playbook -i hosts site.yml ${3:+-e "$3"} 2>&1)
	got=$?
	holds "$1: status $2" test $got = "$2"
	[ $got = "$2" ] || echo "$output" | tail -n 30
}

make_product
start_daemon || return
cat > 50-acme.policy <<-END
	[Policy]
	Id=acme
	Version=1
	[Vendor]
	Id=acme
	[Deny]
	Vendor=acme
	DigestList=acme.digests
END
listed /opt/acme/bin/agent > acme.digests
shown 0 "sudo interdict push --json 50-acme.policy | jq .changed" true
shown 0 "sudo interdict push --json 50-acme.policy | jq .changed" false
shown 0 "sudo interdict push --dry-run 50-acme.policy"
interdict remove acme > /dev/null
runs "nothing is in force" /opt/acme/bin/agent

# It is for the machines that the role tags.
sed -i '1i [Match]\nTag=federal' 50-acme.policy
cp -r "$TREE"/packaging/ansible/{roles,site.yml} .
echo 'localhost ansible_connection=local interdict_service=False' > hosts
shown 0 "ansible-playbook -i hosts site.yml" "failed=0"
holds "the first run changes the machine" test "$(recap changed)" -gt 2
denied "what is listed" /opt/acme/bin/agent
runs "its neighbour" /opt/acme/bin/console
before=$(generation)
play "the second run" 0
holds "the second run: changed=$(recap changed)" test "$(recap changed)" = 0
holds "the second run keeps the generation" test "$(generation)" = "$before"
listed /opt/acme/bin/console >> acme.digests
shown 0 "ansible-playbook -i hosts site.yml --check"
holds "--check sees the list" test "$(recap changed)" -gt 0
runs "--check changes nothing" /opt/acme/bin/console
play "the list has one more" 0
holds "the list has one more: changed" test "$(recap changed)" = 1
denied "the list has one more" /opt/acme/bin/console
cp acme.digests good.digests
listed /bin/bash >> acme.digests
play "a policy that the machine cannot live with" 2
says "it fails, with the reason" "which this machine needs"
denied "and the one before stays" /opt/acme/bin/agent
cp good.digests acme.digests
play "a policy that is to go" 0 '{"interdict_policies": [], "interdict_absent": ["50-acme.policy"]}'
runs "is gone" /opt/acme/bin/agent
play "and once more" 0 '{"interdict_policies": [], "interdict_absent": ["50-acme.policy"]}'
holds "and once more: changed=$(recap changed)" test "$(recap changed)" = 0
shown 0 "sudo interdict status --json | jq '{enforcement, generation: .policy.generation, image: .policy.digest}'" "enforcing"
