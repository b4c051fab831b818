#!/usr/bin/python3
"""Proves the harness itself, with skopeo and curl in the place of layerproof."""

import json
import os
import socket
import stat
import sys
import tempfile
import time
from pathlib import Path

import ledger
from harness import (Authority, ForwardProxy, Registry, Reply, StubRegistry, TlsFront, TokenRealm,
                     build_image, build_index, digest_of, push_image, run_layerproof, run_tool)
from relay import Relay
from resolver import Names

import tap

IMAGE = build_image([{"base.txt": b"base\n"}, {"own.txt": b"own\n"}])


def curl(*arguments):
    return run_tool("curl", "-sS", "--max-time", "20", *arguments)


def status_of(url, *arguments):
    return curl("-o", "/dev/null", "-w", "%{http_code}", *arguments, url)


def fails(call, part):
    try:
        call()
    except RuntimeError as reason:
        tap.contains(str(reason), part, "error")
        return
    raise AssertionError(f"no failure; expected {part!r}")


def inspect_digest(server, name, *arguments):
    return run_tool("skopeo", "--insecure-policy", "inspect", "--format", "{{.Digest}}", *arguments,
                    f"docker://{server.address}/{name}").strip()


def test_registry_serves_what_was_pushed_bytes_unchanged():
    with Registry() as registry:
        push_image(IMAGE, registry, "team/app:1")
        served = curl(f"{registry.url}/v2/team/app/manifests/1", "-H", f"Accept: {IMAGE.media_type}")
        tap.equal(digest_of(served.encode()), IMAGE.digest, "digest")
        tap.contains(registry.log_text(), "GET /v2/team/app/manifests/1")
        port = registry.port
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", port)) != 0, "the registry still listens"


def test_registry_takes_an_index_and_zstd_layers():
    index = build_index({"linux/amd64": IMAGE,
                         "linux/arm64": build_image([{"a": b"b"}], compression="zstd",
                                                    platform="linux/arm64")})
    with Registry() as registry:
        push_image(index, registry, "team/many:1")
        tap.equal(inspect_digest(registry, "team/many:1", "--tls-verify=false"), index.digest)


def test_password_is_needed_and_taken():
    with Registry(users={"ann": "secret", "bob": "other"}) as registry:
        tap.equal(status_of(f"{registry.url}/v2/"), "401")
        tap.equal(status_of(f"{registry.url}/v2/", "-u", "ann:wrong"), "401")
        tap.equal(status_of(f"{registry.url}/v2/", "-u", "bob:other"), "200")
        push_image(IMAGE, registry, "team/app:1", user="ann:secret")


def test_token_login_works_with_skopeo():
    with tempfile.TemporaryDirectory() as folder, \
            TokenRealm(folder, users={"ann": "secret"}) as realm, Registry(realm=realm) as registry:
        push_image(IMAGE, registry, "team/app:1", user="ann:secret")
        tap.equal(inspect_digest(registry, "team/app:1", "--tls-verify=false", "--creds",
                                 "ann:secret"), IMAGE.digest)
        fails(lambda: inspect_digest(registry, "team/app:1", "--tls-verify=false"), "unauthorized")
        scopes = [scope for request in realm.requests for scope in request.query.get("scope", [])]
        assert "repository:team/app:pull" in scopes, scopes
        tap.equal(realm.requests[0].query["service"], [realm.service])


def test_token_of_nobody_pulls_and_cannot_push():
    with tempfile.TemporaryDirectory() as folder, \
            TokenRealm(folder, users={"ann": "secret"}, anonymous=True) as realm, \
            Registry(realm=realm) as registry:
        push_image(IMAGE, registry, "team/app:1", user="ann:secret")
        tap.equal(inspect_digest(registry, "team/app:1", "--tls-verify=false"), IMAGE.digest)
        fails(lambda: push_image(IMAGE, registry, "team/other:1"), "denied")


def test_token_of_another_repository_is_refused():
    with tempfile.TemporaryDirectory() as folder, \
            TokenRealm(folder, anonymous=True) as realm, Registry(realm=realm) as registry:
        token = json.loads(curl(f"{realm.realm}?scope=repository:team/app:pull"))["token"]
        other = f"{registry.url}/v2/team/other/manifests/1"
        tap.equal(status_of(other, "-H", f"Authorization: Bearer {token}"), "401")
        own = f"{registry.url}/v2/team/app/manifests/1"
        tap.equal(status_of(own, "-H", f"Authorization: Bearer {token}"), "404")


