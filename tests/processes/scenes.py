"""The scenes whose every call site is struck: each plays one piece of the story with one program under
strace, and then holds what stands there against what was acknowledged."""

import json
import shutil
import subprocess

import strace
from organisation import PATIENCE, Refused, Stuck, call, hear, is_healthy, programs
from stage import RECORDED, Wrong


class Done:
    """How one command ended."""

    def __init__(self, code, output, refusal):
        self.code, self.output, self.refusal = code, output, refusal

    @property
    def was_killed(self):
        return self.code == -9

    @property
    def result(self):
        return json.loads(self.output)


class Strike:
    """Runs the program of a scene under strace, with or without an injection. `relieve` ends what
    stands in its way for longer than a call, where that can be ended."""

    def __init__(self, record, injection=None):
        self.record, self.injection = record, injection
        self.is_kill = bool(injection) and injection[1].startswith("signal")

    def command(self, argv):
        return strace.command(argv, self.record, self.injection)

    def ended(self, process):
        strace.wait_written(self.record, process.pid)

    def attach(self, process):
        return strace.Attached(process, self.record, self.injection)

    def relieve(self):
        pass

    def run(self, argv, given=None):
        process = subprocess.Popen([str(part) for part in self.command(argv)], stdin=subprocess.PIPE,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        try:
            output, errors = process.communicate(given, timeout=PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            raise Stuck("the struck program does not end") from None
        self.ended(process)
        return self.judged(process.returncode, output, errors)

    def judged(self, code, output, errors):
        """A program killed by us, done, or refusing in clear words: anything else is wrong."""
        refusal = None
        if code and not (code == -9 and self.is_kill):
            refusal = programs.refusal_of(code, errors)
            if code < 0 or not refusal.code:
                raise Wrong(f"the program ended with {code}: {errors[-300:]}")
            self.allowed(refusal)
        return Done(code, output, refusal)

    def allowed(self, refusal):
        if not self.injection:
            raise refusal
        if refusal.code not in ("storage_full", "storage_failed", "unreachable", "file_unreadable"):
            raise Wrong(f"it refused with {refusal}")
        if not refusal.message or not refusal.next:
            raise Wrong(f"its refusal {refusal.code} says too little")


class Scene:
    """`play` returns whatever `after` needs to know; between them every program is killed, and the
    server that `after` wants is started."""

    name = ""

    def play(self, stage, strike):
        raise NotImplementedError

    def server_after(self, stage):
        return stage.server

    def after(self, stage, done):
        raise NotImplementedError


# --- The replica's commands ----------------------------------------------------------------------


class ReplicaScene(Scene):
    """One command of Asha's, the server running beside it."""

    def arguments(self, stage):
        raise NotImplementedError

    given = None

    def play(self, stage, strike):
        stage.server.start()
        return strike.run([*stage.asha.command(*self.arguments(stage)), "--json"], self.given)

    def after(self, stage, done):
        if done.code == 0:
            self.note(stage, done.result)
        stage.hold_against(stage.asha, self.saved(stage, done))

    def note(self, stage, result):
        pass

    def saved(self, stage, done):
        return stage.base.status["asha"]["saved"]


class Capture(ReplicaScene):
    """recovers a killed store and captures"""

    name = "capture"
    given = json.dumps({**RECORDED, "narrative": "captured words"})

    def arguments(self, stage):
        return "capture", "visit", "--from", "-"

    def note(self, stage, result):
        stage.words[result["record"]] = "captured words"

    def saved(self, stage, done):
        return stage.base.status["asha"]["saved"] + (1 if done.code == 0 else 0)


class Edit(ReplicaScene):
    """edits a record that others hold too"""

    name = "edit"
    given = json.dumps({"narrative": "edited words"})

    def arguments(self, stage):
        self.record = next(iter(stage.words))
        return "edit", self.record, "--from", "-"

    def after(self, stage, done):
        if done.code != 0:  # In flight: either the old words or the new ones, whole.
            shown = call(stage.asha, "show", record=self.record)["fields"]["narrative"]["value"]
            if shown not in ("edited words", stage.words[self.record]):
                raise Wrong(f"a struck edit left {shown!r}")
            stage.words[self.record] = shown
        super().after(stage, done)

    def note(self, stage, result):
        stage.words[self.record] = "edited words"


class Push(ReplicaScene):
    """delivers what waits"""

    name = "push"

    def arguments(self, stage):
        return ("sync",)

    def note(self, stage, result):
        if result["delivered"] != 1:
            raise Wrong(f"the exchange delivered {result['delivered']} changes instead of 1")


class Pull(ReplicaScene):
    """hears of what another replica delivered"""

    name = "pull"

    def play(self, stage, strike):
        stage.server.start()
        stage.sync(stage.asha)
        stage.asha.close()
        return strike.run([*stage.dina.command("sync"), "--json"])

    def after(self, stage, done):
        stage.sync(stage.dina)
        stage.hold_against(stage.dina, stage.base.status["dina"]["saved"])


class Erase(ReplicaScene):
    """erases a record, keys and bodies"""

    name = "erase"

    def arguments(self, stage):
        self.record = next(iter(stage.words))
        return "erase", self.record

    def after(self, stage, done):
        is_erased = call(stage.asha, "show", record=self.record)["erased"]
        if done.code == 0 and not is_erased:
            raise Wrong("an acknowledged erasure is gone")
        if is_erased:
            del stage.words[self.record]
        stage.hold_against(stage.asha, stage.base.status["asha"]["saved"])


class Conversation(ReplicaScene):
    """one program that saves, exchanges and saves again, whatever befalls it on the way"""

    name = "rpc"

    def play(self, stage, strike):
        stage.server.start()
        argv = strike.command(stage.asha.command("rpc"))
        stage.asha.command = lambda *_: argv  # The struck program is the one that open() starts.
        saved = 0
        try:
            for number in range(4):
                saved = max(saved, self.step(stage, strike, number))
                if number == 1:
                    strike.relieve()
            stage.asha.close()
        except (Refused, OSError, RuntimeError, ValueError) as fault:
            if not strike.is_kill:
                raise Wrong(f"the program ended: {fault}") from None
        stage.asha.kill()
        del stage.asha.command
        return saved

    def step(self, stage, strike, number):
        """Returns the sequence that was acknowledged."""
        try:
            if number == 2:
                stage.sync(stage.asha)
                return 0
            words = f"words of step {number}"
            answer = call(stage.asha, "capture", type="visit", fields={**RECORDED, "narrative": words})
            stage.words[answer["record"]] = words
            return int(answer["change"].split(":")[1])
        except Refused as refusal:
            if stage.asha.process is None:
                raise  # It died.
            strike.allowed(refusal)
            return 0

    def after(self, stage, saved):
        stage.hold_against(stage.asha, max(saved, stage.base.status["asha"]["saved"]))


class Enrol(ReplicaScene):
    """takes a place by an invitation, with a phrase it makes"""

    name = "enrol"

    def command(self, replica, stage):
        return [*replica.command("enrol", "--from", stage.folder / "invitation"), "--json"]

    def play(self, stage, strike):
        stage.server.start()
        return strike.run(self.command(stage.replica("gita"), stage))

    def after(self, stage, done):
        gita = stage.replica("gita")
        try:
            if done.code != 0:
                again(self.command(gita, stage), "already_enrolled")
            gita.id = call(gita, "status")["replica"]
            stage.words = {}
            stage.hold_against(gita, 0)
        finally:
            gita.kill()


class Found(Scene):
    """founds an organisation, with a phrase it makes and the recovery key in a file"""

    name = "found"

    def command(self, replica, stage):
        return [*replica.command("enrol", "--from", stage.folder / "link", "--organisation", "Fresh", "--member",
                                 "Fay", "--recovery-file", stage.folder / "recovery"), "--json"]

    def play(self, stage, strike):
        stage.fresh.start()
        return strike.run(self.command(stage.replica("fay"), stage))

    def server_after(self, stage):
        return stage.fresh

    def after(self, stage, done):
        fay = stage.replica("fay")
        try:
            if done.code != 0:
                again(self.command(fay, stage), "already_enrolled")
            recovery = stage.folder / "recovery"
            if not recovery.exists() or len(recovery.read_text().strip()) != 43:
                raise Wrong("the organisation is founded, and its recovery key is in no file")
            if not stage.fresh.run("status")["founded"]:
                raise Wrong("the founder has a store, and the server is not founded")
            call(fay, "team", name="Harbour")
            call(fay, "sync")
            if call(fay, "verify")["problems"]:
                raise Wrong("the founder's store does not verify")
        finally:
            fay.kill()


def again(argv, also_good):
    """The same command once more, undisturbed: it ends well, or says that it had ended well before."""
    try:
        programs.run_json(argv)
    except Refused as refusal:
        if refusal.code != also_good:
            raise Wrong(f"the same command again refuses: {refusal}") from None


# --- The server's commands -----------------------------------------------------------------------


class Init(Scene):
    """makes a server's folder"""

    name = "init"

    def command(self, stage):
        server = programs.Server(stage.folder / "made", stage.base.port)
        return server, [*server.command("init", "--host", "127.0.0.1", "--port", str(server.port), "--link-file",
                                        stage.folder / "made.link"), "--json"]

    def play(self, stage, strike):
        return strike.run(self.command(stage)[1])

    def server_after(self, stage):
        return None

    def after(self, stage, done):
        server, argv = self.command(stage)
        if done.code != 0 and not (server.folder / "server.json").exists():
            again(argv, None)
        if not (stage.folder / "made.link").read_text().startswith("godwit-found:"):
            raise Wrong("the folder is whole, and its founding link is in no file")
        server.start()
        server.stop()
        if server.run("verify")["problems"]:
            raise Wrong("the new server does not verify")


class Serve(Scene):
    """recovers a killed server's folder, serves, stops"""

    name = "serve"

    def play(self, stage, strike):
        argv = strike.command([*stage.server.command("serve", "--port", str(stage.server.port)), "--json"])
        process = subprocess.Popen([str(part) for part in argv], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, text=True)
        try:
            if process.stdout.readline():
                is_healthy(stage.server)
                process.terminate()
            output, errors = process.communicate(timeout=PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            raise Stuck("the server does not end") from None
        strike.ended(process)
        return strike.judged(process.returncode, output, errors)

    def after(self, stage, done):
        stage.hold_against(stage.asha, stage.base.status["asha"]["saved"])


class Serving(Scene):
    """A scene in a server that runs already; it goes on when it was not killed."""

    def play(self, stage, strike):
        server = self.start(stage)
        tracer = strike.attach(server.process)
        self.refusals = []
        told = None
        try:
            told = self.ask(stage)
        except Refused as refusal:
            self.refusals.append(refusal)
        if not has_died(server, within=0.2 if told is None else 0.02):
            strike.relieve()
            told = self.ask_again(stage, strike) if self.refusals else told
            tracer.detach()
            server.kill()  # It would make up for an early answer only now, if it still could.
        else:
            strike.ended(server.process)
            if not strike.is_kill:
                raise Wrong(f"the server ended with {server.process.returncode}: "
                            + server.diagnostics.read_text()[-300:])
            server.kill()
        return told

    def ask_again(self, stage, strike):
        strike.allowed(self.refusals[0])
        try:
            return self.ask(stage)
        except Refused as refusal:
            strike.allowed(refusal)
        return None

    def start(self, stage):
        return stage.server.start()

    def after(self, stage, told):
        stage.hold_against(stage.asha, stage.base.status["asha"]["saved"])


def has_died(server, within):
    try:
        server.process.wait(within)
        return True
    except subprocess.TimeoutExpired:
        return False


class Accept(Serving):
    """accepts what a replica delivers"""

    name = "accept"

    def ask(self, stage):
        return stage.sync(stage.asha)["delivered"]

    def after(self, stage, told):
        if told and stage.server.run("status")["changes"] < 3:
            raise Wrong("the server acknowledged a change that it does not hold")
        stage.hold_against(stage.asha, stage.base.status["asha"]["saved"])


class Forget(Serving):
    """erases a record, and overwrites what it held"""

    name = "forget"

    def start(self, stage):
        self.record = next(iter(stage.words))
        stage.server.start()
        stage.sync(stage.asha)
        call(stage.asha, "erase", record=self.record)
        del stage.words[self.record]
        return stage.server

    def ask(self, stage):
        return stage.sync(stage.asha)


class Welcome(Serving):
    """founds the organisation"""

    name = "welcome"

    def start(self, stage):
        return stage.fresh.start()

    def ask(self, stage):
        fay = stage.replica("fay")
        done = programs.run_json(Found().command(fay, stage))
        return done["reached"]

    def server_after(self, stage):
        return stage.fresh

    def after(self, stage, told):
        Found().after(stage, Done(0 if told else 1, "", None))


class Backup(Serving):
    """copies itself while it serves"""

    name = "backup"

    def ask(self, stage):
        return stage.server.run("backup", str(stage.folder / "copy"))

    def ask_again(self, stage, strike):
        if (stage.folder / "copy").exists():  # It is whole, and only the note of it was refused.
            strike.allowed(self.refusals[0])
            return None
        return super().ask_again(stage, strike)

    def after(self, stage, told):
        self.hold_copy(stage, told)
        stage.hold_against(stage.asha, stage.base.status["asha"]["saved"])

    @staticmethod
    def litter(stage):
        return [each.name for each in stage.folder.glob("copy*") if each.name not in ("copy", "copy.keys")]

    def hold_copy(self, stage, told):
        copy = stage.folder / "copy"
        if not told and not copy.exists():
            try:
                stage.server.run("backup", str(copy))
            except Refused as refusal:
                raise Wrong(f"the same backup again refuses: {refusal}") from None
        if self.litter(stage):  # What could not be removed then goes with the next backup.
            for each in (copy, stage.folder / "copy.keys"):
                each.unlink()
            stage.server.run("backup", str(copy))
            if litter := self.litter(stage):
                raise Wrong(f"beside the backup lies {litter}")
        restored = programs.Server(stage.folder / "restored")
        restored.run("restore", str(copy))
        if restored.run("status")["changes"] < 2 or restored.run("verify")["problems"]:
            raise Wrong("the backup does not hold what the server held")


class BackupAtRest(Backup):
    """copies a server that does not run"""

    name = "backup-at-rest"

    def server_after(self, stage):
        return None

    def after(self, stage, told):
        self.hold_copy(stage, told)
        stage.server.start()
        stage.hold_against(stage.asha, stage.base.status["asha"]["saved"])

    def play(self, stage, strike):
        done = strike.run([*stage.server.command("backup", str(stage.folder / "copy")), "--json"])
        return done.code == 0


class Restore(Scene):
    """restores a backup into an empty folder"""

    name = "restore"

    def command(self, stage):
        server = programs.Server(stage.folder / "restored", stage.base.port)
        return server, [*server.command("restore", str(stage.folder / "copy")), "--json"]

    def play(self, stage, strike):
        stage.server.run("backup", str(stage.folder / "copy"))
        return strike.run(self.command(stage)[1])

    def server_after(self, stage):
        return None

    def after(self, stage, done):
        server, argv = self.command(stage)
        if done.code != 0:
            again(argv, "already_there")
        litter = [each.name for each in server.folder.iterdir() if "restoring" in each.name]
        if litter:
            raise Wrong(f"in the restored folder lies {litter}")
        shutil.rmtree(stage.server.folder)
        server.folder.rename(stage.server.folder)
        stage.server.start()
        stage.hold_against(stage.asha, stage.base.status["asha"]["saved"])


SCENES = (Capture, Edit, Push, Pull, Erase, Conversation, Enrol, Found, Init, Serve, Accept, Forget, Welcome, Backup,
          BackupAtRest, Restore)
