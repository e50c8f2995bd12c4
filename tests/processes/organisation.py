"""An organisation of real programs for the campaigns: the scenarios' template, copied, its server on
a port of its own."""

import http.client
import os
import select
import signal
import ssl
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
os.environ.setdefault("GODWIT_BIN", str(ROOT / "build/release/bin"))
sys.path[:0] = [str(ROOT / "tests/scenario")]

from world import Refused, Template, programs  # noqa: E402,F401

# Asked to end, a campaign still takes its programs and folders with it.
signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))

PATIENCE = 60  # Seconds after which a program that says nothing counts as stuck.
WRITERS = ("asha", "bela", "dina", "efua")


class Stuck(Exception):
    """A program that neither answers nor ends."""


class Organisation:
    """`port`: where the server listens; a free one unless said."""

    def __init__(self, port=None):
        self.home = tempfile.TemporaryDirectory(prefix="godwit-processes-")
        self.world = Template.get().copy(Path(self.home.name) / "world")
        self.folder = self.world.folder
        self.team = Template.get().team
        self.server = self.world.server
        self.server.port = port or programs.free_port()
        self.writers = {name: self.world.replicas[name] for name in WRITERS}

    def __enter__(self):
        self.server.start()
        return self

    def __exit__(self, *_):
        for replica in self.world.replicas.values():
            replica.kill()
        self.server.kill()
        self.home.cleanup()

    def sync(self, replica):
        return call(replica, "sync", server=self.server.url)

    def settle(self, rounds=3):
        """Everyone hears of everything."""
        for _ in range(rounds):
            for replica in self.writers.values():
                self.sync(replica)


def answers_within(replica, seconds):
    """Whether the answer to what was asked has begun to arrive."""
    return bool(select.select([replica.process.stdout], [], [], max(0.0, seconds))[0])


def hear(replica):
    """The answer to what was asked; a program that hangs is named instead of waited for."""
    if not answers_within(replica, PATIENCE):
        raise Stuck(f"{replica.name} does not answer")
    return replica.hear()


def call(replica, method, **parameters):
    replica.ask(method, **parameters)
    return hear(replica)


def is_healthy(server, within=5):
    """Whether the server answers GET /v1/health over TLS."""
    context = ssl._create_unverified_context()  # The replicas check the pin; this asks only for life.
    connection = http.client.HTTPSConnection("127.0.0.1", server.port, timeout=within, context=context)
    try:
        connection.request("GET", "/v1/health")
        return connection.getresponse().read() == b"ok"
    except OSError:
        return False
    finally:
        connection.close()


def waited(process=None):
    """Seconds that a program, or this one, stood ready to run and no processor was free: on a crowded
    machine that is most of what a restart seems to take, and says nothing of it."""
    try:
        with open(f"/proc/{process.pid if process else 'self'}/schedstat") as stat:
            return int(stat.read().split()[1]) / 1e9
    except (OSError, IndexError):
        return 0.0  # A kernel that keeps no such count.


class Stopwatch:
    """Seconds until a fresh program was of use, and how many of them it waited for a processor."""

    def __init__(self):
        self.begun, self.own = time.monotonic(), waited()

    def read(self, process):
        seconds = time.monotonic() - self.begun
        return seconds, min(seconds, max(waited() - self.own, waited(process)))


def start_timed(server):
    """Starts the server. Returns how long it took until it answered a request."""
    watch = Stopwatch()
    server.start()
    while not is_healthy(server):
        if time.monotonic() - watch.begun > PATIENCE:
            raise Stuck("the server does not answer")
    return watch.read(server.process)