def test_refresh_token_is_taken_by_post():
    with tempfile.TemporaryDirectory() as folder, TokenRealm(folder, member="access_token") as realm:
        realm.refresh_tokens["r1"] = "ann"
        form = ["-d", "grant_type=refresh_token", "-d", "scope=repository:a:pull"]
        answer = json.loads(curl(realm.realm, *form, "-d", "refresh_token=r1"))
        tap.equal(answer["access_token"].count("."), 2)
        tap.equal(status_of(realm.realm, *form, "-d", "refresh_token=r2"), "401")


def test_tls_needs_the_authority():
    with tempfile.TemporaryDirectory() as folder, Registry() as registry:
        authority = Authority(folder)
        with TlsFront(registry, authority) as front:
            fails(lambda: curl(f"{front.url}/v2/"), "exit code 60")
            tap.equal(curl("--cacert", authority.certificate_file, f"{front.url}/v2/"), "{}")
            push_image(IMAGE, front, "team/app:1", authority=authority)
            tap.equal(inspect_digest(front, "team/app:1", "--cert-dir", authority.client_directory),
                      IMAGE.digest)
            tap.contains(front.access_text(), "GET /v2/team/app/manifests/1")


def test_tls_for_another_name_or_expired_is_refused():
    with tempfile.TemporaryDirectory() as folder, StubRegistry() as stub:
        authority = Authority(folder)
        for how, part in (({"names": ("elsewhere.test",)}, "exit code 60"),
                          ({"expired": True}, "expired")):
            with TlsFront(stub, authority, **how) as front:
                fails(lambda: curl("--cacert", authority.certificate_file, front.url), part)
        tap.equal(stub.requests, [])


def test_stub_speaks_tls():
    with tempfile.TemporaryDirectory() as folder:
        authority = Authority(folder)
        with StubRegistry(certificate=authority.issue()) as stub:
            fails(lambda: curl(f"{stub.url}/v2/"), "exit code 60")
            tap.equal(curl("--cacert", authority.certificate_file, f"{stub.url}/v2/"), "{}")


def test_proxy_passes_and_says_so():
    with ForwardProxy() as proxy, StubRegistry() as stub:
        tap.equal(curl("-x", proxy.url, f"{stub.url}/v2/"), "{}")
        tap.equal(curl("-p", "-x", proxy.url, f"{stub.url}/v2/"), "{}")
        tap.equal(proxy.passed(), [f"GET {stub.url}/v2/ HTTP/1.1",
                                   f"CONNECT {stub.address} HTTP/1.1"])


def test_proxy_can_ask_for_a_password():
    with ForwardProxy(users={"ann": "secret"}) as proxy, StubRegistry() as stub:
        tap.equal(status_of(f"{stub.url}/v2/", "-x", proxy.url), "407")
        tap.equal(status_of(f"{stub.url}/v2/", "-x", proxy.url, "-U", "ann:secret"), "200")


def test_stub_serves_an_image_to_skopeo_and_records():
    with StubRegistry() as stub:
        stub.put_image("team/app", "1", IMAGE)
        with tempfile.TemporaryDirectory() as folder:
            run_tool("skopeo", "--insecure-policy", "copy", "--src-tls-verify=false", "--quiet",
                     f"docker://{stub.address}/team/app:1", f"dir:{folder}/out")
        first = stub.requests_for("/v2/team/app/manifests/1")[0]
        tap.equal(first.method, "GET")
        tap.contains(first.header("accept"), IMAGE.media_type, "Accept")
        fetched = {request.path.rpartition("/")[2] for request in stub.requests}
        assert fetched >= set(IMAGE.blobs), fetched


