"""The programs under measure: one organisation, its server, its replicas, over TLS on loopback."""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BIN = ROOT / "build/release/bin/bench"
FORMS = ("open", "sealed")
sys.path.insert(0, str(ROOT / "deploy/story"))

from meter import Work  # noqa: E402
from programs import Refused, World  # noqa: E402


def build():
    """The release build's libraries, and over them the bench's programs."""
    for command in (["cmake", "--preset", "release"], ["cmake", "--build", "--preset", "release", "--target", "bench"]):
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
        if done.returncode:
            sys.exit(done.stdout[-4000:] + done.stderr[-4000:])


class Workload:
    """The steps of one workload, as the generator prints them."""

    def __init__(self, which, **options):
        arguments = [text for name, value in options.items() for text in (f"--{name}", str(value))]
        done = subprocess.run([BIN / "bench-workload", which, *arguments], capture_output=True, text=True, check=True)
        self.digest = done.stderr.split()[-1]
        head, *lines = done.stdout.splitlines()
        self.head = json.loads(head)
        steps = [json.loads(line) for line in lines]
        self.first = [step for step in steps if step["phase"] == 0]
        self.later = [step for step in steps if step["phase"] == 1]

    def truth(self):
        """What every record must say once all of phase 0 has arrived."""
        out = {}
        for step in self.first:
            out.setdefault(step["id"], {}).update(step["set"])
        return out


class Network(World):
    """An organisation with one team, in a folder of its own, over the programs of a form."""

    def __init__(self, form):
        os.environ["GODWIT_BIN"] = str(BIN / form)
        self.home = tempfile.TemporaryDirectory(prefix="godwit-bench-")
        super().__init__(Path(self.home.name) / "world")
        self.found()
        self.harbour = self.team("Harbour")
        self.names = {}

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for replica in self.replicas.values():
            replica.kill()
        self.server.kill()
        self.home.cleanup()

    def person(self, name, role):
        return self.join(name, (self.harbour, role))

    def write_many(self, replica, steps):
        """All steps in one call, one durable transaction. Returns the work. The request is made ready
        before the clock starts."""
        places, writes = {}, []
        for step in steps:
            if step["op"] == "create":
                places[step["id"]] = len(writes)
                writes.append({"do": "capture", "type": "note", "fields": step["set"]})
                continue
            record = {"write": places[step["id"]]} if step["id"] in places else self.names[step["id"]]
            write = {"do": "archive" if step["op"] == "delete" else "edit", "record": record}
            writes.append({**write, "fields": step["set"]} if step["op"] == "edit" else write)
        work, done = self._measured(replica, "write_many", writes=writes)
        self.names.update((name, done["writes"][place]["record"]) for name, place in places.items())
        return work

    @staticmethod
    def _measured(replica, method, **parameters):
        line = json.dumps({"jsonrpc": "2.0", "id": 0, "method": method, "params": parameters}, ensure_ascii=False) + "\n"
        process = replica.open().process
        with Work(client=process) as work:
            process.stdin.write(line)
            process.stdin.flush()
            answer = json.loads(process.stdout.readline())
        if "error" in answer:
            raise Refused(1, answer["error"].get("data", answer["error"]))
        return work, answer["result"]

    def write_each(self, replica, steps):
        """Every step a call of its own, durable before the next."""
        with Work(client=replica.open().process) as work:
            for step in steps:
                if step["op"] == "create":
                    self.names[step["id"]] = replica.capture("note", **step["set"])
                elif step["op"] == "edit":
                    replica.edit(self.names[step["id"]], **step["set"])
                else:
                    replica.call("archive", record=self.names[step["id"]])
        return work

    def says(self, replica, truth):
        """Does the replica show exactly these values?"""
        for record, fields in truth.items():
            shown = replica.show(self.names[record])["fields"]
            if any(shown.get(name, {}).get("value") != value for name, value in fields.items()):
                return False
        return True
