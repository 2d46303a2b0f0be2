#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""What a record says of who tried, against what that process knew of itself.

  record.py try PROGRAM DIRECTORY UID    from DIRECTORY as UID, below four processes of its own that
                                         end with it: execute PROGRAM; print what is known then;
                                         with STAY=LOG, end when that has a line more
  record.py compare FACTS LOG            the last denial of LOG says the same; the beginning may be
                                         missing of a path that the kernel has no room for, unless
                                         STAY is set
"""
import ctypes
import json
import os
import sys
import time

libc = ctypes.CDLL(None, use_errno=True)
GENERATIONS = 4
STAY = os.environ.get("STAY")
ALWAYS_KEPT = 256  # bytes of a path, interdict-events(5)


def name_self(name):
    libc.prctl(15, name.encode(), 0, 0, 0)  # PR_SET_NAME


def read(path):
    with open(path, errors="surrogateescape") as f:
        return f.read().strip()


def start_ticks():
    return int(read("/proc/self/stat").rsplit(")", 1)[1].split()[19])


def self_facts():
    return {"pid": os.getpid(), "name": read("/proc/self/comm"), "ticks": start_ticks()}


def terminal():
    try:
        return os.ttyname(0).removeprefix("/dev/")
    except OSError:
        return None


def namespaces():
    names = {"pid": "pid", "mount": "mnt", "user": "user", "network": "net"}
    return {ours: int(os.readlink(f"/proc/self/ns/{theirs}").split("[")[1][:-1])
            for ours, theirs in names.items()}


def facts(ancestors, uid):
    return {
        **self_facts(),
        "ancestors": ancestors,
        "executable": os.readlink("/proc/self/exe"),
        "directory": os.getcwd(),
        "terminal": terminal(),
        "namespaces": namespaces(),
        "cgroup": read("/proc/self/cgroup").split("::")[1],
        "login": int(read("/proc/self/loginuid")),
        "session": int(read("/proc/self/sessionid")),
        "uid": uid,
    }


def wait_for_growth(path, before):
    for _ in range(100):
        if os.path.getsize(path) > before:
            return
        time.sleep(0.1)


def attempt(program, directory, uid, ancestors):
    if len(ancestors) < GENERATIONS:
        name_self(f"parent {GENERATIONS - len(ancestors)}")
        child = os.fork()
        if child:
            return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        # The nearest first; each says what it is itself.
        me = {"pid": os.getppid(), "name": read(f"/proc/{os.getppid()}/comm"),
              "ticks": int(read(f"/proc/{os.getppid()}/stat").rsplit(")", 1)[1].split()[19])}
        os._exit(attempt(program, directory, uid, [me] + ancestors))
    name_self("the one")
    os.chdir(directory)
    known = facts(ancestors, uid)
    os.setgid(uid)
    os.setuid(uid)
    before = os.path.getsize(STAY) if STAY else 0
    try:
        os.execv(program, [program, "a secret"])
    except PermissionError as error:
        known["errno"] = error.errno
    if STAY:
        wait_for_growth(STAY, before)
    print(json.dumps(known), flush=True)
    return 0


def last_denial(log):
    with open(log) as f:
        records = [json.loads(line) for line in f]
    return [r for r in records if r["event"]["dataset"] == "interdict.denial"][-1]


def ticks_of(entity_id):
    return int(entity_id.rsplit("-", 1)[1], 16) * os.sysconf("SC_CLK_TCK") // 10**9


def path_pair(want, got):
    """Both, without the beginning where the record may miss it."""
    if not STAY and got and got.startswith("…/") and len(os.fsencode(got)) >= ALWAYS_KEPT:
        want = "…" + want[1 - len(got):]
    return want, got


def compare(known, record):
    process, own = record["process"], record["interdict"]
    wanted = {
        "pid": (known["pid"], process["pid"]),
        "name": (known["name"], process["name"]),
        "start": (known["ticks"], ticks_of(process["entity_id"])),
        "executable": path_pair(known["executable"], process.get("executable")),
        "directory": path_pair(known["directory"], process.get("working_directory")),
        "terminal": (known["terminal"], own.get("terminal")),
        "namespaces": (known["namespaces"], own.get("namespaces")),
        "cgroup": (known["cgroup"], own.get("cgroup_path")),
        "uid": (str(known["uid"]), record["user"]["id"]),
        "gid": (str(known["uid"]), record["user"]["group"]["id"]),
        "login": (known["login"], int(record["user"].get("audit", {}).get("id", 2**32 - 1))),
        "session": (known["session"], own.get("session", 2**32 - 1)),
        "ancestors": ([(a["pid"], a["name"], a["ticks"]) for a in known["ancestors"]],
                      [(a["pid"], a["name"], ticks_of(a["entity_id"])) for a in own["ancestors"]]),
        "parent": (known["ancestors"][0]["pid"], process["parent"]["pid"]),
        "no command line": (None, process.get("command_line")),
    }
    for name, (want, got) in wanted.items():
        if want != got:
            print(f"{name}: it was {want!r}, and the record says {got!r}")
    return all(want == got for want, got in wanted.values())


def main(argv):
    if argv[1] == "try":
        return attempt(argv[2], argv[3], int(argv[4]), [])
    return not compare(json.load(open(argv[2])), last_denial(argv[3]))


sys.exit(main(sys.argv))
