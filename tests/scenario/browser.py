"""A real browser (Debian's Chromium), found and pressed as people do: by role and name."""

import json
import subprocess
from pathlib import Path

HERE = Path(__file__).resolve().parent
APP = HERE.parents[1] / "field-client/app"
PHONE = {"width": 360, "height": 740}
DESK = {"width": 1280, "height": 800}


class Browser:
    def __init__(self):
        self.process = subprocess.Popen(["node", HERE / "browser.mjs", APP], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, text=True, bufsize=1)

    def do(self, what, **where):
        self.process.stdin.write(json.dumps({"do": what, **where}) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        assert line, "the browser's driver ended"
        answer = json.loads(line)
        assert "failure" not in answer, f"{what} {where}: {answer['failure']}\n--- the screen ---\n{answer['screen']}"
        return answer["result"]

    def open(self, url, dark=False, language="en-GB", **size):
        self.do("open", url=url, dark=dark, language=language, **(size or PHONE))

    def __getattr__(self, what):
        return lambda **where: self.do(what, **where)

    def kill(self):
        """As a phone does: without a word to the page. Its browser ends with its driver."""
        self.process.kill()
        self.process.wait()
        self.process.stdin.close()
        self.process.stdout.close()

    def end(self):
        if self.process.poll() is None:
            self.do("close")
            self.process.wait(timeout=30)
            self.process.stdin.close()
            self.process.stdout.close()
