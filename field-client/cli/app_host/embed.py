#!/usr/bin/env python3
"""Puts the built app into the program: every file of a folder, packed, and a table of them.

    embed.py FOLDER OUT.cpp      without FOLDER ("-"): an empty table

What the browser may not run as it stands under the host's Content-Security-Policy is refused here,
where somebody sees it."""

import gzip
import pathlib
import re
import sys

TYPES = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".json": "application/json",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".webmanifest": "application/manifest+json",
    ".txt": "text/plain; charset=utf-8",
}

HEAD = """// Made by embed.py from the built app.

#include "field-client/cli/app_host/app_file.h"

"""


def check_page(path, text):
    inline = re.search(r"<style|<script(?![^>]*\bsrc=)|\son\w+=|\sstyle=|javascript:", text, re.I)
    if inline:
        sys.exit(f"{path}: {inline.group(0)!r} stands inline; the app's policy forbids it")


def read(folder):
    found = []
    for path in sorted(folder.rglob("*")):
        if not path.is_file():
            continue
        kind = TYPES.get(path.suffix)
        if kind is None:
            sys.exit(f"{path}: no content type is known for it")
        content = path.read_bytes()
        if path.suffix == ".html":
            check_page(path, content.decode())
        name = "/" + path.relative_to(folder).as_posix()
        found.append(("/" if name == "/index.html" else name, kind, content))
    if not any(name == "/" for name, _, _ in found):
        sys.exit(f"{folder}: no index.html; build the app first")
    return found


def table(files, packed_folder):
    """The bytes stay in files of their own, taken in by the assembler: megabytes of numbers in
    C++ would take the compiler longer than all the rest."""
    parts, rows = [], []
    for number, (name, kind, content) in enumerate(files):
        packed = packed_folder / f"{number}.gz"
        packed.write_bytes(gzip.compress(content, 9, mtime=0))
        size = packed.stat().st_size
        parts.append(
            f'asm(".section .rodata\\n.global godwit_app_file_{number}\\n'
            f'godwit_app_file_{number}:\\n.incbin \\"{packed}\\"\\n.byte 0\\n.previous\\n");\n'
            f'extern "C" const char godwit_app_file_{number}[];\n')
        rows.append(f'    {{"{name}", "{kind}", {{godwit_app_file_{number}, {size}}}}},\n')
    return parts, rows


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    out = pathlib.Path(sys.argv[2]).resolve()
    body = "AppFiles app_files() {\n    return {};\n}\n"
    parts = []
    if sys.argv[1] != "-":
        packed_folder = out.parent / "packed"
        packed_folder.mkdir(parents=True, exist_ok=True)
        parts, rows = table(read(pathlib.Path(sys.argv[1])), packed_folder)
        body = ("AppFiles app_files() {\n    static const AppFile files[] = {\n"
                + "".join("    " + row for row in rows) + "    };\n    return files;\n}\n")
    out.write_text(HEAD + "".join(parts) + "\nnamespace godwit {\n\n" + body + "\n}  // namespace godwit\n")


if __name__ == "__main__":
    main()
