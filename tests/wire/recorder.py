"""A web server in a thread that records every request; what it answers is its subclass's."""

import http.server
import socket
import ssl
import struct
import threading
import time
import urllib.parse
from dataclasses import dataclass, field

import ledger


@dataclass
class Request:
    """A request as it arrived. `headers` keeps order and repetition; `header()` reads one."""

    method: str
    target: str  # path and query, as sent
    headers: list
    body: bytes
    arrived: float  # time.monotonic()

    @property
    def path(self):
        return self.target.partition("?")[0]

    @property
    def query(self):
        return urllib.parse.parse_qs(self.target.partition("?")[2], keep_blank_values=True)

    def header(self, name):
        """All values of a header, joined as RFC 9110 section 5.3 joins them; None without one."""
        values = [value for key, value in self.headers if key.lower() == name.lower()]
        return ", ".join(values) if values else None


@dataclass
class Reply:
    """An answer, and the ways in which it can be wrong.

    length   what Content-Length says, when it is not the length of the body; -1 leaves it out and
             ends the body by closing
    cut      how many bytes of the body are sent before the connection closes
    reset    closes with a TCP reset instead
    delay    seconds before the first byte; drip: (bytes, seconds) between pieces of the body
    chunked  sends the body in chunks
    raw      bytes to send in place of any HTTP, dripping if so told; the connection closes behind
             them
    """

    status: int = 200
    headers: dict = field(default_factory=dict)
    body: bytes = b""
    length: int | None = None
    cut: int | None = None
    reset: bool = False
    delay: float = 0.0
    drip: tuple | None = None
    chunked: bool = False
    raw: bytes | None = None


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version, sys_version = "recorder", ""
    disable_nagle_algorithm = True

    def log_message(self, *_arguments):
        """Requests are recorded, not printed."""

    def read_request(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        return Request(self.command, self.path, list(self.headers.items()), body, time.monotonic())

    def handle_any(self):
        request = self.read_request()
        recorder = self.server.recorder
        with recorder.counting(request):
            reply = recorder.answer(request)
            recorder.notes.note(request, reply)
            self.send(request, reply)

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = handle_any  # noqa: N815

    def send(self, request, reply):
        self.server.recorder.stopping.wait(reply.delay)
        try:
            if reply.raw is not None:
                self.send_pieces(reply.raw, reply)
                self.close_connection = True
            else:
                self.send_head(reply)
                if request.method != "HEAD" and reply.status not in (204, 304):
                    self.send_body(reply)
            self.wfile.flush()
        except OSError:  # the client has gone; some tests want it to
            self.close_connection = True
        if reply.reset:
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                                       struct.pack("ii", 1, 0))
            self.close_connection = True
            self.connection.close()

    def send_head(self, reply):
        self.send_response_only(reply.status)
        for name, values in reply.headers.items():
            for value in values if isinstance(values, (list, tuple)) else [values]:
                self.send_header(name, value)
        if reply.chunked:
            self.send_header("Transfer-Encoding", "chunked")
        elif reply.length is None and reply.status != 204:
            self.send_header("Content-Length", str(len(reply.body)))
        elif reply.length is not None and reply.length >= 0:
            self.send_header("Content-Length", str(reply.length))
        self.end_headers()

    def send_body(self, reply):
        self.send_pieces(reply.body if reply.cut is None else reply.body[:reply.cut], reply)
        if reply.chunked and reply.cut is None:
            self.wfile.write(b"0\r\n\r\n")
        if reply.cut is not None or reply.length is not None:
            self.close_connection = True

    def send_pieces(self, data, reply):
        size, pause = reply.drip or (64 * 1024, 0)
        for start in range(0, len(data), size):
            piece = data[start:start + size]
            if reply.chunked:
                piece = b"%x\r\n%s\r\n" % (len(piece), piece)
            self.wfile.write(piece)
            self.wfile.flush()
            if self.server.recorder.stopping.wait(pause):
                return


class QuietServer(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256

    def get_request(self):
        with self.recorder.lock:
            self.recorder.connections += 1
        return super().get_request()

    def handle_error(self, _request, _client):
        """A broken connection (a TLS handshake that the client refuses) is the client's to tell."""


class Recorder:
    """A context manager: a server on a free loopback port.

    `requests` holds every request in order of arrival, `most_at_once` how many were answered at
    the same time at the most, `connections` how many were made, with or without a request.
    `certificate` is (certificate file, key file) for HTTPS. With a `port` it stands beside another
    recorder, at another loopback address.
    """

    def __init__(self, *, host="127.0.0.1", port=0, certificate=None):
        self.server = QuietServer((host, port), Handler)
        self.server.recorder = self
        self.host, self.port = host, self.server.server_address[1]
        self.scheme = "https" if certificate else "http"
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*certificate)
            self.server.socket = context.wrap_socket(self.server.socket, server_side=True,
                                                     do_handshake_on_connect=False)
        self.requests, self.most_at_once, self._at_once = [], 0, 0
        self.connections = 0
        self.notes = ledger.Notes(self.address, self.requests)
        self.lock, self.stopping = threading.Lock(), threading.Event()
        self._thread = threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True)

    @property
    def address(self):
        return f"{self.host}:{self.port}"

    @property
    def url(self):
        return f"{self.scheme}://{self.address}"

    def __enter__(self):
        ledger.enter(self.notes)
        self._thread.start()
        return self

    def __exit__(self, *_reason):
        self.stopping.set()
        self.server.shutdown()
        self.server.server_close()
        self._thread.join()
        ledger.leave(self.notes)

    def counting(self, request):
        return Counting(self, request)

    def requests_for(self, path, method=None):
        """The requests for a path, query left aside."""
        with self.lock:
            return [request for request in self.requests
                    if request.path == path and method in (None, request.method)]

    def answer(self, request):
        raise NotImplementedError


class Counting:
    """Records a request, and that it is being answered."""

    def __init__(self, recorder, request):
        self.recorder, self.request = recorder, request

    def __enter__(self):
        with self.recorder.lock:
            self.recorder.requests.append(self.request)
            self.recorder._at_once += 1
            self.recorder.most_at_once = max(self.recorder.most_at_once, self.recorder._at_once)

    def __exit__(self, *_reason):
        with self.recorder.lock:
            self.recorder._at_once -= 1
