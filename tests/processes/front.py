"""What stands before a server and ends TLS with the server's own certificate, as a reverse proxy does:
it sees whole requests, and says some of them twice."""

import json
import socket
import ssl
import threading


class Front:
    """Forwards requests to 127.0.0.1:`target`, one after another. `treatment` is for the next exchange:
      whole    as it came
      twice    the same bytes twice; the first answer goes back
      echo     the same bytes twice; the second answer goes back
      swallow  the answer never goes back
      half     half the body, then the connection ends
    """

    def __init__(self, target, identity):
        self.target = target
        self.treatment = "whole"
        self.requests = []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.context = self.server_context(identity)
        self.outward = ssl._create_unverified_context()
        threading.Thread(target=self.accept, daemon=True).start()

    @property
    def url(self):
        return f"https://127.0.0.1:{self.port}"

    @staticmethod
    def server_context(identity):
        facts = json.loads(identity.read_text())
        pem = identity.parent.parent / "front.pem"
        pem.write_text(facts["key"] + facts["certificate"])
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_3
        context.load_cert_chain(pem)
        pem.unlink()
        return context

    def close(self):
        self.listener.close()

    def accept(self):
        while True:
            try:
                near, _ = self.listener.accept()
            except OSError:
                return
            try:
                with self.context.wrap_socket(near, server_side=True) as inside:
                    while self.carry(inside):
                        pass
            except OSError:
                pass  # A replica that went away, or one that was cut.

    def carry(self, inside):
        """One request and its answer. Returns whether the connection goes on."""
        request = read_message(inside)
        if not request:
            return False
        treatment, self.treatment = self.treatment, "whole"
        self.requests.append(request)
        if treatment == "half":
            self.say(request[:-(len(request) // 2)])
            return False
        answers = [self.say(request) for _ in range(2 if treatment in ("twice", "echo") else 1)]
        if treatment == "swallow":
            return False
        inside.sendall(answers[-1] if treatment == "echo" else answers[0])
        return True

    def say(self, request):
        """The server's answer to these bytes, over a connection of their own."""
        with socket.create_connection(("127.0.0.1", self.target), timeout=30) as plain:
            with self.outward.wrap_socket(plain) as outside:
                outside.sendall(request)
                if not is_whole(request):
                    return b""
                return read_message(outside)


def split(message):
    head, separator, body = message.partition(b"\r\n\r\n")
    length = 0
    for line in head.split(b"\r\n")[1:]:
        name, _, value = line.partition(b":")
        if name.strip().lower() == b"content-length":
            length = int(value)
    return separator, body, length


def is_whole(message):
    separator, body, length = split(message)
    return bool(separator) and len(body) >= length


def read_message(stream):
    """One HTTP message, head and body; nothing when the other end is gone."""
    message = b""
    while not is_whole(message):
        some = stream.recv(65536)
        if not some:
            return b""
        message += some
    return message
