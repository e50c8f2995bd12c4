"""What the programs acknowledged: the records as they must stand when everything has arrived.

Every word and every count is unique, so that what is lost and what came twice both show. A change in
flight when its replica died is settled by that replica's own log after the restart: it is there whole
and counts, or it is not there at all.
"""

from collections import Counter


class Lost(Exception):
    """Something acknowledged is missing, or something is there that nobody acknowledged."""


class Record:
    def __init__(self, owner, words):
        self.owner = owner
        self.words = words
        self.notes = Counter()
        self.people = 0


class Truth:
    def __init__(self):
        self.records = {}
        self.saved = Counter()      # replica -> sequence its saves were acknowledged with
        self.delivered = Counter()  # replica -> sequence the server's receipts reached

    def note_save(self, name, save, answer):
        """`save` was acknowledged."""
        sequence = int(answer["change"].split(":")[1]) if "change" in answer else self.saved[name] + 1
        if sequence <= self.saved[name]:
            raise Lost(f"{name} numbered a change {sequence} again")
        self.saved[name] = sequence
        if save.method == "capture":
            self.records[answer["record"]] = Record(name, save.words)
            return
        record = self.records[save.record]
        if save.method == "edit":
            record.words = save.words
        elif save.method == "note":
            record.notes[save.words] += 1
        else:
            record.people += save.by

    def note_status(self, name, status):
        """What a replica says of itself never falls behind what it acknowledged."""
        for word, known in (("saved", self.saved), ("delivered", self.delivered)):
            if status[word] < known[name]:
                raise Lost(f"{name} had {known[name]} {word}, and now {status[word]}")
        self.delivered[name] = status["delivered"]

    def compare(self, name, identity, fields):
        """A record as `name` shows it against what was acknowledged."""
        record = self.records[identity]
        value = {field: fields.get(field, {}).get("value") for field in ("narrative", "notes", "people_reached")}
        notes = value["notes"] or []
        wanted = (record.words, record.notes, record.people)
        found = (value["narrative"],
                 Counter(note["text"] for note in (notes if isinstance(notes, list) else [notes])),
                 value["people_reached"] or 0)
        for what, is_there, should in zip(("narrative", "notes", "count"), found, wanted):
            if is_there != should:
                raise Lost(f"{name} shows another {what} of record {identity}: "
                           f"{str(is_there)[:300]} instead of {str(should)[:300]}")


    @staticmethod
    def compare_own(save, identity, fields):
        """What the log says is saved must be shown."""
        value = fields.get({"note": "notes", "count": "people_reached"}.get(save.method, "narrative"), {}).get("value")
        if save.words and save.words not in str(value):
            raise Lost(f"record {identity} does not show a {save.method} that its log holds")


class Save:
    """One call that writes."""

    def __init__(self, method, record=None, words=None, by=0):
        self.method, self.record, self.words, self.by = method, record, words, by

    def parameters(self):
        if self.method == "capture":
            return {"type": "visit", "fields": {"date": "2026-11-20", "site_type": "factory", "narrative": self.words}}
        if self.method == "edit":
            return {"record": self.record, "fields": {"narrative": self.words}}
        if self.method == "note":
            return {"record": self.record, "field": "notes", "value": {"text": self.words}}
        return {"record": self.record, "field": "people_reached", "by": self.by}