def test_stub_knows_ranges_tags_and_what_is_missing():
    with StubRegistry() as stub:
        digest = stub.put_blob("a", b"0123456789")
        stub.put_image("a", "1", IMAGE)
        blob = f"{stub.url}/v2/a/blobs/{digest}"
        tap.equal(curl("-r", "2-4", blob), "234")
        tap.equal(curl("-r", "8-", blob), "89")
        tap.equal(status_of(blob, "-r", "10-"), "416")
        tap.equal(json.loads(curl(f"{stub.url}/v2/a/tags/list")), {"name": "a", "tags": ["1"]})
        tap.contains(curl(f"{stub.url}/v2/a/manifests/2"), "MANIFEST_UNKNOWN")
        tap.equal(status_of(f"{stub.url}/v2/a/manifests/1", "-I"), "200")
        tap.equal(status_of(f"{stub.url}/v2/", "-X", "POST"), "405")


def test_script_gives_replies_in_turn_then_the_last_again():
    with StubRegistry() as stub:
        stub.script("/v2/", Reply(429, {"Retry-After": "1"}), Reply(503), None)
        tap.equal([status_of(f"{stub.url}/v2/") for _ in range(4)], ["429", "503", "200", "200"])
        stub.script("/echo", lambda request: Reply(body=request.header("X-Test").encode()))
        tap.equal(curl(f"{stub.url}/echo?q=1", "-H", "X-Test: seen"), "seen")
        tap.equal(stub.requests_for("/echo")[0].query, {"q": ["1"]})


def test_script_can_misbehave():
    body = b"x" * 100_000
    ways = {
        "/cut": (Reply(body=body, cut=50_000), "exit code 18"),
        "/short": (Reply(body=body, length=200_000), "exit code 18"),
        "/reset": (Reply(body=body, cut=0, reset=True), "exit code 56"),
        "/garbage": (Reply(raw=b"\x00\x01\x02 nonsense\r\n\r\n"), "exit code 1"),
        "/silence": (Reply(raw=b""), "exit code 52"),
        "/chunks": (Reply(body=body, chunked=True, cut=1), "exit code 18"),
    }
    with StubRegistry() as stub:
        for path, (reply, part) in ways.items():
            stub.script(path, reply)
            fails(lambda target=path: curl(stub.url + target), part)
        stub.script("/whole", Reply(body=body, chunked=True))
        tap.equal(len(curl(f"{stub.url}/whole")), len(body))
        stub.script("/open", Reply(body=body, length=-1))
        tap.equal(len(curl(f"{stub.url}/open")), len(body))


def test_script_can_be_slow_and_still_stops_at_once():
    begun = time.monotonic()
    with StubRegistry() as stub:
        stub.script("/late", Reply(delay=0.5))
        tap.equal(status_of(f"{stub.url}/late"), "200")
        assert time.monotonic() - begun >= 0.5
        stub.script("/never", Reply(delay=600))
        fails(lambda: curl("-m", "0.5", f"{stub.url}/never"), "exit code 28")
        stub.script("/drip", Reply(body=b"abc", drip=(1, 0.1)))
        tap.equal(curl(f"{stub.url}/drip"), "abc")
    assert time.monotonic() - begun < 10, "stopping waited for a slow reply"


def test_script_redirects_and_the_other_host_sees_its_headers():
    with StubRegistry() as stub, StubRegistry(host="127.0.0.2") as other:
        digest = other.put_blob("a", b"moved")
        path = f"/v2/a/blobs/{digest}"
        stub.script(path, Reply(307, {"Location": other.url + path}))
        tap.equal(curl("-L", "-H", "Authorization: Bearer t", stub.url + path), "moved")
        tap.equal(other.requests[0].header("Host"), other.address)


def test_stub_counts_requests_at_once():
    with StubRegistry() as stub:
        stub.script("/slow", Reply(delay=0.5))
        curl("-Z", "--parallel-immediate", *[f"{stub.url}/slow"] * 3)
        tap.equal(stub.most_at_once, 3)


