#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""account.py LOG: what a log of events tells, as shell assignments.

changes   lines that are records of what was done to interdict itself
records   lines that are records of denials, of which
alone       stand for one event each, and
folds       for several:
repeats       as many in all
broken    lines that are no records
twice     records whose event.id or sequence another one has, too
"""
import json
import sys


def main(path):
    count = dict.fromkeys(("changes", "records", "alone", "folds", "repeats", "broken", "twice"), 0)
    seen = set()
    with open(path, "rb") as log:
        for line in log:
            try:
                record = json.loads(line)
                event = record["event"]
            except (ValueError, KeyError, TypeError):
                count["broken"] += 1
                continue
            if "sequence" not in event:
                count["changes"] += 1
                continue
            names = {event["id"], (event["id"].split("-")[1], event["sequence"])}
            count["twice"] += bool(seen & names)
            seen |= names
            count["records"] += 1
            repeated = record["interdict"].get("repeated")
            if repeated:
                count["folds"] += 1
                count["repeats"] += repeated["count"]
            else:
                count["alone"] += 1
    print(" ".join(f"{name}={number}" for name, number in count.items()))


main(sys.argv[1])
