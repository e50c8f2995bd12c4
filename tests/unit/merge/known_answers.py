#!/usr/bin/env python3
"""Writes the known answers of the merge: state.json and view.json.

A second implementation of shared/spec/merge.md that shares no code with the first: no state grows
here; a value stands unless some change of the whole set takes it away. Every run writes the same
bytes, and `--check` fails when the files hold others. Python's standard library only.

    python3 tests/unit/merge/known_answers.py [--check]
"""

import hashlib
import json
import pathlib
import sys

FOLDER = pathlib.Path(__file__).resolve().parents[3] / "shared/spec/known-answers"
SET, ADD, REMOVE, APPEND, INCREMENT, ERASE, SETTLE = range(1, 8)
TYPE, TEAM, RECORD = 2, "7e" * 16, "4e" * 16
LOGS = {name: letter * 16 for name, letter in (("asha", "a1"), ("bela", "b2"), ("caro", "c3"))}
REPLICAS = {LOGS["asha"]: "1a" * 16, LOGS["bela"]: "2b" * 16, LOGS["caro"]: "3c" * 16}


class Chance:
    """Numbers that are the same in every version of Python."""

    def __init__(self, seed):
        self.state = seed

    def below(self, end):
        self.state = (self.state * 6364136223846793005 + 1442695040888963407) % (1 << 64)
        return (self.state >> 33) % end


def head(major, number):
    if number < 24:
        return bytes([major << 5 | number])
    for code, size in ((24, 1), (25, 2), (26, 4), (27, 8)):
        if number < 1 << (8 * size):
            return bytes([major << 5 | code]) + number.to_bytes(size, "big")
    raise ValueError(number)


def cbor(item):
    """The bytes of an item in the notation of cbor.json; bytes are an item already encoded."""
    if item is None:
        return b"\xf6"
    if isinstance(item, bool):
        return b"\xf5" if item else b"\xf4"
    if isinstance(item, int):
        return head(0, item) if item >= 0 else head(1, -1 - item)
    if isinstance(item, bytes):
        return item
    if isinstance(item, str):
        return head(3, len(item.encode())) + item.encode()
    if isinstance(item, dict) and "hex" in item:
        value = bytes.fromhex(item["hex"])
        return head(2, len(value)) + value
    if isinstance(item, dict):
        entries = b"".join(cbor(key) + cbor(value) for key, value in item["map"])
        return head(5, len(item["map"])) + entries
    return head(4, len(item)) + b"".join(cbor(part) for part in item)


def hexed(text):
    return {"hex": text}


# Changes and what they do to one another (merge §2).


def said(name, sequence, operations, context=None, effective=0, role=1, mark=0, cites=None):
    change = {
        "sequence": sequence, "time": [1_800_000_000_000 + sequence, sequence % 3], "role": role,
        "schema_version": 1, "record_type": TYPE, "record": RECORD, "team": TEAM,
        "context": [[log, through] for log, through in sorted((context or {}).items())],
        "operations": operations, "salt": f"{sequence:02x}" * 16, "cites": cites,
    }
    return {"log": LOGS[name], "author": REPLICAS[LOGS[name]], "effective": [effective, 1],
            "mark": mark, "change": change}


def operation(field, kind, value=None, removed=None):
    row = {"field": field, "kind": kind, "form": 0}
    if removed is not None:
        row["removed"] = [list(dot) for dot in sorted(removed)]
    elif kind != ERASE:
        row["value"] = value
    return row


def dot_of(each):
    return (each["log"], each["change"]["sequence"])


def had_seen(each, log):
    named = dict(map(tuple, each["change"]["context"])).get(log, 0)
    if log != each["log"]:
        return named
    before = each["change"]["sequence"] - 1
    return min(named, before) if each["change"]["cites"] else before


def on_field(each, field):
    return [row for row in each["change"]["operations"] if row["field"] == field]


def takes_away(later, dot, field):
    for row in on_field(later, field):
        if row["kind"] == REMOVE and list(dot) in row["removed"]:
            return True
        if row["kind"] in (SET, SETTLE) and had_seen(later, dot[0]) >= dot[1]:
            return True
    return False


