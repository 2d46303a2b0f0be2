#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""
A scan of trees that somebody made to break it: it ends, within bounded memory, finds what is listed,
and names what it could not read.

	a directory of very many files, and one of many directories
	directories within each other to a depth at which no path leads there
	names that are no text, or that a terminal would obey
	FIFOs, sockets, devices, links that lead round and out
	sparse files of a terabyte
	directories and files that may not be read
	files and directories that come, go and change meanwhile

test_hostile.py [BUILD] [FILES]
"""
import hashlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

interdict = os.path.abspath((sys.argv[1] if len(sys.argv) > 1 else "build") + "/interdict")
count = int(sys.argv[2]) if len(sys.argv) > 2 else 100_000
DEPTH = 10_000
MEMORY = 200 << 20  # bytes, at most
SECONDS = 120 + count // 2000  # on a machine that does other things besides
NOBODY = 65534
failures = 0

PROGRAM = b"\177ELF\2\1\1" + bytes(9) + b"\2" + bytes(range(256)) * 20
OTHER = PROGRAM[:-1] + b"x"  # of the same size
NAMES = [b"\x1b[2J\x1b]0;x\x07", b"new\nline", b"\xff\xfe\x80", b"n" * 255, b"-rf", b"$(id)`id`",
         "\u202egnp.exe".encode(), b" ", b"%s%n", b"\\", b'"', b"'"]


def fail(what):
    global failures
    failures += 1
    print(f"FAILED: {what}")


def expect(condition, what):
    if not condition:
        fail(what)


# ---- trees ------------------------------------------------------------------------------------


def put(name, data, within):
    fd = os.open(name, os.O_CREAT | os.O_WRONLY, 0o644, dir_fd=within)
    os.write(fd, data)
    os.close(fd)


def inside(name, within):
    """A new directory, open."""
    os.mkdir(name, dir_fd=within)
    return os.open(name, os.O_RDONLY | os.O_DIRECTORY, dir_fd=within)


def make_wide(top):
    files, directories = inside("files", top), inside("directories", top)
    for i in range(count):
        put(f"file{i}", b"", files)
    for i in range(count // 10):
        os.mkdir(f"directory{i}", dir_fd=directories)
    put("last", PROGRAM, files)
    return 1


def make_deep(top):
    """With a neighbour on each level, so that none is done before the last."""
    fd = inside("deep", top)
    for _ in range(DEPTH):
        os.mkdir("e", dir_fd=fd)
        put("x", OTHER, fd)
        lower = inside("d", fd)
        os.close(fd)
        fd = lower
    put("bottom", PROGRAM, fd)
    os.close(fd)
    return 1


def make_names(top):
    fd = inside("names", top)
    for name in NAMES:
        put(name, PROGRAM, inside(name + b"d" if len(name) < 255 else name, fd))
    return len(NAMES)


def make_special(top):
    fd = inside("special", top)
    path = f"/proc/self/fd/{fd}"
    os.mkfifo("fifo", dir_fd=fd)
    socket.socket(socket.AF_UNIX).bind(f"{path}/socket")
    for name, target in ("round", "."), ("root", "/"), ("nowhere", "missing"), ("self", "self"):
        os.symlink(target, name, dir_fd=fd)
    os.symlink(interdict, "out", dir_fd=fd)
    if os.geteuid() == 0:
        try:
            os.mknod("zero", 0o20666, os.makedev(1, 5), dir_fd=fd)
        except PermissionError:
            print("skipped: devices: may not be made here")
    put("program", PROGRAM, fd)
    os.link("program", "again", src_dir_fd=fd, dst_dir_fd=fd)
    return 2


def make_sparse(top):
    fd = inside("sparse", top)
    for name, head in ("program", PROGRAM), ("nothing", b""):
        put(name, head, fd)
        os.truncate(f"/proc/self/fd/{fd}/{name}", 1 << 40)
    put("listed", PROGRAM, fd)
    return 1


def make_closed(top):
    fd = inside("closed", top)
    os.close(inside("directory", fd))
    put("file", OTHER, fd)
    put("program", PROGRAM, fd)
    os.chmod("directory", 0, dir_fd=fd)
    os.chmod("file", 0, dir_fd=fd)
    return 1


# ---- scans --------------------------------------------------------------------------------------


def write_policy(at, size):
    os.makedirs(at)
    with open(os.path.join(at, "a.policy"), "w", encoding="ascii") as f:
        f.write("[Policy]\nId=test\n[Vendor]\nId=acme\n[Deny]\nVendor=acme\n"
                f"Digest=sha256:{hashlib.sha256(PROGRAM).hexdigest()}{size}\n")


def scan(path, policy, as_nobody=False, files=None):
    """What it found, its status, and what it took; None for a scan that does not end."""
    def prepare():
        import resource
        if files:
            resource.setrlimit(resource.RLIMIT_NOFILE, (files, files))
        if as_nobody:
            os.setgid(NOBODY)
            os.setuid(NOBODY)

    with tempfile.TemporaryFile() as out:
        child = subprocess.Popen([interdict, "scan", "--json", "--policy", policy, path],
                                 stdout=out, stderr=subprocess.DEVNULL, preexec_fn=prepare)
        end = time.monotonic() + SECONDS
        while True:
            pid, status, used = os.wait4(child.pid, os.WNOHANG)
            if pid:
                break
            if time.monotonic() > end:
                child.send_signal(signal.SIGKILL)
                child.wait()
                return fail(f"{path}: no end within {SECONDS} s")
            time.sleep(0.01)
        child.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        text = out.read()
    expect(used.ru_maxrss << 10 <= MEMORY, f"{path}: {used.ru_maxrss >> 10} MiB of memory")
    try:
        return json.loads(text), child.returncode, used
    except ValueError:
        return fail(f"{path}: status {child.returncode}, no JSON: {text[:200]!r}")


def check(name, path, policy, found, status=1, unread=0, **how):
    before = time.monotonic()
    result = scan(path, policy, **how)
    if not result:
        return
    record, rc, used = result
    n = len(record["findings"])
    print(f"{name}: status {rc}, {n} found, {time.monotonic() - before:.1f} s, "
          f"{used.ru_maxrss >> 10} MiB")
    expect(rc == status, f"{name}: status {rc}, and not {status}")
    expect(n == found, f"{name}: {n} found, and not {found}")
    expect(record["unread"]["count"] == unread,
           f"{name}: {record['unread']['count']} unread, and not {unread}")


def disturb(path):
    """Until it is killed: a directory and a file that move, and a file that is written."""
    names = [os.path.join(path, name) for name in ("one", "other")]
    os.mkdir(names[0])
    with open(os.path.join(path, "written"), "wb", buffering=0) as f:
        while True:
            f.write(PROGRAM)
            f.truncate(0)
            os.rename(names[0], names[1])
            open(os.path.join(names[1], "file"), "wb").close()
            os.unlink(os.path.join(names[1], "file"))
            os.rename(names[1], names[0])


def check_changing(path, policy):
    os.mkdir(path)
    with open(os.path.join(path, "program"), "wb") as f:
        f.write(PROGRAM)
    child = os.fork()
    if not child:
        try:
            disturb(path)
        finally:
            os._exit(1)
    for _ in range(20):
        result = scan(path, policy)
        if result:
            paths = [f["path"] for f in result[0]["findings"]]
            expect(result[1] == 1, f"changing: status {result[1]}")
            expect(os.path.join(path, "program") in paths, f"changing: {paths} found")
    expect(os.waitpid(child, os.WNOHANG) == (0, 0), "changing: nothing changed")
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)


def main(work):
    sized, unsized = os.path.join(work, "sized"), os.path.join(work, "unsized")
    write_policy(sized, f" {len(PROGRAM)}")
    write_policy(unsized, "")
    os.chmod(work, 0o755)
    tree = os.path.join(work, "tree")
    os.mkdir(tree)
    top = os.open(tree, os.O_RDONLY | os.O_DIRECTORY)
    kinds = {"wide": make_wide, "deep": make_deep, "names": make_names, "special": make_special,
             "sparse": make_sparse}
    all_found = 0
    for name, make in kinds.items():
        below = inside(name, top)
        found = make(below)
        os.close(below)
        all_found += found
        check(name, os.path.join(tree, name), sized, found)
    check("deep, few descriptors", os.path.join(tree, "deep"), sized, 1, files=128)
    # Of a terabyte nobody says what it is, and it is said so.
    check("sparse, without sizes", os.path.join(tree, "sparse"), unsized, 1, unread=2)
    check("all", tree, unsized, all_found, unread=2)
    if os.geteuid() == 0:
        below = inside("closed", top)
        make_closed(below)
        path = os.path.join(tree, "closed")
        check("closed", path, sized, 1, unread=2, as_nobody=True)
        os.unlink(os.path.join(path, "closed", "program"))
        check("closed, nothing found", path, sized, 0, status=3, unread=2, as_nobody=True)
        check("closed, as root", path, sized, 0, status=0)
    else:
        print("skipped: what may not be read: needs root")
    check_changing(os.path.join(work, "changing"), sized)


if __name__ == "__main__":
    directory = tempfile.mkdtemp(prefix="interdict-hostile-")
    try:
        main(directory)
    finally:
        # Deeper than Python's own way to remove a tree goes.
        subprocess.run(["rm", "-rf", directory], check=False)
        shutil.rmtree(directory, ignore_errors=True)
    print("hostile trees:", f"{failures} FAILED" if failures else "ok")
    sys.exit(failures > 0)
