#!/usr/bin/env python3
"""Checks the record types of this folder and writes them as C++ tables.

    compile.py --out FILE            check, then write the tables (what the build does)
    compile.py --lock                check, then add new numbers and codes to numbers.lock
    compile.py --page FILE           rewrite what FILE says the server can read
    compile.py --page FILE --check   fail unless FILE says it already
    --records FOLDER                 read another folder than this one

Whatever is wrong is told as `file:line: what is wrong; what is allowed`, and nothing is written.
"""

import argparse
import pathlib
import sys

sys.dont_write_bytecode = True

import number_lock  # noqa: E402
import server_page  # noqa: E402
from schema import Schema  # noqa: E402
from table_writer import TableWriter  # noqa: E402


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--records", type=pathlib.Path,
                        default=pathlib.Path(__file__).resolve().parent)
    parser.add_argument("--out", type=pathlib.Path)
    parser.add_argument("--lock", action="store_true")
    parser.add_argument("--page", type=pathlib.Path)
    parser.add_argument("--check", action="store_true")
    return parser.parse_args()


def main():
    options = arguments()
    schema = Schema(options.records)
    lock = options.records / "numbers.lock"
    if not schema.complaints:
        number_lock.check_sealing(schema, lock)
        number_lock.check_audiences(schema, lock)
    if not schema.complaints and options.lock:
        number_lock.write(schema, lock)
    if not schema.complaints:
        number_lock.check(schema, lock)
    if not schema.complaints and options.page:
        server_page.update(schema, options.page, options.check)
    if schema.complaints:
        print("\n".join(schema.complaints), file=sys.stderr)
        return 1
    if options.out:
        options.out.parent.mkdir(parents=True, exist_ok=True)
        options.out.write_text(TableWriter(schema).write(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
