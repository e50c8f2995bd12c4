"""Drives the real programs: a server over TLS and replicas with their stores, each in a folder.

The story and the scenario tests speak through this and through nothing else: what they do, a person
could do at a terminal or a program over `godwit rpc`.
"""

import json
import os
import signal
import socket
import subprocess
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def binaries():
    """The folder of the programs: GODWIT_BIN, or the release build."""
    return Path(os.environ.get("GODWIT_BIN", ROOT / "build/release/bin"))


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Refused(Exception):
    """A refusal, as the programs print it with --json."""

    def __init__(self, exit_code, refusal):
        self.exit_code = exit_code
        self.code = refusal.get("code")
        self.kind = refusal.get("kind")
        self.message = refusal.get("message")
        self.detail = refusal.get("detail")
        self.next = refusal.get("next")
        super().__init__(f"{self.code} ({self.kind}, exit {exit_code}): {self.message} {self.detail or ''}")


def refusal_of(exit_code, stderr):
    for line in stderr.strip().split("\n")[::-1]:
        try:
            return Refused(exit_code, json.loads(line)["error"])
        except (ValueError, KeyError, TypeError):
            continue
    return Refused(exit_code, {"code": None, "message": stderr.strip()[-400:]})


def run_json(arguments, given=None, environment=None, timeout=120):
    """Runs one command to its end. Its JSON output, or Refused."""
    done = subprocess.run([str(a) for a in arguments], input=given, capture_output=True, text=True,
                          env={**os.environ, **(environment or {})}, timeout=timeout)
    if done.returncode != 0:
        raise refusal_of(done.returncode, done.stderr)
    return json.loads(done.stdout) if done.stdout.strip() else {}


class Server:
    """A data folder and, while it serves, its process."""

    def __init__(self, folder, port=None, environment=None):
        self.folder = Path(folder)
        self.port = port or free_port()
        self.environment = environment or {}
        self.process = None
        self.diagnostics = self.folder.parent / (self.folder.name + ".diagnostics")

    @property
    def url(self):
        return f"https://127.0.0.1:{self.port}"

    def command(self, verb, *rest):
        return [binaries() / "godwit-server", verb, "--data", self.folder, *rest]

    def run(self, verb, *rest):
        return run_json([*self.command(verb, *rest), "--json"], environment=self.environment)

    def init(self, public_port=None):
        """Makes the folder. Returns the founding link. `public_port`: where a proxy stands before it."""
        link = self.folder.parent / (self.folder.name + ".link")
        self.run("init", "--host", "127.0.0.1", "--port", str(public_port or self.port), "--link-file", str(link))
        text = link.read_text()
        link.unlink()
        return text

    def start(self):
        notes = open(self.diagnostics, "ab")
        self.process = subprocess.Popen([str(a) for a in self.command("serve", "--port", str(self.port))],
                                        stdin=subprocess.DEVNULL, stdout=notes, stderr=notes,
                                        env={**os.environ, **self.environment}, start_new_session=True)
        notes.close()
        until = time.monotonic() + 30
        while time.monotonic() < until:
            if self.process.poll() is not None:
                raise RuntimeError(f"godwit-server ended with {self.process.returncode}: "
                                   + self.diagnostics.read_text()[-600:])
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
                return self
            except OSError:
                time.sleep(0.02)
        raise RuntimeError("godwit-server does not answer")

    def stop(self):
        code = self._end(signal.SIGTERM)
        if code:
            raise RuntimeError(f"godwit-server ended with {code}: {self.diagnostics.read_text()[-4000:]}")

    def kill(self):
        self._end(signal.SIGKILL)

    def _end(self, number):
        if self.process is None:
            return 0
        if self.process.poll() is None:
            self.process.send_signal(number)
        code = self.process.wait(60)
        self.process = None
        return code

    def digest(self, replica):
        return self.run("digest", "--for", replica)["digest"]


