"""The record types and vocabularies of one folder, read and held to their rules.

Every rule a program can check is checked here, and every breach is told with file and line; see
shared/spec/record-types.md for what the keys mean.
"""

import re
from schema_reader import Complaint, Node, read

VALUE_TYPES = ["text", "long_text", "code", "boolean", "integer", "date", "moment", "money",
               "reference", "member", "event", "review"]
REGISTERS = ["latest", "keep_both", "write_once", "supervisor_first"]
RULES = REGISTERS + ["union", "sum", "append", "most_restrictive", "state_machine"]
# Which values each rule can merge. An event is never overwritten, so only `append` takes it.
TYPES_OF_RULE = {rule: VALUE_TYPES[:10] for rule in REGISTERS} | {
    "union": ["text", "code", "date", "reference", "member"],
    "sum": ["integer"],
    "append": ["event"],
    "most_restrictive": ["code", "boolean", "date", "moment", "integer"],
    "state_machine": ["code", "review"],
}
# most_restrictive on what has a size is ordered by one word: which end is the safer.
SIZE_ORDERS = {"date": ["earlier"], "moment": ["earlier"], "integer": ["greater", "smaller"]}
BOUNDED = ["text", "long_text", "integer"]
AUDIENCES = ["owner", "supervisors", "members"]  # Each sees what those before it see.
ROLES = ["owner", "worker", "supervisor", "administrator", "advocate"]
NUMBER_MAX = 9999

FIELD_KEYS = {"number", "name", "type", "vocabulary", "references", "rule", "sealed", "required",
              "group", "together", "when", "min", "max", "order", "loosens_by_supervisor",
              "transitions", "parts", "label"}
FIELD_NEEDS = ["number", "name", "type", "rule", "sealed", "group", "label"]
# What each key holds, and how that is said.
KINDS = {
    "number": (int, "a whole number"), "name": (str, "text"), "type": (str, "text"),
    "vocabulary": (str, "text"), "references": (str, "text"), "rule": (str, "text"),
    "sealed": (bool, "true or false"), "required": (bool, "true or false"),
    "group": (str, "text"), "together": (str, "text"), "when": (Node, "an object"),
    "min": (int, "a whole number"), "max": (int, "a whole number"),
    "order": (str, "a list of text"), "loosens_by_supervisor": (bool, "true or false"),
    "transitions": (Node, "a list of objects"), "parts": (Node, "a list of objects"),
    "label": (str, "text"), "from": (str, "a list of text"), "to": (str, "a list of text"),
    "by": (str, "a list of text"), "field": (str, "text"), "values": (object, "a list"),
    "version": (int, "a whole number"), "schema_version": (int, "a whole number"),
    "first_free": (int, "a whole number"), "types": (str, "a list of text"),
    "audience": (str, "text"), "keeps_author_key": (bool, "true or false"),
    "reserved": (Node, "a list of objects"), "retired": (Node, "a list of objects"),
    "groups": (Node, "a list of objects"), "fields": (Node, "a list of objects"),
    "terms": (Node, "a list of objects"), "open_fields": (Node, "a list of objects"),
    "why": (str, "text"), "code": (str, "text"), "first": (int, "a whole number"),
    "last": (int, "a whole number"), "shown_only": (bool, "true or false"),
}
PART_KEYS = {"name", "type", "vocabulary", "references", "required", "label"}
TYPE_KEYS = {"type", "number", "version", "label", "audience", "keeps_author_key", "reserved",
             "retired", "groups", "fields"}
TERM_KEYS = {"code", "label", "shown_only"}
COMMON_KEYS = {"schema_version", "types", "first_free", "reserved", "retired", "groups", "fields"}
SNAKE = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*\Z")
CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.\-]{0,63}\Z")


def allowed(words):
    return "allowed: " + ", ".join(str(word) for word in words)


