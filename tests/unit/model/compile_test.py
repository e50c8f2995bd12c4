#!/usr/bin/env python3
"""The compiler of record types refuses every kind of broken file, with file, line and reason."""

import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[3]
RECORDS = ROOT / "shared" / "records"

# (what is broken, file, text that is replaced, its replacement, text on the line that is blamed
#  after the change, what must be said). The first occurrence is replaced; where the replaced text
#  is a pair, the first occurrence after the pair's first. Where the line that is blamed is a pair,
#  its first names another file.
BROKEN = [
    ("a number used twice", "visit.json", '"number": 17', '"number": 16', '"name": "site_type"',
     "number 16 is taken: field date; a number is never used again"),
    ("a number reserved", "visit.json", '"number": 17', '"number": 241', '"name": "site_type"',
     "number 241 is taken: reserved for attachments"),
    ("a number of the common range", "visit.json", '"number": 17', '"number": 3',
     '"name": "site_type"', "a number here is 16 to 9999"),
    ("numbers out of order", "visit.json", '"number": 16', '"number": 5000',
     '"name": "site_type"', "fields stand by ascending number"),
    ("a number that is text", "visit.json", '"number": 17', '"number": "17"',
     '"name": "site_type"', 'number must be a whole number'),
    ("sealed that is text", "visit.json", '"sealed": false', '"sealed": "no"', '"name": "date"',
     "sealed must be true or false"),
    ("parts that are no list", "visit.json", ('"name": "deaths"', '"parts": ['),
     '"parts": 1, "x": [', '"name": "deaths"', "parts must be a list of objects"),
    ("an unknown rule", "visit.json", '"rule": "keep_both"', '"rule": "newest"', '"name": "date"',
     'unknown rule "newest"; allowed: latest, keep_both'),
    ("a rule that cannot merge the type", "visit.json", '"rule": "keep_both"', '"rule": "sum"',
     '"name": "date"', "rule sum cannot merge date; allowed: integer"),
    ("an unknown type", "visit.json", '"type": "date"', '"type": "day"', '"name": "date"',
     'unknown type "day"; allowed: text'),
    ("an unknown vocabulary", "visit.json", '"vocabulary": "site_types"',
     '"vocabulary": "sites"', '"name": "site_type"', 'unknown vocabulary "sites"; allowed:'),
    ("a vocabulary on what is no code", "visit.json", '"type": "date"',
     '"type": "date", "vocabulary": "gender"', '"name": "date"', "type date takes no vocabulary"),
    ("a condition on an unknown field", "visit.json", '{ "field": "site_type"',
     '{ "field": "site_kind"', '"name": "authority_in_charge"',
     'when names unknown field "site_kind"; allowed:'),
    ("a condition on an unknown value", "visit.json", '["detention_immigration"', '["jail"',
     '"name": "authority_in_charge"', 'when names unknown value "jail"; allowed:'),
    ("bounds that cross", "visit.json", '"min": -90000000', '"min": 90000001',
     '"name": "latitude_microdegrees"', "min is above max"),
    ("a bound that is no number", "visit.json", '"max": 90000000', '"max": "north"',
     '"name": "latitude_microdegrees"', "max must be a whole number"),
    ("bounds on what has none", "visit.json", '"type": "date"', '"type": "date", "min": 1',
     '"name": "date"', "type date takes no min or max; allowed: text, long_text, integer"),
    ("a name that is no name", "visit.json", '"name": "date"', '"name": "visitDate"',
     '"name": "visitDate"', '"visitDate" is not a name; names are snake_case'),
    ("a name used twice", "visit.json", '"name": "ended_at"', '"name": "started_at"',
     '"number": 19', "name started_at stands twice"),
    ("a name of a common field", "visit.json", '"name": "ended_at"', '"name": "owner"',
     '"number": 19', "name owner stands twice"),
    ("a group that mixes sealed and open", "testimony.json",
     ('"name": "wages_owed_currency"', '"sealed": true'), '"sealed": false',
     '"name": "wages_owed_currency"', "mixes sealed; all of it must be as wages_owed"),
    ("a group that mixes rules", "testimony.json",
     ('"name": "wages_owed_currency"', '"keep_both"'), '"latest"',
     '"name": "wages_owed_currency"', "mixes rule; all of it must be as wages_owed"),
    ("a group of a rule that cannot hold one", "follow_up.json",
     ('"name": "attempts_made"', '"group": "course"'), '"group": "course", "together": "outcome"',
     '"name": "attempts_made"', "rule sum cannot stand together"),
    ("a group of one field", "testimony.json", '"together": "working_time"',
     '"together": "working_hours"', '"name": "hours_per_day"',
     'together "working_hours" has no second field'),
    ("an order that forgets a code", "worker.json", '["no", "unsure", "yes"]', '["no", "yes"]',
     '"name": "is_child"', "the order names every code once; missing: unsure"),
    ("an order with an unknown code", "worker.json", '["no", "unsure", "yes"]',
     '["no", "unsure", "yes", "maybe"]', '"name": "is_child"', 'order names unknown "maybe"'),
    ("an order on a rule without", "visit.json", '"rule": "latest"',
     '"rule": "latest", "order": ["other"]', '"name": "site_type"', "rule latest has no order"),
    ("no order", "worker.json", '"order": ["no", "unsure", "yes"],', "", '"name": "is_child"',
     "rule most_restrictive needs an order, safest last"),
    ("an order by size in other words", "testimony.json", '["earlier"]', '["sooner"]',
     '"name": "retention_until"', "the order of date is one word; allowed: earlier"),
    ("a step to an unknown state", "referral.json", '"to": ["offered", "consented"]',
     '"to": ["offered", "agreed"]', '"to": ["offered", "agreed"]',
     'a step to unknown state "agreed"; allowed: done'),
    ("a step from an unknown state", "referral.json", '"from": ["offered"]', '"from": ["asked"]',
     '"from": ["asked"]', 'a step from unknown state "asked"; allowed: offered'),
    ("a step to a state that is only shown", "common.json", '"to": ["withdrawn"]',
     '"to": ["reopened"]', '"from": ["draft", "submitted", "in_review", "returned"',
     'a step to unknown state "reopened"'),
    ("a step by an unknown role", "referral.json", '"by": ["supervisor"]', '"by": ["boss"]',
     '"from": ["rejected"]', 'unknown role "boss"; allowed: owner, worker, supervisor'),
    ("a sealed state machine", "referral.json", '"rule": "state_machine", "sealed": false',
     '"rule": "state_machine", "sealed": true', '"name": "state"', "a state machine is open"),
    ("an open field that is not listed", "testimony.json",
     ('"name": "taken_on"', '"sealed": true'), '"sealed": false', '"name": "taken_on"',
     "testimony.taken_on is open but metadata.json does not list it"),
    ("a listed field that is sealed", "visit.json", '"sealed": false', '"sealed": true',
     ("metadata.json", '"field": "visit.date"'), "visit.date is listed as open but is sealed"),
    ("a listed field that does not exist", "metadata.json", '"visit.date"', '"visit.day"',
     '"field": "visit.day"', "visit.day is no field"),
    ("a listed field without a reason", "metadata.json", '"why": "open follow-ups are counted"',
     '"why": ""', '"field": "follow_up.is_closed"', "no reason is given"),
    ("a label missing", "visit.json", ', "label": "Day of the visit"', "", '"name": "date"',
     "date: label is missing"),
    ("a label empty", "visit.json", '"Day of the visit"', '" "', '"name": "date"',
     "date: the label is empty"),
    ("an unknown key", "visit.json", '"required": true', '"mandatory": true', '"name": "date"',
     'unknown key "mandatory"; allowed: group, label'),
    ("a key said twice", "visit.json", '"required": true', '"required": true, "required": false',
     '"name": "date"', 'key "required" stands twice'),
    ("an unknown group", "visit.json", '"group": "when_and_where"', '"group": "when"',
     '"name": "date"', "unknown group; allowed: when_and_where, work"),
    ("an unknown audience", "visit.json", '"audience": "members"', '"audience": "all"',
     ("visit.json", "{"), "unknown audience; allowed: owner, supervisors, members"),
    ("a type number used twice", "worker.json", '"number": 3', '"number": 2', "{",
     "type number 2 is testimony's already"),
    ("a reference to an unknown type", "visit.json", '"references": "follow_up"',
     '"references": "task"', '"name": "follow_ups"', 'references unknown type "task"'),
    ("an event without parts", "common.json", '"parts": [\n        { "name": "text", '
     '"type": "long_text", "required": true, "label": "Words" }\n      ]', '"parts": []',
     '"name": "review_notes"', "an event needs parts"),
    ("a part of an unknown type", "common.json", '{ "name": "text", "type": "long_text"',
     '{ "name": "text", "type": "event"', '"name": "text"', "review_notes.text: unknown type"),
    ("a code said twice", "vocabularies/gender.json", '"code": "man"', '"code": "woman"',
     '"label": "Man"', 'code "woman" stands twice'),
    ("a code that is none", "vocabularies/gender.json", '"code": "man"', '"code": "a man"',
     '"label": "Man"', "a code is letters, digits"),
    ("a term without a label", "vocabularies/gender.json", '"label": "Man"', '"label": ""',
     '"code": "man"', 'code "man" has no label'),
    ("text that is not JSON", "visit.json", '"number": 17,', '"number": 17',
     '"number": 17 "name"', "not JSON:"),
    ("a field renamed under its number", "visit.json", '"name": "ended_at"',
     '"name": "finished_at"', '"name": "finished_at"', "retire it and take a new number"),
    ("a field with another type under its number", "worker.json",
     '"name": "is_stateless", "type": "boolean"', '"name": "is_stateless", "type": "text"',
     '"name": "is_stateless"', "retire it and take a new number"),
    ("parts of an event reordered", "visit.json", '{ "name": "name", "type": "text"',
     '{ "name": "title", "type": "text"', '{ "name": "title"', "retire it and take a new number"),
    ("a code renamed", "vocabularies/gender.json", '"code": "man"', '"code": "men"',
     ("numbers.lock", "code gender man"), "what is locked may be retired, never removed"),
]


