# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# docs/auditors-guide.md, on a machine that has denied something in November: see suite/docs.

small_machine
make_product
clock_is "2026-11-15 08:00 UTC"
start_daemon || return
listed /opt/acme/bin/agent > acme.digests
cat > 50-acme.policy <<-END
	[Policy]
	Id=acme-2026
	Version=1
	[Vendor]
	Id=acme
	Name=Acme Security
	LegalEntity=Acme Security Ltd
	Reference=organisation policy 12
	[Deny]
	Vendor=acme
	DigestList=acme.digests
END
status_is "a policy" 0 interdict push 50-acme.policy
denied "what it lists" /opt/acme/bin/agent
openssl genpkey -algorithm ed25519 -out audit.key 2> /dev/null
openssl pkey -in audit.key -pubout -out audit.pem
interdict status --json | jq -r .log.root > root-of-this-machine
mkdir reports

shown 0 "sudo interdict status" "enforcing"
shown 1 "sudo interdict scan --record --events" /opt/acme/bin/agent
shown 0 "sudo interdict events --verify" "untouched"
shown 0 "sudo interdict status" "enforcing" "acme-2026 version 1"
shown 0 "sudo interdict status --json | jq -r '.files[] | \"\\(.sha256) \\(.path)\"'" "$(digest_of 50-acme.policy)"
shown 0 "sudo interdict events --kind change --since -30d" "push"
shown 0 "sudo interdict events --kind denied,monitored --since -30d --sum" /opt/acme/bin/agent
shown 0 "sudo interdict events --kind install --since -30d"
shown 0 "sudo interdict status --json" '"root"'
shown 0 "sudo interdict events --verify" "untouched"
shown 0 "sudo interdict events --verify --key \"\$(cat root-of-this-machine)\"" "untouched"
status_is "with another root it is not" 1 interdict events --verify --key "$(printf '0%.0s' {1..64})"
shown '0|3' "sudo interdict report --since 2026-11-01 --until 2026-12-01 --reference 'contract 4711' --key audit.key -o november.html"
holds "the reference is on it" grep -q "contract 4711" november.html
shown 0 "interdict report --verify november.html --trusted-key audit.pem"
sed 's/contract 4711/contract 4712/g' november.html > forged.html
status_is "a letter changed, it is not" 1 interdict report --verify forged.html --trusted-key audit.pem
shown 0 "interdict report --from november.html --json | jq -r '.gaps[] | .text'"
cp november.html reports
printf '%s\nabsent.example.org\n' "$(uname -n)" > hosts
shown '0|3' "interdict report --merge reports --expect hosts --trusted-key audit.pem -o fleet.html"
holds "who has not reported is silent" grep -q "absent.example.org" fleet.html

shown '0|3' "sudo interdict report"
shown 1 "sudo interdict scan --policy 50-acme.policy --archives --running --format csv -o inventory.csv"
holds "the inventory has it" grep -q /opt/acme/bin/agent inventory.csv
shown 1 "sudo interdict scan --policy 50-acme.policy --format cyclonedx -o inventory.cdx.json"
holds "the bill of materials has it" test "$(jq '.bomFormat == "CycloneDX" and (.components | length > 0)' inventory.cdx.json)" = true
shown 1 "sudo interdict scan --record" /opt/acme/bin/agent
shown 0 "sudo interdict scan --policy 50-acme.policy --json | jq -r '.findings[] | [.vendor, .package, .path, .sha256] | @csv'" \
	"\"acme\"" /opt/acme/bin/agent
shown 0 "interdict vendors kaspersky" "LegalEntity"