class Schema:
    """All of it. `complaints` is empty exactly when the rest may be used."""

    def __init__(self, folder):
        self.folder = folder
        self.complaints = []
        self.vocabularies = {}
        self.types = []
        self.common = Node()
        self.metadata = Node()
        self._load()

    # -- reading ---------------------------------------------------------------------------

    def _load(self):
        for path in sorted((self.folder / "vocabularies").glob("*.json")):
            self._guard(path, self._load_vocabulary)
        self._guard(self.folder / "common.json", self._load_common)
        for name in self.common.get("types", []):
            self._guard(self.folder / f"{name}.json", self._load_type)
        self._check_types_apart()
        if not self.complaints:
            self._guard(self.folder / "metadata.json", self._load_metadata)

    def _guard(self, path, load):
        try:
            if not path.is_file():
                raise Complaint(path, 1, "the file is missing")
            load(path, read(path))
        except Complaint as complaint:
            self.complaints.append(str(complaint))

    def complain(self, path, node, text):
        self.complaints.append(str(Complaint(path, getattr(node, "line", 1), text)))

    def _keys(self, path, node, known, needed):
        """Tells of keys that mean nothing here and of those that are missing."""
        for key in node:
            if key not in known:
                self.complain(path, node, f'unknown key "{key}"; {allowed(sorted(known))}')
        for key in needed:
            if key not in node:
                what = node.get("name", node.get("type", "this object"))
                self.complain(path, node, f"{what}: {key} is missing")
        return all(key in node for key in needed) and self._kinds(path, node)

    def _all_keys(self, path, nodes, known, needed):
        """The same for every one of `nodes`."""
        return all([self._keys(path, node, known, needed) for node in nodes])

    def _kinds(self, path, node):
        """Tells of values that are not of their key's kind."""
        is_right = True
        for key, value in node.items():
            kind, said = KINDS.get(key, (object, ""))
            values = value if said.startswith("a list") else [value]
            is_kind = isinstance(values, list) and all(
                isinstance(one, kind) and (kind is not int or not isinstance(one, bool))
                for one in values)
            if not is_kind:
                what = node.get("name", "this object")
                self.complain(path, node, f"{what}: {key} must be {said}")
                is_right = False
        return is_right

    # -- vocabularies ----------------------------------------------------------------------

    def _load_vocabulary(self, path, document):
        keys = ["vocabulary", "label", "terms"]
        if not self._keys(path, document, set(keys), keys):
            return
        if document.get("vocabulary") != path.stem:
            self.complain(path, document, f'vocabulary must be "{path.stem}", as the file is named')
        seen = set()
        if not all([self._is_term(path, term) for term in document["terms"]]):
            return
        for term in document["terms"]:
            code = term["code"]
            if not CODE.match(code):
                self.complain(path, term, "a code is letters, digits, _ . - and at most 64 long")
            elif code in seen:
                self.complain(path, term, f'code "{code}" stands twice')
            if not term["label"].strip():
                self.complain(path, term, f'code "{code}" has no label')
            seen.add(code)
        if not seen:
            self.complain(path, document, "a vocabulary needs at least one term")
        self.vocabularies[path.stem] = document

    def _is_term(self, path, term):
        """What the tables need of it; other keys are for people who read the file."""
        needed = Node({key: term[key] for key in TERM_KEYS if key in term})
        needed.line = term.line
        return self._keys(path, needed, TERM_KEYS, ["code", "label"])

    def codes(self, vocabulary):
        return [term["code"] for term in self.vocabularies[vocabulary]["terms"]]

    def storable_codes(self, vocabulary):
        """Codes that may stand in a value: all but those only ever shown."""
        terms = self.vocabularies[vocabulary]["terms"]
        return [term["code"] for term in terms if not term.get("shown_only")]

    # -- types -----------------------------------------------------------------------------

    def _load_common(self, path, document):
        needed = ["schema_version", "types", "first_free", "groups", "fields"]
        if not self._keys(path, document, COMMON_KEYS, needed):
            return
        if not 2 <= document["first_free"] <= NUMBER_MAX:
            self.complain(path, document, f"first_free is 2 to {NUMBER_MAX}")
            return
        self.common = document
        self._check_fields(path, document, "record", range(1, document["first_free"]))

    def _load_type(self, path, document):
        if not self._keys(path, document, TYPE_KEYS,
                          ["type", "number", "version", "label", "audience", "keeps_author_key",
                           "groups", "fields"]):
            return
        if document["type"] != path.stem:
            self.complain(path, document, f'type must be "{path.stem}", as the file is named')
        if document["audience"] not in AUDIENCES:
            self.complain(path, document, f"unknown audience; {allowed(AUDIENCES)}")
        if document["number"] < 1:
            self.complain(path, document, "a type's number is a whole number from 1")
        numbers = range(self.common.get("first_free", 16), NUMBER_MAX + 1)
        before = len(self.complaints)
        self._check_fields(path, document, document["type"], numbers)
        if len(self.complaints) == before:
            self.types.append(document)  # What is broken already is not judged any further.

    def _check_types_apart(self):
        seen = {}
        for document in self.types:
            number = document["number"]
            path = self.folder / f"{document['type']}.json"
            if number in seen:
                self.complain(path, document, f"type number {number} is {seen[number]}'s already")
            seen[number] = document["type"]
        names = self.common.get("types", [])
        for document in self.types:
            path = self.folder / f"{document['type']}.json"
            for field in document["fields"]:
                for holder in [field] + field.get("parts", []):
                    target = holder.get("references")
                    if target is not None and target not in names:
                        self.complain(path, holder, f'references unknown type "{target}"; '
                                      + allowed(names))

    # -- fields ----------------------------------------------------------------------------

    def _check_fields(self, path, document, type_name, numbers):
        complete = []
        if not self._are_lists(path, document):
            return
        groups = [group.get("code") for group in document.get("groups", [])]
        for field in document["fields"]:
            if (self._keys(path, field, FIELD_KEYS, FIELD_NEEDS)
                    and self._are_parts(path, field.get("parts", []))):
                complete.append(field)
        self._check_numbers(path, document, complete, numbers)
        for field in complete:
            self._check_name(path, field)
            self._check_value(path, field)
            self._check_rule(path, field)
            self._check_bounds(path, field)
            if field["group"] not in groups:
                self.complain(path, field, f'{field["name"]}: unknown group; {allowed(groups)}')
        self._check_names_apart(path, complete, type_name)
        self._check_when(path, complete)
        self._check_together(path, complete)

    def _are_lists(self, path, document):
        """Groups, and numbers that are taken."""
        return (self._all_keys(path, document["groups"], {"code", "label"}, ["code", "label"])
                and self._all_keys(path, document.get("retired", []), {"number", "name"},
                                   ["number", "name"])
                and self._all_keys(path, document.get("reserved", []), {"first", "last", "why"},
                                   ["first", "last", "why"]))

    def _check_numbers(self, path, document, fields, numbers):
        taken = {}
        for retired in document.get("retired", []):
            taken[retired.get("number")] = f'retired field {retired.get("name")}'
        for reserved in document.get("reserved", []):
            if reserved["last"] > NUMBER_MAX:
                self.complain(path, reserved, f"what is reserved ends at {NUMBER_MAX}")
                continue
            for number in range(max(reserved["first"], 0), reserved["last"] + 1):
                taken[number] = f'reserved for {reserved.get("why")}'
        last = 0
        for field in fields:
            number, name = field["number"], field["name"]
            if number not in numbers:
                self.complain(path, field, f"{name}: a number here is {numbers[0]} to "
                              f"{numbers[-1]}")
                continue
            if number in taken:
                self.complain(path, field, f"{name}: number {number} is taken: {taken[number]}; "
                              "a number is never used again")
            elif number < last:
                self.complain(path, field, f"{name}: fields stand by ascending number")
            taken[number] = f"field {name}"
            last = max(last, number)

    def _check_name(self, path, field):
        if not SNAKE.match(field["name"]):
            self.complain(path, field, f'"{field["name"]}" is not a name; names are snake_case')
        if not field["label"].strip():
            self.complain(path, field, f'{field["name"]}: the label is empty')

    def _check_names_apart(self, path, fields, type_name):
        names = set()
        if type_name != "record":
            names = {field.get("name") for field in self.common.get("fields", [])}
        for field in fields:
            if field["name"] in names:
                self.complain(path, field, f'name {field["name"]} stands twice')
            names.add(field["name"])

    def _check_value(self, path, field):
        """Type, vocabulary, reference and parts."""
        name, value_type = field["name"], field["type"]
        if value_type not in VALUE_TYPES:
            self.complain(path, field, f'{name}: unknown type "{value_type}"; '
                          + allowed(VALUE_TYPES))
            return
        self._check_vocabulary(path, field, name)
        if value_type == "event":
            self._check_parts(path, field)
        elif "parts" in field:
            self.complain(path, field, f"{name}: only an event has parts")

    def _check_vocabulary(self, path, node, name):
        coded = node["type"] in ("code", "review")
        vocabulary = node.get("vocabulary")
        if coded and vocabulary not in self.vocabularies:
            self.complain(path, node, f'{name}: unknown vocabulary "{vocabulary}"; '
                          + allowed(sorted(self.vocabularies)))
        if not coded and vocabulary is not None:
            self.complain(path, node, f'{name}: type {node["type"]} takes no vocabulary')
        if node["type"] != "reference" and "references" in node:
            self.complain(path, node, f"{name}: only a reference references a type")

    def _are_parts(self, path, parts):
        checked = [self._keys(path, part, PART_KEYS, ["name", "type", "label"]) for part in parts]
        return all(checked)

    def _check_parts(self, path, field):
        parts, seen = field.get("parts", []), set()
        if not parts:
            self.complain(path, field, f'{field["name"]}: an event needs parts')
        for part in parts:
            name = f'{field["name"]}.{part["name"]}'
            if not SNAKE.match(part["name"]) or part["name"] in seen:
                self.complain(path, part, f"{name}: a part's name is snake_case and stands once")
            seen.add(part["name"])
            if part["type"] not in VALUE_TYPES[:10]:
                self.complain(path, part, f"{name}: unknown type; {allowed(VALUE_TYPES[:10])}")
            else:
                self._check_vocabulary(path, part, name)
            if not part["label"].strip():
                self.complain(path, part, f"{name}: the label is empty")

    def _check_rule(self, path, field):
        name, rule, value_type = field["name"], field["rule"], field["type"]
        if rule not in RULES:
            self.complain(path, field, f'{name}: unknown rule "{rule}"; {allowed(RULES)}')
            return
        if value_type in VALUE_TYPES and value_type not in TYPES_OF_RULE[rule]:
            self.complain(path, field, f"{name}: rule {rule} cannot merge {value_type}; "
                          + allowed(TYPES_OF_RULE[rule]))
            return
        if rule in ("most_restrictive", "state_machine"):
            self._check_order(path, field)
        elif "order" in field:
            self.complain(path, field, f"{name}: rule {rule} has no order")
        if rule == "state_machine":
            self._check_transitions(path, field)
            if field["sealed"] is not False:
                self.complain(path, field, f"{name}: a state machine is open, or the server could "
                              "not hold its steps to their roles")
        elif "transitions" in field:
            self.complain(path, field, f"{name}: only a state machine has transitions")
        if "loosens_by_supervisor" in field and rule != "most_restrictive":
            self.complain(path, field, f"{name}: only most_restrictive can be loosened")

    def _check_order(self, path, field):
        name, order = field["name"], field.get("order")
        if field["type"] in SIZE_ORDERS:
            words = SIZE_ORDERS[field["type"]]
            if not isinstance(order, list) or len(order) != 1 or order[0] not in words:
                self.complain(path, field, f'{name}: the order of {field["type"]} is one word; '
                              + allowed(words))
            return
        if field["type"] == "boolean":
            codes = ["false", "true"]
        elif field.get("vocabulary") in self.vocabularies:
            codes = self.storable_codes(field["vocabulary"])
        else:
            return  # Told already.
        if not order:
            self.complain(path, field, f'{name}: rule {field["rule"]} needs an order, safest last')
            return
        for code in order:
            if code not in codes:
                self.complain(path, field, f'{name}: order names unknown "{code}"; '
                              + allowed(codes))
        missing = [code for code in codes if code not in order]
        if missing or len(set(order)) != len(order):
            self.complain(path, field, f"{name}: the order names every code once; missing: "
                          + (", ".join(missing) or "none"))

    def _check_transitions(self, path, field):
        name, order = field["name"], field.get("order") or []
        if not field.get("transitions"):
            self.complain(path, field, f"{name}: a state machine needs transitions")
        is_known = field.get("vocabulary") in self.vocabularies
        known = self.codes(field["vocabulary"]) if is_known else []
        for step in field.get("transitions", []):
            if not self._keys(path, step, {"from", "to", "by"}, ["from", "to", "by"]):
                continue
            for state in step["from"]:
                if state not in known:
                    self.complain(path, step, f'{name}: a step from unknown state "{state}"; '
                                  + allowed(known))
            for state in step["to"]:
                if state not in order:
                    self.complain(path, step, f'{name}: a step to unknown state "{state}"; '
                                  + allowed(order))
            for role in step["by"]:
                if role not in ROLES:
                    self.complain(path, step, f'{name}: unknown role "{role}"; {allowed(ROLES)}')
            if not step["to"] or not step["by"]:
                self.complain(path, step, f"{name}: a step leads to a state and somebody takes it")

    def _check_bounds(self, path, field):
        name = field["name"]
        bounds = [field[key] for key in ("min", "max") if key in field]
        if bounds and field["type"] not in BOUNDED:
            self.complain(path, field, f'{name}: type {field["type"]} takes no min or max; '
                          + allowed(BOUNDED))
        for bound in bounds:
            if abs(bound) > 2**53:
                self.complain(path, field, f"{name}: a bound is a whole number within ±2^53")
                return
        if field["type"] in ("text", "long_text") and any(bound < 0 for bound in bounds):
            self.complain(path, field, f"{name}: a length is not negative")
        if field["type"] in ("text", "long_text") and field.get("max", 1) > 100000:
            self.complain(path, field, f"{name}: a text is at most 100000 long")
        if len(bounds) == 2 and bounds[0] > bounds[1]:
            self.complain(path, field, f"{name}: min is above max")

    def _check_when(self, path, fields):
        by_name = {field["name"]: field for field in fields}
        for field in fields:
            when = field.get("when")
            if when is None:
                continue
            if not self._keys(path, when, {"field", "values"}, ["field"]):
                continue
            other = by_name.get(when["field"])
            if other is None or other is field:
                others = sorted(set(by_name) - {field["name"]})
                self.complain(path, field, f'{field["name"]}: when names unknown field '
                              f'"{when["field"]}"; {allowed(others)}')
                continue
            if other["number"] > field["number"]:
                self.complain(path, field, f'{field["name"]}: when names a field that comes later')
            self._check_when_values(path, field, when, other)

    def _check_when_values(self, path, field, when, other):
        values = when.get("values", [])
        if other["type"] == "boolean":
            known = [True, False]
        elif other["type"] == "code" and other.get("vocabulary") in self.vocabularies:
            known = self.codes(other["vocabulary"])
        elif values:
            self.complain(path, field, f'{field["name"]}: when can compare only codes and booleans')
            return
        for value in values:
            if value not in known:
                self.complain(path, field, f'{field["name"]}: when names unknown value "{value}"; '
                              + allowed(known))

    def _check_together(self, path, fields):
        groups = {}
        for field in fields:
            if "together" in field:
                groups.setdefault(field["together"], []).append(field)
        for name, members in groups.items():
            first = members[0]
            if len(members) < 2:
                self.complain(path, first, f'{first["name"]}: together "{name}" has no second '
                              "field")
            if first["rule"] not in REGISTERS:
                self.complain(path, first, f'{first["name"]}: rule {first["rule"]} cannot stand '
                              f"together; {allowed(REGISTERS)}")
            for field in members[1:]:
                for key in ("sealed", "rule", "required", "when", "group"):
                    if field.get(key) != first.get(key):
                        self.complain(path, field, f'{field["name"]}: together "{name}" mixes '
                                      f'{key}; all of it must be as {first["name"]}')

    # -- what the server can read ----------------------------------------------------------

    def scoped_fields(self):
        """(type name, path, field) of every field, common ones as `record`."""
        for field in self.common.get("fields", []):
            yield "record", self.folder / "common.json", field
        for document in self.types:
            for field in document["fields"]:
                yield document["type"], self.folder / f"{document['type']}.json", field

    def _load_metadata(self, path, document):
        if not self._keys(path, document, {"open_fields"}, ["open_fields"]):
            return
        self.metadata = document
        listed = {}
        for entry in document.get("open_fields", []):
            if not self._keys(path, entry, {"field", "why"}, ["field", "why"]):
                continue
            if entry.get("field") in listed:
                self.complain(path, entry, f'{entry["field"]} is listed twice')
            if not entry["why"].strip():
                self.complain(path, entry, f'{entry.get("field")}: no reason is given')
            listed[entry.get("field")] = entry
        fields = {f'{scope}.{field["name"]}': (source, field)
                  for scope, source, field in self.scoped_fields()}
        for name, (source, field) in fields.items():
            if field["sealed"] is False and name not in listed:
                self.complain(source, field, f"{name} is open but metadata.json does not list it; "
                              "seal it, or list it there with a reason")
        for name, entry in listed.items():
            if name not in fields:
                self.complain(path, entry, f"{name} is no field")
            elif fields[name][1]["sealed"] is not False:
                self.complain(path, entry, f"{name} is listed as open but is sealed")