class CompilerTest(unittest.TestCase):
    def setUp(self):
        self.copy_records()

    def copy_records(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="godwit_records_"))
        self.addCleanup(shutil.rmtree, self.folder)
        self.records = self.folder / "records"
        shutil.copytree(RECORDS, self.records, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
        self.out = self.folder / "tables.cpp"

    def compile(self, *options):
        command = [sys.executable, str(RECORDS / "compile.py"), "--records", str(self.records)]
        return subprocess.run(command + [str(option) for option in options], text=True,
                              capture_output=True, check=False)

    def replace(self, name, old, new):
        path = self.records / name
        text = path.read_text(encoding="utf-8")
        after, old = old if isinstance(old, tuple) else ("", old)
        start = text.find(after)
        at = text.find(old, start)
        self.assertTrue(start >= 0 and at >= 0, f"{name} no longer holds what this test breaks")
        path.write_text(text[:at] + new + text[at + len(old):], encoding="utf-8")

    def line_of(self, name, mark):
        lines = (self.records / name).read_text(encoding="utf-8").splitlines()
        return next(number for number, line in enumerate(lines, start=1) if mark in line)

    def assert_refused(self, outcome, name, line, said):
        place = f"{self.records / name}:{line}: "
        blamed = [row for row in outcome.stderr.splitlines() if row.startswith(place)]
        self.assertEqual(outcome.returncode, 1, outcome.stderr)
        self.assertTrue(any(said in row for row in blamed),
                        f"want {place}… {said}\ngot  {outcome.stderr}")
        self.assertFalse(self.out.exists(), "a broken schema must write nothing")

    def test_the_files_as_they_stand_compile(self):
        outcome = self.compile("--out", self.out)
        self.assertEqual((outcome.returncode, outcome.stderr), (0, ""))
        self.assertIn("record_types()", self.out.read_text(encoding="utf-8"))

    def test_the_same_files_give_the_same_tables(self):
        self.compile("--out", self.out)
        again = self.folder / "again.cpp"
        self.compile("--out", again)
        self.assertEqual(self.out.read_bytes(), again.read_bytes())

    def test_every_kind_of_broken_file_is_refused_with_its_line(self):
        for what, name, old, new, mark, said in BROKEN:
            with self.subTest(what):
                self.copy_records()
                self.replace(name, old, new)
                blamed_file, blamed_mark = mark if isinstance(mark, tuple) else (name, mark)
                line = self.line_of(blamed_file, blamed_mark)
                self.assert_refused(self.compile("--out", self.out), blamed_file, line, said)

    def new_field(self, number):
        self.replace("worker.json", "\n  ]\n}\n",
                     f',\n    {{ "number": {number}, "name": "eye_colour", "type": "text", '
                     '"rule": "latest", "sealed": true, "group": "identity", "label": "Eyes" }'
                     "\n  ]\n}\n")

    def test_a_new_field_is_refused_until_it_is_locked(self):
        self.new_field(300)
        line = self.line_of("worker.json", "eye_colour")
        self.assert_refused(self.compile("--out", self.out), "worker.json", line,
                            "is not in numbers.lock; run compile.py --lock")
        self.assertEqual(self.compile("--lock").returncode, 0)
        self.assertEqual(self.compile("--out", self.out).returncode, 0)

    def drop_last_field(self):
        path = self.records / "worker.json"
        text = path.read_text(encoding="utf-8")
        cut = text.rindex(',\n    { "number"')
        last = re.search(r'"number": (\d+), "name": "(\w+)"', text[cut:])
        path.write_text(text[:cut] + "\n  ]\n}\n", encoding="utf-8")
        return last.group(1), last.group(2)

    def test_a_field_may_not_vanish_but_may_be_retired(self):
        number, name = self.drop_last_field()
        line = self.line_of("numbers.lock", f"field worker {number}: ")
        self.assert_refused(self.compile("--out", self.out), "numbers.lock", line,
                            "may be retired, never removed")
        self.replace("worker.json", '"reserved"',
                     f'"retired": [{{ "number": {number}, "name": "{name}" }}],\n  "reserved"')
        self.assertEqual(self.compile("--out", self.out).returncode, 0)

    def test_a_retired_number_is_never_used_again(self):
        number, name = self.drop_last_field()
        self.replace("worker.json", '"reserved"',
                     f'"retired": [{{ "number": {number}, "name": "{name}" }}],\n  "reserved"')
        self.new_field(number)
        line = self.line_of("worker.json", "eye_colour")
        self.assert_refused(self.compile("--out", self.out), "worker.json", line,
                            f"number {number} is taken: retired field {name}")

    def test_a_type_that_seals_nothing_never_begins_to_and_one_that_seals_never_ceases(self):
        self.replace("common.json", ('"review_notes"', '"sealed": true'), '"sealed": false')
        self.replace("numbers.lock", "review_notes event sealed", "review_notes event open")
        self.replace("common.json", '"follow_up"]', '"follow_up", "memo"]')
        self.replace("metadata.json", '"open_fields": [',
                     '"open_fields": [\n    { "field": "record.review_notes", "why": "a test" },'
                     '\n    { "field": "memo.day", "why": "a test" },')
        memo = ('{ "type": "memo", "number": 60, "version": 1, "label": "Memo",\n'
                '  "audience": "members", "keeps_author_key": true,\n'
                '  "groups": [{ "code": "memo", "label": "Memo" }],\n  "fields": [\n'
                '    { "number": 16, "name": "day", "type": "date", "rule": "latest",\n'
                '      "sealed": %s, "group": "memo", "label": "Day" }\n  ]\n}\n')
        path = self.records / "memo.json"
        path.write_text(memo % "false", encoding="utf-8")
        locked = self.compile("--lock")
        self.assertEqual(locked.returncode, 0, locked.stderr)
        self.replace("memo.json", '"label": "Day" }', '"label": "Day" },\n    { "number": 17, '
                     '"name": "words", "type": "text", "rule": "latest", "sealed": true, '
                     '"group": "memo", "label": "Words" }')
        for options in (["--out", self.out], ["--lock"]):
            self.assert_refused(self.compile(*options), "memo.json", 1, "memo begins to seal")
        # Nor may one that seals open all it has, if nothing common is sealed.
        self.copy_records()
        text = (self.records / "numbers.lock").read_text(encoding="utf-8")
        (self.records / "numbers.lock").write_text(text + "type 60: memo\n"
                                                   "field memo 16: day date sealed latest\n",
                                                   encoding="utf-8")
        self.replace("common.json", ('"review_notes"', '"sealed": true'), '"sealed": false')
        self.replace("numbers.lock", "review_notes event sealed", "review_notes event open")
        self.replace("common.json", '"follow_up"]', '"follow_up", "memo"]')
        self.replace("metadata.json", '"open_fields": [',
                     '"open_fields": [\n    { "field": "record.review_notes", "why": "a test" },'
                     '\n    { "field": "memo.day", "why": "a test" },')
        (self.records / "memo.json").write_text(memo % "false", encoding="utf-8")
        self.assert_refused(self.compile("--out", self.out), "memo.json", 1, "or ceases to")

    def test_an_audience_only_widens_and_only_when_it_is_locked(self):
        self.replace("visit.json", '"audience": "members"', '"audience": "supervisors"')
        for options in (["--out", self.out], ["--lock"]):
            self.assert_refused(self.compile(*options), "visit.json", 1, "an audience only widens")
        self.copy_records()
        self.replace("referral.json", '"audience": "supervisors"', '"audience": "members"')
        self.assert_refused(self.compile("--out", self.out), "referral.json", 1,
                            "is now 'members'; run compile.py --lock")
        self.assertEqual(self.compile("--lock").returncode, 0)
        self.assertEqual(self.compile("--out", self.out).returncode, 0)
        # There is no way back.
        self.out.unlink()
        self.replace("referral.json", '"audience": "members"', '"audience": "supervisors"')
        self.assert_refused(self.compile("--out", self.out), "referral.json", 1,
                            "an audience only widens")

    def test_locking_never_forgets_what_was_locked(self):
        self.drop_last_field()
        before = (self.records / "numbers.lock").read_text(encoding="utf-8")
        self.assertEqual(self.compile("--lock").returncode, 1)
        self.assertEqual((self.records / "numbers.lock").read_text(encoding="utf-8"), before)

    def test_a_type_file_that_is_missing_is_refused(self):
        (self.records / "referral.json").unlink()
        self.assert_refused(self.compile("--out", self.out), "referral.json", 1,
                            "the file is missing")

    def test_every_complaint_is_told_at_once(self):
        self.replace("visit.json", '"type": "date"', '"type": "day"')
        self.replace("worker.json", '"rule": "write_once"', '"rule": "once"')
        outcome = self.compile("--out", self.out)
        self.assertIn('unknown type "day"', outcome.stderr)
        self.assertIn('unknown rule "once"', outcome.stderr)

    def test_a_page_that_lacks_an_open_field_is_stale(self):
        page = self.folder / "SECURITY.md"
        text = (ROOT / "SECURITY.md").read_text(encoding="utf-8")
        page.write_text(text, encoding="utf-8")
        self.assertEqual(self.compile("--page", page, "--check").returncode, 0)

        row = next(line for line in text.splitlines() if line.startswith("| `visit.site_type`"))
        page.write_text(text.replace(row + "\n", ""), encoding="utf-8")
        outcome = self.compile("--page", page, "--check")
        self.assertEqual(outcome.returncode, 1)
        self.assertRegex(outcome.stderr, r"SECURITY\.md:\d+: what the server can read is stale")

        self.assertEqual(self.compile("--page", page).returncode, 0)
        self.assertEqual(page.read_text(encoding="utf-8"), text)

    def test_a_page_without_markers_is_refused_and_left_alone(self):
        page = self.folder / "page.md"
        page.write_text("# Security\n", encoding="utf-8")
        outcome = self.compile("--page", page)
        self.assertEqual(outcome.returncode, 1)
        self.assertIn("the two markers must each stand once", outcome.stderr)
        self.assertEqual(page.read_text(encoding="utf-8"), "# Security\n")


if __name__ == "__main__":
    unittest.main()