def field_state(changes, field):
    seen, removed, siblings = {}, set(), []

    def note(log, through):
        if through:
            seen[log] = max(seen.get(log, 0), through)

    for each in changes:
        rows = on_field(each, field)
        if not rows:
            continue
        note(*dot_of(each))
        for row in rows:
            if row["kind"] == REMOVE:
                removed |= {tuple(dot) for dot in row["removed"]}
                continue
            if row["kind"] in (SET, SETTLE):
                for log in LOGS.values():
                    note(log, had_seen(each, log))
            if not any(takes_away(other, dot_of(each), field) for other in changes):
                siblings.append((dot_of(each), each, row))
    early = sorted(dot for dot in removed if dot[1] > seen.get(dot[0], 0))
    return seen, early, sorted(siblings, key=lambda sibling: sibling[0])


def state_bytes(changes):
    """The encoding of the state after `changes` (merge §1)."""
    erased = any(row["kind"] == ERASE for each in changes for row in each["change"]["operations"])
    numbers = sorted({row["field"] for each in changes for row in each["change"]["operations"]})
    fields = {} if erased else {number: field_state(changes, number) for number in numbers}
    table = {}
    for seen, early, siblings in fields.values():
        for log in [*seen, *(dot[0] for dot in early)]:
            table.setdefault(log, None)
        for dot, each, _ in siblings:
            table[dot[0]] = each["author"]
    rows = sorted(table)

    def change_row(dot, each):
        return (rows.index(dot[0]), dot[1], each["change"]["role"], each["mark"],
                *each["change"]["time"], *each["effective"])

    changes_said = sorted({change_row(dot, each) for _, _, siblings in fields.values()
                           for dot, each, _ in siblings})
    change_items, before = [], 0
    for log, sequence, role, mark, wall, tick, effective, effective_tick in changes_said:
        change_items += [log, sequence, role, mark, wall - before, tick, effective - wall,
                         effective_tick]
        before = wall
    apart, said_rows, kinds, forms, values = [], [], [], [], []
    for index, (seen, early, siblings) in enumerate(fields.values()):
        if early or len(siblings) != 1 or [siblings[0][0]] != list(seen.items()):
            pairs = [part for log in sorted(seen) for part in (rows.index(log), seen[log])]
            dots = [part for log, sequence in early for part in (rows.index(log), sequence)]
            apart += [index, pairs, dots, len(siblings)]
        for dot, each, row in siblings:
            said_rows.append(changes_said.index(change_row(dot, each)))
            kinds.append(row["kind"])
            forms.append(row["form"])
            values.append(row["value"])
    logs = [[hexed(log), hexed(table[log]) if table[log] else None] for log in rows]
    return cbor([TYPE, hexed(TEAM), erased, logs, change_items, list(fields), apart, said_rows,
                 kinds, forms, values])


# Histories.


def context_of(changes):
    """What somebody has seen who has accepted `changes` (merge §1)."""
    out = {}
    for number in {row["field"] for each in changes for row in each["change"]["operations"]}:
        seen, _, siblings = field_state(changes, number)
        is_register = any(row["kind"] in (SET, SETTLE) for _, _, row in siblings)
        dots = [dot for dot, _, _ in siblings] if is_register else list(seen.items())
        for log, through in dots:
            out[log] = max(out.get(log, 0), through)
    return out


