#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""
check_report.py [--out DIR] REPORT.html [LOG...]

Whether a report is rendered as it should be, and says what the log says.

- In Chromium at 1280 and 390 pixels, light and dark: the page is no wider than the window, nothing in
  it is cut off, nothing is loaded from anywhere, nothing runs, no control or turning character is in
  what is shown; it prints to a PDF.
- The numbers that it shows and those in its document are those of the log, counted here by other
  means. LOG are the log's files; without any, numbers are not looked at.

Exit status: 0, 1 failed, 77 there is no Chromium (the numbers were checked all the same).
"""
import collections
import datetime
import gzip
import html.parser
import json
import re
import sys
import unicodedata
from pathlib import Path

import chromium

failures = 0
WIDTHS = [1280, 390]


def check(condition, what):
    global failures
    if not condition:
        failures += 1
        print(f"FAILED: {what}")


class Page(html.parser.HTMLParser):
    """The document in the page, and the figures of its summary."""

    def __init__(self, text):
        super().__init__()
        self.document, self.tiles, self.text = "", [], ""
        self.inside, self.tile, self.scripts, self.handlers = [], None, 0, []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        names = dict(attrs)
        self.handlers += [name for name, _ in attrs if name.startswith("on")]
        self.handlers += [name for name in ("src", "href", "xlink:href", "srcset") if name in names]
        if tag == "script":
            self.scripts += 1
            check(names.get("type") == "application/json", "a script that is no data")
        if tag == "li" and "tile" in (names.get("class") or "").split():
            self.tile = ["", ""]
            self.tiles.append(self.tile)
        self.inside.append(tag)

    def handle_endtag(self, tag):
        if tag == "ul":
            self.tile = None
        while self.inside and self.inside.pop() != tag:
            pass

    def handle_data(self, data):
        if "script" in self.inside:
            self.document += data
        elif "style" not in self.inside:
            self.text += data
            if self.tile is not None and "b" in self.inside:
                self.tile[0] += data
            elif self.tile is not None and "span" in self.inside:
                self.tile[1] += data


# ---- the log, counted by other means -----------------------------------------------------------


def count(paths, since, until):
    """Of the records in the period: what the report counts, too."""
    n = collections.Counter()
    tables = collections.defaultdict(collections.Counter)
    distinct = set()
    for path in paths:
        opened = gzip.open if str(path).endswith(".gz") else open
        with opened(path, "rb") as log:
            for line in log:
                try:
                    record = json.loads(line)
                    when = datetime.datetime.fromisoformat(record["@timestamp"].replace("Z", "+00:00"))
                except (ValueError, KeyError, TypeError):
                    continue
                if not since <= when.replace(microsecond=0) < until:
                    continue
                dataset = record["event"]["dataset"]
                n["changes"] += dataset == "interdict.change"
                n["installs"] += dataset == "interdict.install"
                if dataset != "interdict.denial":
                    continue
                many = record["interdict"].get("repeated", {}).get("count", 1)
                kind = "denied" if record["event"]["outcome"] == "failure" else "recorded"
                file = record["file"].get("path") or \
                    f"inode {record['file']['inode']} on {record['file']['device']}"
                n[kind] += many
                for table, key in (("day", record["@timestamp"][:10]), ("file", file),
                                   ("vendor", record["interdict"]["vendor"]),
                                   ("rule", record["rule"]["id"]), ("user", record["user"]["id"]),
                                   ("hook", record["event"]["action"])):
                    tables[table][key, kind] += many
                if kind == "denied":
                    distinct.add((record["rule"]["id"], file))
    n["distinct"] = len(distinct)
    return n, tables


def check_numbers(page, model, logs):
    since, until = (datetime.datetime.fromisoformat(model["period"][end].replace("Z", "+00:00"))
                    for end in ("since", "until"))
    n, tables = count(logs, since, until)
    denials = model["denials"]
    for name in ("denied", "recorded", "distinct", "installs"):
        check(denials[name] == n[name], f"{name}: {denials[name]}, and the log has {n[name]}")
    check(len(model["changes"]) + model["changes_left_out"] == n["changes"],
          f"changes: {len(model['changes'])}, and the log has {n['changes']}")
    for name, table in tables.items():
        rows = denials["by_day"] if name == "day" else denials["by_" + name]["rows"]
        others = 0 if name == "day" else denials["by_" + name]["others"]["denials"]
        for row in rows:
            for kind in ("denied", "recorded"):
                check(row[kind] == table[row[name], kind],
                      f"by {name} {row[name]!r}: {row[kind]}, and the log has {table[row[name], kind]}")
        check(sum(row["denied"] + row["recorded"] for row in rows) + others ==
              n["denied"] + n["recorded"], f"by {name}: it does not add up")
    shown = {label.strip(): int(number.replace(",", "")) for number, label in page.tiles}
    check(shown.get("denied in the period") == n["denied"], f"the page shows {shown}, not {dict(n)}")
    check(shown.get("would have been denied") == n["recorded"], f"the page shows {shown}")
    check(shown.get("distinct (rule and file)") == n["distinct"], f"the page shows {shown}")
    print(f"numbers: {n['denied']:,} denied, {n['recorded']:,} would have been, "
          f"{n['distinct']:,} distinct: as in {len(logs)} log files")


# ---- the page, rendered --------------------------------------------------------------------------

# What reaches out of the window, or is hidden in what it lies in.
OVERFLOW = """[...document.querySelectorAll('body *')].filter(e => {
    const box = e.getBoundingClientRect(), style = getComputedStyle(e);
    return box.width && style.display != 'none' && !e.closest('svg') && !e.closest('script') &&
        (box.right > innerWidth + 1 || box.left < -1 ||
         (e.scrollWidth > e.clientWidth + 1 && style.overflowX != 'visible'));
}).slice(0, 5).map(e => e.outerHTML.slice(0, 150))"""
# The least contrast of text on the page, as WCAG 2.1 counts it.
CONTRAST = """(() => {
    const light = c => { const v = c.match(/[\\d.]+/g).slice(0, 3).map(x => { x /= 255;
        return x <= .03928 ? x / 12.92 : ((x + .055) / 1.055) ** 2.4; });
        return .2126 * v[0] + .7152 * v[1] + .0722 * v[2]; };
    let least = [99, ''];
    for (const e of document.querySelectorAll('h1,h2,h3,p,td,th,dt,dd,li,span,b,code,summary')) {
        let under = e, back = 'rgba(0, 0, 0, 0)';
        if (!e.textContent.trim() || !e.getClientRects().length) continue;
        for (; under && back == 'rgba(0, 0, 0, 0)'; under = under.parentElement)
            back = getComputedStyle(under).backgroundColor;
        const a = light(getComputedStyle(e).color), b = light(back);
        const ratio = (Math.max(a, b) + .05) / (Math.min(a, b) + .05);
        if (ratio < least[0]) least = [ratio, e.outerHTML.slice(0, 100)];
    }
    return least; })()"""


def is_foul(c):
    return unicodedata.category(c) in ("Cc", "Cf") and c not in "\n\t\r"


def check_rendering(path, out):
    with chromium.Chromium() as browser:
        for width in WIDTHS:
            for dark in (False, True):
                name = f"{Path(path).stem}-{width}{'-dark' if dark else ''}"
                browser.open(path, width, dark)
                size = browser.evaluate("[document.scrollingElement.scrollWidth, "
                                        "document.scrollingElement.clientWidth, innerWidth]")
                check(size[0] <= size[1] and size[2] == width, f"{name}: {size[0]} in {size[1]} pixels")
                beyond = browser.evaluate(OVERFLOW)
                check(not beyond, f"{name}: out of the page: {beyond}")
                ratio = browser.evaluate(CONTRAST)
                check(ratio[0] >= 4.5, f"{name}: contrast {ratio}")
                text = browser.evaluate("document.body.innerText")
                foul = sorted({hex(ord(c)) for c in text if is_foul(c)})
                check(not foul, f"{name}: shows {foul}")
                loaded = [e["params"]["request"]["url"] for e in browser.events
                          if e.get("method") == "Network.requestWillBeSent"]
                check(len(loaded) == 1, f"{name}: loads {loaded[1:]}")
                said = [e for e in browser.events if e.get("method") in
                        ("Log.entryAdded", "Runtime.exceptionThrown", "Page.javascriptDialogOpening")]
                check(not said, f"{name}: {said[:2]}")
                if out:
                    browser.screenshot(out / (name + ".png"))
        browser.open(path, 1280)
        document = (out or Path(browser.profile.name)) / (Path(path).stem + ".pdf")
        browser.pdf(document)
        pages = len(re.findall(rb"/Type\s*/Page\b", document.read_bytes()))
        check(document.read_bytes().startswith(b"%PDF") and pages, "does not print")
    print(f"rendering: {len(WIDTHS)} widths, light and dark, {pages} printed pages")


def main(arguments):
    out = None
    if arguments[:1] == ["--out"]:
        out = Path(arguments[1])
        out.mkdir(parents=True, exist_ok=True)
        arguments = arguments[2:]
    if not arguments:
        print(__doc__)
        return 2
    path, logs = arguments[0], arguments[1:]
    page = Page(Path(path).read_text(encoding="utf-8"))
    model = json.loads(page.document)
    check(page.scripts == 1 and not page.handlers, f"it can run or load: {page.handlers}")
    if logs:
        check_numbers(page, model, logs)
    if not chromium.find():
        print("skipped: rendering: there is no chromium here: apt install chromium")
        return 1 if failures else 77
    check_rendering(path, out)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
