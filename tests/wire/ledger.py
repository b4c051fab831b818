"""Whom each secret is for, and who was told: a guard over every run of every wire test.

Recorders note what they send: challenges, tokens, redirects, documents. What is stored as a login
is read from where a run is told to look. After each run every request that layerproof has sent to a
recorder is judged:

  - a stored login goes to the registry that it is stored for, and to the token server that this
    registry names;
  - a token goes to the registry that named the server which issued it;
  - any other secret goes to nobody who did not ask for a login;
  - no cookie goes to anybody, and a proxy's password to the proxy alone;
  - a digest of an index made by these tests is in no request, unless somebody outside has named it.
"""

import base64
import json
import re
import threading
import urllib.parse
import zlib
from pathlib import Path

REALM = re.compile(r'realm\s*=\s*"?([^",\s]+)', re.IGNORECASE)
HEX = re.compile(rb"[0-9a-f]{64}")
TOKENS = ("token", "access_token", "refresh_token")
PROXIES = ("http_proxy", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY")
HUB = ("docker.io", "index.docker.io", "registry-1.docker.io")
DOCUMENT_SIZE = 4 << 20

lock = threading.Lock()
live = []  # Notes of what listens now
internal = set()  # digests of every index, as hexadecimal text


def canonical(authority):
    """One spelling: no port that is a scheme's own, one name for Docker Hub."""
    host = re.sub(r":(443|80)$", "", authority.lower())
    return "docker.io" if host in HUB else host


def authority_of(url, here):
    """The host, and port, of a URL, which may be relative to `here`."""
    return canonical(urllib.parse.urlsplit(url).netloc.rpartition("@")[2] or here)


def decoded(reply):
    """The body without its Content-Encoding, where that is gzip or deflate."""
    try:
        return zlib.decompress(reply.body, 47) if "Content-Encoding" in reply.headers \
            else reply.body
    except zlib.error:
        return reply.body


class Notes:
    """What is known of one server: the names it was asked by, what it has sent, and how many of its
    requests were judged."""

    def __init__(self, address, requests):
        self.requests, self.judged = requests, 0
        self.aliases, self.has_challenged = {canonical(address)}, False
        self.realms, self.redirects, self.issued, self.named = set(), set(), set(), set()

    def note(self, request, reply):
        here = canonical(request.header("Host") or "")
        self.aliases.add(here)
        for name, values in reply.headers.items():
            for value in values if isinstance(values, (list, tuple)) else [values]:
                self.note_header(here, name.lower(), str(value))
        if len(reply.body) <= DOCUMENT_SIZE:
            self.note_body(decoded(reply))

    def note_header(self, here, name, value):
        if name == "www-authenticate":
            self.has_challenged = True
            self.realms.update(authority_of(realm, here) for realm in REALM.findall(value.replace("\\", ""))
                               if "/" in realm)
        elif name == "location":
            self.redirects.add(authority_of(value, here))
        self.named.update(text.decode() for text in HEX.findall(value.encode()))

    def note_body(self, body):
        if body[:1] not in (b"{", b"["):
            return
        self.named.update(text.decode() for text in HEX.findall(body))
        if b"token" not in body:
            return
        try:
            answer = json.loads(body)
        except ValueError:
            return
        if isinstance(answer, dict):
            self.issued.update(answer[name] for name in TOKENS if isinstance(answer.get(name), str))

    def leads_to(self):
        """Where its realms are, and where these redirect to in their turn."""
        found = set(self.realms)
        for _ in range(6):
            for notes in live:
                if notes.aliases & found:
                    found |= notes.redirects
        return found


def enter(notes):
    with lock:
        live.append(notes)


def leave(notes):
    with lock:
        if notes in live:
            live.remove(notes)


def add_internal(digests):
    internal.update(digest.rpartition(":")[2] for digest in digests)


# ---- logins that are stored ----


def login_files(environment):
    home = environment.get("HOME", "/nonexistent")
    named = [environment.get("REGISTRY_AUTH_FILE"),
             f"{environment.get('DOCKER_CONFIG') or f'{home}/.docker'}/config.json",
             f"{environment.get('XDG_RUNTIME_DIR', '/nonexistent')}/containers/auth.json",
             f"{environment.get('XDG_CONFIG_HOME') or f'{home}/.config'}/containers/auth.json"]
    for path in filter(None, named):
        try:
            yield Path(path).read_text()
        except (OSError, ValueError):
            continue


def secrets_of(entry):
    """All forms of a login that could turn up in a request."""
    if not isinstance(entry, dict):
        return
    for name in ("identitytoken", "registrytoken", "password"):
        if entry.get(name):
            yield entry[name]
    if entry.get("username") and entry.get("password"):
        yield f"{entry['username']}:{entry['password']}"
    if isinstance(entry.get("auth"), str):
        try:
            plain = base64.b64decode(entry["auth"]).rstrip(b"\0").decode()
        except ValueError:
            return
        yield plain
        yield plain.partition(":")[2]


def stored_logins(environment):
    """{secret: the "host" or "host:port" that it is for}."""
    stored = {}
    for text in [environment.get("DOCKER_AUTH_CONFIG", ""), *login_files(environment)]:
        try:
            entries = json.loads(text)["auths"]
        except (ValueError, KeyError, TypeError):
            continue
        for key, entry in entries.items() if isinstance(entries, dict) else ():
            host = canonical(re.sub(r"^https?://", "", key).partition("/")[0])
            for secret in filter(None, secrets_of(entry)):
                stored.setdefault(secret, set()).add(host)
    return stored


# ---- judging ----


def basic_of(value):
    try:
        return base64.b64decode(value).decode()
    except ValueError:
        return value


def secrets_in(request):
    """(kind, secret) of each in a request: kind is "basic", "bearer" or "form"."""
    value = request.header("Authorization")
    if value is not None:
        scheme, _, rest = value.partition(" ")
        if scheme.lower() == "basic":
            yield "basic", basic_of(rest)
        else:
            yield "bearer", rest
    if request.method == "POST":
        fields = urllib.parse.parse_qs(request.body.decode(errors="replace"))
        for name in ("refresh_token", "password"):
            for secret in fields.get(name, []):
                yield "form", secret


def may_see(kind, secret, notes, host, stored):
    """Whether `notes`, asked as `host`, may see it."""
    issuers = [other for other in live if secret in other.issued]
    if secret in stored:
        return host in stored[secret] or any(host in other.leads_to() for other in live
                                             if other.aliases & stored[secret])
    if kind == "bearer" and issuers:
        return any(issuer.aliases & notes.leads_to() for issuer in issuers)
    return notes.has_challenged or any(host in other.leads_to() for other in live)


def blanked(secret):
    return secret[:3] + "..."


def problems_of(notes, request, stored, environment, said):
    """What is wrong with one request that has come to `notes`."""
    proxies = {authority_of(environment[name], "") for name in PROXIES if environment.get(name)}
    is_proxy = bool(notes.aliases & proxies)
    host = canonical(request.header("Host") or "")
    for kind, secret in secrets_in(request):
        if not may_see(kind, secret, notes, host, stored):
            yield f"{kind} {secret[:3]}... is not for {host}"
    if request.header("Cookie") is not None:
        yield "a cookie"
    if request.header("Proxy-Authorization") is not None and not is_proxy:
        yield f"a proxy's password for {host}"
    told = {text.decode() for text in HEX.findall(
        "\n".join([request.target, *(value for _, value in request.headers), ""]).encode()
        + request.body)}
    for digest in told & internal:
        if digest not in said and not any(digest in other.named for other in live):
            yield f"the internal digest {digest}"


def judge(environment=None, said=""):
    """Judges what has come since the last time; `said` is what the run was given to read. Raises
    AssertionError."""
    environment = environment or {}
    problems = []
    with lock:
        stored = stored_logins(environment)
        for notes in live:
            fresh = notes.requests[notes.judged:]
            notes.judged += len(fresh)
            for request in fresh:
                if not (request.header("User-Agent") or "").startswith("layerproof/"):
                    continue
                problems += [f"{request.method} {request.target.partition('?')[0]}: {problem}"
                             for problem in problems_of(notes, request, stored, environment, said)]
    if problems:
        raise AssertionError("told to whom it is not for:\n" + "\n".join(problems))
