# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# For the suites: a machine with interdict, and with a vendor's services and their twins, whose
# programs are alike but for a word. What each has said at a boot is in /run/NAME.

# Emulated, interdictd needs half a minute to load its program; a boot that waits four seconds for it
# does not wait long enough to show what is denied from the first exec on.
wait_longer() {
	guest_script <<-'END'
	mkdir -p /etc/systemd/system/interdict-wait.service.d
	cat > /etc/systemd/system/interdict-wait.service.d/emulated.conf <<-'UNIT'
	[Service]
	ExecStart=
	ExecStart=/usr/sbin/interdictd --wait 300
	TimeoutStartSec=400
	UNIT
	END
}

wait_no_longer() {
	guest rm -r /etc/systemd/system/interdict-wait.service.d
}

# service NAME PROGRAM [LINE…]: enabled, of the boot's target; lines go into [Unit].
service() {
	guest_script <<-END
	cat > /etc/systemd/system/$1.service <<-'UNIT'
	[Unit]
	Description=$1
	$(printf '%s\n' "${@:3}")
	[Service]
	Type=oneshot
	RemainAfterExit=yes
	ExecStart=$2
	StandardOutput=file:/run/$1
	[Install]
	WantedBy=multi-user.target
	UNIT
	systemctl daemon-reload
	systemctl enable -q $1.service
	END
}

# with_interdict RELEASE: booted, nothing denied yet; not rebooted.
with_interdict() {
	machine_make "$1"
	machine_boot || { finish; exit 1; }
	machine_wait > /dev/null
	machine_put "$BUILD/tools/program-evil" "$BUILD/tools/program-good" /opt/vendor
	machine_install
	guest systemctl enable -q interdictd.service interdict-scan.timer
	wait_longer
	service vendor /opt/vendor/program-evil
	service twin /opt/vendor/program-good
	guest systemctl start interdictd.service
}

# eventually NAME COMMAND: true in the machine within five minutes
eventually() {
	local name=$1 got
	output=$(guest_script <<< "for turn in {1..600}; do $2 && exit 0; sleep 0.5; done; exit 1" 2>&1)
	got=$?
	if [ $got = 0 ]; then pass "$name"; else fail "$name" "never: $2: ${output:0:300}"; fi
}

# records ACTION: how many changes of this kind are in the log
records() {
	guest_script <<< "grep -c '\"action\": *\"$1\"' /var/log/interdict/events.jsonl"
}
