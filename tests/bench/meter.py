"""What a process costs, read from outside: CPU to the nanosecond, memory, bytes on disk."""

import statistics
import time
from pathlib import Path


def cpu_s(pid):
    """User and system seconds of all threads of a process, living and gone. The kernel's number of
    another process's CPU clock is made from its id; /proc/PID/stat would count in hundredths."""
    return time.clock_gettime_ns((~pid << 3) | 2) / 1e9


def memory_mb(pid, what="VmHWM"):
    """VmHWM: the most it ever had; VmRSS: what it has now."""
    for line in Path(f"/proc/{pid}/status").read_text().split("\n"):
        if line.startswith(what):
            return int(line.split()[1]) / 1000
    raise RuntimeError(f"process {pid} does not say {what}")


def bytes_in(folder):
    return sum(path.stat().st_size for path in Path(folder).rglob("*") if path.is_file())


class Work:
    """Wall and CPU of one piece of work, for the replica and the server."""

    # A server goes on for a moment after it has answered: what it does then is part of the price.
    SETTLE_S = 0.05

    def __init__(self, server=None, client=None):
        self.processes = {name: process.pid for name, process in (("serverCpu", server), ("clientCpu", client)) if process}

    def __enter__(self):
        self.before = {name: cpu_s(pid) for name, pid in self.processes.items()}
        self.begun = time.perf_counter()
        return self

    def __exit__(self, *_):
        self.ms = (time.perf_counter() - self.begun) * 1000
        time.sleep(self.SETTLE_S)
        self.cpu = {name: cpu_s(pid) - self.before[name] for name, pid in self.processes.items()}

    def line(self, synced=None):
        out = {"ms": self.ms, **self.cpu}
        if synced is not None:
            out.update(up=synced["bytes_up"], down=synced["bytes_down"], requests=synced["round_trips"])
        return out


def middle(runs):
    """Each member's median over runs of the same shape."""
    return {key: statistics.median(run[key] for run in runs) for key in runs[0]}
