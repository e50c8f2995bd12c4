"""The budgets: for each row what is measured, against what, and whether it is met."""

import statistics
from dataclasses import dataclass, field
from typing import Callable, Optional


@dataclass
class Check:
    """One figure with its budget. `figure` and `beside` read the lines of one round: `beside` is the
    figure's yardstick, and then the budget holds their ratio."""

    row: int
    what: str
    figure: Callable
    unit: str
    budget: Optional[float]
    beside: Optional[Callable] = None
    form: str = "open"
    exactly: bool = False  # The budget is the figure to reach, not its upper bound.


@dataclass
class Verdict:
    check: Check
    figures: list = field(default_factory=list)
    ratios: list = field(default_factory=list)

    @property
    def judged(self):
        return statistics.median(self.ratios or self.figures)

    @property
    def met(self):
        if self.check.budget is None:
            return None
        return all(value == self.check.budget for value in self.figures) if self.check.exactly else \
            self.judged <= self.check.budget


def at(*path, scale=1.0):
    """Reads one figure of a line: at("core", "J1", "up") of the job `core`."""
    def read(lines):
        value = lines
        for step in path:
            value = value[step]
        return value * scale
    return read


def total(*reads):
    return lambda lines: sum(read(lines) for read in reads)


def both_ways(*path):
    return total(at(*path, "up"), at(*path, "down"))


MB, MS = 1e-6, 1e3


def checks_of(form):
    """Rows 1 to 6 and 10: the core work of one form."""
    core, is_open = f"core-{form}", form == "open"

    def check(row, what, figure, unit, budget, **more):
        return Check(row, what, figure, unit, budget if is_open else None, form=form, **more)

    return [
        check(1, "J1 push, server CPU", at(core, "J1", "serverCpu"), "s", 1.4, beside=at("session", "J1", "cpu")),
        check(1, "J1 push, replica CPU", at(core, "J1", "clientCpu"), "s", None, beside=at("session", "J1", "cpu")),
        check(1, "J1 push, wall", at(core, "J1", "ms"), "ms", None),
        check(2, "offline writes in one call, CPU", at(core, "local", "cpu"), "s", 1.5,
              beside=at("session", "local", "cpu")),
        check(3, "J1 bytes up", at(core, "J1", "up", scale=MB), "MB", 4.6),
        check(4, "J2 fresh replica, wall", at(core, "J2", "ms"), "ms", 300),
        check(4, "J2 bytes down", at(core, "J2", "down", scale=MB), "MB", 3.8),
        check(4, "J2 server CPU", at(core, "J2", "serverCpu"), "s", None),
        check(4, "J2 replica CPU", at(core, "J2", "clientCpu"), "s", None),
        check(5, "J3 one small edit, bytes both ways", both_ways(core, "J3push"), "B", 700),
        check(5, "J3 server CPU", at(core, "J3push", "serverCpu", scale=MS), "ms", 1.0),
        check(5, "J3 round trips", at(core, "J3push", "requests"), "", 1),
        check(5, "J3 pull, bytes both ways", both_ways(core, "J3pull"), "B", None),
        check(5, "J3 pull, server CPU", at(core, "J3pull", "serverCpu", scale=MS), "ms", None),
        check(6, "J4 nothing new, bytes both ways", both_ways(core, "J4"), "B", 450),
        check(6, "J4 server CPU", at(core, "J4", "serverCpu", scale=MS), "ms", 0.3),
        check(6, "J4 round trips", at(core, "J4", "requests"), "", 1),
        check(10, "at rest, server", at(core, "rest", "server", scale=MB), "MB", 15),
        check(10, "at rest, replica that wrote", at(core, "rest", "client", scale=MB), "MB", 15),
        check(10, "at rest, fresh replica", at(core, "rest", "fresh", scale=MB), "MB", 15),
    ]


def singles_checks(form):
    return [Check(2, "offline writes as single durable saves, CPU", at(f"singles-{form}", "local", "cpu"), "s",
                  1.3 if form == "open" else None, beside=at("sqlite", "singles", "cpu"), form=form)]


def merge_checks(form):
    job = f"merge-{form}"

    def count(what, path, wanted):
        return Check(7, what, at(job, *path), "", wanted, form=form, exactly=True)

    return [
        count("colliding fields shown", ("colliding", "won"), 786),
        count("colliding values kept beside", ("colliding", "keptAside"), 1213),
        count("of these reported", ("colliding", "reported"), 1213),
        count("colliding values lost", ("colliding", "silentlyLost"), 0),
        count("other values untouched", ("nonColliding", "visible"), 2001),
        count("edits of deleted records kept", ("deletes", "editVisible"), 20),
        count("of these reported", ("deletes", "editReported"), 20),
        Check(7, "J5 server CPU", at(job, "total", "serverCpu"), "s", 0.5 if form == "open" else None, form=form),
    ]


