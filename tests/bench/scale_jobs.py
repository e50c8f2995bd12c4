"""What a large organisation costs: a thousand replicas that arrive within a minute, and a log of a
million changes."""

import json
import subprocess
import threading

from jobs import IDLE_RUNS, SMALL_EDITS, sync_work
from meter import Work, bytes_in, memory_mb, middle
from network import BIN, Network

TEAMS, PER_TEAM = 100, 10
RECORDS_EACH, EDITS_EACH = 10, 40
ARRIVAL_S = 60
BATCH = 1000  # Records in one call.


class Crowd:
    """Many replicas in one process of their own."""

    def __init__(self, form, folder, threads):
        folder.mkdir()
        self.process = subprocess.Popen([BIN / form / "crowd", folder, "--threads", str(threads)], text=True,
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def do(self, what, **more):
        self.process.stdin.write(json.dumps({"do": what, **more}) + "\n")
        self.process.stdin.flush()
        answer = json.loads(self.process.stdout.readline())
        return answer

    def surely(self, what, **more):
        answer = self.do(what, **more)
        if answer["failed"]:
            raise RuntimeError(f"{what}: {answer['failed']} failed: {answer.get('failure')}")
        return answer

    def close(self):
        self.process.stdin.close()
        self.process.stdout.close()
        self.process.wait()


class Watch:
    """The most memory a process had while the block ran."""

    def __init__(self, process):
        self.process, self.most_mb = process, 0

    def __enter__(self):
        self.done = threading.Event()
        self.thread = threading.Thread(target=self._look)
        self.thread.start()
        return self

    def _look(self):
        while not self.done.wait(0.05):
            self.most_mb = max(self.most_mb, memory_mb(self.process.pid, "VmRSS"))

    def __exit__(self, *_):
        self.done.set()
        self.thread.join()


def invitations(network, teams, per_team):
    out = []
    for number in range(teams):
        team = network.team(f"Harbour {number}")
        for person in range(per_team):
            member = network.admin.call("member", name=f"Asha {number}.{person}",
                                        places=[{"team": team, "role": "worker"}])["member"]
            out.append(network.admin.call("invite", member=member)["invitation"])
    network.admin.sync()
    return out


def arrivals(form, tell=lambda _: None, teams=TEAMS, per_team=PER_TEAM, seconds=ARRIVAL_S):
    """Row 11. Teams of ten: a replica also fetches what its nine colleagues brought before it."""
    out = {"peer": f"godwit-{form}", "job": "arrivals", "replicas": teams * per_team}
    with Network(form) as network:
        tell("invitations")
        invited = invitations(network, teams, per_team)
        network.admin.close()
        crowd = Crowd(form, network.folder / "crowd", 48)
        try:
            tell("enrolling")
            crowd.surely("enrol", invitations=invited)
            tell("everybody hears of everybody")
            crowd.surely("sync")
            crowd.surely("sync")
            tell("writing offline")
            crowd.surely("write", records=RECORDS_EACH, edits=EDITS_EACH)
            saved = crowd.do("status")
            before = network.server.run("status")
            tell("arriving")
            with Work(server=network.server.process) as work, Watch(network.server.process) as watch:
                out["arrival"] = crowd.do("arrive", seconds=seconds)
            after = network.server.run("status")
            told = crowd.do("status")
        finally:
            crowd.close()
    out.update(written=saved["unsent"], arrived=after["changes"] - before["changes"], parked=after["parked"],
               unsent=told["unsent"], serverCpu=work.cpu["serverCpu"], serverPeakMb=watch.most_mb)
    out["lost"] = out["written"] - out["arrived"]
    out["same"] = out["lost"] == 0 and out["parked"] == 0 and out["unsent"] == 0
    return out


def short_note(number):
    return {"status": "open", "site": f"Dormitory {number % 977}", "priority": str(number % 5 + 1),
            "action": f"Visited, told of hours and wages, to be asked again in week {number % 53}."}


def stage(network, asha, number):
    """Nothing new, small edits, memory, at the size reached."""
    asha.sync()
    idle = [sync_work(asha, network.server)[0] for _ in range(IDLE_RUNS * 3)]
    edits = []
    for count in range(SMALL_EDITS * 3):
        asha.edit(network.last_record, status=f"tiny-{number}-{count}")
        edits.append(sync_work(asha, network.server)[0])
    return {"J4": middle(idle), "J3push": middle(edits), "serverMb": memory_mb(network.server.process.pid, "VmRSS"),
            "replicaMb": memory_mb(asha.process.pid, "VmRSS"), "rest": bytes_in(network.server.folder)}


def scale(form, largest, tell=lambda _: None):
    """Row 12, and the end of row 6: one replica writes and pushes record after record; at each stage,
    what an exchange costs by then."""
    out = {"peer": f"godwit-{form}", "job": "scale", "stages": {}}
    with Network(form) as network:
        asha = network.person("asha", "worker")
        network.settle()
        network.admin.close()
        done = 0
        for number in sorted({1000, 10_000, largest // 10, largest}):
            with Work(server=network.server.process, client=asha.process) as work:
                while done < number:
                    some = [{"do": "capture", "type": "note", "fields": short_note(done + index)}
                            for index in range(min(BATCH, number - done))]
                    network.last_record = asha.call("write_many", writes=some)["writes"][-1]["record"]
                    done += len(some)
                    if done % (10 * BATCH) == 0 or done == number:
                        tell(f"{done:,} records")
                        asha.sync()
            out["stages"][str(number)] = {"filled": work.line(), **stage(network, asha, number)}
        out["changes"] = network.server.run("status")["changes"]
        out["same"] = asha.call("status")["unsent"] == 0 and out["changes"] >= largest
    return out
