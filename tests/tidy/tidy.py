#!/usr/bin/env python3
"""Holds the tree to the rules of the house that a program can check.

Prints one line a finding, `file:line: what`, and the plain count at the end. Exit code 1 when
anything was found. Run from anywhere: tests/tidy/tidy.py
"""

import hashlib
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

# What a folder may include, besides itself. Nothing else: dependencies point down.
BASE = {"shared/base"}
MODEL = BASE | {"shared/model"}
CHANGE = MODEL | {"shared/change"}
MERGE = CHANGE | {"shared/merge"}
SEAL = CHANGE | {"shared/seal"}
PROTOCOL = CHANGE | {"shared/protocol", "shared/compression"}
CORE = MERGE | SEAL | PROTOCOL | {"shared/sqlite"}
STORE = CORE | {"sync-server/store"}
SERVER = STORE | {"sync-server/reconcile", "sync-server/feed", "sync-server/enrolment"}
REPLICA = CORE | {"field-client/replica"}
ARROWS = {
    "shared/base": set(),
    "shared/compression": BASE,
    "shared/digest": BASE,
    "shared/http": BASE,
    "shared/records": MODEL,
    "shared/model": MODEL,
    "shared/change": MODEL,
    "shared/merge": CHANGE,
    "shared/seal": CHANGE,
    "shared/protocol": PROTOCOL,
    "shared/sqlite": BASE,
    "shared/sodium": SEAL,
    "sync-server/store": STORE,
    "sync-server/enrolment": SERVER,
    "sync-server/feed": SERVER,
    "sync-server/reconcile": SERVER,
    "sync-server/http": SERVER | {"shared/http"},
    "sync-server/main": SERVER | {"sync-server/http", "shared/sodium"},
    "field-client/replica": REPLICA,
    "field-client/cli": REPLICA | {"field-client/cli", "shared/http", "shared/sodium"},
}

# The only folders that may name a library, by what its includes look like.
LIBRARIES = {
    r"<sqlite3\.h>": ["shared/sqlite"],
    r"<sodium": ["shared/sodium"],
    r"<openssl/": ["shared/digest", "sync-server/http", "sync-server/main", "field-client/cli"],
    r"<Poco/": ["sync-server/http", "sync-server/main", "field-client/cli"],
    r"<zstd": ["shared/compression"],
    r"<nlohmann/": ["field-client", "sync-server/main"],
    r"<CLI/": ["field-client/cli", "sync-server/main"],
    r"<qrencode": ["field-client/cli", "sync-server/main"],
    r"<(fstream|filesystem)>": ["shared/sqlite", "sync-server", "field-client"],
    r"<(thread|mutex|random|ctime)>": ["shared/compression", "sync-server", "field-client"],
}

CATCHES = re.compile(r"^(shared/sqlite|sync-server/http|sync-server/main|sync-server/store|field-client/cli)/")
NAMES = re.compile(r"\b(?:class|struct)\s+(\w*(?:Manager|Helper|Data|Info))\b")
# Written in pieces, so that this file does not find itself.
WORK = re.compile("/" + "work/|/" + "root/|deb\\." + "debian|registry\\." + "npmjs")


def files(*patterns):
    out = subprocess.run(["git", "ls-files", "-co", "--exclude-standard", "--", *patterns], cwd=ROOT,
                         check=True, capture_output=True, text=True).stdout.split("\n")
    return [line for line in out if line and (ROOT / line).is_file()]


def folder_of(path):
    return "/".join(path.split("/")[:2])


def strip(text):
    """The code of a line: no comment, no string."""
    return re.sub(r'"(?:[^"\\]|\\.)*"', '""', text).split("//")[0]


class Findings:
    def __init__(self):
        self.count = 0

    def add(self, path, line, what):
        self.count += 1
        print(f"{path}:{line}: {what}")


def check_includes(path, number, line, found):
    quoted = re.match(r'\s*#\s*include\s+"([^"]+)"', line)
    folder = folder_of(path)
    if quoted:
        target = quoted.group(1)
        if not target.startswith(("shared/", "sync-server/", "field-client/", "tests/")):
            found.add(path, number, "includes are written from the root of the tree")
        if path.startswith("tests/"):
            return
        if target.startswith("tests/"):
            found.add(path, number, "nothing but tests includes tests/")
        elif folder_of(target) != folder and folder_of(target) not in ARROWS.get(folder, set()):
            found.add(path, number, f"{folder} may not include {folder_of(target)}: arrows point down")
    angled = re.match(r"\s*#\s*include\s+(<[^>]+>)", line)
    if angled and not path.startswith("tests/"):
        for pattern, allowed in LIBRARIES.items():
            if re.match(pattern, angled.group(1)) and not path.startswith(tuple(allowed)):
                found.add(path, number, f"{angled.group(1)} is not for {folder}")
    if angled and path.startswith("tests/") and "catch2" in line and path != "tests/support/catch.h":
        found.add(path, number, "tests include tests/support/catch.h, never Catch itself")


