#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""verdicts.py METRICS LOG…: whether the metrics have exactly the verdicts of the log, by hook, vendor
and outcome, each record of repeats counted as many times. Prints how many; status 1: each difference.
"""
import collections
import json
import sys

from exposition import Exposition


def of_log(paths):
    found = collections.Counter()
    for path in paths:
        with open(path, "rb") as log:
            for line in log:
                record = json.loads(line)
                event, own = record["event"], record["interdict"]
                # What interdictd itself found, loaded or running, is no verdict.
                if event["dataset"] != "interdict.denial" or event["code"] in ("loaded", "running"):
                    continue
                verdict = "denied" if event["type"] == ["denied"] else "monitored"
                found[event["action"], own["vendor"], verdict] += own.get("repeated", {}).get("count", 1)
    return found


def of_metrics(path):
    exposition = Exposition()
    with open(path, encoding="utf-8") as file:
        exposition.read(file.read())
    found = collections.Counter()
    for (name, labels), value in exposition.series.items():
        if name == "interdict_verdicts_total":
            has = dict(labels)
            found[has["hook"], has["vendor"], has["verdict"]] += value
    return found


def main(metrics, *logs):
    counted, logged = of_metrics(metrics), of_log(logs)
    for what in sorted(counted.keys() | logged.keys()):
        if counted[what] != logged[what]:
            print(f"{' '.join(what)}: {counted[what]} in the metrics, {logged[what]} in the log")
    if counted == logged:
        print(sum(counted.values()))
    return counted != logged


sys.exit(main(*sys.argv[1:]))
