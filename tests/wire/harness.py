"""What the wire tests are made of: real servers on free loopback ports, and runs of layerproof.

    with Registry() as registry:                        a docker-registry, open to anybody
    with Registry(users={"ann": "secret"}) as registry: ... with a password (htpasswd)
    with TokenRealm(folder, users=...) as realm, Registry(realm=realm) as registry:
    with TlsFront(registry, authority) as front:        nginx with a certificate of a private CA
    with ForwardProxy() as proxy:                       tinyproxy; proxy.passed() shows what passed
    with StubRegistry() as stub:                        records every request; stub.py
    result = run_layerproof("check", "--index", index, stdin="...")

Each server is a context manager that is ready when it is entered and gone when it is left; should
the test itself be killed, the kernel ends its servers. Start them from the main thread.
"""

import json
import os
import re
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import ledger  # noqa: E402
import schema  # noqa: E402
from certificates import Authority  # noqa: E402, F401
from images import build_image, build_index, digest_of, pack_tar, write_layout  # noqa: E402, F401
from program import FIXTURES, ROOT, clean_environment, run_program  # noqa: E402, F401
from realm import TokenRealm  # noqa: E402, F401
from recorder import Recorder, Reply, Request  # noqa: E402, F401
from stub import StubRegistry, error_reply  # noqa: E402, F401

READY_SECONDS = 20
STOP_SECONDS = 5
START_TRIES = 3


def free_port():
    """A loopback port that nobody listens on. Another process may take it before our server does:
    Server starts again on another one then."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def accepts_connections(port):
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


class Server:
    """A server program in a folder of its own. Subclasses give `command()` and may sharpen
    `is_ready()`."""

    host, scheme = "127.0.0.1", "http"

    def __init__(self):
        self._temporary = tempfile.TemporaryDirectory(prefix="layerproof-server-")
        self.directory = Path(self._temporary.name)
        self.log_file = self.directory / "log"
        self.port, self._process = 0, None

    @property
    def address(self):
        return f"{self.host}:{self.port}"

    @property
    def url(self):
        return f"{self.scheme}://{self.address}"

    @property
    def pid(self):
        return self._process.pid

    def command(self):
        raise NotImplementedError

    def is_ready(self):
        return accepts_connections(self.port)

    def log_text(self):
        return self.log_file.read_text(errors="replace") if self.log_file.exists() else ""

    def __enter__(self):
        try:
            for _ in range(START_TRIES):
                if self._start():
                    return self
        except BaseException:
            self._stop()
            self._temporary.cleanup()
            raise
        log = self.log_text()
        self._temporary.cleanup()
        raise RuntimeError(f"{type(self).__name__} did not start:\n{log}")

    def __exit__(self, *_reason):
        self._stop()
        self._temporary.cleanup()

    def kill(self):
        self._process.kill()
        self._process.wait()

    def restart(self):
        """Kills the server and starts it anew on what its folder holds, perhaps on another port."""
        self.kill()
        if not any(self._start() for _ in range(START_TRIES)):
            raise RuntimeError(f"{type(self).__name__} did not start again:\n{self.log_text()}")

    def revive(self):
        """Starts a killed server anew on what its folder holds, on the port that it had."""
        if not self._start(self.port):
            raise RuntimeError(f"{type(self).__name__} did not start again:\n{self.log_text()}")

    def _start(self, port=None):
        """Whether the server came up; false when it ended at once or never answered."""
        self.port = port or free_port()
        command = ["setpriv", "--pdeathsig", "KILL", *map(str, self.command())]
        with open(self.log_file, "ab") as log:
            self._process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log,
                                             stderr=log, cwd=self.directory,
                                             env=clean_environment(self.directory))
        deadline = time.monotonic() + READY_SECONDS
        while self._process.poll() is None and time.monotonic() < deadline:
            if self.is_ready():
                return True
            time.sleep(0.02)
        self._stop()
        return False

    def _stop(self):
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


class Registry(Server):
    """docker-registry: open; with `users` ({name: password}) by htpasswd; with `realm`
    (a TokenRealm) by tokens. `config` is merged into its configuration, section by section."""

    def __init__(self, *, users=None, realm=None, config=None):
        super().__init__()
        self.users, self.realm, self.config = users, realm, config or {}

    def __enter__(self):
        super().__enter__()
        self.notes = ledger.Notes(self.address, [])
        if self.realm:
            self.notes.realms.add(self.realm.address)
        ledger.enter(self.notes)
        return self

    def __exit__(self, *reason):
        ledger.leave(self.notes)
        super().__exit__(*reason)

    def command(self):
        path = self.directory / "config.yml"
        path.write_text(json.dumps(self._configuration()))  # JSON is YAML
        return ["docker-registry", "serve", path]

    def _configuration(self):
        configuration = {
            "version": 0.1,
            "log": {"level": "info", "accesslog": {"disabled": False}},
            "storage": {"filesystem": {"rootdirectory": str(self.directory / "storage")},
                        "delete": {"enabled": True}},
            "http": {"addr": f"127.0.0.1:{self.port}", "secret": "test", "relativeurls": True},
        }
        if self.users:
            configuration["auth"] = {"htpasswd": {"realm": "test", "path": str(self._passwords())}}
        if self.realm:
            configuration["auth"] = {"token": {
                "realm": self.realm.realm, "service": self.realm.service,
                "issuer": self.realm.issuer, "rootcertbundle": str(self.realm.certificate_file)}}
        for section, values in self.config.items():
            configuration[section] = {**configuration.get(section, {}), **values}
        return configuration

    def _passwords(self):
        path = self.directory / "htpasswd"
        path.unlink(missing_ok=True)
        for user, password in self.users.items():
            subprocess.run(["htpasswd", "-B", "-C", "4", "-i", *(() if path.exists() else ("-c",)),
                            path, user], input=password.encode(), check=True, timeout=20,
                           stderr=subprocess.DEVNULL)
        return path

    def is_ready(self):
        try:
            with urllib.request.urlopen(f"{self.url}/v2/", timeout=1) as answer:
                return answer.status == 200
        except urllib.error.HTTPError as answer:
            return answer.code == 401
        except OSError:
            return False


NGINX_TEMPLATE = """
daemon off;
master_process off;
pid {directory}/nginx.pid;
error_log stderr;
events {{ worker_connections 1024; }}
http {{
    client_body_temp_path {directory}/body;
    proxy_temp_path {directory}/proxy;
    fastcgi_temp_path {directory}/fastcgi;
    uwsgi_temp_path {directory}/uwsgi;
    scgi_temp_path {directory}/scgi;
    {http}
    server {{ {server} }}
}}
"""

FRONT_TEMPLATE = """
    listen 127.0.0.1:{port} {protocols};
    ssl_certificate {certificate};
    ssl_certificate_key {key};
    ssl_protocols TLSv1.2 TLSv1.3;
    {more}
    location / {{
        proxy_pass {upstream};
        proxy_set_header Host $http_host;
        proxy_set_header X-Forwarded-Proto https;
        proxy_request_buffering off;
        proxy_buffering off;
        proxy_read_timeout 60;
    }}
