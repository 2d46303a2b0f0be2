# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# docs/containers.md: containers of runc, systemd-nspawn and unshare, an image, and the DaemonSet's own
# container, started as a node's runtime would: see suite/docs.

STORE=/var/lib/containers ROOTFS=/var/lib/containers/demo/rootfs
ID=4f5e6d7c8b9a4f5e6d7c8b9a4f5e6d7c8b9a4f5e6d7c8b9a4f5e6d7c8b9a4f5e
POD=0a1b2c3d-1111-2222-3333-444455556666
CGROUP=/kubepods/burstable/pod$POD/$ID

# A root directory with a shell, a program that will be listed, its twin, and a database of packages.
make_rootfs() {
	local file
	mkfs_at ext4 $STORE 256
	mkdir -p $ROOTFS/{bin,proc,sys,dev,tmp,etc,usr,host,policy,run,var/lib/dpkg}
	cp /bin/busybox $ROOTFS/bin/
	for file in sh cat cp mktemp rm chroot sleep; do
		ln -s busybox $ROOTFS/bin/$file
	done
	cp "$TOOLS/program-evil" $ROOTFS/bin/agent
	cp "$TOOLS/program-good" $ROOTFS/bin/good
	ldd $ROOTFS/bin/good | grep -o '/[^ ]*' | while read -r file; do
		mkdir -p "$ROOTFS${file%/*}"
		cp "$file" "$ROOTFS$file"
	done
	printf 'Package: acme-agent\nStatus: install ok installed\nMaintainer: Acme\nArchitecture: amd64\nVersion: 7\n' \
		> $ROOTFS/var/lib/dpkg/status
}

# As `docker save` writes it; skopeo, which reads such images, says whether it is one.
make_image() {
	local layer
	mkdir -p image/opt/acme
	cp "$TOOLS/program-evil" image/opt/acme/agent
	tar -C image -cf layer.tar opt
	layer=$(digest_of layer.tar)
	echo '{"architecture":"amd64","os":"linux","config":{},"rootfs":{"type":"layers","diff_ids":["sha256:'"$layer"'"]}}' > config.json
	echo '[{"Config":"config.json","RepoTags":["acme:1"],"Layers":["layer.tar"]}]' > manifest.json
	tar -cf acme-image.tar manifest.json config.json layer.tar
	status_is "containers: acme-image.tar is an image" 0 skopeo inspect docker-archive:acme-image.tar
}

# bundle_of VERSION: us.bundle for the nodes, which lists what is in FILE…
bundle_of() {
	printf '[Policy]\nId=us\nVersion=%s\n[Vendor]\nId=acme\n[Deny]\nVendor=acme\nDigestList=us.digests\n' \
		"$1" > us.policy
	listed $ROOTFS/bin/good > us.digests
	interdict bundle -o policy/us.bundle --key fleet.key us.policy > /dev/null
}

# in_runc ARGUMENT…: as the kubelet has it started.
in_runc() {
	printf '%s\n' "$@" | jq -R . | jq -s --slurpfile spec spec/config.json '. as $arguments | $spec[0] |
		.process.terminal = false | .process.args = $arguments |
		.root = {path: "'$ROOTFS'", readonly: false} | .linux.cgroupsPath = "'$CGROUP'"' > run/config.json
	runc --root /run/runc run -b run demo
}

# The DaemonSet's container, from the file.
daemonset() {
	jq '.root = {path: "'$ROOTFS'"}' < daemonset.json > run/config.json
	runc --root /run/runc run -b run policy
}

# The last record's member, as jq names it.
last_record() {
	tail -n 1 "$LOG" | jq -r "$1"
}

mkdir spec run policy
runc spec -b spec
"$TREE/tests/guest/docs/daemonset.py" "$TREE/docs/daemonset.yaml" spec/config.json /tmp/here/policy > daemonset.json ||
	fail "containers: daemonset.yaml" "see above"
small_machine
for tool in runc systemd-nspawn skopeo; do
	command -v $tool > /dev/null || fail "containers" "no $tool"
done
make_rootfs
make_image
start_daemon || return
runs "before: in a container" in_runc /bin/agent

shown 0 "interdict digest -o acme.digests acme-image.tar" "1 digest"
shown 0 "sudo interdict deny --vendor acme --list acme.digests"
denied "in runc" in_runc /bin/agent
holds "in runc: the container" test "$(last_record .container.id)" = $ID
holds "in runc: the pod" test "$(last_record .kubernetes.pod.uid)" = $POD
holds "in runc: the container's path" test "$(last_record .file.path)" = /bin/agent
runs "in runc: its neighbour" in_runc /bin/good
denied "in runc: a copy" in_runc /bin/sh -c 'cp /bin/agent /tmp/copy; /tmp/copy'
shown 0 "sudo interdict events --last 5" "/tmp/copy"
shown 0 "sudo interdict events --json --last 20 | jq -r 'select(.container) | [.kubernetes.pod.uid, .container.id, .file.path] | @tsv'" \
	"$POD	$ID	/bin/agent"
status_is "in unshare" 126 unshare -mpf --root=$ROOTFS /bin/agent
holds "in unshare: no container's name" test "$(last_record .container.id)" = null
status_is "in unshare: its neighbour" 0 unshare -mpf --root=$ROOTFS /bin/good
status_is "in systemd-nspawn" 1 systemd-nspawn --register=no --keep-unit -q -D $ROOTFS /bin/agent
says "in systemd-nspawn" "Operation not permitted"
runs "in systemd-nspawn: its neighbour" systemd-nspawn --register=no --keep-unit -q -D $ROOTFS /bin/good
status_is "a scan leaves out what is containers' own" 0 interdict scan /var
says "a scan says so" "$STORE" "--containers"
shown 1 "sudo interdict scan --containers" $ROOTFS/bin/agent $ROOTFS/tmp/copy

# What a rule by package does not resolve is counted.
printf '[Vendor]\nId=other\n[Deny]\nVendor=other\nPackage=acme-agent\n' > 70-other.policy
status_is "a rule by package" 0 interdict push 70-other.policy
in_runc /bin/sleep 60 &
for _ in {1..100}; do
	[ ! -s /sys/fs/cgroup$CGROUP/cgroup.procs ] || break
	sleep 0.1
done
sleep 1
status_is "status, while a container runs" 0 interdict status
says "status counts containers with packages of their own" "1 container"
runc --root /run/runc kill demo KILL
wait %%
not_run "kubectl get pods -A -o json" "no cluster"
not_run "kubectl create namespace interdict" "no cluster"
not_run "kubectl create configmap interdict-policy --namespace interdict --from-file=us.bundle" "no cluster"
not_run "kubectl apply -f docs/daemonset.yaml" "no cluster: its container is run by runc"

# ---- the DaemonSet
openssl genpkey -algorithm ed25519 -out fleet.key 2> /dev/null
openssl pkey -in fleet.key -pubout -out /etc/interdict/fleet.pem
printf '[Machine]\nTrustedKey=/etc/interdict/fleet.pem\n' > /etc/interdict/interdict.conf
bundle_of 7
runs "before the bundle" in_runc /bin/good
status_is "the DaemonSet's container pushes" 0 daemonset
says "it pushes" "generation"
denied "what the bundle lists, in a container" in_runc /bin/good
before=$(generation)
status_is "a second run" 0 daemonset
holds "changes nothing" test "$(generation)" = "$before"
bundle_of 6
status_is "an older bundle" 4 daemonset
says "an older bundle is refused" "below 7"
holds "and nothing is left on the node" test -z "$(compgen -G '/run/interdict-push.*')"
denied "what is in force stays" in_runc /bin/good
