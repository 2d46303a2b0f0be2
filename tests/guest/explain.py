#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""explain.py sample COUNT SEED DIR POLICY_DIR
explain.py compare MAPS FILE…

sample: copy COUNT programs, libraries and scripts of this machine's /usr to DIR, and write a policy
into POLICY_DIR that names half of them, each by a rule of a kind drawn by lot. What is named is made
unlike its original (its build-id is changed, or a line is added), which the machine may need.

compare: ask `interdict explain` and the kernel what happens with each FILE: drivers are loaded (and
unloaded), everything else is mapped executable by MAPS. Status 1 where they differ; the answers are
counted, so that a comparison of nothing shows.
"""
import hashlib
import json
import os
import random
import re
import subprocess
import sys

SIZE_MAX = 128 * 1024
FROM_ONE_DIRECTORY = 400
# What is worth opening: to open 10,000 files takes minutes here.
NAMES = re.compile(r"[^.]+|.*\.so[.\d]*|[^_].*\.(py|sh|pl)")
SOURCES = ["/usr/bin", "/usr/sbin", "/usr/lib"]


# ---- a sample of /usr

def kind_of(path):
    """elf, script or None, by content."""
    try:
        with open(path, "rb") as file:
            if not 0 < os.fstat(file.fileno()).st_size <= SIZE_MAX:
                return None
            head = file.read(20)
    except OSError:
        return None
    if head[:4] == b"\x7fELF" and head[16:18] in (b"\x02\0", b"\x03\0"):
        return "elf"
    return "script" if head[:2] == b"#!" else None


def files_by_lot(lot):
    """The files below SOURCES, a directory after the other, both by lot: nobody reads them all."""
    directories = list(SOURCES)
    while directories:
        directory = directories.pop(lot.randrange(len(directories)))
        try:
            entries = sorted(os.scandir(directory), key=lambda entry: entry.name)
        except OSError:
            continue
        directories += [e.path for e in entries
                        if e.name != "debug" and e.is_dir(follow_symlinks=False)]
        paths = [e.path for e in entries
                 if NAMES.fullmatch(e.name) and e.is_file(follow_symlinks=False)]
        lot.shuffle(paths)
        yield from paths[:FROM_ONE_DIRECTORY]


def build_id(data):
    at = data.find(b"\x04\0\0\0\x14\0\0\0\x03\0\0\0GNU\0")
    return (at + 16, at + 36) if at >= 0 else None


def made_unlike(data, lot):
    place = build_id(data)
    if place and data[:4] == b"\x7fELF":
        return data[:place[0]] + lot.randbytes(20) + data[place[1]:]
    return data + b"\n# %d\n" % lot.randrange(10 ** 9)


def digest_line(data, size=None):
    return "sha256:%s %d" % (hashlib.sha256(data).hexdigest(), size or len(data))


class Policy:
    """Sections by what stands in their header, so that there are few of them."""

    def __init__(self):
        self.sections, self.allowed, self.list, self.counts = {}, [], [], {}

    def deny(self, key, header=""):
        self.sections.setdefault(header, []).append(key)

    def name(self, data, lot):
        place = build_id(data)
        kinds = ["digest", "list", "monitor", "from", "until", "allow", "allow-over", "size"]
        if data[:4] == b"\x7fELF" and place:
            kinds += ["build-id", "build-id", "build-id-allow"]
        kind = lot.choice(kinds)
        self.counts[kind] = self.counts.get(kind, 0) + 1
        line = "Digest=" + digest_line(data)
        if place:
            by_id = "BuildId=" + data[place[0]:place[1]].hex()
        if kind == "digest":
            self.deny(line)
        elif kind == "list":
            self.list.append("%s %d  x\n" % (hashlib.sha256(data).hexdigest(), len(data)))
        elif kind == "monitor":
            self.deny(line, "Mode=monitor\n")
        elif kind == "from":
            self.deny(line, "From=2090-01-01\n")
        elif kind == "until":
            self.deny(line, "Until=2020-01-01\n")
        elif kind == "allow":
            self.deny(line)
            self.allowed.append(line)
        elif kind == "allow-over":
            self.deny(line)
            self.sections.setdefault("allow-past", []).append(line)
        elif kind == "size":
            self.deny("Digest=" + digest_line(data, len(data) + 1))
        else:
            self.deny(by_id)
            if kind == "build-id-allow":
                self.allowed.append(line)

    def write(self, directory):
        os.makedirs(directory, exist_ok=True)
        past = self.sections.pop("allow-past", [])
        excuse = "Reason=test\nApprovedBy=test\n"
        with open(os.path.join(directory, "50-sample.policy"), "w") as out:
            out.write("[Policy]\nId=sample\nVersion=1\n[Vendor]\nId=evil\n")
            for header, keys in self.sections.items():
                out.write("[Deny]\nVendor=evil\n" + header + "\n".join(keys) + "\n")
            if self.list:
                out.write("[Deny]\nVendor=evil\nDigestList=sample.digests\n")
            for until, lines in (("2090-01-01", self.allowed), ("2020-01-01", past)):
                if lines:
                    out.write("[Allow]\nUntil=%s\n%s%s\n" % (until, excuse, "\n".join(lines)))
        if self.list:
            with open(os.path.join(directory, "sample.digests"), "w") as out:
                out.writelines(self.list)


def sample(count, seed, directory, policy_directory):
    lot, policy, taken = random.Random(int(seed)), Policy(), 0
    os.makedirs(directory, exist_ok=True)
    for path in files_by_lot(lot):
        if taken == int(count):
            break
        if not kind_of(path):
            continue
        with open(path, "rb") as file:
            data = file.read()
        if taken % 2:
            data = made_unlike(data, lot)
            policy.name(data, lot)
        name = "%s/%04d-%s" % (directory, taken, re.sub(r"[^\w.+-]", "_", os.path.basename(path)))
        with open(name, "wb") as file:
            file.write(data)
        taken += 1
    policy.write(policy_directory)
    print("%d files; named: %s" % (taken, " ".join(
        "%s %d" % pair for pair in sorted(policy.counts.items()))))
    return 0 if taken == int(count) else 1


# ---- both answers

def explained(paths):
    done = subprocess.run(["interdict", "explain", "--json", *paths], stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL)
    answers = json.loads(done.stdout)
    if done.returncode not in (0, 1) or answers["policy"]["in_force"] is not True:
        raise SystemExit("explain: status %d, in force: %s" % (done.returncode,
                                                               answers["policy"]["in_force"]))
    denied = any(f["verdict"] == "deny" for f in answers["files"])
    if denied != (done.returncode == 1):
        raise SystemExit("explain: status %d and its answers differ" % done.returncode)
    return {f["path"]: f for f in answers["files"]}


DENIED = 77  # what `run` ends with


# Newer kmods leave the unpacking to the kernel, where that can; older ones never do.
def unpacked_by_kernel(path):
    try:
        with open("/sys/module/compression") as file:
            return path.endswith("." + file.read().strip())
    except FileNotFoundError:
        return False


def loaded(path):
    run = os.environ["BUILD"] + "/tools/run"
    command = [run, "finit_module_compressed"] if unpacked_by_kernel(path) else ["insmod"]
    done = subprocess.run([*command, path], stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    name = os.path.basename(path).split(".")[0].split("-")[0]
    if done.returncode == 0:
        subprocess.run(["rmmod", name], check=True)
        return "allow"
    if done.returncode == DENIED or b"not permitted" in done.stdout:
        return "deny"
    return "failed: " + done.stdout.decode()


def in_kernel(maps, paths):
    answers = {p: loaded(p) for p in paths if ".ko" in p}
    names = "".join(p + "\n" for p in paths if p not in answers)
    done = subprocess.run([maps], input=names.encode(), stdout=subprocess.PIPE)
    for line in done.stdout.decode().splitlines():
        answers[line[2:]] = {"r": "allow", "d": "deny"}.get(line[0], "failed")
    return answers


def compare(maps, paths):
    ours, theirs = explained(paths), in_kernel(maps, paths)
    counts = {"allow": 0, "deny": 0}
    differ = 0
    for path in paths:
        verdict = ours[path]["verdict"]
        counts[verdict] += 1
        if verdict != theirs[path]:
            differ += 1
            print("differ: %s: explain %s, the kernel %s: %s" % (
                path, verdict, theirs[path],
                [(r["id"], r["standing"]) for r in ours[path]["rules"]]))
    print("%d files: %d allowed, %d denied, %d differ" % (
        len(paths), counts["allow"], counts["deny"], differ))
    return 1 if differ else 0


def main():
    if sys.argv[1] == "sample":
        return sample(*sys.argv[2:])
    return compare(sys.argv[2], sys.argv[3:])


sys.exit(main())
