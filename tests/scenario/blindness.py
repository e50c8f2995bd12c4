#!/usr/bin/env python3
"""Looks for what people said, in the story, wherever nobody holds a key: the server's folder, its
journal, backup and diagnostics, and the locked stores. At least 200 strings, cut from the sealed
fields a supervisor reads, in every shape of canaries.py.

  tests/scenario/blindness.py DATA     DATA as given to deploy/run --once --data DATA
GODWIT_BIN names the folder of programs (default: the release build).
"""

import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "deploy/story"))

import canaries  # noqa: E402
from programs import Replica  # noqa: E402

FRAGMENT = 24  # Characters: enough that none occurs by chance.
WANTED = 200


def texts_in(value):
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        yield from (text for each in value.values() for text in texts_in(each))
    elif isinstance(value, list):
        yield from (text for each in value for text in texts_in(each))


def sealed_texts(reader):
    sealed = {kind["type"]: {field["field"] for field in kind["fields"] if field["sealed"]}
              for kind in reader.call("types")["types"]}
    for record in reader.call("list", limit=1000)["records"]:
        shown = reader.show(record["record"], siblings=True)
        for name, field in shown["fields"].items():
            if name in sealed[shown["type"]]:
                yield from texts_in(field)


def fragments(texts):
    """Pieces without line ends, no two overlapping, spread over all the texts alike."""
    pieces = []
    for text in dict.fromkeys(texts):
        line = max(text.split("\n"), key=len)
        pieces.append([line[at:at + FRAGMENT] for at in range(0, len(line) - FRAGMENT + 1, FRAGMENT)])
    longest = max(map(len, pieces))
    return list(dict.fromkeys(each[turn] for turn in range(longest) for each in pieces if turn < len(each)))[:WANTED]


def main():
    if len(sys.argv) != 2 or sys.argv[1] in ("-h", "--help"):
        print(__doc__)
        return 0 if len(sys.argv) == 2 else 2
    story = Path(sys.argv[1]) / "story"
    reader = Replica("dina", story / "dina")
    wanted = fragments(sealed_texts(reader))
    reader.close()
    if len(wanted) < WANTED:
        print(f"blindness: only {len(wanted)} strings to look for")
        return 1
    stores = [folder.parent for folder in story.glob("*/store.db")]
    places = [story / "server", story / "backup", story / "server.diagnostics", *stores]
    missing = [str(place) for place in places if not place.exists()]
    hits, searched = canaries.search([place for place in places if place.exists()], wanted)
    with tempfile.NamedTemporaryFile() as planted:
        planted.write(b"..." + wanted[-1].encode("utf-16-le"))
        planted.flush()
        finds_planted = bool(canaries.search([planted.name], wanted)[0])
    for hit in hits[:10]:
        print("found:", hit[1], "in", hit[2])
    print(f"blindness: {len(wanted)} sealed strings in {len(places)} places, {searched:,} bytes searched: "
          f"{len(hits)} found")
    return 0 if not hits and not missing and len(stores) >= 5 and finds_planted else 1


if __name__ == "__main__":
    sys.exit(main())
