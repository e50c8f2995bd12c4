#!/usr/bin/env python3
"""The main job as a story: two workers record offline, everything syncs, conflicts are met and
settled, a record is returned and approved, and every replica agrees with the server.

  story.py --data DIR [--port N] [--once]     normally called by deploy/run
"""

import argparse
import os
import shutil
import signal
import sys
import time
from pathlib import Path

from programs import ROOT, World, binaries, free_port
from texts import narrative


def say(text=""):
    print(text, flush=True)


def chapter(title):
    say(f"\n{title}\n{'-' * len(title)}")


class Progress:
    """Counts on a terminal, once something takes longer than a second; silent in a pipe."""

    def __init__(self, what, total):
        self.what, self.total, self.done = what, total, 0
        self.begun = time.monotonic()

    def step(self):
        self.done += 1
        if sys.stdout.isatty() and time.monotonic() - self.begun > 1:
            end = "\n" if self.done == self.total else "\r"
            print(f"  {self.what}: {self.done} of {self.total}", end=end, flush=True)


class Story:
    def __init__(self, folder, port):
        self.world = World(folder)
        self.world.server.port = port or free_port()

    # 1

    def set_up(self):
        chapter("1. An organisation, its server, its people")
        world = self.world
        admin = world.found("Harbour Network", "Noor")
        say(f"The server serves at {world.server.url} over TLS; its data lies in {world.server.folder}.")
        say("Noor, the administrator, founded Harbour Network: the root key was made on her laptop.")
        self.harbour, self.airport = world.team("Harbour"), world.team("Airport")
        people = (("asha", self.harbour, "worker"), ("bela", self.harbour, "worker"),
                  ("dina", self.harbour, "supervisor"), ("efua", self.airport, "supervisor"))
        progress = Progress("Enrolling", len(people))
        for name, team, role in people:
            world.join(name, (team, role), *([(self.airport, role)] if name in ("bela", "dina") else []))
            progress.step()
        self.asha, self.bela, self.dina, self.efua = (world.replicas[name] for name, _, _ in people)
        self.admin = admin
        world.settle()
        say("Asha and Bela work in the Harbour team, Dina supervises it; Efua supervises Airport, where Bela")
        say("and Dina belong too. Each made their own keys and joined with an invitation that worked once.")

    # 2

    def shared_ground(self):
        self.visit = self.asha.capture(
            "visit", team=self.harbour, date="2026-11-18", site_type="labour_camp", purposes=["monitoring"],
            people_reached=6, confidentiality="internal", site_name="Dormitory 4, North Camp",
            narrative=narrative("bn", 1800), narrative_language="bn", access="partial")
        self.task = self.asha.capture("follow_up", team=self.harbour, kind="wage_claim",
                                      instructions=narrative("en", 500))
        self.referral = self.dina.capture("referral", team=self.harbour, kind="legal", state="offered",
                                          recipient="The legal aid desk at the harbour")
        self.testimony = self.dina.capture("testimony", team=self.harbour, taken_on="2026-11-18",
                                           language="ne", wages_owed="900", wages_owed_currency="SAR",
                                           wages_owed_period="month")
        self.world.settle()

    def offline(self):
        chapter("2. Everyone works without a network")
        asha, bela, dina = self.asha, self.bela, self.dina
        self.captured = {}
        tongues = ("ar", "bn", "ne", "si", "ta", "ur", "am", "my", "fil", "id", "fr", "es", "en")
        sites = ("labour_camp", "factory", "vessel", "household", "detention_immigration", "building_site")
        progress = Progress("Capturing", len(tongues) * 2)
        for number, tongue in enumerate(tongues):
            worker = (asha, bela)[number % 2]
            self.captured[worker.capture(
                "visit", team=self.harbour, date=f"2026-11-{number + 1:02}", site_type=sites[number % len(sites)],
                narrative=narrative(tongue, 500 + 400 * number), narrative_language=tongue,
                people_reached=number + 1, purposes=["information"])] = worker
            progress.step()
            self.captured[worker.capture(
                "testimony", team=self.harbour, taken_on="2026-11-19", language=tongue,
                narrative_original=narrative(tongue, 800 + 350 * number, number),
                violations=["WAGE.unpaid", "RECR.fees"],
                consent_events=[{"scope": "internal_casework", "decision": "granted", "method": "oral_witnessed"},
                                {"scope": "publication_named", "decision": "refused",
                                 "method": "oral_witnessed"}])] = worker
            progress.step()
        say(f"Asha and Bela captured {len(self.captured)} visits and testimonies in thirteen languages.")

        for replica, site, words, risk, level, people in (
                (asha, "shelter", narrative("ar", 900), "medium", "sensitive", 4),
                (bela, "factory", narrative("my", 700), "high", "identity", 5)):
            replica.edit(self.visit, site_type=site, narrative=words, risk_to_workers=risk, confidentiality=level,
                         latitude_microdegrees=23810331 + people, longitude_microdegrees=90412521,
                         location_accuracy_m=15, location_source="gps")
            replica.call("count", record=self.visit, field="people_reached", by=people)
            replica.call("note", record=self.visit, field="notes", value={"text": narrative("ta", 400, people)})
        asha.call("add", record=self.visit, field="purposes", value="interview")
        bela.call("remove", record=self.visit, field="purposes", value="monitoring")
        asha.edit(self.task, is_closed=False)
        dina.edit(self.task, is_closed=True)
        asha.edit(self.task, outcome=self.code("outcomes", 0), outcome_on="2026-11-19")
        say("Both changed the same visit: its kind of site, its words, its risk, its place, its purposes, its")
        say("counts, its notes, and how confidential it is. Asha and Dina disagree whether a task is closed.")

    def code(self, vocabulary, index):
        return self.asha.call("vocabulary", name=vocabulary)["terms"][index]["code"]

    # 3

    def sync(self):
        chapter("3. A link appears")
        for name in ("bela", "asha", "dina", "efua", "bela", "asha", "dina"):
            done = self.world.replicas[name].sync()
            say(f"  {name.capitalize():5} delivered {done['delivered']:3} changes, received {done['received']:3} "
                f"records, {done['round_trips']} round trips, {done['bytes_up']:,} bytes up, "
                f"{done['bytes_down']:,} down")
        self.world.settle(rounds=1)

    # 4

    def review(self):
        chapter("4. Dina reviews")
        dina = self.dina
        shown = dina.show(self.visit, siblings=True)["fields"]
        rows = (("latest", "site_type"), ("keep_both", "narrative"), ("union", "purposes"), ("sum", "people_reached"),
                ("append", "notes"), ("most_restrictive", "risk_to_workers"), ("write_once", "latitude_microdegrees"))
        for rule, field in rows:
            self.explain(rule, field, shown[field])
        self.explain("supervisor_first", "is_closed", dina.show(self.task, siblings=True)["fields"]["is_closed"])
        before = dina.call("conflicts")
        say(f"{len(before)} fields want a person. Dina settles them:")
        settled = set()
        for conflict in before:
            key = (conflict["record"], conflict["field"])
            if key in settled or dina.show(conflict["record"])["fields"][conflict["field"]]["needs_review"] is False:
                continue
            dots = [sibling["dot"] for sibling in conflict["siblings"]]
            keep = dots if conflict["field"] == "narrative" else dots[:1]
            dina.call("resolve", record=conflict["record"], field=conflict["field"], keep=keep)
            settled.add(key)
            say(f"  {conflict['field']}: {'both stand' if len(keep) > 1 else 'one kept, the other stays in its story'}")
        self.returned = next(record for record, worker in self.captured.items()
                             if worker is self.asha and dina.show(record)["type"] == "testimony")
        dina.call("review", record=self.visit, step="start")
        dina.call("review", record=self.visit, step="approve")
        dina.call("review", record=self.returned, step="start")
        dina.call("review", record=self.returned, step="return", note="Which month did the wages stop?")
        say("She approves the visit, and returns a testimony to Asha: \"Which month did the wages stop?\"")
        self.world.settle(dina, self.asha, self.bela, rounds=1)

    def explain(self, rule, field, entry):
        value = entry["value"]
        if isinstance(value, list):
            told = f"{len(value)} values" if rule in ("append", "keep_both", "write_once") else ", ".join(map(str, value))
        else:
            told = str(value)
        if len(told) > 50:
            told = told[:47] + "..."
        say(f"  {rule:17} {field:22} {told:28}{'  a person must look' if entry['needs_review'] else ''}")

    # 5

    def correct(self):
        chapter("5. The returned testimony comes back to Asha's hands")
        shown = self.asha.show(self.returned)
        say(f"Asha reads: {shown['review']}, \"{shown['fields']['review_notes']['value'][-1]['text']}\"")
        self.asha.call("note", record=self.returned, field="notes", value={"text": "In March, she says."})
        self.asha.call("review", record=self.returned, step="submit")
        self.world.settle(self.asha, self.dina, rounds=1)
        self.dina.call("review", record=self.returned, step="approve")
        self.bela.edit(self.visit, narrative=narrative("es", 600))
        self.world.settle(self.dina, self.bela, self.dina, rounds=1)
        say("She corrects it, finishes it again, and Dina approves it.")
        say(f"Bela had changed the approved visit offline: it now reads {self.dina.show(self.visit)['review']}.")
        self.dina.call("review", record=self.referral, step="approve")
        self.asha_and_bela_disagree_on_a_referral()

    def asha_and_bela_disagree_on_a_referral(self):
        """state_machine: two steps at once join to the safer state."""
        other = self.world.invite("Fay", (self.harbour, "supervisor"))
        self.admin.sync()
        self.fay = self.world.enrol("fay", other)
        self.world.settle(self.fay, self.dina, self.fay, rounds=1)
        self.dina.edit(self.referral, state="consented")
        self.fay.edit(self.referral, state="declined_by_person")
        self.world.settle(self.dina, self.fay, self.dina, rounds=1)
        self.explain("state_machine", "state", self.fay.show(self.referral, siblings=True)["fields"]["state"])
        say("Dina noted consent to a referral, Fay that the person declined: the safer one is shown.")

    # 6

    def agree(self):
        chapter("6. Does everyone agree?")
        everyone = [self.asha, self.bela, self.dina, self.efua, self.fay]
        self.world.settle(*everyone, rounds=2)
        for replica in everyone:
            mine, theirs = replica.digest(), self.world.server.digest(replica.id)
            if mine != theirs:
                raise SystemExit(f"{replica.name} and the server differ: {mine} {theirs}")
            if replica.call("verify")["problems"]:
                raise SystemExit(f"{replica.name}'s store is damaged")
            status = replica.call("status")
            say(f"  {replica.name.capitalize():5} {status['records']:3} records, {status['unsent']} unsent, "
                f"{status['parked']} parked   {mine[:16]} = the server's")
        self.world.server.run("backup", str(self.world.folder / "backup"))
        found = self.world.server.run("verify")
        counts = self.world.server.run("status")
        say(f"The server holds {counts['changes']} changes of {counts['replicas']} replicas in {counts['records']} "
            f"records, {counts['parked']} parked; a backup was made; {len(found['problems'])} problems found.")
        if found["problems"]:
            raise SystemExit("the server's data is damaged")

    def end(self, once):
        world = self.world
        for replica in world.replicas.values():
            replica.close()
        if once:
            world.server.stop()
            say("\nThe server is stopped.")
            return
        here = binaries().relative_to(ROOT) if binaries().is_relative_to(ROOT) else binaries()
        dina = f"{here}/godwit --store {world.folder}/dina --phrase-file {world.folder}/dina.phrase"
        chapter("The server keeps running. Try next")
        for command in ("status", "list visit", "conflicts", f"show {self.visit[:8]} --history", "sync", "--help"):
            say(f"  {dina} {command}")
        say(f"  {here}/godwit-server status --data {world.server.folder}")
        say(f"  kill {world.server.process.pid}      # stops the server")


