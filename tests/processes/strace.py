"""Call sites: what a program asks of the kernel that changes a file or tells somebody something, found
with strace and struck with strace's injection.

A site is the Nth call of one kind in one thread of a story. strace counts for each thread by itself,
so a story is cut into scenes in which no two threads make the same kind of call.
"""

import os
import re
import subprocess
import time

CHANGING = ("write", "writev", "sendto", "sendmsg", "pwrite64", "pwritev", "pwritev2", "fsync", "fdatasync",
            "sync_file_range", "rename", "renameat", "renameat2", "unlink", "unlinkat", "rmdir", "ftruncate",
            "truncate", "fallocate", "mkdir", "mkdirat", "link", "linkat", "symlink", "chmod", "fchmod",
            "copy_file_range", "sendfile")
OPENING = ("open", "openat", "creat")
SPEAKING = ("write", "writev", "sendto", "sendmsg")
SYNCING = ("fsync", "fdatasync", "sync_file_range")

# What each kind of call may really fail with.
ERRORS = {
    "ENOSPC": set(CHANGING) - {"unlink", "unlinkat", "rmdir", "chmod", "fchmod", "sendto", "sendmsg"} | set(OPENING),
    "EIO": set(CHANGING) | set(OPENING),
    "EINTR": {"write", "writev", "pwrite64", "pwritev", "fsync", "fdatasync", "ftruncate", "fallocate", *OPENING},
}

LINE = re.compile(r"^(\d+)\s+(\w+)\((.*)$")
ENDED = re.compile(r"^(\d+)\s+\+\+\+ (exited|killed)")


class Site:
    def __init__(self, thread, call, number, place, is_of_folder):
        self.thread, self.call, self.number = thread, call, number
        self.place, self.is_of_folder = place, is_of_folder

    def key(self):
        return (self.thread, self.call, self.number)

    def __str__(self):
        return f"{self.call} {self.number} ({self.place})"


def place_of(call, arguments, folder):
    """The name of the file a call is about, and whether it lies in `folder`."""
    described = re.match(r"\d+<(.*?)>(?:,|\)|$)", arguments)
    if described and call not in OPENING:
        path = described.group(1)
    else:
        quoted = re.findall(r'"((?:[^"\\]|\\.)*)"', arguments)
        path = quoted[0] if quoted else ""
    if path.startswith(str(folder)):
        return path[len(str(folder)):].lstrip("/") or ".", True
    return path.split(":")[0] if ":[" in path else "output", False


def sites_in(record, folder):
    """The sites of a recorded run, in order."""
    threads, counts, found = {}, {}, []
    for line in record.read_text(errors="replace").split("\n"):
        match = LINE.match(line)
        if not match:
            continue
        thread = threads.setdefault(match.group(1), len(threads))
        call, arguments = match.group(2), match.group(3)
        counts[thread, call] = counts.get((thread, call), 0) + 1
        if call in OPENING and "O_CREAT" not in arguments:
            continue
        place, is_of_folder = place_of(call, arguments, folder)
        if is_of_folder or call in SPEAKING:
            found.append(Site(thread, call, counts[thread, call], place, is_of_folder))
    return found


def has_struck(record):
    """Whether an injection fell."""
    text = record.read_text(errors="replace") if record.exists() else ""
    return "(INJECTED)" in text or "+++ killed by SIGKILL +++" in text


def options(record, injection=None):
    """`injection`: a site, what happens there, and "+" when it happens at every later one too."""
    calls = ",".join((*CHANGING, *OPENING))
    given = ["-f", "-y", "-e", "quiet=attach,personality", "-e", "signal=SIGKILL", "-o", str(record),
             "-e", f"trace={calls}"]
    if injection:
        site, what, more = injection
        given += ["-e", f"inject={site.call}:{what}:when={site.number}{more}"]
    return given


def command(argv, record, injection=None):
    """`argv` under strace. The tracer is no parent: signals and exit codes are the program's own."""
    return ["strace", "-D", *options(record, injection), *[str(part) for part in argv]]


class Attached:
    """strace on a program that runs already, all its threads."""

    def __init__(self, process, record, injection=None):
        self.process = process
        self.tracer = subprocess.Popen(["strace", *options(record, injection), "-p", str(process.pid)],
                                       stderr=subprocess.PIPE)
        until = time.monotonic() + 20
        while not self.has_all_threads():
            if self.tracer.poll() is not None or time.monotonic() > until:
                raise RuntimeError("strace could not attach: " + self.tracer.stderr.read().decode()[-300:])
            time.sleep(0.002)

    def has_all_threads(self):
        for thread in os.listdir(f"/proc/{self.process.pid}/task"):
            with open(f"/proc/{self.process.pid}/task/{thread}/status") as status:
                if "\nTracerPid:\t0\n" in status.read():
                    return False
        return True

    def detach(self):
        self.tracer.terminate()
        self.tracer.wait(20)
        self.tracer.stderr.close()


def wait_written(record, process_id):
    """Waits until strace has written the end of the program."""
    until = time.monotonic() + 20
    while time.monotonic() < until:
        if record.exists():
            for line in record.read_text(errors="replace").split("\n")[-40:]:
                match = ENDED.match(line)
                if match and int(match.group(1)) == process_id:
                    return
        time.sleep(0.002)
    raise RuntimeError("strace wrote no end")


def is_allowed():
    """Whether strace may trace here."""
    try:
        return subprocess.run(["strace", "-o", "/dev/null", "true"], capture_output=True).returncode == 0
    except FileNotFoundError:
        return False
