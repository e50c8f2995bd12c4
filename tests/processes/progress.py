"""What the campaigns print: progress (elsewhere than on a terminal once a minute), figures in one line
at the end."""

import statistics
import sys
import time


class Progress:
    """`total` is 0 while nobody knows."""

    def __init__(self, total, what):
        self.total, self.what = total, what
        self.begun = self.told = time.monotonic()

    def show(self, done, more=""):
        now = time.monotonic()
        is_shown = sys.stdout.isatty()
        if now - self.told < (0.2 if is_shown else 60) and not (is_shown and done == self.total):
            return
        self.told = now
        rate = done / max(now - self.begun, 0.001)
        left = (self.total - done) / rate if rate else 0
        of = f"of {self.total} " if self.total else ""
        rest = f", {left:.0f} s left" if self.total else ""
        print(f"  {done} {of}{self.what}, {rate:.1f} a second{rest} {more}   ", end="\r" if is_shown else "\n",
              flush=True)

    def clear(self):
        if sys.stdout.isatty():
            print(" " * 78, end="\r", flush=True)

    def seconds(self):
        return time.monotonic() - self.begun


def spread(seconds):
    """Median and largest of some durations."""
    if not seconds:
        return "none"
    return f"median {statistics.median(seconds) * 1000:.0f} ms, longest {max(seconds) * 1000:.0f} ms"