"""


def nginx_command(directory, server, http="access_log off;"):
    """How nginx is started as one process that keeps its files in `directory`; the last two are what
    stands in its server block, and around that."""
    path = directory / "nginx.conf"
    path.write_text(NGINX_TEMPLATE.format(directory=directory, server=server, http=http))
    return ["nginx", "-p", directory, "-e", "stderr", "-c", path]


class TlsFront(Server):
    """nginx with TLS in front of another server, with a certificate that `authority` issues for
    `names`. `more` is put into its server block; with `http2` it offers HTTP/2 too."""

    scheme = "https"

    def __init__(self, upstream, authority, *, names=("localhost", "127.0.0.1"), expired=False,
                 more="", http2=False):
        super().__init__()
        self.upstream, self.authority, self.more = upstream, authority, more
        self.protocols = "ssl http2" if http2 else "ssl"
        self.certificate, self.key = authority.issue(names, expired=expired)

    def command(self):
        server = FRONT_TEMPLATE.format(
            port=self.port, certificate=self.certificate, key=self.key, more=self.more,
            upstream=self.upstream.url, protocols=self.protocols)
        return nginx_command(self.directory, server,
                             f"access_log {self.directory}/access.log; client_max_body_size 0;")

    def access_text(self):
        return (self.directory / "access.log").read_text(errors="replace")


class ForwardProxy(Server):
    """tinyproxy. `users` ({name: password}, one) makes it ask for a password."""

    def __init__(self, *, users=None):
        super().__init__()
        self.users = users or {}

    def command(self):
        path = self.directory / "tinyproxy.conf"
        lines = [f"Port {self.port}", "Listen 127.0.0.1", "Timeout 60", "LogLevel Info",
                 f'LogFile "{self.directory}/passed"', "MaxClients 200", "Allow 127.0.0.0/8"]
        lines += [f"BasicAuth {user} {password}" for user, password in self.users.items()]
        path.write_text("\n".join(lines) + "\n")
        return ["tinyproxy", "-d", "-c", path]

    def passed(self):
        """The request lines that it was given: ["CONNECT 127.0.0.1:443 HTTP/1.1", ...]."""
        text = (self.directory / "passed").read_text(errors="replace")
        return re.findall(r"Request \(file descriptor \d+\): (.*)$", text, re.MULTILINE)


def run_tool(*arguments, timeout=60, **environment):
    """Runs a helper program (skopeo, curl) that must succeed; returns its standard output."""
    with tempfile.TemporaryDirectory(prefix="layerproof-tool-") as home:
        ended = subprocess.run([str(argument) for argument in arguments], check=False,
                               capture_output=True, text=True, timeout=timeout,
                               stdin=subprocess.DEVNULL,
                               env=clean_environment(home, **environment))
    if ended.returncode != 0:
        raise RuntimeError(f"{' '.join(map(str, arguments))}: exit code {ended.returncode}\n"
                           f"{ended.stderr}")
    return ended.stdout


def skopeo_trust(authority):
    """How skopeo is told of a private CA; without one the registry speaks plain HTTP."""
    return ["--dest-cert-dir", authority.client_directory] if authority \
        else ["--dest-tls-verify=false"]


def push_layout(layout, server, name, *, tag="", user="", authority=None):
    """Pushes an OCI layout (its image `tag`) to `server` as `name` ("repository:tag"), bytes
    unchanged. `user` is "name:password"."""
    run_tool("skopeo", "--insecure-policy", "copy", "--all", "--preserve-digests", "--quiet",
             *skopeo_trust(authority), *(("--dest-creds", user) if user else ()),
             f"oci:{layout}{':' + tag if tag else ''}", f"docker://{server.address}/{name}")


def push_image(image, server, name, **how):
    """Pushes an image of images.py; returns its digest."""
    with tempfile.TemporaryDirectory(prefix="layerproof-layout-") as layout:
        write_layout(layout, {"pushed": image})
        push_layout(layout, server, name, tag="pushed", **how)
    return image.digest


def program_path():
    return os.environ.get("LAYERPROOF", str(ROOT / "build/layerproof"))


@dataclass
class Result:
    """How a run of layerproof ended."""

    exit: int
    stdout: str
    stderr: str
    seconds: float

    @property
    def records(self):
        """Each line of the output as parsed JSON."""
        return [json.loads(line) for line in self.stdout.split("\n") if line]

    @property
    def findings(self):
        return [record for record in self.records if record.get("schema") == "layerproof.finding.v1"]


def run_layerproof(*arguments, stdin="", environment=None, timeout=60, cwd=ROOT, one_in=1):
    """Runs layerproof in a private HOME. A crash, a time-out, a sanitizer's report, a process left
    behind, a record that breaks its schema, or a secret told to whom it is not for (ledger.py) is an
    AssertionError here, whatever the test expects. Of thousands of records, `one_in` so many is held
    against its schema: that takes longer than to make them."""
    data = stdin if isinstance(stdin, bytes) else stdin.encode()
    ended = run_program([program_path(), *arguments], stdin=data, timeout=timeout, cwd=cwd,
                        environment=environment)
    stdout, stderr = (text.decode(errors="surrogateescape") for text in (ended.stdout, ended.stderr))
    records = b"\n".join(ended.stdout.split(b"\n")[::one_in])
    wrong = [ended.trouble(), *schema.problems_in_text(records)]
    if any(wrong):
        raise AssertionError("\n".join(["layerproof " + " ".join(map(str, arguments)),
                                        *filter(None, wrong), stdout, stderr, ended.reports]))
    ledger.judge(environment, " ".join(map(str, arguments)) + data.decode(errors="replace"))
    return Result(ended.exit, stdout, stderr, ended.seconds)
