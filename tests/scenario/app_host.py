"""`godwit open` as a browser meets it, and as others on the same machine do."""

import http.client
import json
import re
import select
import subprocess
import time
from pathlib import Path

from world import programs


def listening_at(port):
    """The addresses, as the kernel writes them, at which anybody listens at `port`."""
    found = set()
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        for line in Path(table).read_text().splitlines()[1:]:
            local, state = line.split()[1], line.split()[3]
            if state == "0A" and int(local.split(":")[1], 16) == port:
                found.add(local.split(":")[0])
    return found


class AppHost:
    """A running `godwit open`, and at most one session with it."""

    def __init__(self, replica, *options):
        replica.close()
        self.process = subprocess.Popen(
            [programs.binaries() / "godwit", "--store", replica.folder, "--json", "open", *options],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1)
        self.phrase = replica.phrase_file.read_text().strip()
        self.cookie = self.token = None
        self.secret = self.read_link()

    def read_link(self):
        ready, _, _ = select.select([self.process.stdout], [], [], 30)
        assert ready, "no link within half a minute"
        link = json.loads(self.process.stdout.readline())["link"]
        match = re.fullmatch(r"http://127\.0\.0\.1:(\d+)/#k=([\w-]{43})", link)
        assert match, link
        self.port = int(match[1])
        self.authority = f"127.0.0.1:{self.port}"
        return match[2]

    def another_link(self):
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        self.secret = self.read_link()

    def request(self, method, path, body=None, address="127.0.0.1", **changed):
        """Status, headers, body. `changed`: headers with underscores, None to leave one out."""
        headers = {"Host": self.authority, "Sec-Fetch-Site": "same-origin"}
        if method == "POST":
            headers |= {"Origin": f"http://{self.authority}", "Content-Type": "application/json"}
            if self.cookie:
                headers |= {"Cookie": self.cookie, "Godwit-Token": self.token}
        headers |= {name.replace("_", "-"): value for name, value in changed.items()}
        connection = http.client.HTTPConnection(address, self.port, timeout=120)
        connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
        for name, value in headers.items():
            if value is not None:
                connection.putheader(name, value)
        data = body.encode() if isinstance(body, str) else body
        if data is not None:
            connection.putheader("Content-Length", str(len(data)))
        connection.endheaders(data)
        answer = connection.getresponse()
        out = answer.status, dict(answer.getheaders()), answer.read()
        connection.close()
        return out

    def admit(self, secret=None):
        status, headers, body = self.request("POST", "/session", json.dumps({"secret": secret or self.secret}))
        if status == 200:
            self.cookie = headers["Set-Cookie"].split(";")[0]
            self.token = json.loads(body)["token"]
        return status

    def call(self, method, **parameters):
        """The result, or the refusal's code."""
        request = {"jsonrpc": "2.0", "id": 1, "method": method, "params": parameters}
        status, _, body = self.request("POST", "/call", json.dumps(request))
        assert status == 200, (status, body)
        answer = json.loads(body)
        return answer["result"] if "result" in answer else answer["error"]["data"]["code"]

    def unlock(self):
        return self.call("unlock", phrase=self.phrase)

    def wait_for(self, what, seconds=30):
        """Until `what` is true of what the host tells of itself."""
        end = time.monotonic() + seconds
        while not what(told := self.call("host")):
            assert time.monotonic() < end, told
            time.sleep(0.1)
        return told

    def end(self):
        """Asks it to end; its exit code."""
        self.process.terminate()
        return self.wait()

    def wait(self):
        code = self.process.wait(timeout=30)
        self.process.stdin.close()
        self.process.stdout.close()
        return code

    def kill(self):
        if self.process.poll() is None:
            self.process.kill()
            self.wait()
