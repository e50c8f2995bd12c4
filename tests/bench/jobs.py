"""The jobs of the bench. Each runs once, in an organisation of its own, and returns one line of
figures in the keys that other harnesses of the same workload print."""

import json
import subprocess
import tempfile

from meter import Work, bytes_in, memory_mb, middle
from network import BIN, Network, Workload

SMALL_EDITS = 5
IDLE_RUNS = 3


def baseline(which, job, **options):
    arguments = [text for name, value in options.items() for text in (f"--{name}", str(value))]
    with tempfile.TemporaryDirectory(prefix="godwit-bench-") as folder:
        done = subprocess.run([BIN / "bench-baseline", which, job, folder, *arguments], capture_output=True, text=True,
                              check=True)
    return json.loads(done.stdout)


def sync_work(replica, server):
    replica.open()
    with Work(server=server.process, client=replica.process) as work:
        synced = replica.sync()
    return work.line(synced), synced


def write(network, replica, steps):
    """Offline writes as one call."""
    work = network.write_many(replica, steps)
    return {"ms": work.ms, "cpu": work.cpu["clientCpu"]}


def core(form, records, tell=lambda _: None):
    """J1 to J4: write offline, push, a fresh replica, small edits, nothing new."""
    workload = Workload("core", n=records)
    out = {"peer": f"godwit-{form}", "job": "core", "seed": 1, "n": records, "sha256": workload.digest}
    tell("an organisation")
    with Network(form) as network:
        asha = network.person("asha", "worker")
        dina = network.person("dina", "supervisor")
        network.settle()
        network.admin.close()
        dina.close()
        asha.sync()  # Connected and unlocked, as a replica is that writes.
        tell("writing offline")
        out["local"] = write(network, asha, workload.first)
        tell("push")
        out["J1"], synced = sync_work(asha, network.server)
        out["J1"]["serverPeakMb"] = memory_mb(network.server.process.pid)
        out["same"] = synced["parked"] == [] and asha.call("status")["unsent"] == 0
        out["J2"], efua = fresh(network, dina)
        tell("checking every record")
        out["same"] = out["same"] and network.says(efua, workload.truth())
        out["same"] = out["same"] and asha.digest() == efua.digest() == network.server.digest(efua.id)
        tell("small edits, nothing new")
        idle(out, network, asha)
        small_edits(out, network, asha, efua, workload.later[:SMALL_EDITS])
        network.close()
        out["rest"] = {"server": bytes_in(network.server.folder), "client": bytes_in(asha.folder),
                       "fresh": bytes_in(efua.folder)}
    return out


def fresh(network, granter):
    """A second supervisor's replica, enrolled and granted the team's keys, holding no record yet."""
    efua = network.person("efua", "supervisor")
    granter.sync()
    granter.close()
    network.admin.close()
    efua.call("status")
    line, synced = sync_work(efua, network.server)
    while True:  # Usable is when every record is there; an exchange that left some out costs again.
        more, again = sync_work(efua, network.server)
        if again["received"] == 0:
            break
        line = {key: line[key] + more[key] for key in line}
    line["received"] = synced["received"]
    return line, efua


def idle(out, network, asha):
    asha.sync()
    runs = [sync_work(asha, network.server)[0] for _ in range(IDLE_RUNS)]
    out["J4"] = middle(runs)


def small_edits(out, network, asha, efua, steps):
    pushes, pulls = [], []
    efua.sync()
    for step in steps:
        network.write_each(asha, [step])
        pushes.append(sync_work(asha, network.server)[0])
        pulls.append(sync_work(efua, network.server)[0])
        said = efua.value(network.names[step["id"]], "status")
        out["same"] = out["same"] and said == step["set"]["status"]
    out["J3push"], out["J3pull"] = middle(pushes), middle(pulls)


def singles(form, records, tell=lambda _: None):
    """The offline writes, each saved for itself, durably."""
    workload = Workload("core", n=records)
    with Network(form) as network:
        asha = network.person("asha", "worker")
        network.settle()
        asha.call("status")
        tell("single durable saves")
        work = network.write_each(asha, workload.first)
        return {"peer": f"godwit-{form}", "job": "singles", "seed": 1, "n": records, "writes": len(workload.first),
                "local": {"ms": work.ms, "cpu": work.cpu["clientCpu"]}}


def history(form, edits, tell=lambda _: None):
    """One record, edited over and over: push, then a fresh replica."""
    workload = Workload("history", edits=edits)
    out = {"peer": f"godwit-{form}", "job": "history", "seed": 1, "edits": edits}
    with Network(form) as network:
        asha = network.person("asha", "worker")
        dina = network.person("dina", "supervisor")
        network.settle()
        tell("one record edited over and over")
        write(network, asha, workload.first)
        out["push"], _ = sync_work(asha, network.server)
        out["pull"], efua = fresh(network, dina)
        out["same"] = network.says(efua, workload.truth())
        network.close()
        out["rest"] = {"server": bytes_in(network.server.folder), "client": bytes_in(asha.folder),
                       "fresh": bytes_in(efua.folder)}
    return out
