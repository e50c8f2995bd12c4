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

from programs import Refused, World  # noqa: E402

BATCH = 500  # Records in one capture_many.


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
        """All steps in one call, one durable transaction. Returns the work, or None where the
        replica's face has no such call. The request is made ready before the clock starts."""
        places, writes = {}, []
        for place, step in enumerate(steps):
            if step["op"] == "create":
                places[step["id"]] = place
                writes.append({"do": "capture", "type": "note", "fields": step["set"]})
            else:
                known = places.get(step["id"])
                record = self.name_of(step["id"]) if known is None else {"write": known}
                writes.append({"do": "edit", "record": record, "fields": step["set"]})
        work, answer = self._measured(replica, "write_many", writes=writes)
        if work:
            self.names.update((name, answer["writes"][place]["record"]) for name, place in places.items())
        return work

    def _measured(self, replica, method, **parameters):
        from meter import Work
        line = json.dumps({"jsonrpc": "2.0", "id": 0, "method": method, "params": parameters}, ensure_ascii=False) + "\n"
        process = replica.open().process
        with Work(client=process) as work:
            process.stdin.write(line)
            process.stdin.flush()
            answer = json.loads(process.stdout.readline())
        if "error" not in answer:
            return work, answer["result"]
        refusal = Refused(1, answer["error"].get("data", answer["error"]))
        if refusal.code == "unknown_method":
            return None, None
        raise refusal

    def write_each(self, replica, steps):
        """Every step a call of its own, durable before the next."""
        from meter import Work
        with Work(client=replica.open().process) as work:
            for step in steps:
                if step["op"] == "create":
                    self.names[step["id"]] = replica.capture("note", **step["set"])
                elif step["op"] == "edit":
                    replica.edit(self.name_of(step["id"]), **step["set"])
                else:
                    replica.call("archive", record=self.name_of(step["id"]))
        return work

    def write_bulk(self, replica, steps):
        """The quickest way there is today to write steps whose cost is not measured."""
        if self.write_many(replica, [step for step in steps if step["op"] != "delete"]):
            self.write_each(replica, [step for step in steps if step["op"] == "delete"])
            return
        created = [step for step in steps if step["op"] == "create"]
        for begin in range(0, len(created), BATCH):
            some = created[begin:begin + BATCH]
            made = replica.call("capture_many", records=[{"type": "note", "fields": step["set"]} for step in some])
            self.names.update((step["id"], each["record"]) for step, each in zip(some, made["records"]))
        self.write_each(replica, [step for step in steps if step["op"] != "create"])

    def name_of(self, record):
        return self.names[record]

    def says(self, replica, truth):
        """Does the replica show exactly these values?"""
        for record, fields in truth.items():
            shown = replica.show(self.name_of(record))["fields"]
            if any(shown.get(name, {}).get("value") != value for name, value in fields.items()):
                return False
        return True
