"""What people do in the campaigns: they save and exchange, and everything acknowledged is written down
and found again at the end."""

import collections

from organisation import call
from truth import Lost, Save, Truth


class Work:
    def __init__(self, organisation, chance):
        self.organisation = organisation
        self.server = organisation.server
        self.writers = organisation.writers
        self.chance = chance
        self.truth = Truth()
        self.counts = collections.Counter()
        self.held = {name: set() for name in self.writers}  # The records a replica has.
        self.number = 0
        for replica in self.writers.values():
            self.note_status(replica)

    def words(self):
        self.number += 1
        length = self.chance.choice((1, 20, 200, 200, 6000))
        return f"word {self.number} " + "and on " * self.chance.randint(0, length)

    def draw_save(self, name):
        own = [each for each in self.held[name] if self.truth.records[each].owner == name]
        others = sorted(self.held[name])
        method = self.chance.choice(("capture", "edit", "note", "count"))
        if method == "edit" and own:
            return Save("edit", self.chance.choice(sorted(own)), self.words())
        if method in ("note", "count") and others:
            record = self.chance.choice(others)
            return Save("note", record, self.words()) if method == "note" else \
                Save("count", record, by=self.chance.randint(1, 9))
        return Save("capture", words=self.words())

    def save(self, name):
        save = self.draw_save(name)
        answer = call(self.writers[name], save.method, **save.parameters())
        self.note_save(name, save, answer)

    def note_save(self, name, save, answer):
        self.truth.note_save(name, save, answer)
        self.held[name].add(answer["record"])

    def note_status(self, replica):
        status = call(replica, "status")
        self.truth.note_status(replica.name, status)
        return status

    def note_exchange(self, name):
        """The exchange of `name` was answered."""
        self.note_status(self.writers[name])
        listed = call(self.writers[name], "list", type="visit", limit=1000)["records"]
        self.held[name] = {row["record"] for row in listed} & set(self.truth.records)

    def exchange(self, name):
        call(self.writers[name], "sync", server=self.server.url)
        self.note_exchange(name)

    def check(self):
        """Everything acknowledged is everywhere, once, and nothing is damaged."""
        self.organisation.settle()
        for name, replica in self.writers.items():
            status = self.note_status(replica)
            if status["unsent"] or status["saved"] != self.truth.saved[name]:
                raise Lost(f"{name} ends with {status['saved']} saved of {self.truth.saved[name]}, "
                           f"{status['unsent']} unsent")
            if status["parked"]:
                raise Lost(f"{status['parked']} changes of {name} are parked")
        for identity, record in self.truth.records.items():
            for name in {record.owner, "dina", "efua"}:
                self.truth.compare(name, identity, call(self.writers[name], "show", record=identity)["fields"])
        for replica in self.writers.values():
            if call(replica, "digest")["digest"] != self.server.digest(replica.id):
                raise Lost(f"{replica.name} and the server hold different states")
            if call(replica, "verify")["problems"]:
                raise Lost(f"{replica.name} does not verify")
        if self.server.run("verify")["problems"]:
            raise Lost("the server does not verify")
