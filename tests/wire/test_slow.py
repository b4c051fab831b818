#!/usr/bin/python3
"""Servers that take their time: what bounds each wait, and what is asked for again.

All cases of a test run at once, with the times of the configuration file, so that the test takes
as long as its slowest case."""

import contextlib
import socket

from asking import STRANGER, check_references, errors_of
from harness import Reply, StubRegistry, build_image, error_reply
from silence import Silence

import tap

CONFIG = """[network]
connect_seconds = 1
idle_seconds = 2
request_seconds = 4
"""
JOBS = ("-j", "64")


def outcomes(findings):
    return [(finding["reason"], [message for _, _, message in errors_of(finding)])
            for finding in findings]


def test_documents():
    size = len(STRANGER.document)
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
    cases = {  # the host is not given up: it answers at first
        "slow-but-sure": (Reply(200, {"Content-Type": "application/json"}, STRANGER.document,
                                drip=(size // 3 + 1, 0.5)), None),
        "error-now-and-then": (Reply(500, {}, b" " * 1000, drip=(1, 0.3)), "HTTP status 500"),
        "late": (Reply(200, {}, STRANGER.document, delay=600), "no byte for 2 s"),
        "stuck": (Reply(200, {}, STRANGER.document, drip=(100, 600)), "no byte for 2 s"),
        "a-byte-now-and-then": (Reply(200, {}, STRANGER.document, drip=(1, 0.3)),
                                "not done within 4 s"),
        "headers-now-and-then": (Reply(raw=head + b"X-A: b\r\n" * 1000, drip=(16, 0.3)),
                                 "not done within 4 s"),
    }
    with StubRegistry() as stub:
        for name, (reply, _) in cases.items():
            stub.put_image(name, "1", STRANGER)
            stub.script(f"/v2/{name}/manifests/1", reply)
        stub.script("/v2/error-now-and-then/manifests/1", cases["error-now-and-then"][0],
                    error_reply(404, "MANIFEST_UNKNOWN"))
        ended = check_references(*[f"{stub.address}/{name}:1" for name in cases], config=CONFIG,
                                 arguments=JOBS)
        times = {name: len(stub.requests_for(f"/v2/{name}/manifests/1")) for name in cases}
    expected = {name: ("unreachable", [f"{stub.address}: {message}"]) if message else
                ("no_match", []) for name, (_, message) in cases.items()}
    expected["error-now-and-then"] = ("not_found", [f"{stub.address}: 404 MANIFEST_UNKNOWN: manifest_unknown"])
    tap.equal(dict(zip(cases, outcomes(ended.findings), strict=True)), expected)
    tap.equal(times, {**dict.fromkeys(cases, 1), "error-now-and-then": 2}, "requests")
    tap.equal(ended.exit, 3)


def layered(name):
    """An image whose one layer, of some ten thousand bytes, nobody else has."""
    return build_image([{name: bytes(range(256)) * 40}], compression="")


def part(image, request):
    """The rest that a request asks for, as (status, headers, bytes)."""
    body, wanted = image.blobs[image.layers[0]], request.header("Range")
    if not wanted:
        return 200, {}, body
    first = int(wanted.removeprefix("bytes=").removesuffix("-"))
    return 206, {"Content-Range": f"bytes {first}-{len(body) - 1}/{len(body)}"}, body[first:]


def test_layers():
    """A layer that stalls or drips is asked for once more, from where it stopped; then that is it."""
    def serving(**how):
        return lambda image: lambda request: Reply(*part(image, request), **how)

    cases = {
        "stuck-once": (serving(drip=(4096, 600)), [None], None, [None, "bytes=4096-"]),
        "stuck": (serving(drip=(4096, 600)), [], "no byte for 2 s", [None, "bytes=4096-"]),
        "dripping": (serving(drip=(100, 0.25)), [], "fewer than 1024 bytes a second for 4 s", 2),
        "headers-dripping": (lambda _image: Reply(raw=b"HTTP/1.1 200 OK\r\n" + b"X-A: b\r\n" * 1000,
                                                  drip=(16, 0.2)), [],
                             "fewer than 1024 bytes a second for 4 s", 1),
        "slow-but-sure": (serving(drip=(2048, 0.5)), [], None, [None]),
        "with-pauses": (serving(drip=(6000, 0.8)), [], None, [None]),
    }
    with StubRegistry() as stub:
        paths = {}
        for name, (make, then, _, _) in cases.items():
            image = layered(name)
            stub.put_image(name, "1", image)
            paths[name] = f"/v2/{name}/blobs/{image.layers[0]}"
            stub.script(paths[name], make(image), *then)
        ended = check_references(*[f"{stub.address}/{name}:1" for name in cases], config=CONFIG,
                                 arguments=JOBS, depth="full")
        ranges = {name: [request.header("Range") for request in stub.requests_for(path)]
                  for name, path in paths.items()}
    expected = {name: ("partial", [f"{stub.address}: {message}"]) if message else ("no_match", [])
                for name, (_, _, message, _) in cases.items()}
    tap.equal(dict(zip(cases, outcomes(ended.findings), strict=True)), expected)
    for name, (_, _, _, asked) in cases.items():
        tap.equal(ranges[name] if isinstance(asked, list) else len(ranges[name]), asked, name)
    assert ranges["dripping"][1].startswith("bytes="), ranges["dripping"]
    tap.equal(ended.exit, 3)


@contextlib.contextmanager
def deaf_port():
    """A port whose queue of connections is full, so that a new one gets no answer at all."""
    with socket.socket() as listener, contextlib.ExitStack() as held:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        for _ in range(2):
            client = held.enter_context(socket.socket())
            client.setblocking(False)
            client.connect_ex(listener.getsockname())
        yield listener.getsockname()[1]


def test_connections():
    with deaf_port() as deaf, Silence() as silent:
        hosts = [f"127.0.0.1:{deaf}", silent.address]
        ended = check_references(*[f"{host}/a/b:1" for host in hosts], config=CONFIG, arguments=JOBS)
    tap.equal(outcomes(ended.findings),
              [("unreachable", [f"{host}: no connection within 1 s"]) for host in hosts])
    tap.equal(ended.exit, 3)


def test_a_silent_host_is_given_up_by_its_first_candidate():
    """The others that were on their way with it have no try of their own."""
    with Silence() as silent:
        ended = check_references(*[f"{silent.address}/a/b:{tag}" for tag in range(8)],
                                 config=CONFIG, arguments=JOBS)
        connections = silent.connections()
    tap.equal(outcomes(ended.findings),
              [("unreachable", [f"{silent.address}: no connection within 1 s"])] * 8)
    tap.equal((connections, ended.exit), (3, 3), "connections, exit code")


def test_times_that_are_none():
    for key in ("connect_seconds", "idle_seconds", "request_seconds"):
        for value in ("0", "-1", "3601", "1.5", "soon", "1s"):
            ended = check_references(config=f"[network]\n{key} = {value}\n", messages=None)
            tap.equal((ended.exit, ended.stderr), (2, f"layerproof: configuration: [network] {key} "
                      f'is a whole number from 1 to 3600, not "{value}"\n'))


tap.main(globals())
