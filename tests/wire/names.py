"""Registries by their true names, on this machine: a proxy leads each name to a server of ours.

    with Town("registry-1.docker.io", "auth.docker.io") as town:
        town["registry-1.docker.io"].put_image("library/ubuntu", "1", IMAGE)
        town["auth.docker.io"].script("/token", Reply(...))
        ended = town.check("ubuntu:1")

Every name is a StubRegistry that speaks TLS with a certificate for that name. What is asked of any
other name is refused by the proxy, and stands in `town.refused`.
"""

import base64
import contextlib
import json
import re
import select
import socket
import socketserver
import tempfile
import threading
import urllib.parse
from pathlib import Path

from asking import check_references, verdict
from certificates import Authority
from harness import Reply, StubRegistry, error_reply

import tap

PATH = "/usr/local/bin:/usr/bin:/bin"
DENIED = (3, "needs_review", "denied", "medium")
REFUSED = "layerproof: warning: {}: the stored login was refused; going on without it\n"
CONNECT = re.compile(rb"^CONNECT ([^ :]+):443 HTTP/1\.1\r\n")


class Tunnel(socketserver.BaseRequestHandler):
    def handle(self):
        head = b""
        while b"\r\n\r\n" not in head:
            if not (piece := self.request.recv(4096)):
                return
            head += piece
        asked = CONNECT.match(head)
        name = asked[1].decode() if asked else head.partition(b"\r\n")[0].decode()
        port = self.server.ports.get(name)
        if port is None:
            self.server.refused.append(name)
            self.request.sendall(b"HTTP/1.1 502 no such name\r\nContent-Length: 0\r\n\r\n")
            return
        with socket.create_connection(("127.0.0.1", port)) as behind:
            self.request.sendall(b"HTTP/1.1 200 connected\r\n\r\n")
            pass_on(self.request, behind)


def pass_on(one, other):
    """Copies both ways until either side has ended."""
    peers = {one: other, other: one}
    with contextlib.suppress(OSError):
        while True:
            for ready in select.select(list(peers), [], [])[0]:
                if not (data := ready.recv(65536)):
                    return
                peers[ready].sendall(data)


class TunnelServer(socketserver.ThreadingTCPServer):
    daemon_threads = True
    request_queue_size = 128


def basic(user, password):
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


def token_reply(token, **more):
    return Reply(200, {"Content-Type": "application/json"},
                 json.dumps({"token": token, **more}).encode())


def challenge_reply(*values, status=401, code="UNAUTHORIZED"):
    return error_reply(status, code, "authentication required",
                       {"WWW-Authenticate": list(values)} if values else {})


def guard(stub, challenge, *accepted):
    """Makes a stub serve what it has to who brings one of the Authorization values alone; others
    get `challenge`, a Reply or a function from Request to Reply."""
    def answer(request, usual=stub.answer):
        if request.header("Authorization") in accepted:
            return usual(request)
        return challenge(request) if callable(challenge) else challenge
    stub.answer = answer


def logins(stub):
    """Each request as (method, target, Authorization)."""
    return [(request.method, request.target, request.header("Authorization"))
            for request in stub.requests]


def only(ended):
    """What became of the one candidate."""
    tap.equal(len(ended.findings), 1, "findings")
    return verdict(ended.exit, ended.findings[0])


def reasons(ended):
    return [finding["reason"] for finding in ended.findings]


def message(ended):
    (error,) = ended.findings[0]["errors"]
    return error["message"]


def forms_of(secret):
    """How a secret may stand in a request."""
    return {secret, urllib.parse.quote(secret, safe=""), urllib.parse.quote_plus(secret)}


def said(request):
    """All that a request tells, Basic credentials in the clear."""
    text = "\n".join([request.target, request.body.decode(errors="replace"),
                      *(f"{name}: {value}" for name, value in request.headers)])
    for encoded in re.findall(r"Basic ([A-Za-z0-9+/=]+)", text):
        text += "\n" + base64.b64decode(encoded).decode(errors="replace")
    return text


class Town:
    def __init__(self, *names):
        self.names, self.stack = names, contextlib.ExitStack()

    def __enter__(self):
        self.folder = Path(self.stack.enter_context(tempfile.TemporaryDirectory()))
        self.authority = Authority(self.folder / "authority")
        self.hosts = {}
        for name in self.names:
            certificate = self.authority.issue((name,))
            self.hosts[name] = self.stack.enter_context(StubRegistry(certificate=certificate))
        self.proxy = self.stack.enter_context(TunnelServer(("127.0.0.1", 0), Tunnel))
        self.proxy.ports = {name: stub.port for name, stub in self.hosts.items()}
        self.proxy.refused = []
        threading.Thread(target=self.proxy.serve_forever, args=(0.05,), daemon=True).start()
        self.stack.callback(self.proxy.shutdown)
        return self

    def __exit__(self, *reason):
        return self.stack.__exit__(*reason)

    def __getitem__(self, name):
        return self.hosts[name]

    @property
    def refused(self):
        return self.proxy.refused

    def check(self, *references, environment=None, arguments=(), **how):
        proxy = "http://{}:{}".format(*self.proxy.server_address)
        return check_references(
            *references, arguments=["--ca-file", self.authority.certificate_file, *arguments],
            environment={"https_proxy": proxy, **(environment or {})}, **how)

    def write(self, name, text, mode=0o600):
        """Writes a file of the user's; returns its path."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        path.chmod(mode)
        return path

    def store(self, name="auth.json", **members):
        """Writes a file of logins, {"auths": ...} or what `members` say; returns the environment
        that names it."""
        return {"REGISTRY_AUTH_FILE": self.write(name, json.dumps(members))}

    def helper(self, suffix, script):
        """Writes docker-credential-SUFFIX, a shell script; returns the environment to find it."""
        self.write(f"bin/docker-credential-{suffix}", f"#!/bin/sh\n{script}\n", 0o700)
        return {"PATH": f"{self.folder / 'bin'}:{PATH}", "FOLDER": self.folder}

    def reached_by(self, secret):
        """The names of the hosts that were told a secret, in whatever form."""
        forms = forms_of(secret)
        return {name for name, stub in self.hosts.items()
                if any(form in said(request) for request in stub.requests for form in forms)}
