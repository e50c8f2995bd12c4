#!/usr/bin/env python3
"""Makes the sample of a replica's store that a migration to come is tested on: a worker's, with records
delivered, edited by others, in conflict, erased, archived and waiting, and what it showed of them.

  GODWIT_BIN=… tests/migration/replica_sample.py NNNN     with programs of schema NNNN, before the migration is written

Writes tests/migration/replica/NNNN.sql (the database), .key (its slot) and .json (phrase, and the calls with
their answers).
"""

import base64
import json
import sqlite3
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "deploy/story"))

from programs import World  # noqa: E402

VISIT = {"date": "2026-11-20", "site_type": "factory"}


def fill(asha, bela):
    """One of everything, ending with work that waits. Returns the records."""
    records = {}
    for name in ("delivered", "edited", "conflict", "erased", "archived", "waiting"):
        records[name] = asha.capture("visit", **VISIT, site_name=name, narrative=f"Words of {name}.")
    records["testimony"] = asha.capture("testimony", taken_on="2026-11-19", narrative_original="She told it twice.")
    asha.edit(records["edited"], site_name="Block 9")
    asha.call("add", record=records["edited"], field="purposes", value="interview")
    for replica in (asha, bela, asha, bela):
        replica.sync()
    asha.edit(records["conflict"], narrative="As Asha heard it.")
    bela.edit(records["conflict"], narrative="As Bela heard it.")
    bela.edit(records["edited"], site_name="Block 10")
    bela.call("count", record=records["edited"], field="people_reached", by=4)
    asha.call("erase", record=records["erased"])
    asha.call("archive", record=records["archived"])
    for replica in (asha, bela, asha):
        replica.sync()
    bela.edit(records["edited"], site_name="Block 11")
    for replica in (bela, asha):
        replica.sync()
    asha.edit(records["waiting"], site_name="Not told yet", narrative="Only here.")
    asha.call("count", record=records["edited"], field="people_reached", by=2)
    records["fresh"] = asha.capture("visit", **VISIT, site_name="fresh")
    return records


def asked(records):
    calls = [("show", {"record": record, "history": True, "siblings": True}) for record in records.values()]
    return calls + [("status", {}), ("digest", {}), ("conflicts", {}), ("list", {"type": "visit"})]


def main(schema):
    base = ROOT / "tests/migration/replica" / schema
    with tempfile.TemporaryDirectory() as home:
        world = World(Path(home) / "world")
        world.found()
        team = world.team("Harbour")
        asha, bela = world.join("asha", (team, "worker")), world.join("bela", (team, "worker"))
        dina = world.join("dina", (team, "supervisor"))
        world.settle()
        records = fill(asha, bela)
        answers = [{"method": method, "parameters": parameters, "answer": asha.call(method, **parameters)}
                   for method, parameters in asked(records)]
        assert not asha.call("verify")["problems"] and dina.digest()
        phrase = asha.phrase_file.read_text().strip()
        asha.close()
        database = sqlite3.connect(asha.folder / "store.db")
        base.with_suffix(".sql").write_text("\n".join(database.iterdump()) + "\n")
        slot = (asha.folder / "key").read_bytes()
        base.with_suffix(".key").write_text(base64.b16encode(slot).decode().lower() + "\n")
        base.with_suffix(".json").write_text(json.dumps({"phrase": phrase, "calls": answers}, indent=1) + "\n")
        world.close()


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(sys.argv[1])
