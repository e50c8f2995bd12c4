"""A TCP proxy that stands before a server and misbehaves on purpose: it cuts a connection after so
many bytes either way, or swallows the answer once the server has committed."""

import select
import socket
import threading


class Proxy:
    """Forwards 127.0.0.1:port to 127.0.0.1:target.

    `cut_up`, `cut_down`: bytes after which the next connections are cut, counted per connection;
    None lets everything through. The bytes that pass are exact: nothing after the cut arrives.
    """

    def __init__(self, target, port=0):
        self.target = target
        self.cut_up = None
        self.cut_down = None
        self.bytes_up = 0
        self.bytes_down = 0
        self.cuts = 0
        self.ends = set()
        self.listener = socket.create_server(("127.0.0.1", port))
        self.port = self.listener.getsockname()[1]
        self.is_open = True
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self, up=None, down=None):
        """Drops what is connected and cuts every connection from now on after so many bytes."""
        self.cut_up, self.cut_down = up, down
        for end in list(self.ends):
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def close(self):
        self.is_open = False
        self.listener.close()

    def _accept(self):
        while self.is_open:
            try:
                near, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self._carry, args=(near,), daemon=True).start()

    def _carry(self, near):
        try:
            far = socket.create_connection(("127.0.0.1", self.target))
        except OSError:
            near.close()
            return
        for end in (near, far):
            end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.ends |= {near, far}
        left = {near: self.cut_up, far: self.cut_down}
        other = {near: far, far: near}
        try:
            while True:
                for end in select.select([near, far], [], [], 30)[0]:
                    data = end.recv(65536)
                    if not data:
                        return
                    allowed = len(data) if left[end] is None else min(len(data), left[end])
                    other[end].sendall(data[:allowed])
                    if end is near:
                        self.bytes_up += allowed
                    else:
                        self.bytes_down += allowed
                    if left[end] is not None:
                        left[end] -= allowed
                        if left[end] <= 0:
                            self.cuts += 1
                            return
        except OSError:
            return
        finally:
            self.ends -= {near, far}
            near.close()
            far.close()
