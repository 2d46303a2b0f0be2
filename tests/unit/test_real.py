#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""
What `interdict identify` says of real files, held against what other tools say: drivers of Debian's
kernels (modinfo), signed boot loaders (osslsigncode, pesign, sbverify), programs and libraries
(readelf). And that `interdict digest` finds the same in Debian's clamav however it is packed. What is
missing here is skipped, and named.

test_real.py [BUILD]
"""
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

interdict = os.path.abspath((sys.argv[1] if len(sys.argv) > 1 else "build") + "/interdict")
cache = Path(os.environ.get("INTERDICT_CACHE") or
             os.path.join(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache", "interdict"))
os.environ["LC_ALL"] = "C"
os.environ["PATH"] += ":/usr/sbin:/sbin"
failures = 0

PE_PACKAGES = ["shim-signed", "shim-unsigned", "grub-efi-amd64-signed", "fwupd-amd64-signed"]
CLAMAV = ["clamav", "clamav-daemon", "clamav-freshclam", "libclamav*"]
READ_MOST = 3 << 30  # bytes of programs and libraries


def fail(path, what, ours, theirs):
    global failures
    failures += 1
    if failures <= 20:
        print(f"FAILED: {path}: {what}: {ours!r}, and not {theirs!r}")


def compare(path, what, ours, theirs):
    if ours != theirs:
        fail(path, what, ours, theirs)


def skip(what, needs):
    print(f"skipped: {what}: needs {needs}")


def has(tool, what, package):
    if shutil.which(tool):
        return True
    skip(what, f"{tool}: apt-get install {package}")
    return False


def in_batches(command, paths, step=250):
    """The output of `command PATH...`, many at a time, on two processors."""
    def one(batch):
        return subprocess.run(command + batch, capture_output=True, check=False).stdout

    batches = [paths[i:i + step] for i in range(0, len(paths), step)]
    with ThreadPoolExecutor(2) as pool:
        return list(pool.map(one, batches))


def identify(paths):
    return {o["path"]: o for out in in_batches([interdict, "identify", "--json"], paths)
            for o in json.loads(out)}


def values(o, kind):
    return [f["value"] for f in o["fingerprints"] if f["kind"] == kind]


# ---- drivers


def modinfo(paths):
    found = {}
    for out in in_batches(["modinfo"], paths):
        for line in out.decode(errors="replace").splitlines():
            key, _, value = line.partition(":")
            if key == "filename":
                fields = found[value.strip()] = {}
            elif key in ("signer", "sig_key", "name"):
                fields.setdefault(key, value.strip())
    return found


def check_drivers(series):
    root = cache / series / "lib"
    what = f"drivers of {series}"
    paths = [str(p) for p in root.rglob("*.ko*") if p.is_file()] if root.is_dir() else []
    if not paths:
        skip(what, f"tests/guest/kernel {series}, which fetches them")
        return
    if not has("modinfo", what, "kmod"):
        return
    ours, theirs = identify(paths), modinfo(paths)
    for path in paths:
        known = ours[path].get("unpacked", ours[path])
        signature = known["signature"]
        compare(path, "signer", signature["signer"], theirs[path].get("signer"))
        compare(path, "key", signature["serial"], theirs[path].get("sig_key"))
        compare(path, "name", known.get("module"), theirs[path].get("name"))
    print(f"ok: {len(paths):,} {what}: signer, key and name as modinfo")


# ---- PE files


def fetch_pe():
    """The packages' PE files; they are unpacked, and not installed."""
    to = cache / "pe"
    if not (to / "done").exists():
        if not shutil.which("apt-get") or not shutil.which("dpkg-deb"):
            return None
        to.mkdir(parents=True, exist_ok=True)
        for package in PE_PACKAGES:
            subprocess.run(["apt-get", "-q", "download", package], cwd=to, check=False,
                           capture_output=True)
        for deb in to.glob("*.deb"):
            subprocess.run(["dpkg-deb", "-x", deb, to / "root"], check=True)
            deb.unlink()
        if not (to / "root").is_dir():
            return None
        (to / "done").touch()
    return [str(p) for p in sorted((to / "root").rglob("*.efi*"))
            if p.is_file() and p.read_bytes()[:2] == b"MZ"]


def output(*command):
    return subprocess.run(command, capture_output=True, check=False).stdout.decode(errors="replace")


def one_line(name):
    """X509_NAME_oneline's "/C=US/O=X" in the form of "C = US, O = X"."""
    return ", ".join(part.replace("=", " = ", 1) for part in re.split(r"/(?=[A-Za-z]+=)", name)
                     if part)


