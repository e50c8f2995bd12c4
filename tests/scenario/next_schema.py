#!/usr/bin/env python3
"""Makes the record types of a version that does not exist yet: today's, an open and a sealed field
more in visits, and one more type. The scenarios relay its records through today's programs.

  next_schema.py FOLDER     writes the folder, ready for shared/records/compile.py
"""

import json
import shutil
import sys
from pathlib import Path

RECORDS = Path(__file__).resolve().parents[2] / "shared/records"


def edit(path, change):
    content = json.loads(path.read_text(encoding="utf-8"))
    change(content)
    path.write_text(json.dumps(content, indent=1, ensure_ascii=False), encoding="utf-8")


def main(folder):
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(RECORDS, folder, ignore=shutil.ignore_patterns("*.py", "__pycache__", "CMakeLists.txt"))

    def field(number, name, sealed, rule="latest", **more):
        return {"number": number, "name": name, "type": "text", "rule": rule, "sealed": sealed,
                "group": "observations", "max": 200, "label": name.capitalize(), **more}

    edit(folder / "common.json", lambda c: (c.update(schema_version=c["schema_version"] + 1), c["types"].append("site")))
    edit(folder / "visit.json", lambda v: (v.update(version=v["version"] + 1), v["fields"].extend(
        [field(200, "weather", False), field(201, "footpath", True, "keep_both")])))
    edit(folder / "metadata.json", lambda m: m["open_fields"].append(
        {"field": "visit.weather", "why": "names nobody"}))
    (folder / "site.json").write_text(json.dumps({
        "type": "site", "number": 40, "version": 1, "label": "Site", "audience": "members", "keeps_author_key": True,
        "groups": [{"code": "observations", "label": "Seen"}],
        "fields": [field(16, "label", True, "keep_both"), field(17, "note", True, "keep_both")]}), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
