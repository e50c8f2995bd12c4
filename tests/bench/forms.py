#!/usr/bin/env python3
"""Writes the record types that the bench's programs are built with: today's, and one more, `note`,
which holds the 25 fields of the workload.

  forms.py open FOLDER      every field of a note open, notes of reviews too: nothing of it has a key
  forms.py sealed FOLDER    sealed as our own record types seal the like
"""

import json
import shutil
import sys
from pathlib import Path

RECORDS = Path(__file__).resolve().parents[2] / "shared/records"

# What a server may read of a note in the sealed form, each because our own types open its like:
# the type of a record and its maker stand in every change, a day in visit.date, a kind of place in
# visit.site_type, a state in referral.state, a number of people in visit.people_reached. All else
# is sealed there too: places, names, telephones, ages, consent, urgency, wages, hours, conditions,
# coming visits, what was said and done.
OPEN_IN_SEALED_FORM = {"kind", "author", "device", "made_at", "sector", "status", "headcount"}

# Set once when a record is made, and never edited by the workload.
WRITTEN_ONCE = {"kind", "author", "device", "made_at", "lat", "lon"}

FIELDS = ("kind author device made_at site district lat lon sector employer language worker_name worker_phone age_band "
          "consent status priority wage hours headcount hazards followup_on tags action narrative").split()
LONG = {"action", "narrative"}


def field(number, name, form):
    return {"number": number, "name": name, "type": "long_text" if name in LONG else "text",
            "rule": "write_once" if name in WRITTEN_ONCE else "keep_both",
            "sealed": form == "sealed" and name not in OPEN_IN_SEALED_FORM,
            "group": "note", "label": name.replace("_", " ").capitalize()}


def edit(path, change):
    content = json.loads(path.read_text(encoding="utf-8"))
    change(content)
    path.write_text(json.dumps(content, indent=1, ensure_ascii=False), encoding="utf-8")


def open_review_notes(folder):
    """Every record has them, and a type that seals anything has keys for all its records."""
    def unseal(common):
        for each in common["fields"]:
            each["sealed"] = False

    edit(folder / "common.json", unseal)
    edit(folder / "metadata.json", lambda metadata: metadata["open_fields"].append(
        {"field": "record.review_notes", "why": "measured open"}))
    lock = folder / "numbers.lock"
    text = lock.read_text(encoding="utf-8")
    lock.write_text(text.replace("review_notes event sealed", "review_notes event open"), encoding="utf-8")


def main(form, folder):
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(RECORDS, folder, ignore=shutil.ignore_patterns("*.py", "__pycache__", "CMakeLists.txt"))
    fields = [field(16 + index, name, form) for index, name in enumerate(FIELDS)]
    edit(folder / "common.json", lambda common: (common.update(schema_version=common["schema_version"] + 1),
                                                 common["types"].append("note")))
    edit(folder / "metadata.json", lambda metadata: metadata["open_fields"].extend(
        {"field": "note." + each["name"], "why": "measured open"} for each in fields if not each["sealed"]))
    if form == "open":
        open_review_notes(folder)
    (folder / "note.json").write_text(json.dumps({
        "type": "note", "number": 50, "version": 1, "label": "Note", "audience": "members", "keeps_author_key": True,
        "groups": [{"code": "note", "label": "Note"}], "fields": fields}), encoding="utf-8")


if __name__ == "__main__":
    if len(sys.argv) != 3 or sys.argv[1] not in ("open", "sealed"):
        sys.exit(__doc__)
    main(sys.argv[1], Path(sys.argv[2]))
