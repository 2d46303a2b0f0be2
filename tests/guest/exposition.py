#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""exposition.py FILE [SERIES…]: read metrics strictly, in Prometheus' text format 0.0.4.

Without SERIES it only checks, and prints how many series there are. Of each SERIES, as
name{label="value"}, the sum of all that have these labels is printed, one a line; "absent" for none.
Status 1: a line is wrong, which is named.

Stricter than Prometheus: every family has HELP and TYPE, once and before its series, which are
together; counters end in _total and are whole and not negative, gauges do not; all names begin with
interdict_; no series is there twice; values of labels are printable.
"""
import re
import sys

NAME = re.compile(r"interdict_[a-z0-9_]+")
LABEL = re.compile(r'([a-z_][a-z0-9_]*)="((?:[^"\\\n]|\\[\\"n])*)"')
NUMBER = re.compile(r"\d+(\.\d+)?")


class Wrong(Exception):
    pass


def labels_of(text):
    labels, at = {}, 0
    while at < len(text):
        found = LABEL.match(text, at)
        if not found or found[1] in labels:
            raise Wrong("labels")
        value = re.sub(r"\\(.)", lambda m: {"n": "\n"}.get(m[1], m[1]), found[2])
        if not value.isprintable():
            raise Wrong("a label that is not printable")
        labels[found[1]] = value
        at = found.end()
        if at < len(text):
            if text[at] != "," or at + 1 == len(text):
                raise Wrong("labels")
            at += 1
    return labels


def series_of(text):
    found = re.fullmatch(r"([a-z0-9_]+)(?:\{(.*)\})?", text)
    if not found or not NAME.fullmatch(found[1]):
        raise Wrong("name")
    return found[1], labels_of(found[2] or "")


class Exposition:
    def __init__(self):
        self.series = {}
        self.helped = set()
        self.types = {}
        self.family = None

    def comment(self, line):
        words = line.split(" ", 3)
        if len(words) != 4 or words[0] != "#" or not NAME.fullmatch(words[2]) or not words[3]:
            raise Wrong("comment")
        _, what, name, text = words
        if what == "HELP" and name not in self.helped:
            self.helped.add(name)
        elif what == "TYPE" and name in self.helped and name not in self.types:
            if text not in ("counter", "gauge") or (text == "counter") != name.endswith("_total"):
                raise Wrong("type")
            self.types[name] = text
        else:
            raise Wrong("comment twice, or out of order")
        self.family = name

    def sample(self, line):
        text, _, number = line.rpartition(" ")
        name, labels = series_of(text)
        if name != self.family or name not in self.types:
            raise Wrong("not behind its TYPE")
        if not NUMBER.fullmatch(number) or (self.types[name] == "counter" and "." in number):
            raise Wrong("value")
        key = name, tuple(sorted(labels.items()))
        if key in self.series:
            raise Wrong("twice")
        self.series[key] = float(number) if "." in number else int(number)

    def read(self, text):
        if not text.endswith("\n"):
            raise Wrong("the last line has no end")
        for line in text[:-1].split("\n"):
            try:
                (self.comment if line.startswith("#") else self.sample)(line)
            except Wrong as error:
                raise Wrong(f"{error}: {line!r}") from None

    def sum_of(self, text):
        name, labels = series_of(text)
        found = [value for (of, has), value in self.series.items()
                 if of == name and labels.items() <= dict(has).items()]
        return sum(found) if found else "absent"


def main(path, *wanted):
    exposition = Exposition()
    try:
        with open(path, "rb") as file:
            exposition.read(file.read().decode("utf-8"))
        answers = [exposition.sum_of(text) for text in wanted]
    except (Wrong, UnicodeDecodeError) as error:
        print(f"{path}: {error}", file=sys.stderr)
        return 1
    print(*(answers if wanted else [len(exposition.series)]), sep="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
