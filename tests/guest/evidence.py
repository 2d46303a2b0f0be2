#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""evidence.py STATUS EXPECTED TRIES LOG: whether the log and its rotated parts have all that
`interdict status --json` counts, and say of each user (EXPECTED: uid, path, digest) what is true.
"""
import glob
import json
import sys


def denials(log):
    for path in [log] + sorted(glob.glob(log + ".*")):
        with open(path, encoding="utf-8", errors="strict") as f:
            for line in f:
                record = json.loads(line)
                if record["event"]["dataset"] == "interdict.denial":
                    yield record


def check(holds, what):
    if not holds:
        print(what)
    return holds


def main(status, expected, tries, log):
    account = json.load(open(status))["events"]
    wanted = {uid: (path, digest) for uid, path, digest in map(str.split, open(expected))}
    alone = repeats = wrong = 0
    seen = set()
    for record in denials(log):
        uid = record["user"]["id"]
        path, digest = wanted.get(uid, ("", ""))
        right = (record["file"]["path"] == path and record["file"]["hash"]["sha256"] == digest
                 and record["rule"]["id"] == "acme/sha256:" + digest[:12]
                 and record["event"]["outcome"] == "failure")
        wrong += not right
        seen.add(uid)
        count = record["interdict"].get("repeated", {}).get("count", 0)
        repeats += count
        alone += not count
    total = sum(account[n] for n in ("written", "suppressed", "canary", "lost", "write_failed",
                                     "earlier", "pending"))
    print(f"{account['emitted']} emitted: {account['written']} written, {account['suppressed']} folded, "
          f"{account['lost']} lost, {account['canary']} of the canary")
    return all([
        check(account["emitted"] == int(tries) + account["canary"], "not all were emitted"),
        check(total == account["emitted"], f"they add up to {total}"),
        check(alone == account["written"], f"{alone} records of one"),
        check(repeats == account["suppressed"], f"{repeats} repeats in records"),
        check(not wrong, f"{wrong} records are wrong"),
        check(seen == set(wanted), f"of {len(seen)} users"),
    ])


sys.exit(not main(*sys.argv[1:]))
