"""Writes what the server can read into a page, between two markers, from the record types."""

from schema_reader import Complaint

BEGIN = "<!-- server can read: begin (written by shared/records/compile.py --page) -->"
END = "<!-- server can read: end -->"


def section(schema):
    """The generated text, markers included."""
    fields = list(schema.scoped_fields())
    sealed = sum(1 for _, _, field in fields if field["sealed"])
    reasons = {entry["field"]: entry["why"] for entry in schema.metadata["open_fields"]}
    lines = [
        BEGIN,
        f"Of {len(fields)} declared fields {sealed} are sealed. These {len(fields) - sealed} are "
        "open (`record` stands for every type):",
        "",
        "| Open field | Why |",
        "|---|---|",
    ]
    for scope, _, field in fields:
        name = f'{scope}.{field["name"]}'
        if not field["sealed"]:
            lines.append(f"| `{name}` | {reasons[name]} |")
    lines += ["", "Besides fields, the server sees:", "", "| What | Why |", "|---|---|"]
    for entry in schema.metadata["beyond_fields"]:
        lines.append(f'| {entry["what"]} | {entry["why"]} |')
    lines.append(END)
    return "\n".join(lines)


def update(schema, path, is_check):
    """Puts the section into `path`; with `is_check` only complains when it is not there."""
    page = path.read_text(encoding="utf-8")
    if page.count(BEGIN) != 1 or page.count(END) != 1:
        schema.complaints.append(str(Complaint(path, 1, "the two markers must each stand once")))
        return
    before, rest = page.split(BEGIN)
    _, after = rest.split(END)
    wanted = before + section(schema) + after
    if page == wanted:
        return
    if is_check:
        line = before.count("\n") + 1
        schema.complaints.append(str(Complaint(path, line, "what the server can read is stale; run "
                                               "shared/records/compile.py --page " + path.name)))
    else:
        path.write_text(wanted, encoding="utf-8")
