#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""records.py [--page PAGE] LOG…: whether every line is a record as interdict-events(5) has them.

The page is the one source: its lists of fields are read here, so that it cannot say what is not so.
Each line must be strict JSON (RFC 8259, UTF-8, no name twice, no NaN); each field must be on the
page, of the type that it has there, and there when the page says so.

--torn N   so many lines may be cut off, as by a crash, and be no JSON

Prints what is wrong, FILE:LINE: WHAT, at most 20 of them, and "N records". Exit status: 0 all are
sound, 1 some are not, 2 usage, 4 the page or a file cannot be read.
"""
import argparse
import json
import os
import re
import sys

MOST = 20
COMMON = "Every record"
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?Z")
HEX = re.compile(r"([0-9a-f]{2})+")


class Wrong(Exception):
    pass


# ---- the page


class Field:
    def __init__(self, name, kind, presence):
        self.name, self.kind, self.presence = name, kind, presence
        self.nullable = kind.endswith(" or null")
        self.kind = kind.removesuffix(" or null")
        self.empty = self.kind.endswith(", may be none")
        self.kind = self.kind.removesuffix(", may be none")
        if presence not in ("always", "may be absent") and not presence.startswith("with "):
            raise Wrong(f"{name}: no presence: {presence}")
        check_kind(self.kind, name)


SCALARS = ("string", "integer", "boolean", "time", "numeral", "sha256", "hex", "object", "counts")


def check_kind(kind, name):
    kind = kind.removeprefix("array of ")
    if kind not in SCALARS and not kind.startswith("one of "):
        raise Wrong(f"{name}: no type: {kind}")


def read_page(path):
    """The fields of each section, by name."""
    sections, section, wanted = {}, None, False
    with open(path, encoding="utf-8") as page:
        for line in page:
            if line.startswith(".Sh "):
                wanted = line.strip() == ".Sh FIELDS OF THE RECORDS"
            elif wanted and line.startswith(".Ss "):
                section = sections.setdefault(line[4:].strip(), {})
            elif wanted and line.startswith(".It "):
                item = re.fullmatch(r"\.It Va (\S+) Pq ([^;]+) ; ([^;]+) ; (\w+)\n", line)
                if not item or item[4] not in ("kernel", "interdictd", "claimed"):
                    raise Wrong(f"no field: {line.strip()}")
                if item[1] in section:
                    raise Wrong(f"twice: {item[1]}")
                section[item[1]] = Field(item[1], item[2], item[3])
    if COMMON not in sections or len(sections) < 2:
        raise Wrong("no lists of fields")
    return {name: {**sections[COMMON], **fields} for name, fields in sections.items()}


# ---- values


def is_integer(value):
    return isinstance(value, int) and not isinstance(value, bool)


CHECKS = {
    "string": lambda v: isinstance(v, str),
    "integer": is_integer,
    "boolean": lambda v: isinstance(v, bool),
    "time": lambda v: isinstance(v, str) and TIME.fullmatch(v),
    "numeral": lambda v: isinstance(v, str) and re.fullmatch(r"[0-9]+", v),
    "sha256": lambda v: isinstance(v, str) and re.fullmatch(r"[0-9a-f]{64}", v),
    "hex": lambda v: isinstance(v, str) and HEX.fullmatch(v),
    "object": lambda v: isinstance(v, dict),
    "counts": lambda v: isinstance(v, dict) and all(map(is_integer, v.values())),
}


def fits(kind, value):
    if kind.startswith("one of "):
        return isinstance(value, str) and value in kind.split()[2:]
    return CHECKS[kind](value)


def check_value(field, value):
    if value is None and field.nullable:
        return
    if not field.kind.startswith("array of "):
        if not fits(field.kind, value):
            raise Wrong(f"{field.name} is no {field.kind}: {value!r}"[:200])
        return
    if not isinstance(value, list) or (not value and not field.empty):
        raise Wrong(f"{field.name} is no {field.kind}: {value!r}"[:200])
    for one in value:
        if not fits(field.kind.removeprefix("array of "), one):
            raise Wrong(f"{field.name} is no {field.kind}: {one!r}"[:200])


# ---- a record


def flatten(fields, value, name, found, objects):
    """Each field of the record by its name; each object that a field is in, by its place."""
    if name in fields and fields[name].kind not in ("object", "array of object"):
        check_value(fields[name], value)
        found.add(name)
        return
    if name in fields:
        check_value(fields[name], value)
        found.add(name)
        for one in value if isinstance(value, list) else [value]:
            inside = set()
            objects.append((name, inside))
            for key, member in one.items():
                flatten(fields, member, f"{name}.{key}", inside, objects)
        return
    if not isinstance(value, dict):
        raise Wrong(f"unknown field: {name}")
    if not value:
        raise Wrong(f"empty object: {name}")
    for key, member in value.items():
        flatten(fields, member, f"{name}.{key}", found, objects)


def holder(fields, name):
    """The object of the page that a field is in: one that may be absent, or be there several times."""
    while "." in name:
        name = name.rpartition(".")[0]
        if name in fields:
            return name
    return ""


def check_presence(fields, place, found, everywhere):
    for name, field in fields.items():
        if holder(fields, name) != place:
            continue
        if field.presence == "always" and name not in found:
            raise Wrong(f"no {name}")
        if field.presence.startswith("with "):
            other = field.presence[5:]
            if (name in found) != (other in found or other in everywhere):
                raise Wrong(f"{name} {'without' if name in found else 'lacks beside'} {other}")


def check_denial(record):
    """What the page says in words."""
    denied = record["event"]["type"] == ["denied"]
    if (record["event"]["outcome"] == "failure") != denied:
        raise Wrong("event.outcome and event.type differ")
    if (record["interdict"]["mode"] == "enforce") != denied:
        raise Wrong("interdict.mode and event.type differ")
    path = record["file"].get("path")
    if path is not None and record["file"]["name"] != path.rpartition("/")[2]:
        raise Wrong("file.name is not the end of file.path")
    if record["interdict"].get("repeated", {}).get("count", 1) < 1:
        raise Wrong("interdict.repeated.count is below 1")
    for name in record["interdict"].get("added", []) + record["interdict"].get("claimed", []):
        if not is_there(record, name.split(".")):
            raise Wrong(f"interdict.added or claimed names what is not there: {name}")


def is_there(value, names):
    if isinstance(value, list):
        return any(is_there(one, names) for one in value)
    if not names:
        return True
    return isinstance(value, dict) and names[0] in value and is_there(value[names[0]], names[1:])


def check_record(sections, record):
    event = record.get("event")
    dataset = event.get("dataset") if isinstance(event, dict) else None
    if not isinstance(dataset, str) or dataset not in sections or dataset == COMMON:
        raise Wrong(f"event.dataset is none: {dataset!r}"[:200])
    fields, found, objects = sections[dataset], set(), []
    for key, member in record.items():
        flatten(fields, member, key, found, objects)
    check_presence(fields, "", found, found)
    for place, inside in objects:
        check_presence(fields, place, inside, found)
    if dataset == "interdict.denial":
        check_denial(record)


# ---- a line


def no_twice(pairs):
    names = [name for name, _ in pairs]
    if len(set(names)) != len(names):
        raise Wrong("a name is there twice: " + next(n for n in names if names.count(n) > 1)[:100])
    return dict(pairs)


def no_constant(word):
    raise Wrong(f"no JSON: {word}")


def parse(line):
    try:
        text = line.decode("utf-8")
    except UnicodeDecodeError as e:
        raise Wrong("no UTF-8") from e
    try:
        record = json.loads(text, object_pairs_hook=no_twice, parse_constant=no_constant)
    except (ValueError, RecursionError) as e:
        raise Wrong(f"no JSON: {e}") from e
    if not isinstance(record, dict):
        raise Wrong("no object")
    try:
        json.dumps(record, ensure_ascii=False).encode("utf-8")
    except UnicodeEncodeError as e:
        raise Wrong("half a character in an escape") from e
    return record


def check_file(sections, path, torn):
    """How many records, what is wrong, and how many lines may still be torn."""
    wrong, number = [], 0
    with open(path, "rb") as log:
        for number, line in enumerate(log, 1):
            try:
                if not line.endswith(b"\n"):
                    raise Wrong("no JSON: no end of the line")
                check_record(sections, parse(line[:-1]))
            except Wrong as e:
                if str(e).startswith("no JSON") and torn:
                    torn -= 1
                else:
                    wrong.append(f"{path}:{number}: {e}")
    return number, wrong, torn


def main():
    here = os.path.dirname(os.path.realpath(__file__))
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument("--page", default=os.path.join(here, "../../man/interdict-events.5"))
    parser.add_argument("--torn", type=int, default=0)
    parser.add_argument("logs", nargs="+")
    options = parser.parse_args()
    total, wrong, torn = 0, [], options.torn
    try:
        sections = read_page(options.page)
        for path in options.logs:
            number, found, torn = check_file(sections, path, torn)
            total, wrong = total + number, wrong + found
    except (OSError, Wrong) as e:
        print(f"records.py: {e}")
        return 4
    for line in wrong[:MOST]:
        print(ascii(line)[1:-1])
    if len(wrong) > MOST:
        print(f"and {len(wrong) - MOST} more")
    print(f"{total} records" + (f", {len(wrong)} of them wrong" if wrong else ""))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
