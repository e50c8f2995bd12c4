"""What the scenarios share: an organisation set up once and copied for each of them."""

import itertools
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "deploy/story"))

import os  # noqa: E402

os.environ.setdefault("GODWIT_BIN", str(Path(__file__).resolve().parents[2] / "build/dev/bin"))

import described  # noqa: E402
import programs  # noqa: E402
from programs import Refused, Replica, World, run_json  # noqa: E402,F401
from texts import narrative  # noqa: E402,F401

programs.Replica.watch = staticmethod(described.hold)

WORKERS = ("asha", "bela")
SUPERVISORS = ("dina", "efua")


class Template:
    """Harbour Network: an administrator, one team, two workers, two supervisors, everyone up to
    date. Made on first use; `copy` gives a scenario its own."""

    made = None

    @classmethod
    def get(cls):
        if cls.made is None:
            cls.made = cls()
        return cls.made

    def __init__(self):
        self.home = tempfile.TemporaryDirectory(prefix="godwit-template-")
        world = World(Path(self.home.name) / "world")
        world.found()
        self.team = world.team("Harbour")
        self.other_team = world.team("Airport")
        for name in WORKERS:
            world.join(name, (self.team, "worker"))
        for name in SUPERVISORS:
            world.join(name, (self.team, "supervisor"))
        world.settle()
        world.close()
        self.world = world

    def copy(self, folder):
        shutil.copytree(self.world.folder, folder)
        world = World(folder)
        world.server.port = self.world.server.port
        for name, old in self.world.replicas.items():
            replica = world.replicas[name] = Replica(name, Path(folder) / name)
            replica.id, replica.member = old.id, old.member
        world.admin = world.replicas["admin"]
        return world


class Scenario(unittest.TestCase):
    """One organisation of its own, its server running."""

    def setUp(self):
        template = Template.get()
        self.home = tempfile.TemporaryDirectory(prefix="godwit-scenario-")
        self.addCleanup(self.home.cleanup)
        self.world = template.copy(Path(self.home.name) / "world")
        self.team, self.other_team = template.team, template.other_team
        self.server = self.world.server.start()
        self.addCleanup(self.world.close)
        for name, replica in self.world.replicas.items():
            setattr(self, name, replica)

    def settle(self, *replicas, rounds=2):
        self.world.settle(*(replicas or (self.asha, self.bela, self.dina, self.efua)), rounds=rounds)

    def visit(self, replica, **fields):
        """A visit with what it requires and `fields`."""
        return replica.capture("visit", **{"date": "2026-11-20", "site_type": "factory", **fields})

    def take_testimony(self, replica, **fields):
        return replica.capture("testimony", **{"taken_on": "2026-11-20", **fields})

    def agree(self, *replicas):
        """All replicas and the server hold the same of what they share. Returns the digests."""
        replicas = replicas or (self.asha, self.bela, self.dina, self.efua)
        digests = {}
        for replica in replicas:
            digests[replica.name] = replica.digest()
            self.assertEqual(digests[replica.name], self.server.digest(replica.id),
                             f"{replica.name} and the server differ")
        return digests

    def clean(self, *replicas):
        """Nothing in any store or on the server is damaged."""
        for replica in replicas or (self.asha, self.bela, self.dina, self.efua):
            self.assertEqual(replica.call("verify")["problems"], [], replica.name)
        self.assertEqual(self.server.run("verify")["problems"], [])

    def refused(self, code, act, *arguments, **parameters):
        with self.assertRaises(Refused) as caught:
            act(*arguments, **parameters)
        self.assertEqual(caught.exception.code, code, str(caught.exception))
        self.assertTrue(caught.exception.message, "a refusal says what")
        self.assertTrue(caught.exception.next, "a refusal says what to do next")
        return caught.exception


def clone(replica, folder, name=None):
    """A copy of a closed replica's store, phrase included."""
    replica.close()
    shutil.copytree(replica.folder, folder)
    copy = Replica(name or replica.name + "-copy", folder, dict(replica.environment))
    shutil.copy(replica.phrase_file, copy.phrase_file)
    copy.id, copy.member = replica.id, replica.member
    return copy


def faketime(when):
    """An environment in which a program believes it is `when` (faketime's notation)."""
    library = subprocess.run(["find", "/usr/lib", "-name", "libfaketime.so.1"], capture_output=True,
                             text=True, check=True).stdout.split()[0]
    return {"LD_PRELOAD": library, "FAKETIME": when, "DONT_FAKE_MONOTONIC": "1", "FAKETIME_DONT_FAKE_MONOTONIC": "1"}


def orders(names, count):
    """`count` different orders of `names`, the natural one first."""
    return list(itertools.islice(itertools.permutations(names), count))