def drawn_history(seed):
    """Three replicas that set field 16, add to and remove from 17, count 18 and note 19."""
    chance, names = Chance(seed), list(LOGS)
    logs = {name: [] for name in names}
    held = {name: {other: 0 for other in names} for name in names}
    for _ in range(14):
        who = names[chance.below(3)]
        if chance.below(2):
            whose = names[chance.below(3)]
            held[who][whose] = max(held[who][whose], min(len(logs[whose]), held[who][whose] + 2))
            continue
        known = [each for name in names for each in logs[name][: held[who][name]]]
        value = ["rice", "passport", "wages", "fees"][chance.below(4)]
        rows = []
        what = chance.below(6)
        if what in (0, 1):
            kind = SET if what else SETTLE
            rows.append(operation(16, kind, value if what else [value, "none"]))
        if what in (1, 2, 3):
            standing = [dot for dot, _, _ in field_state(known, 17)[2]]
            taken = [dot for dot in standing if chance.below(2)]
            if taken:
                rows.append(operation(17, REMOVE, removed=taken))
            if what != 3:
                rows.append(operation(17, ADD, value))
        if what == 4:
            rows.append(operation(18, INCREMENT, chance.below(9) - 3))
        if what == 5 or not rows:
            rows.append(operation(19, APPEND, value))
        context = context_of(known)
        context.pop(LOGS[who], None)
        effective, role = chance.below(40), 1 + chance.below(2)
        logs[who].append(said(who, len(logs[who]) + 1, rows, context, effective, role))
        held[who][who] = len(logs[who])
    return logs, held


def fixed_histories():
    asha, bela = LOGS["asha"], LOGS["bela"]
    return {
        "one value": [said("asha", 1, [operation(16, SET, "rice")])],
        "a conflict": [said("asha", 1, [operation(16, SET, "rice")]),
                       said("bela", 1, [operation(16, SET, "wages")], role=2, mark=1)],
        "superseded before it arrived": [said("bela", 1, [operation(16, SET, "wages")], {asha: 3})],
        "removed before it arrived": [
            said("bela", 1, [operation(17, REMOVE, removed=[(asha, 4)])])],
        "a kind of a newer version": [said("asha", 1, [operation(16, 99, [None, True])])],
        "issued again": [said("asha", 1, [operation(16, SET, "rice")]),
                         said("asha", 2, [operation(16, SET, "fees")], {bela: 1},
                              cites={"log": bela, "sequence": 2, "digest": "5e" * 32})],
        "erased": [said("asha", 1, [operation(16, SET, "rice")]),
                   said("asha", 2, [operation(0, ERASE)])],
    }


def state_answers():
    states, merges = [], []
    for name, changes in fixed_histories().items():
        states.append({"name": name, "changes": changes, "state": state_bytes(changes).hex()})
    for seed in range(1, 25):
        logs, held = drawn_history(seed)
        changes = [each for log in logs.values() for each in log]
        states.append({"name": f"drawn {seed}", "changes": changes,
                       "state": state_bytes(changes).hex()})
        sides = [[each for name in logs for each in logs[name][: held[who][name]]] for who in logs]
        both = [each for name in logs
                for each in logs[name][: max(held[who][name] for who in ("asha", "bela"))]]
        merges.append({"name": f"drawn {seed}", "left": state_bytes(sides[0]).hex(),
                       "right": state_bytes(sides[1]).hex(), "merged": state_bytes(both).hex()})
    rows = [(f"{number:02x}" * 16, bytes.fromhex(states[number]["state"])) for number in range(4)]
    joined = b"".join(bytes.fromhex(record) + hashlib.sha256(state).digest()
                      for record, state in rows)
    return {
        "about": "States after changes, merges of states, what is no state, and the digest over "
                 "records (merge §1-3, §5). Changes as in change.json.",
        "states": states, "merges": merges, "refused": refused_states(),
        "digest": {"records": [[record, state.hex()] for record, state in rows],
                   "digest": hashlib.sha256(joined).hexdigest()},
    }


