#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""commands.py PAGE: the commands that a Markdown page shows, a line each, in order.

A command is a line of a ```sh block, or of an indented block, that begins with a word of COMMANDS; lines that
end in a backslash go on. In the text it is `interdict …` with more than a command's name behind it, or any
other of COMMANDS: `interdict scan` alone is a name, and printed behind "name ". What the text says once more is
left out; what a block shows once more is run once more.

commands.py PAGE --block LINE: the block that has this line, as it is.
"""
import re
import sys

COMMANDS = ("sudo", "interdict", "interdictd", "make", "systemctl", "journalctl", "printf", "kubectl", "ansible-playbook",
            "openssl", "sha256sum", "jq", "varlinkctl", "./")
BEGINS = re.compile(r"(%s)( |$)" % "|".join(map(re.escape, COMMANDS)) + r"|\./")
NAME = re.compile(r"interdict [a-z]+$")


def joined(lines):
    """Lines, with those that end in a backslash joined to the next."""
    whole = ""
    for line in lines:
        whole += line.strip()
        if whole.endswith("\\"):
            whole = whole[:-1].rstrip() + " "
            continue
        yield whole
        whole = ""


def blocks(lines):
    """(language, lines) of each block: a fence's language, "indented", or "text"."""
    fence, kind, block = None, "text", []
    for line in lines:
        if line.startswith("```"):
            yield kind, block
            fence, kind, block = (None, "text", []) if fence is not None else (line, line[3:].strip() or "none", [])
            continue
        here = fence is None and re.match(r" {4}\S", line) and (kind == "indented" or not "".join(block[-1:]).strip())
        if fence is None and ("indented" if here else "text") != kind and line.strip():
            yield kind, block
            kind, block = "indented" if here else "text", []
        block.append(line)
    yield kind, block


def of_block(kind, lines):
    if kind == "sh":
        yield from (line for line in joined(lines) if line and not line.startswith("#"))
    elif kind == "indented":
        yield from (line for line in joined(lines) if BEGINS.match(line))
    elif kind == "text":
        for span in re.findall(r"`([^`]+)`", " ".join(line.strip() for line in lines)):
            if NAME.match(span):
                yield "name " + span
            elif BEGINS.match(span) and " " in span:
                yield span


def commands(page):
    seen = set()
    for kind, lines in blocks(page):
        for command in of_block(kind, lines):
            if kind != "text" or command not in seen:
                seen.add(command)
                yield command


def block(page, wanted):
    for _, lines in blocks(page):
        lines = [line[4:] if line.startswith("    ") else line for line in lines]
        if wanted in lines:
            return lines
    sys.exit(f"no block has the line {wanted}")


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        page = file.read().splitlines()
    print("\n".join(block(page, sys.argv[3]) if sys.argv[2:3] == ["--block"] else commands(page)))


main()