def check_own_header(path, lines, found):
    """What a source includes first compiles alone, so its own header does."""
    own = path.removesuffix(".cpp") + ".h"
    first = next((line for line in lines if line.startswith("#include")), "")
    if path.endswith(".cpp") and (ROOT / own).exists() and first != f'#include "{own}"':
        found.add(path, 1, f"includes {own} before anything else")


def check_line(path, number, line, found):
    code = strip(line)
    is_test = path.startswith("tests/")
    if re.search(r"\b" + "TO" + r"DO\b|\bFIX" + r"ME\b", line):
        found.add(path, number, "unfinished work is an issue, not a note in the code")
    if re.search(r"\bcatch\s*\(", code) and not is_test and not CATCHES.match(path):
        found.add(path, number, "catch stands only in the wrapper nearest the library, in http and in main")
    if re.search(r"\bthrow\b", code) and path.startswith("shared/"):
        found.add(path, number, "shared code throws nothing")
    if re.search(r"operator\s*<<\s*\(", code) and not is_test:
        found.add(path, number, "no operator<<: sensitive types have no printing")
    if re.search(r"sleep_for|usleep|\bsleep\s*\(", code) and path.startswith("tests/unit/"):
        found.add(path, number, "nothing in a unit test sleeps")
    named = NAMES.search(code)
    if named:
        found.add(path, number, f"{named.group(1)}: say what it is instead")
    if re.search(r"\brand\s*\(|\btime\s*\(\s*(?:NULL|nullptr|0)\s*\)|system_clock", code) and path.startswith("shared/"):
        found.add(path, number, "shared code is handed its clock and its chance")


def check_code(found):
    for path in files("*.h", "*.cpp"):
        lines = (ROOT / path).read_text().split("\n")
        if len(lines) > 601:
            found.add(path, len(lines), "a file holds one idea and at most 600 lines")
        if path.endswith(".h") and "#pragma once" not in lines:
            found.add(path, 1, "a header begins with what it is, then #pragma once")
        check_own_header(path, lines, found)
        for number, line in enumerate(lines, 1):
            check_includes(path, number, line, found)
            check_line(path, number, line, found)
            if len(line) > 100:
                found.add(path, number, "a line has at most 100 columns")


def check_spec_pages(found):
    """A `Spec:` line names a page that exists."""
    pages = {page.stem for page in (ROOT / "shared/spec").glob("*.md")}
    for path in files("*.h"):
        for number, line in enumerate((ROOT / path).read_text().split("\n"), 1):
            named = re.search(r"/// Spec: ([a-z-]+)", line)
            if named and named.group(1) not in pages:
                found.add(path, number, f"there is no page shared/spec/{named.group(1)}.md")


def check_tree(found):
    for path in files():
        for part in Path(path).parts[:-1]:
            if part in ("util", "utils", "common", "helper", "helpers"):
                found.add(path, 1, f"no folder is called {part}: say what it holds")
        if Path(path).suffix in (".png", ".ico", ".zip"):
            continue
        text = (ROOT / path).read_text(errors="replace")
        for number, line in enumerate(text.split("\n"), 1):
            if WORK.search(line):
                found.add(path, number, "names a path of one machine or a registry's host")
        if path.endswith("package-lock.json") and '"resolved"' in text:
            found.add(path, 1, "lock files hold no addresses")
    for path in (".ci/run", "tests/run", "deploy/run"):
        if not ((ROOT / path).stat().st_mode & 0o111):
            found.add(path, 1, "has no run bit")


def check_migrations(found):
    """Once a migration has landed it is never edited: its checksum stands in migrations/landed."""
    landed = dict(line.split()[::-1] for line in (ROOT / "migrations/landed").read_text().split("\n") if line)
    present = {path: hashlib.sha256((ROOT / path).read_bytes()).hexdigest() for path in files("migrations/*.sql", "migrations/**/*.sql")}
    for path, checksum in present.items():
        if landed.get(path) != checksum:
            found.add(path, 1, f"differs from migrations/landed; a new migration adds the line `{checksum} {path}`")
    for path in landed.keys() - present.keys():
        found.add("migrations/landed", 1, f"{path} has landed and may not go")


def main():
    found = Findings()
    check_code(found)
    check_spec_pages(found)
    check_tree(found)
    check_migrations(found)
    print(f"tidy: {found.count} findings")
    return 1 if found.count else 0


if __name__ == "__main__":
    sys.exit(main())
