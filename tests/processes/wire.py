"""A wire between one replica and the server that misbehaves at an exact byte. It stands below TLS, as a
bad network does, and runs in the campaign's own thread: nothing passes while nobody looks."""

import select
import socket
import struct
import time


class Whole:
    """Lets everything through."""

    def pass_on(self, data):
        """What goes on of `data`, and whether the wire holds."""
        return data, True

    def send(self, end, data):
        end.sendall(data)


class Cut(Whole):
    """Exactly `at` bytes arrive, then both ends see the connection gone."""

    def __init__(self, at):
        self.left = at

    def pass_on(self, data):
        data = data[:self.left]
        self.left -= len(data)
        return data, self.left > 0


class Bend(Whole):
    """After `at` bytes the stream is altered once; `alter` makes something else of the bytes that come."""

    def __init__(self, at, alter):
        self.left, self.alter = at, alter

    def pass_on(self, data):
        if self.left is None or len(data) <= self.left:
            if self.left is not None:
                self.left -= len(data)
            return data, True
        whole, rest, self.left = data[:self.left], data[self.left:], None
        return whole + self.alter(rest), True


def drop(at, length):
    """`length` bytes never arrive; what follows them does."""
    return Bend(at, lambda rest: rest[length:])


def repeat(at, length):
    """`length` bytes arrive twice."""
    return Bend(at, lambda rest: rest[:length] + rest)


class Drip(Whole):
    """A few bytes at a time, each few a packet of its own."""

    def __init__(self, length, pause=0.0):
        self.length, self.pause = length, pause

    def send(self, end, data):
        for at in range(0, len(data), self.length):
            end.sendall(data[at:at + self.length])
            if self.pause:
                time.sleep(self.pause)


class Wire:
    """Forwards connections to 127.0.0.1:`target`. `up` and `down` treat the streams of the next
    connection; each is a Whole or another of these."""

    def __init__(self, target):
        self.target = target
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=16)
        self.port = self.listener.getsockname()[1]
        self.treat()

    @property
    def url(self):
        return f"https://127.0.0.1:{self.port}"

    def treat(self, up=None, down=None, is_reset=False):
        """What happens to the streams from now on, counted over the next connection. `is_reset`: a cut
        is told as a reset, not as an end."""
        self.drop_all()
        self.up, self.down, self.is_reset = up or Whole(), down or Whole(), is_reset
        self.bytes_up = self.bytes_down = self.connections = 0
        self.has_cut = False

    def drop_all(self):
        for end in getattr(self, "other", {}):
            end.close()
        self.other, self.ways = {}, {}

    def close(self):
        self.drop_all()
        self.listener.close()

    def carry_until(self, stream, patience=60):
        """Carries bytes until `stream`, a program's output, has something to read. Returns whether."""
        until = time.monotonic() + patience
        while True:
            ready, _, _ = select.select([stream, self.listener, *self.other], [], [],
                                        max(0.0, until - time.monotonic()))
            if not ready:
                return False
            for end in ready:
                if end is self.listener:
                    self.accept()
                elif end in self.other:
                    self.forward(end)
            if stream in ready:
                return True

    def accept(self):
        near, _ = self.listener.accept()
        far = socket.create_connection(("127.0.0.1", self.target))
        for end in (near, far):
            end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.connections += 1
        self.other.update({near: far, far: near})
        self.ways.update({near: "up", far: "down"})

    def forward(self, end):
        treatment = self.up if self.ways[end] == "up" else self.down
        try:
            data = end.recv(1 << 18)
            passed, holds = treatment.pass_on(data) if data else (b"", False)
            if self.ways[end] == "up":
                self.bytes_up += len(passed)
            else:
                self.bytes_down += len(passed)
            treatment.send(self.other[end], passed)
        except OSError:
            data, holds = b"", False
        if not holds:
            self.has_cut = self.has_cut or bool(data)
            self.hang_up(end)

    def hang_up(self, end):
        for each in (end, self.other[end]):
            if self.is_reset:
                each.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            each.close()
            del self.ways[each]
        other = self.other.pop(end)
        self.other.pop(other)