def refused_states():
    team, asha, bela = hexed(TEAM), hexed(LOGS["asha"]), hexed(LOGS["bela"])
    log = [asha, asha]
    change = [0, 1, 1, 0, 10, 0, 0, 0]

    def bent(index, value):
        return [*change[:index], value, *change[index + 1:]]

    def one(change=change, logs=(log,), erased=False, fields=(16,), apart=(), said=(0,), kind=1,
            forms=(0,), values=("rice",)):
        return [TYPE, team, erased, list(logs), list(change), list(fields), list(apart), list(said),
                [kind] * len(said), list(forms), list(values)]

    def apart(seen=(0, 1), early=(), count=1):
        return [0, list(seen), list(early), count]

    nothing = {"change": (), "said": (), "forms": (), "values": ()}
    assert cbor(one()) == cbor([2, team, False, [log], change, [16], [], [0], [1], [0], ["rice"]])
    rows = [
        ("an erased record with fields", one(erased=True), "malformed"),
        ("a sibling its field has not seen", one(bent(1, 2), apart=apart()), "malformed"),
        ("a removal as a sibling", one(kind=REMOVE), "malformed"),
        ("an erasure as a sibling", one(kind=ERASE), "malformed"),
        ("no role", one(bent(2, 0)), "malformed"),
        ("a sequence of zero", one(bent(1, 0)), "malformed"),
        ("a sequence beyond 2^53", one(apart=apart((0, (1 << 53) + 1))), "malformed"),
        ("seen and seen early", one(apart=apart(early=(0, 1))), "malformed"),
        ("a log that nothing names", one(logs=[log, [bela, None]]), "malformed"),
        ("an author of no sibling", one(apart=apart(count=0), **nothing), "malformed"),
        ("a sibling without author", one(logs=[[asha, None]]), "malformed"),
        ("a change of no sibling", one([*change, 0, 2, 1, 0, 0, 0, 0, 0]), "malformed"),
        ("a field without its sibling", one(fields=(16, 17)), "malformed"),
        ("a sibling without its field", one(apart=apart(count=0)), "malformed"),
        ("a sibling without its value", one(values=()), "malformed"),
        ("a plain field apart", one(apart=apart()), "not_deterministic"),
        ("a sibling twice", one(apart=apart(count=2), said=(0, 0), forms=(0, 0),
                                values=("rice", "rice")), "not_deterministic"),
        ("a change twice", one([*change, *bent(4, 0)], said=(0, 1), fields=(16, 17), forms=(0, 0),
                               values=("rice", "fees")), "not_deterministic"),
        ("fields out of order", one(fields=(17, 16), said=(0, 0), forms=(0, 0),
                                    values=("rice", "fees")), "not_deterministic"),
        ("logs out of order", one(bent(0, 1), logs=[[bela, None], log],
                                  apart=apart((0, 1, 1, 1))), "not_deterministic"),
        ("a time that is no integer", one(bent(4, "now")), "malformed"),
    ]
    out = [{"name": name, "state": cbor(item).hex(), "code": code} for name, item, code in rows]
    whole = cbor(one())
    longer = whole.replace(cbor("rice"), b"\x78\x04rice")
    out.append({"name": "a length longer than it need be", "state": longer.hex(),
                "code": "not_deterministic"})
    out.append({"name": "cut short", "state": whole[:-1].hex(), "code": "malformed"})
    out.append({"name": "a byte too many", "state": whole.hex() + "00", "code": "trailing_bytes"})
    return out


# Rules (merge §4). A sibling is (log, sequence, role, kind, effective, value); value None: sealed.


def parts(sibling):
    value = sibling["value"]
    return value if sibling["kind"] == SETTLE and isinstance(value, list) else [value]


def rank(order, part):
    if part == "unknown":
        return -1
    code = {True: "true", False: "false"}.get(part, part) if isinstance(part, bool) else part
    return order.index(code) if code in order else len(order)


def view(field, siblings):
    rule = field["rule"]
    readable = [(index, each) for index, each in enumerate(siblings) if each["value"] is not None]
    greatest = sorted(readable, reverse=True, key=lambda pair: (
        pair[1]["effective"], pair[1]["log"], pair[1]["sequence"]))
    shown = []

    def sources(part):
        return [index for index, each in readable if part in parts(each)]

    def show(chosen):
        for part in chosen:
            if part not in [value for value, _ in shown]:
                shown.append((part, sources(part)))

    every = [part for _, each in greatest for part in parts(each)]
    sets = [{cbor(part) for part in parts(each)} for _, each in readable]
    differ = any(each != sets[0] for each in sets)
    review = False
    supervised = [each for _, each in greatest if each["role"] in (2, 3)]
    if not readable:
        pass
    elif rule == "sum":
        shown.append((sum(each["value"] for _, each in readable), [index for index, _ in readable]))
    elif rule == "append":
        shown = [(part, [index]) for index, each in reversed(greatest) for part in parts(each)]
    elif rule == "union":
        show(sorted(every, key=cbor))
    elif rule in ("keep_both", "write_once"):
        show(every)
        review = differ
    elif rule == "latest":
        show(parts(greatest[0][1]))
    elif rule == "supervisor_first":
        show(parts((supervised or [greatest[0][1]])[0]))
        review = bool(supervised) and differ
    else:
        safest = max(rank(field["order"], part) for part in every)
        show([part for part in every if rank(field["order"], part) == safest][:1])
        review = rule == "state_machine" and len(readable) > 1 and len(set(every)) > 1
    return {"values": [value for value, _ in shown], "sources": [source for _, source in shown],
            "needs_review": review, "is_partial": len(readable) < len(siblings)}