def growth_checks(form):
    small, large = f"core-{form}-1000", f"core-{form}-20000"
    return [Check(8, f"{what}, 20,000 against 1,000 records", read(large), unit, budget if form == "open" else None,
                  beside=read(small), form=form)
            for what, unit, budget, read in (
                ("J1 server CPU", "s", 21, lambda core: at(core, "J1", "serverCpu")),
                ("J3 bytes", "B", 1.2, lambda core: both_ways(core, "J3push")),
                ("J3 server CPU", "ms", 1.2, lambda core: at(core, "J3push", "serverCpu", scale=MS)),
                ("J4 bytes", "B", 1.2, lambda core: both_ways(core, "J4")),
                ("J4 server CPU", "ms", 1.2, lambda core: at(core, "J4", "serverCpu", scale=MS)))]


def history_checks(form):
    job, is_open = f"history-{form}", form == "open"
    return [Check(9, "one record edited 1,000 times, push bytes", at(job, "push", "up", scale=1e-3), "kB",
                  90 if is_open else None, form=form),
            Check(9, "the same, fresh replica bytes down", at(job, "pull", "down", scale=1e-3), "kB",
                  2.6 if is_open else None, form=form)]


def arrival_checks(form):
    job = f"arrivals-{form}"
    return [Check(11, "changes lost", at(job, "lost"), "", 0, form=form, exactly=True),
            Check(11, "syncs that failed", at(job, "arrival", "failed"), "", 0, form=form, exactly=True),
            Check(11, "an exchange, 99 of 100 within", at(job, "arrival", "p99_ms"), "ms", 1000, form=form),
            Check(11, "an exchange, median", at(job, "arrival", "p50_ms"), "ms", None, form=form),
            Check(11, "server memory", at(job, "serverPeakMb"), "MB", 256, form=form),
            Check(11, "server CPU", at(job, "serverCpu"), "s", None, form=form)]


def scale_checks(form, largest):
    def stage(number, *path, scale=1.0):
        return at(f"scale-{form}", "stages", str(number), *path, scale=scale)

    def against(row, what, small, read, unit):
        return Check(row, f"{what}, {largest:,} against {small:,} records", read(largest), unit, 1.2, beside=read(small),
                     form=form)

    def nothing_bytes(number):
        return total(stage(number, "J4", "up"), stage(number, "J4", "down"))

    def nothing_cpu(number):
        return stage(number, "J4", "serverCpu", scale=MS)

    return [against(6, "J4 bytes", 1000, nothing_bytes, "B"), against(6, "J4 server CPU", 1000, nothing_cpu, "ms"),
            against(12, "J3 server CPU", 10_000, lambda number: stage(number, "J3push", "serverCpu", scale=MS), "ms"),
            against(12, "J4 server CPU", 10_000, nothing_cpu, "ms"),
            against(12, "server memory", 10_000, lambda number: stage(number, "serverMb"), "MB")]


def form_checks():
    def both_ends(core):
        return total(at(core, "J1", "serverCpu"), at(core, "J1", "clientCpu"))
    return [Check(13, "J1 CPU of both ends, sealed against open", both_ends("core-sealed"), "s", 1.6,
                  beside=both_ends("core-open"), form="sealed")]


def judge(checks, rounds):
    """The verdicts of those checks whose lines were measured. `rounds`: a dict of lines a round."""
    out = []
    for check in checks:
        verdict = Verdict(check)
        for lines in rounds:
            try:
                figure = check.figure(lines)
                ratio = figure / check.beside(lines) if check.beside else None
            except KeyError:
                continue
            verdict.figures.append(figure)
            if ratio is not None:
                verdict.ratios.append(ratio)
        if verdict.figures:
            out.append(verdict)
    return out


def number(value):
    if value == int(value) and abs(value) < 1e6:
        return f"{int(value):,}"
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"


def spread(values):
    middle = number(statistics.median(values))
    if min(values) == max(values):
        return middle
    return f"{middle} ({number(min(values))}–{number(max(values))})"


def table(verdicts, rule=False):
    """The verdicts as rows of text; with `rule` as a Markdown table."""
    head = ["row", "what", "form", "figure", "ratio", "budget", "met", "runs"]
    rows = [[str(verdict.check.row), verdict.check.what, verdict.check.form,
             f"{spread(verdict.figures)} {verdict.check.unit}".strip(),
             spread(verdict.ratios) + " ×" if verdict.ratios else "–", budget_text(verdict.check),
             {True: "yes", False: "NO", None: "–"}[verdict.met], str(len(verdict.figures))] for verdict in verdicts]
    if rule:
        return "\n".join("| " + " | ".join(row) + " |" for row in [head, ["---"] * len(head), *rows])
    widths = [max(len(row[column]) for row in [head, *rows]) for column in range(len(head))]
    return "\n".join("  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip() for row in [head, *rows])


def budget_text(check):
    if check.budget is None:
        return "–"
    sign = "" if check.exactly else "≤ "
    return f"{sign}{number(check.budget)}" + (" ×" if check.beside else f" {check.unit}".rstrip())
