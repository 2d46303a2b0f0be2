# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# The README, on one machine: see suite/docs.

# What the reader has: a package and a directory of the vendor, a feed, certificates.
vendor_is_there() {
	make_product
	mkdir -p package/DEBIAN package/opt/acme/{bin,lib}
	cp "$TOOLS/program-evil" package/opt/acme/bin/agent
	cp "$TOOLS/library-evil" package/opt/acme/lib/libacme.so
	printf '%s\n' 'Package: acme-agent' 'Version: 7.1' 'Architecture: amd64' \
		'Maintainer: Acme <packages@acme.example>' 'Description: an agent' > package/DEBIAN/control
	dpkg-deb -b package acme-agent_7.1_amd64.deb > /dev/null || fail "a package" "dpkg-deb"
	cat > feed.json <<-END
		{"type": "bundle", "id": "bundle--1", "objects": [{"type": "indicator", "pattern_type": "stix",
		"id": "indicator--1", "valid_from": "2026-01-01T00:00:00Z", "pattern": "[file:hashes.'SHA-256' = '$(digest_of package/opt/acme/lib/libacme.so)']"}]}
	END
	openssl req -x509 -newkey rsa:2048 -nodes -keyout vendor.key -out acme-2024.pem -days 4000 \
		-subj "/O=Acme Security Ltd/CN=Example signing" 2> /dev/null
	openssl genpkey -algorithm ed25519 -out fleet.key 2> /dev/null
	openssl pkey -in fleet.key -pubout -out fleet.pem
	cp /opt/acme/bin/agent FILE
	mkdir -p "/lib/modules/$(uname -r)/updates"
	cp "$(find "/lib/modules/$(uname -r)/kernel" -name 'dummy.ko*' | head -1)" \
		"/lib/modules/$(uname -r)/updates/acme_scan.ko"
	useradd alice 2> /dev/null || id alice > /dev/null
	start_journald
}

start_journald() {
	[ -s /etc/machine-id ] || tr -d - < /proc/sys/kernel/random/uuid > /etc/machine-id
	mkdir -p /run/log/journal
	/usr/lib/systemd/systemd-journald 2> /run/journald.log &
	until [ -S /run/systemd/journal/socket ]; do
		sleep 0.1
	done
}

no_guest_in_a_guest() {
	not_run "$1" "it runs guests, or all tests"
}