def stop_earlier(folder):
    """Stops the server an earlier telling left running, if that process is still that server."""
    noted = folder / "server.pid"
    number = noted.read_text().strip() if noted.exists() else ""
    command = Path(f"/proc/{number or 'none'}/cmdline")
    if command.exists() and str(folder).encode() in command.read_bytes():
        os.kill(int(number), signal.SIGTERM)
        while command.exists() and command.read_bytes():
            time.sleep(0.05)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--port", type=int, default=8443)
    parser.add_argument("--once", action="store_true")
    options = parser.parse_args()
    folder = options.data / "story"
    if folder.exists():  # An earlier telling: invented people only, made again.
        if not (folder / "told").exists() and any(folder.iterdir()):
            raise SystemExit(f"{folder} holds something that is not an earlier story; name another with --data")
        stop_earlier(folder)
        shutil.rmtree(folder)
    options.data.mkdir(parents=True, exist_ok=True)
    story = Story(folder, options.port)
    (folder / "told").touch()
    try:
        story.set_up()
        story.shared_ground()
        for part in (story.offline, story.sync, story.review, story.correct, story.agree):
            part()
        (folder / "server.pid").write_text(str(story.world.server.process.pid))
        story.end(options.once)
    except BaseException:
        story.world.close()
        raise


if __name__ == "__main__":
    main()
