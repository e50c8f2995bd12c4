"""J5: replicas that share records go offline, write to the same fields, and meet again."""

from meter import Work
from network import Network, Workload

ROUNDS_MAX = 8
NAMES = ("asha", "bela", "caro", "dina", "efua", "femi", "goro", "hana")


def meet(network, people):
    """Everybody syncs in turn until nothing moves. Returns the work and the digests."""
    before, digests, bytes_up, bytes_down = None, {}, 0, 0
    rounds = 0
    with Work(server=network.server.process) as work:
        while rounds < ROUNDS_MAX:
            for person in people:
                synced = person.sync()
                bytes_up += synced["bytes_up"]
                bytes_down += synced["bytes_down"]
            rounds += 1
            digests = {person.name: person.digest() for person in people}
            if digests == before:
                break
            before = digests
    line = work.line()
    line.update(up=bytes_up, down=bytes_down)
    return line, rounds, digests


class Survey:
    """What one replica shows, keeps and reports after the merge."""

    def __init__(self, network, person):
        self.network, self.person = network, person
        self.shown = {}
        self.reported = {}
        for conflict in person.call("conflicts"):
            values = [sibling["value"] for sibling in conflict["siblings"]]
            self.reported[conflict["record"], conflict["field"]] = values

    def field(self, record, field):
        record = self.network.names[record]
        if record not in self.shown:
            self.shown[record] = self.person.show(record, siblings=True)
        return self.shown[record]["fields"].get(field, {})

    def shows(self, record, field, value):
        """As the first, or only, value of its field."""
        shown = self.field(record, field).get("value")
        return (shown[0] if isinstance(shown, list) else shown) == value

    def keeps(self, record, field, value):
        return value in [sibling["value"] for sibling in self.field(record, field).get("siblings", [])]

    def reports(self, record, field, value):
        return value in self.reported.get((self.network.names[record], field), [])


def count_colliding(survey, groups):
    out = {"values": 0, "groups": len(groups), "won": 0, "keptAside": 0, "reported": 0, "silentlyLost": 0}
    for group in groups:
        for value in group["values"]:
            cell = group["id"], group["f"], value
            out["values"] += 1
            if survey.shows(*cell):
                out["won"] += 1
            elif survey.keeps(*cell):
                out["keptAside"] += 1
                out["reported"] += survey.reports(*cell)
            else:
                out["silentlyLost"] += 1
    return out


def count_alone(survey, cells):
    shown = sum(survey.shows(cell["id"], cell["f"], cell["v"]) for cell in cells)
    aside = sum(not survey.shows(cell["id"], cell["f"], cell["v"]) and survey.keeps(cell["id"], cell["f"], cell["v"])
                for cell in cells)
    return {"values": len(cells), "visible": shown, "keptAside": aside, "silentlyLost": len(cells) - shown - aside}


def count_removed(survey, head):
    edited = head["deletedButEdited"]
    conflicts = {record for record, _ in survey.reported}
    gone = sum(survey.person.show(survey.network.names[record])["archived"] for record in head["deleted"])
    return {"deleted": len(head["deleted"]), "gone": gone, "editedWhileDeleted": len(edited),
            "editVisible": sum(survey.shows(cell["id"], cell["f"], cell["v"]) for cell in edited),
            "editKeptAside": sum(survey.keeps(cell["id"], cell["f"], cell["v"]) for cell in edited),
            "editReported": sum(survey.network.names[cell["id"]] in conflicts for cell in edited)}


def merge(form, tell=lambda _: None):
    workload = Workload("merge")
    head = workload.head
    out = {"peer": f"godwit-{form}", "job": "merge", "seed": 1, "sha256": workload.digest}
    with Network(form) as network:
        tell("eight replicas")
        granter = network.person("supervisor", "supervisor")
        people = [network.person(name, "worker") for name in NAMES[:head["devices"]]]
        network.settle()
        network.admin.close()
        network.write_many(people[0], workload.first)
        network.settle(granter, *people, rounds=2)
        granter.close()
        if len({person.digest() for person in people}) != 1:
            raise RuntimeError("the shared records have not reached everybody")
        tell("writing offline")
        for number, person in enumerate(people):
            network.write_many(person, [step for step in workload.later if step["dev"] == number])
        tell("meeting again")
        out["total"], out["rounds"], digests = meet(network, people)
        out["distinctStates"] = len(set(digests.values()))
        out["converged"] = out["distinctStates"] == 1 and people[0].digest() == network.server.digest(people[0].id)
        tell("counting what survived")
        survey = Survey(network, people[0])
        out["colliding"] = count_colliding(survey, head["groups"])
        out["nonColliding"] = count_alone(survey, head["solo"])
        out["deletes"] = count_removed(survey, head)
    return out