def check_pesign(path, known):
    text = output("pesign", "-h", "-i", path)
    # Newer ones hash what is not signed as it would be padded for that.
    if known["signature"]["count"] or os.path.getsize(path) % 8 == 0:
        compare(path, "authentihash", values(known, "authentihash"),
                re.findall(r"\b([0-9a-f]{64})\b", text))
    names = re.findall(r"common name is (.*)", output("pesign", "-S", "-i", path))
    compare(path, "signers", [s["name"] for s in known["signature"]["signers"]], names)


def check_sbverify(path, known):
    text = output("sbverify", "--list", path)
    issuers = [one_line(n) for n in re.findall(r"issuers:\n - (.*)", text)]
    compare(path, "issuers", [s["issuer"] for s in known["signature"]["signers"]], issuers)


def check_osslsigncode(path, known):
    text = output("osslsigncode", "verify", "-in", path)
    hashes = re.findall(r"Calculated message digest : *([0-9A-F]{64})", text)
    # It takes no second entry of the table, and other versions pad what is not signed.
    if not hashes or not known["signature"]["count"]:
        return False
    compare(path, "authentihash", values(known, "authentihash")[0], hashes[0].lower())
    serial = re.search(r"Signer #0:.*?Serial : ([0-9A-F]+)", text, re.S).group(1)
    compare(path, "serial", known["signature"]["serial"].replace(":", ""), serial)
    return True


def check_pe():
    what = "signed PE files"
    paths = fetch_pe()
    if not paths:
        skip(what, f"apt-get download {' '.join(PE_PACKAGES)}")
        return
    ours = identify(paths)
    for tool, package, check in (("pesign", "pesign", check_pesign),
                                 ("sbverify", "sbsigntool", check_sbverify),
                                 ("osslsigncode", "osslsigncode", check_osslsigncode)):
        if has(tool, what, package):
            told = sum(check(path, ours[path]) is not False for path in paths)
            print(f"ok: {told} of {len(paths)} {what}: hash and signers as {tool}")
    for path in paths:
        state = "valid" if "signed" in path.rsplit("/", 1)[1] else ours[path]["signature"]["state"]
        compare(path, "state", ours[path]["signature"]["state"], state)


# ---- signed here


def openssl_key(work):
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
                    "-subj", "/O=Acme Ltd/CN=Acme", "-keyout", work / "key", "-out", work / "pem"],
                   check=True, capture_output=True)


SIGNERS = {
    "osslsigncode": ["osslsigncode", "sign", "-certs", "{w}/pem", "-key", "{w}/key", "-h", "sha256",
                     "-in", "{f}", "-out", "{w}/signed"],
    "osslsigncode -nest": ["osslsigncode", "sign", "-nest", "-certs", "{w}/pem", "-key", "{w}/key",
                           "-h", "sha256", "-in", "{w}/osslsigncode", "-out", "{w}/signed"],
    "sbsign": ["sbsign", "--cert", "{w}/pem", "--key", "{w}/key", "--output", "{w}/signed", "{f}"],
}


