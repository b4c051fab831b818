"""A TCP relay in front of a server: keeps what clients send, and breaks a connection when told to."""

import socket
import struct
import threading
import time

PIECE = 64 * 1024


class Relay:
    """A context manager: a port of this machine that leads to `server` (harness.Server), wherever
    that listens at the moment; a client waits for `patience` seconds while it listens nowhere.

    `break_after` is the number of bytes from the server after which the connection that brought them
    is reset, once: `breaks` is 1 then, and the client is told when `mended` is set, if there is such
    an event. `heads` holds the head of each plain request, in order.
    """

    host = "127.0.0.1"

    def __init__(self, server, *, break_after=None, mended=None, patience=20):
        self.server, self.patience = server, patience
        self.break_after, self.mended = break_after, mended
        self.heads, self.breaks = [], 0
        self._lock, self._listener = threading.Lock(), socket.socket()
        self._listener.bind((self.host, 0))
        self._listener.listen(64)
        self.port = self._listener.getsockname()[1]
        self._thread = threading.Thread(target=self._accept, daemon=True)

    @property
    def address(self):
        return f"{self.host}:{self.port}"

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_reason):
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join()

    def ranges(self, path):
        """The Range of each request for a path, None without one."""
        found = []
        for head in self.heads:
            lines = head.split("\r\n")
            if lines[0].split(" ")[1] == path:
                named = [line for line in lines if line.lower().startswith("range: ")]
                found.append(named[0].partition(": ")[2] if named else None)
        return found

    def _accept(self):
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _connect(self):
        deadline = time.monotonic() + self.patience
        while time.monotonic() < deadline:
            try:
                return socket.create_connection((self.host, self.server.port), 1)
            except OSError:
                time.sleep(0.02)
        return None

    def _serve(self, client):
        server = self._connect()
        if server is None:
            client.close()
            return
        server.settimeout(None)
        upstream = threading.Thread(target=self._upstream, args=(client, server), daemon=True)
        upstream.start()
        self._downstream(client, server)
        # A socket that a thread reads from is not closed before that thread is through.
        for each, how in ((client, socket.SHUT_RD), (server, socket.SHUT_RDWR)):
            try:
                each.shutdown(how)
            except OSError:
                continue
        upstream.join()
        client.close()
        server.close()

    def _upstream(self, client, server):
        try:
            while data := client.recv(PIECE):
                if data[:4] in (b"GET ", b"HEAD"):
                    with self._lock:
                        self.heads.append(data.partition(b"\r\n\r\n")[0].decode())
                server.sendall(data)
            server.shutdown(socket.SHUT_WR)
        except OSError:
            return

    def _downstream(self, client, server):
        passed = 0
        try:
            while data := server.recv(PIECE):
                passed += len(data)
                if self._is_to_break(passed):
                    self._break(client)
                    return
                client.sendall(data)
        except OSError:
            return

    def _is_to_break(self, passed):
        with self._lock:
            if self.break_after is None or passed < self.break_after or self.breaks > 0:
                return False
            self.breaks += 1
            return True

    def _break(self, client):
        if self.mended:
            self.mended.wait(self.patience)
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
