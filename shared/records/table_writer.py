"""Writes the record types and vocabularies as constexpr C++ tables."""

import json
from schema import ROLES


def text(value):
    """A C++ string literal. JSON's escapes are C++'s, but for what stands as UTF-8 itself."""
    return json.dumps(value, ensure_ascii=False)


def flag(value):
    return "true" if value else "false"


def enumerator(scope, name):
    return f"{scope}::{'union_' if name == 'union' else name}"


def bound(field, key):
    return f"std::int64_t{{{field[key]}}}" if key in field else "std::nullopt"


class TableWriter:
    """Collects arrays first and what points at them after."""

    def __init__(self, schema):
        self.schema = schema
        self.lines = []
        self.count = 0

    def array(self, element, rows):
        """Declares an array and returns its name, or `{}` for none."""
        if not rows:
            return "{}"
        name = f"array_{self.count}"
        self.count += 1
        self.lines.append(f"constexpr {element} {name}[] = {{")
        self.lines.extend(f"    {row}," for row in rows)
        self.lines.append("};")
        return name

    def strings(self, values):
        return self.array("std::string_view", [text(value) for value in values])

    def transitions(self, field):
        rows = []
        for step in field.get("transitions", []):
            bits = sum(1 << ROLES.index(role) for role in set(step["by"]))
            for origin in step["from"] or [""]:
                rows.extend(f"{{{text(origin)}, {text(to)}, {bits}}}" for to in step["to"])
        return self.array("Transition", rows)

    def parts(self, field):
        rows = [
            f'{{{text(part["name"])}, {enumerator("ValueType", part["type"])}, '
            f'{text(part.get("vocabulary", ""))}, {flag(part.get("required"))}, '
            f'{text(part["label"])}, {text(part.get("references", ""))}}}'
            for part in field.get("parts", [])
        ]
        return self.array("EventPart", rows)

    def condition(self, field, numbers):
        when = field.get("when")
        if when is None:
            return "{0, {}}"
        values = [flag(value) if isinstance(value, bool) else value
                  for value in when.get("values", [])]
        return f'{{{numbers[when["field"]]}, {self.strings(values)}}}'

    def field(self, scope, field, numbers):
        condition = self.condition(field, numbers)
        order = self.strings(field.get("order", []))
        transitions = self.transitions(field)
        parts = self.parts(field)
        name = field["name"]
        return (
            f'{{{field["number"]}, {text(name)}, {enumerator("ValueType", field["type"])}, '
            f'{enumerator("Rule", field["rule"])}, {flag(field["sealed"])}, '
            f'{flag(field.get("required"))}, {text(field.get("vocabulary", ""))}, '
            f'{text(field["group"])}, {text(field.get("together", ""))}, {condition}, '
            f'{bound(field, "min")}, {bound(field, "max")}, {order}, {transitions}, {parts}, '
            f'{text(field.get("references", ""))}, {flag(field.get("loosens_by_supervisor"))}, '
            f'{text(f"{scope}.{name}")}, {text(field["label"])}}}'
        )

    def record_type(self, document):
        fields = [("record", field) for field in self.schema.common["fields"]]
        fields += [(document["type"], field) for field in document["fields"]]
        numbers = {field["name"]: field["number"] for _, field in fields}
        rows = [self.field(scope, field, numbers) for scope, field in fields]
        table = self.array("FieldSpec", rows)
        names = [field["name"] for _, field in fields]
        by_name = self.positions(names)
        groups = self.schema.common["groups"] + document["groups"]
        sections = self.array("Term", [f'{{{text(group["code"])}, {text(group["label"])}}}'
                                       for group in groups])
        return (
            f'{{{document["number"]}, {text(document["type"])}, {document["version"]}, '
            f'Audience::{document["audience"]}, {flag(document["keeps_author_key"])}, '
            f'{text(document["label"])}, {table}, {sections}, {by_name}}}'
        )

    def positions(self, names):
        """The indexes of `names` in byte order of the names."""
        order = sorted(range(len(names)), key=lambda index: names[index].encode())
        return self.array("std::uint16_t", [str(index) for index in order])

    def vocabulary(self, name):
        terms = self.schema.vocabularies[name]["terms"]
        table = self.array("Term", [f'{{{text(term["code"])}, {text(term["label"])}}}'
                                    for term in terms])
        return f'{{{text(name)}, {table}, {self.positions([term["code"] for term in terms])}}}'

    def write(self):
        types = sorted(self.schema.types, key=lambda document: document["number"])
        type_table = self.array("RecordType", [self.record_type(entry) for entry in types])
        names = sorted(self.schema.vocabularies, key=lambda name: name.encode())
        vocabulary_table = self.array("Vocabulary", [self.vocabulary(name) for name in names])
        return "\n".join([
            "// Made from shared/records/*.json by compile.py at each build; change those instead.",
            '#include "shared/model/record_type.h"',
            "",
            "namespace godwit {",
            "namespace {",
            "",
            *self.lines,
            "",
            "}  // namespace",
            "",
            f"std::span<const RecordType> compiled_record_types() {{ return {type_table}; }}",
            "",
            f"std::span<const Vocabulary> vocabularies() {{ return {vocabulary_table}; }}",
            "",
            f'std::uint32_t compiled_schema_version() {{ return {self.schema.common["schema_version"]}; }}',
            "",
            "}  // namespace godwit",
            "",
        ])