class Replica:
    """A store in a folder, driven over `godwit rpc`; `run` starts one command instead."""

    watch = None  # Told of each call that was answered: method, parameters, result.

    def __init__(self, name, folder, environment=None):
        self.name = name
        self.folder = Path(folder)
        self.phrase_file = self.folder.parent / (self.folder.name + ".phrase")
        self.environment = environment or {}
        self.process = None
        self.id = None
        self.member = None
        self._next = 0
        self._asked = None

    def command(self, *arguments):
        return [binaries() / "godwit", "--store", self.folder, "--phrase-file", self.phrase_file, *arguments]

    def run(self, *arguments, given=None):
        """One command line, with --json. The store must be free: see close()."""
        self.close()
        return run_json([*self.command(*arguments), "--json"], given, self.environment)

    def enrol(self, invitation, *more):
        done = self.run("enrol", "--from", "-", *more, given=invitation)
        self.id = done["replica"]
        self.member = done["member"]
        return done

    def open(self):
        if self.process is None:
            self.process = subprocess.Popen([str(a) for a in self.command("rpc")], stdin=subprocess.PIPE,
                                            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                                            env={**os.environ, **self.environment})
        return self

    def close(self):
        if self.process is None:
            return
        process, self.process = self.process, None
        try:
            process.stdin.close()
        finally:
            with process.stdout, process.stderr:
                notes = process.stderr.read()
                code = process.wait(60)
        if code > 0:
            raise RuntimeError(f"godwit rpc ended with {code}: {notes[-4000:]}")

    def kill(self):
        if self.process:
            self.process.kill()
            self.close_quietly()

    def close_quietly(self):
        try:
            self.close()
        except OSError:
            pass  # It was killed before it had read everything.

    def call(self, method, **parameters):
        self.ask(method, **parameters)
        return self.hear()

    def ask(self, method, **parameters):
        """Sends one request; hear() reads its answer."""
        self.open()
        self._next += 1
        request = {"jsonrpc": "2.0", "id": self._next, "method": method, "params": parameters}
        self._asked = (method, parameters)
        self.process.stdin.write(json.dumps(request, ensure_ascii=False) + "\n")
        self.process.stdin.flush()

    def hear(self):
        line = self.process.stdout.readline()
        if not line:
            errors = self.process.stderr.read()
            code = self.process.wait(60)
            self.process = None
            raise refusal_of(code, errors)
        answer = json.loads(line)
        if "error" in answer:
            raise Refused(1, answer["error"].get("data", answer["error"]))
        if self.watch:
            self.watch(*self._asked, answer["result"])
        return answer["result"]

    # The words of the domain.

    def sync(self, server=None):
        return self.call("sync", **({"server": server} if server else {}))

    def capture(self, type, draft=False, team=None, **fields):
        parameters = {"type": type, "fields": fields, "draft": draft}
        if team:
            parameters["team"] = team
        return self.call("capture", **parameters)["record"]

    def edit(self, record, **fields):
        return self.call("edit", record=record, fields=fields)

    def show(self, record, **options):
        return self.call("show", record=record, **options)

    def value(self, record, field):
        return self.show(record)["fields"].get(field, {}).get("value")

    def siblings(self, record, field):
        entry = self.show(record, siblings=True)["fields"].get(field, {})
        return [sibling["value"] for sibling in entry.get("siblings", [])]

    def digest(self):
        return self.call("digest")["digest"]


class World:
    """One organisation in a folder: a server and whoever enrols."""

    def __init__(self, folder, public_port=None):
        self.folder = Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        os.chmod(self.folder, 0o700)
        self.server = Server(self.folder / "server")
        self.public_port = public_port
        self.replicas = {}
        self.admin = None

    def found(self, organisation="Harbour Network", administrator="Noor"):
        """Server, organisation, administrator. Returns the administrator's replica."""
        link = self.server.init(self.public_port)
        self.server.start()
        self.admin = Replica("admin", self.folder / "admin")
        self.admin.enrol(link, "--organisation", organisation, "--member", administrator,
                         "--recovery-file", str(self.folder / "recovery"))
        self.replicas["admin"] = self.admin
        return self.admin

    def team(self, name):
        return self.admin.call("team", name=name)["team"]

    def invite(self, member_name, *places):
        """An invitation for a person with `places`: (team, role)."""
        member = self.admin.call("member", name=member_name,
                                 places=[{"team": team, "role": role} for team, role in places])["member"]
        return self.admin.call("invite", member=member)["invitation"]

    def join(self, name, *places, environment=None):
        """Invites `name`, enrols their replica and brings it up to date."""
        invitation = self.invite(name.capitalize(), *places)
        self.admin.sync()
        return self.enrol(name, invitation, environment=environment)

    def enrol(self, name, invitation, environment=None):
        replica = Replica(name, self.folder / name, environment)
        replica.enrol(invitation)
        self.replicas[name] = replica
        return replica

    def settle(self, *replicas, rounds=3):
        """Everyone syncs, a few times over: keys are granted, states arrive."""
        for _ in range(rounds):
            for replica in replicas or self.replicas.values():
                replica.sync()

    def close(self):
        for replica in self.replicas.values():
            replica.close_quietly() if replica.process else None
        self.server.stop()
