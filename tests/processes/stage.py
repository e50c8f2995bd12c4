"""A small organisation at rest, copied for every attempt: what stood there before is known exactly."""

import shutil
import tempfile
from pathlib import Path

from organisation import Organisation, Refused, Template, call, programs

RECORDED = {"date": "2026-11-20", "site_type": "factory"}
USED = ("asha", "dina")


class Wrong(Exception):
    """Something an attempt must not end with."""


class Base:
    """Asha and Dina share two visits; Asha has one more unsent, and everybody's programs were killed,
    so that there is something to recover. Beside it a server nobody founded yet."""

    def __init__(self):
        self.home = tempfile.TemporaryDirectory(prefix="godwit-sites-")
        self.folder = Path(self.home.name) / "base"
        self.stage = Path(self.home.name) / "stage"
        self.words = {}
        # The port that the invitations name.
        with Organisation(Template.get().world.server.port) as organisation:
            self.build(organisation)
            self.replicas = {name: organisation.writers[name] for name in USED}
            self.port = organisation.server.port

    def build(self, organisation):
        asha, dina = (organisation.writers[name] for name in USED)
        for number in range(2):
            self.capture(asha, f"shared words {number}")
        organisation.settle()
        member = organisation.world.admin.call("member", name="Gita",
                                               places=[{"team": organisation.team, "role": "worker"}])["member"]
        invitation = organisation.world.admin.call("invite", member=member)["invitation"]
        organisation.sync(organisation.world.admin)
        self.capture(asha, "unsent words")
        self.status = {"asha": call(asha, "status"), "dina": call(dina, "status")}
        asha.kill()
        dina.kill()
        organisation.server.kill()
        world = organisation.folder
        fresh = programs.Server(world / "fresh", organisation.server.port)
        (world / "link").write_text(fresh.init())
        (world / "invitation").write_text(invitation)
        self.folder.mkdir()
        for name in ("server", "fresh", *USED):
            shutil.copytree(world / name, self.folder / name, ignore=shutil.ignore_patterns("*.sock"))
        for name in ("link", "invitation", *(f"{each}.phrase" for each in USED)):
            shutil.copy(world / name, self.folder / name)

    def capture(self, replica, words):
        record = call(replica, "capture", type="visit", fields={**RECORDED, "narrative": words})["record"]
        self.words[record] = words


class Stage:
    """One copy of the base."""

    def __init__(self, base):
        self.base = base
        self.folder = base.stage
        self.words = dict(base.words)
        self.server = programs.Server(self.folder / "server", base.port)
        self.fresh = programs.Server(self.folder / "fresh", base.port)
        self.asha, self.dina = (self.replica(name) for name in USED)

    def replica(self, name, kind=programs.Replica):
        made = kind(name, self.folder / name)
        if name in self.base.replicas:
            made.id = self.base.replicas[name].id
        return made

    def __enter__(self):
        shutil.rmtree(self.folder, ignore_errors=True)
        shutil.copytree(self.base.folder, self.folder)
        return self

    def __exit__(self, *_):
        self.kill_all()

    def kill_all(self):
        for each in (self.asha, self.dina, self.server, self.fresh):
            each.kill()

    def sync(self, replica):
        return call(replica, "sync", server=self.server.url)

    def hold_against(self, replica, saved):
        """After a restart: what was acknowledged is there, nothing is damaged, and work goes on."""
        status = call(replica, "status")
        if status["saved"] < saved:
            raise Wrong(f"{replica.name} had saved {saved} changes and has {status['saved']}")
        if call(replica, "verify")["problems"]:
            raise Wrong(f"{replica.name} does not verify")
        for record, words in self.words.items():
            self.shows(replica, record, words)
        more = call(replica, "capture", type="visit", fields={**RECORDED, "narrative": "work goes on"})["record"]
        self.sync(replica)
        self.sync(replica)
        status = call(replica, "status")
        if status["unsent"] or status["parked"]:
            raise Wrong(f"{replica.name} ends with {status['unsent']} unsent and {status['parked']} parked")
        if call(replica, "digest")["digest"] != self.server.digest(replica.id):
            raise Wrong(f"{replica.name} and the server hold different states")
        if self.server.run("verify")["problems"]:
            raise Wrong("the server does not verify")
        self.shows(replica, more, "work goes on")

    @staticmethod
    def shows(replica, record, words):
        try:
            shown = call(replica, "show", record=record)["fields"]["narrative"]["value"]
        except Refused as refusal:
            raise Wrong(f"{replica.name} lost record {record}: {refusal}") from None
        if shown != words:
            raise Wrong(f"{replica.name} shows {shown!r} of record {record} instead of {words!r}")