def make_program(folder, text):
    path = Path(folder) / "layerproof"
    path.write_text(f"#!/bin/bash\n{text}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    os.environ["LAYERPROOF"] = str(path)


def run_instead(text, *arguments, **how):
    """Runs a shell script in the place of layerproof."""
    before = os.environ.get("LAYERPROOF")
    try:
        with tempfile.TemporaryDirectory() as folder:
            make_program(folder, text)
            return run_layerproof(*arguments, **how)
    finally:
        os.environ.pop("LAYERPROOF")
        if before is not None:
            os.environ["LAYERPROOF"] = before


def refuses(text, part, **how):
    try:
        run_instead(text, **how)
    except AssertionError as reason:
        tap.contains(str(reason), part, "error")
        return
    raise AssertionError(f"no failure; expected {part!r}")


def test_run_gives_exit_code_outputs_and_records():
    result = run_instead('cat; echo "$1 $X" >&2; exit 3', "check", stdin='{"a":1}\n{"b":2}\n',
                         environment={"X": "y"})
    tap.equal((result.exit, result.stderr), (3, "check y\n"))
    tap.equal(result.records, [{"a": 1}, {"b": 2}])
    tap.equal(result.findings, [])


def test_run_refuses_crash_time_out_sanitizer_and_leftovers():
    refuses("kill -SEGV $$", "ended by SIGSEGV")
    refuses("sleep 338", "timed out", timeout=0.3)
    refuses("exit 86", "exit code of sanitizers")
    refuses('p=${TSAN_OPTIONS#*log_path=}; echo race >"${p%%:*}.1"', "a sanitizer reported")
    refuses("sleep 339 >/dev/null 2>&1 &", "left running: sleep")


def test_run_refuses_a_record_that_no_schema_describes():
    refuses("""echo '{"schema":"layerproof.nothing.v1"}'""", "no file fixtures/*.schema.json")


def test_server_that_cannot_start_says_why():
    fails(lambda: Registry(config={"storage": {"nonsense": {}}}).__enter__(), "nonsense")


def test_relay_breaks_one_connection_and_keeps_what_was_asked():
    with Registry() as registry, Relay(registry, break_after=1) as relay:
        digest = push_image(IMAGE, registry, "team/app:1")
        path = f"/v2/team/app/manifests/{digest}"
        fails(lambda: curl("-H", "Range: bytes=0-", f"http://{relay.address}{path}"),
              "Connection reset by peer")
        tap.equal(status_of(f"http://{relay.address}/v2/"), "200")
        tap.equal((relay.breaks, relay.ranges(path), relay.ranges("/v2/")), (1, ["bytes=0-"], [None]))


def test_server_that_is_killed_comes_back_with_what_it_held():
    with Registry() as registry, Relay(registry) as relay:
        digest, before = push_image(IMAGE, registry, "team/app:1"), registry.pid
        registry.restart()
        assert registry.pid != before
        tap.equal(status_of(f"http://{relay.address}/v2/team/app/manifests/{digest}", "-H",
                            f"Accept: {IMAGE.media_type}"), "200")
        registry.kill()
        relay.patience = 0.05
        fails(lambda: curl(f"http://{relay.address}/v2/"), "curl")


def test_servers_end_with_the_test_that_is_killed():
    script = ("import sys, os, signal; from harness import Registry\n"
              "server = Registry(); server.__enter__(); print(server.pid, flush=True)\n"
              "os.kill(os.getpid(), signal.SIGKILL)\n")
    with tempfile.TemporaryDirectory() as folder:
        killed = run_tool("bash", "-c", '"$0" -c "$1" || true', sys.executable, script,
                          PYTHONPATH=str(Path(__file__).parent), TMPDIR=folder)
    deadline = time.monotonic() + 5
    while Path(f"/proc/{killed.strip()}").exists() and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not Path(f"/proc/{killed.strip()}").exists(), "the registry outlived its test"


def test_names_resolve_as_a_test_says():
    with StubRegistry() as stub, StubRegistry(host="127.0.0.2", port=stub.port) as other, \
            Names(registry_test=["127.0.0.1"]) as names:
        def ask():
            run_tool("curl", "-sS", "--max-time", "20", f"http://registry.test:{stub.port}/v2/",
                     **names.environment)
            return len(stub.requests), len(other.requests)
        tap.equal(ask(), (1, 0))
        names.set({"registry.test": ["127.0.0.2"]})
        tap.equal(ask(), (1, 1))
        names.set({"registry.test": []})
        fails(ask, "Could not resolve host: registry.test")


def told(stub, *arguments, path="/v2/", environment=None, said=""):
    """What the ledger says of one request that curl sends in layerproof's name; "" for nothing."""
    curl("-A", "layerproof/0", *arguments, f"{stub.url}{path}")
    try:
        ledger.judge(environment, said)
    except AssertionError as problem:
        return str(problem).removeprefix("told to whom it is not for:\n")
    return ""


BASIC_OF_ANN = "Basic YW5uOnNlY3JldA=="  # ann:secret
LOGIN = ("-H", f"Authorization: {BASIC_OF_ANN}")
TOKEN = ("-H", "Authorization: Bearer t1")
CHALLENGE = 'Bearer realm="{}/token",service="x"'


def stored_for(address):
    return {"DOCKER_AUTH_CONFIG": json.dumps(
        {"auths": {address: {"auth": BASIC_OF_ANN.removeprefix("Basic ")}}})}


def test_ledger_knows_whom_a_stored_login_is_for():
    with StubRegistry() as stub, StubRegistry() as realm, StubRegistry() as other:
        stored = stored_for(stub.address)
        wrong = "GET /v2/: basic ann... is not for {}"
        tap.equal(told(stub, *LOGIN, environment=stored), "")
        tap.equal(told(realm, *LOGIN, environment=stored), wrong.format(realm.address))
        challenge = {"WWW-Authenticate": CHALLENGE.format(realm.url)}
        for server in (stub, other):
            server.script("/v2/", Reply(401, challenge))
        tap.equal(told(stub), "")
        tap.equal(told(realm, *LOGIN, environment=stored), "")
        of_other = stored_for(other.address)
        tap.equal(told(realm, *LOGIN, environment=of_other), wrong.format(realm.address))
        tap.equal(told(other, *LOGIN, environment=stored), wrong.format(other.address))


def test_ledger_knows_whom_a_token_is_for():
    with StubRegistry() as stub, StubRegistry() as realm, StubRegistry() as moved, \
            StubRegistry() as other:
        realm.script("/token", Reply(307, {"Location": f"{moved.url}/token"}))
        moved.script("/token", Reply(200, {}, b'{"token": "t1"}'))
        stub.script("/v2/", Reply(401, {"WWW-Authenticate": CHALLENGE.format(realm.url)}))
        other.script("/v2/", Reply(401, {"WWW-Authenticate": CHALLENGE.format(other.url)}))
        for server, path in ((stub, "/v2/"), (other, "/v2/"), (realm, "/token"), (moved, "/token")):
            tap.equal(told(server, path=path), "")
        tap.equal(told(stub, *TOKEN), "")
        for server in (other, realm, moved):
            tap.equal(told(server, *TOKEN), f"GET /v2/: bearer t1... is not for {server.address}")


def test_ledger_refuses_what_nobody_asked_for():
    with StubRegistry() as stub:
        address = stub.address
        tap.equal(told(stub, *LOGIN), f"GET /v2/: basic ann... is not for {address}")
        tap.equal(told(stub, *TOKEN), f"GET /v2/: bearer t1... is not for {address}")
        tap.equal(told(stub, "-d", "refresh_token=r1-secret"),
                  f"POST /v2/: form r1-... is not for {address}")
        tap.equal(told(stub, "-H", "Cookie: a=b"), "GET /v2/: a cookie")
        tap.equal(told(stub, "-H", "Proxy-Authorization: Basic eDp5"),
                  f"GET /v2/: a proxy's password for {address}")
        tap.equal(told(stub, "-A", "curl", *LOGIN), "", "the request of another program")
        tap.equal(told(stub), "")


def test_ledger_knows_which_digests_are_ours_alone():
    digest = "ab" * 32
    ledger.add_internal([f"sha256:{digest}"])
    path = f"/v2/a/blobs/sha256:{digest}"
    wrong = f"the internal digest {digest}"
    with StubRegistry() as stub, StubRegistry() as other:
        tap.equal(told(stub, path=path), f"GET {path}: {wrong}")
        tap.equal(told(stub, "-H", f"X: {digest}"), f"GET /v2/: {wrong}")
        tap.equal(told(stub, "-d", digest), f"POST /v2/: {wrong}")
        tap.equal(told(stub, path=path, said=f"r.example/a@sha256:{digest}"), "")
        other.script("/v2/", Reply(200, {}, b'{"layers": "' + digest.encode() + b'"}'))
        tap.equal(told(other), "")
        tap.equal(told(stub, path=path), "")


tap.main(globals())
