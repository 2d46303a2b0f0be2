#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""daemonset.py MANIFEST SPEC POLICY: whether the manifest is what Kubernetes takes for a DaemonSet, and the OCI
configuration by which a node's runtime would start its first container, from what `runc spec` wrote to SPEC. POLICY
is the directory that stands for the ConfigMap.
"""
import json
import sys

import yaml

# What a kubelet's containerd gives a privileged container.
CAPABILITIES = """CHOWN DAC_OVERRIDE DAC_READ_SEARCH FOWNER FSETID KILL SETGID SETUID SETPCAP LINUX_IMMUTABLE
    NET_BIND_SERVICE NET_BROADCAST NET_ADMIN NET_RAW IPC_LOCK IPC_OWNER SYS_MODULE SYS_RAWIO SYS_CHROOT SYS_PTRACE
    SYS_PACCT SYS_ADMIN SYS_BOOT SYS_NICE SYS_RESOURCE SYS_TIME SYS_TTY_CONFIG MKNOD LEASE AUDIT_WRITE AUDIT_CONTROL
    SETFCAP MAC_OVERRIDE MAC_ADMIN SYSLOG WAKE_ALARM BLOCK_SUSPEND AUDIT_READ PERFMON BPF CHECKPOINT_RESTORE""".split()


def need(true, what):
    if not true:
        sys.exit(f"{sys.argv[1]}: {what}")


def check(manifest):
    need(manifest["apiVersion"] == "apps/v1" and manifest["kind"] == "DaemonSet", "is no DaemonSet")
    need(manifest["metadata"]["name"], "has no name")
    spec = manifest["spec"]
    template = spec["template"]
    labels = template["metadata"]["labels"]
    need(spec["selector"]["matchLabels"].items() <= labels.items(), "its selector does not select its pods")
    pod = template["spec"]
    volumes = {volume["name"] for volume in pod["volumes"]}
    need(len(volumes) == len(pod["volumes"]), "two volumes have one name")
    need(pod["containers"], "a pod has to have a container that goes on")
    for container in pod["initContainers"] + pod["containers"]:
        need(container["name"] and container["image"], "a container has no name or no image")
        for mount in container.get("volumeMounts", []):
            need(mount["name"] in volumes, f"no volume {mount['name']}")
            need(mount["mountPath"].startswith("/"), "a mount path is not whole")
    return pod


def source(volume, policy):
    return volume["hostPath"]["path"] if "hostPath" in volume else policy


def configure(config, pod, policy):
    container = pod["initContainers"][0]
    volumes = {volume["name"]: volume for volume in pod["volumes"]}
    config["process"].update(terminal=False, args=container["command"])
    if container["securityContext"]["privileged"]:
        everything = ["CAP_" + name for name in CAPABILITIES]
        config["process"]["capabilities"] = {kind: everything for kind in ("bounding", "effective", "permitted")}
        config["linux"].update(maskedPaths=[], readonlyPaths=[])
    if pod.get("hostPID"):
        config["linux"]["namespaces"] = [n for n in config["linux"]["namespaces"] if n["type"] != "pid"]
    for mount in container["volumeMounts"]:
        config["mounts"].append({
            "destination": mount["mountPath"], "type": "none", "source": source(volumes[mount["name"]], policy),
            "options": ["rbind", "ro" if mount.get("readOnly") else "rw",
                        "rslave" if mount.get("mountPropagation") == "HostToContainer" else "rprivate"]})
    config["root"]["readonly"] = False
    return config


with open(sys.argv[1], encoding="utf-8") as file:
    POD = check(yaml.safe_load(file))
with open(sys.argv[2], encoding="utf-8") as file:
    json.dump(configure(json.load(file), POD, sys.argv[3]), sys.stdout)