RULES = {
    "latest": ["rice", "wages"], "keep_both": ["rice", "wages", "fees"], "union": ["rice", "wages"],
    "sum": [3, -1, 250], "append": ["rice", "wages"], "write_once": ["2026-11-21", "2026-11"],
    "most_restrictive": ["unknown", "low", "high", "newer"], "supervisor_first": ["rice", "wages"],
    "state_machine": ["done", "sent", "revoked", "newer"],
}
ORDERS = {"most_restrictive": ["unknown", "low", "medium", "high"],
          "state_machine": ["done", "sent", "revoked"]}


def drawn_siblings(rule, chance, count):
    values, out = RULES[rule], []
    logs = sorted(LOGS.values())
    for index in range(count):
        kind = {"union": ADD, "sum": INCREMENT, "append": APPEND}.get(rule, SET)
        value = values[chance.below(len(values))]
        if kind == SET and chance.below(4) == 0:
            kind, value = SETTLE, [value, values[chance.below(len(values))]]
        if chance.below(7) == 0:
            value = None
        sequence, role = 1 + chance.below(3), 1 + chance.below(4)
        out.append({"log": logs[index], "sequence": sequence, "role": role, "kind": kind,
                    "effective": [chance.below(3), chance.below(2)], "value": value})
    return out


def view_answers():
    views, chance = [], Chance(2026)
    for rule in RULES:
        field = {"rule": rule, "type": "integer" if rule == "sum" else "code",
                 "order": ORDERS.get(rule, [])}
        for count in (0, 1, 1, 2, 2, 2, 2, 2, 3, 3, 3, 3, 3, 3):
            siblings = drawn_siblings(rule, chance, count)
            views.append({"field": field, "siblings": siblings, "view": view(field, siblings)})
    flags = {"rule": "most_restrictive", "type": "boolean", "order": ["false", "true"]}
    for values in ([True, False], [False, False]):
        siblings = [{"log": log, "sequence": 1, "role": 1, "kind": SET, "effective": [0, 0],
                     "value": value} for log, value in zip(sorted(LOGS.values()), values)]
        views.append({"field": flags, "siblings": siblings, "view": view(flags, siblings)})
    states = {"rule": "state_machine", "type": "code", "order": ORDERS["state_machine"]}
    for field, both in ((flags, [False, True]), (states, ["done", "revoked"])):
        settled = [{"log": min(LOGS.values()), "sequence": 1, "role": 2, "kind": SETTLE,
                    "effective": [0, 0], "value": both}]
        views.append({"field": field, "siblings": settled, "view": view(field, settled)})
    return {"about": "What each conflict rule shows of siblings (merge §4). A value of null is "
                     "sealed to others. Items as in cbor.json.", "views": views}


def main():
    is_stale = False
    for name, answers in (("state.json", state_answers()), ("view.json", view_answers())):
        text = json.dumps(answers, indent=1) + "\n"
        path = FOLDER / name
        if "--check" not in sys.argv[1:]:
            path.write_text(text)
        elif not path.exists() or path.read_text() != text:
            is_stale = True
            print(f"{path} is not what tests/unit/merge/known_answers.py writes")
    return 1 if is_stale else 0


sys.exit(main())