small_machine
clock_is "2026-12-01 08:00 UTC"
vendor_is_there
no_guest_in_a_guest "sudo apt-get install -y make && sudo make demo"
no_guest_in_a_guest "sudo apt-get install -y make && sudo make test"
cd "$TREE" || return
shown 0 "make help" "make" "KERNELS"
cd /tmp/here || return
no_guest_in_a_guest "make guest"
no_guest_in_a_guest "make bench"
no_guest_in_a_guest "make stress"
no_guest_in_a_guest "make boot-tests"
no_guest_in_a_guest "make demo"
packages="no systemd runs in this guest: tests/packages installs, upgrades, removes and purges them"
elsewhere="it makes a system, or boots another one"
not_run "make deb" "a compiler's time: tests/packages builds, installs and upgrades what it makes"
not_run "make reproducible" "a compiler's time, twice"
not_run "sudo apt install ./interdict_*.deb" "$packages"
shown '0|1|4' "sudo interdict doctor"
not_run "sudo mokutil --import /var/lib/dkms/mok.pub" "it asks at the next boot: this guest has no Secure Boot"
not_run "sudo apt install ./interdict-dkms_*.deb linux-headers-\$(uname -r)" "$packages"
start_daemon || return
shown 0 "sudo interdict unload"
not_run "sudo apt remove interdict" "$packages"
not_run "sudo apt purge interdict" "$packages"
shown 0 "interdict --version" "interdict"
not_run "make deps" "no network in a guest"
not_run "sudo make deps && make && sudo make install" "a network and a compiler's time: tests/unit/test_install.sh installs"
not_run "make -C kmod && sudo make -C kmod install" "tests/guest/module builds it, suite module loads it"
not_run "sudo systemctl enable --now interdictd" "no systemd runs in this guest: interdictd is started without"
shown 0 "sudo interdict unload"
not_run "sudo systemctl disable --now interdictd interdict-scan.timer" "no systemd runs in this guest"
not_run "sudo make uninstall" "tests/unit/test_install.sh uninstalls"
no_guest_in_a_guest "make test"
not_run "make deb-tests" "$elsewhere"
not_run "make deps && make && make install" "$elsewhere"
not_run "make debian13-tests" "$elsewhere"
not_run "make test ARCH=arm64 KILLS=4" "$elsewhere"
not_run "make rpm" "a compiler's time"
not_run "make rpm-tests" "$elsewhere"
not_run "make -C kmod" "tests/guest/module builds it"
start_daemon || return
shown 0 "interdict digest -o acme.digests acme-agent_7.1_amd64.deb"
block Id=us-2024 > 50-acme.policy
shown 0 "interdict push --dry-run 50-acme.policy"
runs "a dry run changes nothing" /opt/acme/bin/agent
shown 0 "sudo interdict push 50-acme.policy"
denied "pushed" /opt/acme/bin/agent
shown 0 "sudo interdict status" "us-2024 version 1"
shown 1 "interdict explain FILE" "50-acme.policy"
shown 0 "sudo interdict rollback"
runs "rolled back" /opt/acme/bin/agent
interdict rollback > /dev/null
denied "a second one takes that back" /opt/acme/bin/agent
shown 0 "sudo interdict disable --for 1h --reason 'ticket 4711'"
runs "disabled" /opt/acme/bin/agent
interdict enable > /dev/null
shown 0 "interdict import --vendor acme --name 'Acme Security' -o acme-feed.policy feed.json"
status_is "what is imported can be pushed" 0 interdict push --dry-run --policy /var/empty acme-feed.policy
shown 0 "interdict vendors kaspersky" "LegalEntity"
shown 0 "sudo interdict deny --vendor kaspersky" "in the kernel"
shown 0 "interdict identify FILE" "fingerprint"
shown 0 "interdict identify /lib/modules/\$(uname -r)/updates/acme_scan.ko" "driver"
shown 0 "sudo interdict deny --vendor acme --signer-cert acme-2024.pem"
shown 0 "sudo interdict deny --vendor acme --list acme.digests"
shown 0 "sudo interdict deny --vendor acme /opt/acme/bin/agent"
shown 0 "sudo interdict deny --vendor acme --path /opt/acme/"
cp /usr/bin/true /opt/acme/bin/new
denied "by the directory" /opt/acme/bin/new
shown 0 "sudo interdict allow --until 2027-01-31 --reason 'ticket 4711' --approved-by ciso@example.org /opt/acme/bin/agent"
runs "the exception" /opt/acme/bin/agent
shown 1 "sudo interdict remove acme/sha256:44aef3025d9c"
shown 0 "interdict bundle -o us-2024.bundle --key fleet.key 50-acme.policy"
shown 0 "sudo install -m 644 fleet.pem /etc/interdict/"
shown 0 "printf '[Machine]\nTrustedKey=/etc/interdict/fleet.pem\n' | sudo tee /etc/interdict/interdict.conf"
shown 0 "sudo interdict push us-2024.bundle"
denied "by the bundle alone" /opt/acme/bin/agent
shown 1 "sudo interdict scan --policy 50-acme.policy" /opt/acme/bin/agent
cp package/opt/acme/lib/libacme.so /srv/
shown 1 "sudo interdict scan --archives --running /srv /home" /srv/libacme.so
shown 1 "sudo interdict scan --record"
not_run "sudo systemctl enable --now interdict-scan.timer" "no systemd runs in this guest"
before=$(events)
setpriv --reuid=alice --regid=alice --clear-groups /opt/acme/bin/agent 2> /dev/null
holds "alice's try is on record" event_follows "$before"
shown 0 "sudo interdict events --last 20" /opt/acme/bin/agent
shown_for 5 "sudo interdict events --follow --vendor acme" /opt/acme/bin/agent
shown 0 "sudo interdict events --since -30d --sum" /opt/acme/bin/agent
shown 0 "sudo interdict events --uid alice --path '/opt/*' --format csv" /opt/acme/bin/agent alice
sleep 10 # where no journal was, interdictd looks for one
shown 0 "journalctl -t interdict -x" "acme/sha256:"
shown 0 "journalctl --update-catalog"
status_is "the journal, with explanations" 0 journalctl -t interdict -x
says "the journal explains records" "Subject: " "man:interdict"
shown 0 "sudo interdict events --verify" "untouched"
shown '0|3' "sudo interdict report -o report.html"
not_run "make bypass" "it runs guests"
