#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""
Copies of listed programs, libraries and drivers under other names: in nested directories, packages,
archives, archives in archives, container images, and as running programs that were deleted. `interdict
scan --archives --running` finds every one of them, where it lies, and nothing else; not what lies
beside each, of the same size and with one bit changed; and nothing in all of /usr.

What is listed are programs and libraries of this machine, each with a few bytes behind its end, so
that no other file is the same. (Modules that are loaded: tests/guest/suite.)

test_planted.py [BUILD] [DIRECTORY]: DIRECTORY holds nothing that is listed [/usr]
"""
import glob
import hashlib
import json
import lzma
import os
import shutil
import subprocess
import sys
import tempfile

interdict = os.path.abspath((sys.argv[1] if len(sys.argv) > 1 else "build") + "/interdict")
clean = sys.argv[2] if len(sys.argv) > 2 else "/usr"
CONTENTS = 20
RUNNING = 20
SIZE_MAX = 1 << 20
MODULE = b"\0.gnu.linkonce.this_module\0"
failures = 0


def expect(condition, what):
    global failures
    if not condition:
        failures += 1
        print(f"FAILED: {what}")


def run(*command, **more):
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **more)


# ---- what is listed -----------------------------------------------------------------------------


def is_elf(path):
    with open(path, "rb") as f:
        return f.read(4) == b"\177ELF"


def real_files():
    """Programs and libraries, half of each."""
    programs = sorted(glob.glob("/usr/bin/*"))
    libraries = sorted(glob.glob("/usr/lib/*/*.so.*"))
    for names in programs, libraries:
        good = [n for n in names if os.path.isfile(n) and not os.path.islink(n)
                and 10_000 < os.path.getsize(n) < SIZE_MAX and is_elf(n)]
        yield from good[:: max(1, len(good) // (CONTENTS // 2))][: CONTENTS // 2]


def contents():
    """Twenty that nobody else has, a driver among them."""
    for i, name in enumerate(real_files()):
        with open(name, "rb") as f:
            yield f.read() + b"planted %d" % i
    head = b"\177ELF\2\1\1" + bytes(9) + b"\1\0\x3e\0"
    yield head + bytes(8192) + MODULE + os.urandom(64)


def other(data):
    """Of the same size."""
    return data[:-1] + bytes([data[-1] ^ 1])


def write(path, data, mode=0o755):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as f:
        f.write(data)
    os.chmod(path, mode)


def write_policy(path, listed):
    lines = "".join(f"{hashlib.sha256(data).hexdigest()} {len(data)}\n" for data in listed)
    write(f"{path}/planted.digests", lines.encode())
    write(f"{path}/planted.policy",
          b"[Vendor]\nId=planted\n[Deny]\nVendor=planted\nDigestList=planted.digests\n")


# ---- where it is planted ------------------------------------------------------------------------


def plant(tree, name, data):
    """The content, and beside it what only looks like it."""
    write(f"{tree}/{name}", data)
    write(f"{tree}/beside/{name}", other(data))


def in_directory(top, i, data):
    name = "/".join([top, "files", *(f"d{k}" for k in range(i % 7)), f"thing-{i}"])
    write(name, data)
    write(name + ".beside", other(data))
    return [(name, "")]


def in_deb(top, i, data):
    tree = f"{top}/work"
    plant(tree, f"opt/x{i}", data)
    write(f"{tree}/DEBIAN/control", f"Package: p{i}\nVersion: 1.{i}\nArchitecture: all\n"
          "Maintainer: t <t@example.org>\nDescription: x\n".encode(), 0o644)
    pack = ["xz", "zstd", "gzip", "none"][i % 4]
    run("dpkg-deb", "--root-owner-group", f"-Z{pack}", "--build", tree, f"{top}/packages/{i}.deb")
    return [(f"{top}/packages/{i}.deb", f":opt/x{i}")]


SPEC = """Name: p{i}
Version: 1
Release: 1
Summary: x
License: x
AutoReqProv: no
%description
x
%install
mkdir -p %{{buildroot}}
cp -a {top}/work/. %{{buildroot}}
%files
/opt
/beside
"""


def in_rpm(top, i, data):
    plant(f"{top}/work", f"opt/x{i}", data)
    write(f"{top}/work-rpm/x.spec", SPEC.format(i=i, top=top).encode())
    pack = ["w9.gzdio", "w2.xzdio", "w3.zstdio", "w9.bzdio"][i % 4]
    settings = {"_topdir": f"{top}/work-rpm", "_rpmdir": f"{top}/packages", "_rpmfilename": f"{i}.rpm",
                "__os_install_post": "%{nil}", "debug_package": "%{nil}", "_build_id_links": "none",
                "_binary_payload": pack}
    defines = [part for key, value in settings.items() for part in ("--define", f"{key} {value}")]
    run("rpmbuild", "-bb", "--quiet", *defines, "--buildroot", f"{top}/work-rpm/root",
        f"{top}/work-rpm/x.spec")
    return [(f"{top}/packages/{i}.rpm", f":opt/x{i}")]


def archive(tree, name, how):
    """Of all that is in @tree."""
    entries = sorted(os.listdir(tree))
    if how == "zip":
        run("zip", "-qr", f"{name}.zip", *entries, cwd=tree)
        os.rename(f"{name}.zip", name)
    else:
        run("tar", how, "-cf", name, *entries, cwd=tree)


HOWS = ["--gzip", "--xz", "--zstd", "--bzip2", "zip", "--format=v7"]


def in_archive(top, i, data):
    plant(f"{top}/work", f"x{i}", data)
    archive(f"{top}/work", f"{top}/archives/{i}", HOWS[i % len(HOWS)])
    return [(f"{top}/archives/{i}", f":x{i}")]


def in_archives(top, i, data):
    """Three in one another."""
    plant(f"{top}/work", f"x{i}", data)
    archive(f"{top}/work", f"{top}/work-2/inner", HOWS[i % len(HOWS)])
    archive(f"{top}/work-2", f"{top}/work-3/middle", HOWS[(i + 1) % len(HOWS)])
    archive(f"{top}/work-3", f"{top}/archives/nested-{i}", HOWS[(i + 2) % len(HOWS)])
    return [(f"{top}/archives/nested-{i}", f":middle:inner:x{i}")]


def packed(top, i, data):
    write(f"{top}/packed/x{i}.xz", lzma.compress(data))
    write(f"{top}/packed/beside{i}.xz", lzma.compress(other(data)))
    # What a driver unpacks to is the driver.
    is_driver = MODULE in data and data[16] == 1
    return [(f"{top}/packed/x{i}.xz", "" if is_driver else f":x{i}")]


def put_blob(top, data):
    name = hashlib.sha256(data).hexdigest()
    write(f"{top}/blobs/sha256/{name}", data)
    return {"digest": f"sha256:{name}", "size": len(data)}


def oci(top, name, i, data):
    """An image, as a directory: a layer of one file."""
    plant(f"{top}/work", f"usr/x{i}", data)
    archive(f"{top}/work", f"{top}/work-layer", "--gzip")
    image = f"{top}/images/{name}"
    with open(f"{top}/work-layer", "rb") as f:
        layer = put_blob(image, f.read())
    os.unlink(f"{top}/work-layer")
    config = put_blob(image, json.dumps({"architecture": "amd64", "os": "linux", "rootfs": {
        "type": "layers", "diff_ids": []}}).encode())
    manifest = put_blob(image, json.dumps({"schemaVersion": 2, "config": config,
                                           "layers": [layer]}).encode())
    write(f"{image}/oci-layout", b'{"imageLayoutVersion":"1.0.0"}')
    write(f"{image}/index.json", json.dumps({"schemaVersion": 2, "manifests": [manifest]}).encode())
    return image, "blobs/sha256/" + layer["digest"][7:]


def in_image(top, i, data):
    image, layer = oci(top, str(i), i, data)
    return [(f"{image}/{layer}", f":usr/x{i}")]


def in_image_archive(top, i, data):
    """The same in one file."""
    image, layer = oci(top, f"one-{i}", i, data)
    run("tar", "-cf", f"{image}.tar", "oci-layout", "index.json", "blobs", cwd=image)
    shutil.rmtree(image)
    return [(f"{image}.tar", f":{layer}:usr/x{i}")]


def in_docker_save(top, i, data):
    plant(f"{top}/work", f"usr/x{i}", data)
    archive(f"{top}/work", f"{top}/work-2/l{i}/layer.tar", "--format=gnu")
    write(f"{top}/work-2/manifest.json",
          json.dumps([{"Config": "c.json", "Layers": [f"l{i}/layer.tar"]}]).encode())
    archive(f"{top}/work-2", f"{top}/images/save-{i}.tar", "--format=gnu")
    return [(f"{top}/images/save-{i}.tar", f":l{i}/layer.tar:usr/x{i}")]


PLACES = [in_directory, in_deb, in_rpm, in_archive, in_archives, packed, in_image, in_image_archive,
          in_docker_save]


def plant_all(top, listed):
    planted = []
    for d in "files", "packages", "archives", "packed", "images":
        os.makedirs(f"{top}/{d}")
    for i, data in enumerate(listed):
        for place in PLACES:
            for d in "work-2/l%d" % i, "work-3":
                os.makedirs(f"{top}/{d}", exist_ok=True)
            planted += place(top, i, data)
            for d in glob.glob(f"{top}/work*"):
                shutil.rmtree(d)
    return planted


# ---- what runs ----------------------------------------------------------------------------------


def start_all(top):
    """Programs that are deleted while they run; and one that is not listed."""
    with open("/bin/sleep", "rb") as f:
        sleep = f.read()
    listed, children = [], []
    for i in range(RUNNING + 1):
        data = sleep + b"running %d" % i
        write(f"{top}/run/r{i}", data)
        children.append(subprocess.Popen([f"{top}/run/r{i}", "600"]))
        if i < RUNNING:
            listed.append(data)
    shutil.rmtree(f"{top}/run")
    return listed, children


# ---- looking ------------------------------------------------------------------------------------


def scan(policy, *args):
    command = [interdict, "scan", "--policy", policy, "--json", *args]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
    expect(done.returncode in (0, 1, 3), f"{command}: {done.returncode}: {done.stderr.decode()}")
    return done.returncode, json.loads(done.stdout)


def check(top, policy, planted, children):
    rc, result = scan(policy, "--archives", "--running", top)
    on_disk = {(f["file"] if "file" in f else f["path"], f.get("inside", ""))
               for f in result["findings"] if f["place"] != "running"}
    running = {f["pid"] for f in result["findings"] if f["place"] == "running"}
    expected = {child.pid for child in children[:RUNNING]}
    expect(rc == 1, f"exit status {rc}")
    for missing in sorted(set(planted) - on_disk):
        expect(False, f"not found: {missing}")
    for more in sorted(on_disk - set(planted)):
        expect(False, f"found, and not planted: {more}")
    expect(running == expected, f"running: {sorted(running)}, not {sorted(expected)}")
    expect(len(result["findings"]) == len(planted) + RUNNING, f"{len(result['findings'])} findings")
    expect(result["unopened"] == 0, f"{result['unopened']} archives unopened")
    print(f"{len(planted)} planted, {RUNNING} running: {len(result['findings'])} found")


def check_clean(policy):
    rc, result = scan(policy, "--archives", clean)
    expect(not result["findings"], f"found in {clean}: {result['findings'][:3]}")
    expect(rc in (0, 3), f"{clean}: exit status {rc}")
    print(f"{clean}: {result['files']} files, {result['archives']} archives: "
          f"{len(result['findings'])} found")


def main():
    missing = [t for t in ("dpkg-deb", "rpmbuild", "zip", "tar", "xz", "zstd", "bzip2")
               if not shutil.which(t)]
    if missing:
        print(f"skipped: {', '.join(missing)} not installed")
        return
    with tempfile.TemporaryDirectory(prefix="interdict-planted-") as dir_name:
        top, policy = f"{dir_name}/top", f"{dir_name}/policy.d"
        os.makedirs(top)
        listed = list(contents())[-CONTENTS:]
        planted = plant_all(top, listed)
        running, children = start_all(top)
        try:
            write_policy(policy, listed + running)
            check(top, policy, planted, children)
        finally:
            for child in children:
                child.kill()
                child.wait()
        check_clean(policy)


main()
sys.exit(1 if failures else 0)
