"""The lock: what stands in stored values and must therefore never change its meaning.

Fields by number, the parts of events by position, codes by their text, types by number. What is
locked may be retired (a field, in its type's `retired` list) or kept; it is never renamed,
renumbered, retyped, opened, sealed or given another rule. Who is told of a type's records may only
become more: nobody is made to forget what they were told.
"""

from schema import AUDIENCES
from schema_reader import Complaint, read_text

HEADER = """\
# Numbers and codes that stand in stored values. Written by compile.py --lock, which only adds.
# A line that is here stays: retire a field in its type's file, and never reuse its number.
"""


def lines_of(schema):
    """Every locked line of `schema` as {key: (meaning, path, node)}."""
    lines = {}
    for document in schema.types:
        path = schema.folder / f"{document['type']}.json"
        lines[f"type {document['number']}"] = (document["type"], path, document)
        lines[f"audience {document['type']}"] = (document["audience"], path, document)
    for scope, path, field in schema.scoped_fields():
        form = "sealed" if field["sealed"] else "open"
        meaning = f'{field["name"]} {field["type"]} {form} {field["rule"]}'
        if "vocabulary" in field:
            meaning += f' {field["vocabulary"]}'
        lines[f'field {scope} {field["number"]}'] = (meaning, path, field)
        for index, part in enumerate(field.get("parts", [])):
            meaning = f'{part["name"]} {part["type"]} {part.get("vocabulary", "")}'.strip()
            lines[f'part {scope} {field["number"]} {index}'] = (meaning, path, part)
    for name, document in schema.vocabularies.items():
        path = schema.folder / "vocabularies" / f"{name}.json"
        for term in document["terms"]:
            lines[f'code {name} {term["code"]}'] = ("", path, term)
    return lines


def read_lock(path):
    """{key: (meaning, line)} of the lock file; empty when there is none."""
    locked = {}
    if not path.is_file():
        return locked
    for number, line in enumerate(read_text(path).split("\n"), start=1):
        if not line or line.startswith("#"):
            continue
        key, _, meaning = line.partition(": ")
        locked[key.rstrip(":")] = (meaning, number)
    return locked


def retired_keys(schema):
    """Keys of the lock that the type files say are retired."""
    keys = set()
    documents = [("record", schema.common)] + [(entry["type"], entry) for entry in schema.types]
    for scope, document in documents:
        for retired in document.get("retired", []):
            keys.add(f'field {scope} {retired["number"]}')
            keys.update(f'part {scope} {retired["number"]} {index}' for index in range(64))
    return keys


def seals_anything(keys, meanings, scope):
    return any(key.split(" ")[:2] in (["field", scope], ["field", "record"]) and
               " sealed " in f" {meanings[key]} " for key in keys)


def check_sealing(schema, path):
    """A type that seals nothing has records without keys: it can never begin to seal, nor one that
    seals stop, while programs are about that were built before."""
    locked = {key: meaning for key, (meaning, _) in read_lock(path).items()}
    now = {key: meaning for key, (meaning, _, _) in lines_of(schema).items()}
    for document in schema.types:
        name = document["type"]
        if f"type {document['number']}" not in locked:
            continue
        if seals_anything(locked, locked, name) != seals_anything(now, now, name):
            schema.complain(schema.folder / f"{name}.json", document,
                            f"{name} begins to seal, or ceases to; whether a type seals anything "
                            "never changes, because its records have keys or have none")


def check_audiences(schema, path):
    """Whoever was told of a record keeps it, so an audience never becomes narrower (decisions/0023)."""
    locked = read_lock(path)
    for key, (audience, source, node) in lines_of(schema).items():
        if not key.startswith("audience ") or key not in locked:
            continue
        before = locked[key][0]
        if AUDIENCES.index(audience) < AUDIENCES.index(before):
            schema.complain(source, node, f"{key} was {before} and is now {audience}; who was told "
                            "of a record keeps it, so an audience only widens")


def check(schema, path):
    """Tells of everything that is not as the lock says, and of what it does not hold yet."""
    try:
        locked, lines, retired = read_lock(path), lines_of(schema), retired_keys(schema)
    except Complaint as complaint:
        schema.complaints.append(str(complaint))
        return
    for key, (meaning, line) in locked.items():
        if key in lines:
            found, source, node = lines[key]
            if found != meaning:
                remedy = ("run compile.py --lock" if key.startswith("audience ") else
                          "retire it and take a new number")
                schema.complain(source, node,
                                f"{key} was {meaning!r} and is now {found!r}; {remedy}")
        elif key not in retired:
            schema.complaints.append(str(Complaint(path, line, f"{key} ({meaning}) is gone; what "
                                                   "is locked may be retired, never removed")))
    for key, (_, source, node) in lines.items():
        if key not in locked:
            schema.complain(source, node, f"{key} is not in {path.name}; run compile.py --lock")


def write(schema, path):
    """Adds to the lock what it does not hold yet. What it holds stays, but that audiences widen."""
    locked = {key: meaning for key, (meaning, _) in read_lock(path).items()}
    for key, (meaning, _, _) in lines_of(schema).items():
        locked.setdefault(key, meaning)
        if key.startswith("audience "):
            locked[key] = meaning
    kinds = ["type", "audience", "field", "part", "code"]

    def place(key):
        words = key.split(" ")
        return kinds.index(words[0]), [(int(w), "") if w.isdigit() else (0, w) for w in words[1:]]

    rows = [f"{key}: {locked[key]}".rstrip() for key in sorted(locked, key=place)]
    path.write_text(HEADER + "\n".join(rows) + "\n", encoding="utf-8")