def check_signed_by(name, work, image):
    command = [part.format(w=work, f=image) for part in SIGNERS[name]]
    signed = work / name
    subprocess.run(command, check=True, capture_output=True)
    (work / "signed").rename(signed)
    known = identify([str(signed)])[str(signed)]
    signers = known["signature"]["signers"]
    compare(name, "state", known["signature"]["state"], "valid")
    compare(name, "signers", [s["name"] for s in signers], ["Acme"] * (1 + ("nest" in name)))
    compare(name, "organization", signers[0]["organization"], "Acme Ltd")
    content = bytearray(signed.read_bytes())
    content[len(content) // 2] ^= 1
    signed.with_suffix(".changed").write_bytes(content)
    changed = identify([str(signed.with_suffix(".changed"))])
    compare(name, "state when changed", [o["signature"]["state"] for o in changed.values()],
            ["invalid"])
    print(f"ok: a PE file signed by {name}, and changed")


def check_signing():
    images = [p for p in fetch_pe() or [] if p.endswith(".efi")]
    if not images or not has("openssl", "signing PE files", "openssl"):
        return
    with tempfile.TemporaryDirectory() as work:
        openssl_key(Path(work))
        for name in SIGNERS:
            if has(name.split()[0], f"a PE file signed by {name}", "osslsigncode sbsigntool"):
                check_signed_by(name, Path(work), images[0])


# ---- programs and libraries


def elf_files():
    total = 0
    for top in ("/usr/bin", "/usr/lib"):
        for path in Path(top).rglob("*"):
            if path.is_symlink() or not path.is_file() or "/debug/" in str(path):
                continue
            with open(path, "rb") as f:
                if f.read(6)[:6] not in (b"\x7fELF\x01\x01", b"\x7fELF\x02\x01"):
                    continue
            total += path.stat().st_size
            if total > READ_MOST:
                return
            yield str(path)


def readelf(paths):
    found, path = {}, None
    for out in in_batches(["readelf", "-nW"], paths):
        for line in out.decode(errors="replace").splitlines():
            if line.startswith("File: "):
                path = line[6:]
            elif "Build ID: " in line:
                found.setdefault(path, line.rsplit(" ", 1)[1])
    return found


def check_build_ids():
    what = "build-ids of programs and libraries"
    if not has("readelf", what, "binutils"):
        return
    paths = list(elf_files())
    ours, theirs = identify(paths), readelf(paths)
    for path in paths:
        compare(path, "build-id", values(ours[path], "build-id"),
                [theirs[path]] if path in theirs else [])
    print(f"ok: {len(paths):,} {what}, {len(theirs):,} with one: as readelf")


# ---- one antivirus in many forms


def fetch_clamav():
    """Its packages, which are not installed."""
    to = cache / "clamav"
    if not list(to.glob("*.deb")) and shutil.which("apt-get"):
        to.mkdir(parents=True, exist_ok=True)
        names = subprocess.run(["apt-cache", "pkgnames", "libclamav"], capture_output=True,
                               check=False).stdout.decode().split()
        wanted = CLAMAV[:-1] + [n for n in names if re.fullmatch(r"libclamav\d+(t64)?", n)]
        subprocess.run(["apt-get", "-q", "download", *wanted], cwd=to, check=False,
                       capture_output=True)
    return sorted(str(p) for p in to.glob("*.deb"))


SPEC = """Name: clamav-repacked
Version: 1
Release: 1
Summary: Debian's packages, repacked
License: GPL-2.0-only
AutoReqProv: no
%define __os_install_post %{{nil}}
%define debug_package %{{nil}}
%define _build_id_links none
%description
As they are.
%install
cp -a {root}/. %{{buildroot}}/
%files
/*
"""


def build_rpm(work, root):
    (work / "spec").write_text(SPEC.format(root=root))
    subprocess.run(["rpmbuild", "-bb", "--define", f"_topdir {work}/rpm", "--define",
                    f"_rpmdir {work}", "--target", "x86_64", work / "spec"], check=True,
                   capture_output=True)
    return next(work.glob("x86_64/*.rpm"))


def build_images(work, layer):
    """What skopeo makes of a layer: as `docker save` writes it, and as an OCI layout, in a tar too."""
    for to in (f"docker-archive:{work}/docker.tar", f"oci:{work}/oci:x"):
        subprocess.run(["skopeo", "copy", "--insecure-policy", "--tmpdir", work, f"tarball:{layer}",
                        to], check=True, capture_output=True)
    subprocess.run(["tar", "cf", work / "oci.tar", "-C", work / "oci", "."], check=True)
    return [work / "docker.tar", work / "oci", work / "oci.tar"]


def digests_of(*inputs):
    out = subprocess.run([interdict, "digest", "--shared", "--json", *inputs], check=True,
                         stdout=subprocess.PIPE).stdout
    return sorted({o["sha256"] for o in json.loads(out) if o["kind"] != "maintainer-script"})


def sha256sum_of(root):
    """Of every ELF file and script, by other means."""
    found = set()
    for path in root.rglob("*"):
        if path.is_symlink() or not path.is_file():
            continue
        content = path.read_bytes()
        if content[:4] == b"\x7fELF" or content[:2] == b"#!":
            found.add(hashlib.sha256(content).hexdigest())
    return sorted(found)


def check_forms():
    what = "clamav in several forms"
    debs = fetch_clamav()
    if not debs or not has("dpkg-deb", what, "dpkg"):
        skip(what, "apt-get download clamav")
        return
    with tempfile.TemporaryDirectory() as name:
        work = Path(name)
        root = work / "root"
        for deb in debs:
            subprocess.run(["dpkg-deb", "-x", deb, root], check=True)
        subprocess.run(["tar", "czf", work / "layer.tar.gz", "-C", root, "."], check=True)
        subprocess.run(["tar", "cf", work / "debs.tar", *debs], check=True, capture_output=True)
        theirs = sha256sum_of(root)
        forms = {".deb": debs, "directory": [root], ".tar.gz": [work / "layer.tar.gz"],
                 ".deb in .tar": [work / "debs.tar"]}
        if has("rpmbuild", f"{what}: .rpm", "rpm"):
            forms[".rpm"] = [build_rpm(work, root)]
        if has("skopeo", f"{what}: images", "skopeo"):
            for image in build_images(work, work / "layer.tar.gz"):
                forms[image.name] = [image]
        for form, inputs in forms.items():
            compare(form, "digests", digests_of(*inputs), theirs)
        print(f"ok: {len(theirs)} digests of {what}: {', '.join(forms)}")


for kernel in ("6.1", "7.3"):
    check_drivers(kernel)
check_pe()
check_signing()
check_build_ids()
check_forms()
if failures:
    sys.exit(f"{failures} differ")
