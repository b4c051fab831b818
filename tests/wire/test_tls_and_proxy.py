#!/usr/bin/python3
"""HTTPS with a private certificate authority, plain HTTP where it is allowed, and proxies."""

import base64
import json
import socket
import ssl
import tempfile
import threading
import urllib.request
from pathlib import Path

from exports import import_images
from harness import (Authority, ForwardProxy, Recorder, Registry, Reply, StubRegistry, TlsFront,
                     build_image, error_reply, push_image, run_layerproof)

from recorder import Handler

import tap

IMAGE = build_image([{"base.txt": b"base\n"}, {"own.txt": b"own\n"}])
ANSWERED_IN_SECONDS = 20


def inspect(reference, *arguments, **environment):
    return run_layerproof("inspect", "--json", "--verify", *arguments, reference,
                          environment=environment)


def assert_read(ended):
    tap.equal((ended.exit, ended.stderr), (0, ""), "exit code and messages")
    tap.equal(ended.records[0]["digest"], IMAGE.digest, "digest")


def check(reference, *arguments, **environment):
    with tempfile.TemporaryDirectory() as folder:
        index = import_images(folder)
        return run_layerproof("--index", index, "check", reference, *arguments,
                              environment=environment)


def assert_unreachable(ended, message):
    tap.equal((ended.exit, ended.stderr), (3, ""), "exit code and messages")
    finding = ended.findings[0]
    tap.equal((finding["verdict"], finding["reason"]), ("needs_review", "unreachable"))
    tap.equal(finding["errors"], [{"code": "unreachable", "message": message}])
    assert ended.seconds < ANSWERED_IN_SECONDS, f"took {ended.seconds:.0f} s"


class Front:
    """A docker-registry that holds IMAGE, behind nginx with a certificate."""

    def __init__(self, **how):
        self.folder, self.registry = tempfile.TemporaryDirectory(), Registry()
        self.how = how

    def __enter__(self):
        self.authority = Authority(self.folder.name)
        self.registry.__enter__()
        push_image(IMAGE, self.registry, "team/app:1")
        self.front = TlsFront(self.registry, self.authority, **self.how)
        self.front.__enter__()
        return self

    def __exit__(self, *_reason):
        self.front.__exit__()
        self.registry.__exit__()
        self.folder.cleanup()

    @property
    def reference(self):
        return f"{self.front.address}/team/app:1"


def test_private_authority_by_option_and_by_variable():
    with Front() as served:
        file = served.authority.certificate_file
        assert_read(inspect(served.reference, "--ca-file", file))
        assert_read(inspect(served.reference, SSL_CERT_FILE=file))
        tap.contains(served.front.access_text(), '"GET /v2/team/app/manifests/1 HTTP/1.1" 200')


def test_http2_where_the_server_offers_it():
    with tempfile.TemporaryDirectory() as folder, Registry() as registry:
        authority = Authority(folder)
        push_image(IMAGE, registry, "team/app:1")
        with TlsFront(registry, authority, http2=True) as front:
            assert_read(inspect(f"{front.address}/team/app:1", "--ca-file",
                                authority.certificate_file))
            lines = front.access_text().splitlines()
        tap.equal(([line for line in lines if ' HTTP/2.0" 200 ' not in line], len(lines)), ([], 4),
                  "requests that were not HTTP/2, and all")


def test_unknown_authority_is_named_and_nothing_falls_back_to_http():
    """By the machine's own list of authorities, which is what there is without the variable."""
    with Front() as served:
        before = served.registry.log_text().count("GET ")
        assert_unreachable(check(served.reference, SSL_CERT_FILE=""),
                           f"{served.front.address}: certificate not trusted: SSL certificate "
                           "problem: unable to get local issuer certificate")
        tap.equal(served.front.access_text(), "", "requests")
        tap.equal(served.registry.log_text().count("GET "), before, "requests behind the front")


def test_certificate_of_another_name_or_time():
    for how, reason in (
            ({"names": ("elsewhere.test",)}, "SSL: no alternative certificate subject name matches "
             "target host name '127.0.0.1'"),
            ({"expired": True}, "SSL certificate problem: certificate has expired")):
        with Front(**how) as served:
            ended = check(served.reference, "--ca-file", served.authority.certificate_file)
            assert_unreachable(ended, f"{served.front.address}: certificate not trusted: {reason}")
            tap.equal(served.front.access_text(), "", "requests")


class EitherWay(StubRegistry):
    """Speaks TLS to who begins with TLS, and plain HTTP to who does not, at one port."""

    def __init__(self, certificate):
        super().__init__()
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*certificate)
        finish = self.server.finish_request

        def finish_request(connection, client):
            if connection.recv(1, socket.MSG_PEEK) == b"\x16":
                connection = context.wrap_socket(connection, server_side=True)
            finish(connection, client)
        self.server.finish_request = finish_request


def test_certificate_error_is_named_and_never_a_reason_for_plain_http():
    """Not even where plain HTTP is allowed, and spoken."""
    with tempfile.TemporaryDirectory() as folder:
        authority = Authority(folder)
        rows = (
            (authority.issue(), False,
             "SSL certificate problem: unable to get local issuer certificate"),
            (authority.issue_self_signed(), True,
             "SSL certificate problem: self-signed certificate"),
            (authority.issue(expired=True), True,
             "SSL certificate problem: certificate has expired"),
            (authority.issue(("elsewhere.test",)), True,
             "SSL: no alternative certificate subject name matches target host name '127.0.0.1'"),
        )
        for certificate, is_trusted, reason in rows:
            with EitherWay(certificate) as stub:
                stub.put_image("team/app", "1", IMAGE)
                ca = ("--ca-file", authority.certificate_file) if is_trusted else ()
                for arguments in ((), ("--plain-http", stub.address), ("--plain-http", stub.host)):
                    assert_unreachable(check(f"{stub.address}/team/app:1", *ca, *arguments),
                                       f"{stub.address}: certificate not trusted: {reason}")
                tap.equal(stub.requests, [])
                with urllib.request.urlopen(f"{stub.url}/v2/", timeout=20) as answer:
                    tap.equal(answer.status, 200, "plain HTTP at the same port")


def test_certificate_error_of_who_the_registry_leads_to():
    layer = f"/v2/team/app/blobs/{IMAGE.layers[0]}"
    with tempfile.TemporaryDirectory() as folder, StubRegistry() as stub:
        authority = Authority(folder)
        with EitherWay(authority.issue_self_signed()) as other:
            reason = f"{other.address}: certificate not trusted: SSL certificate problem: " \
                     "self-signed certificate"
            stub.put_image("team/app", "1", IMAGE)
            other.put_image("team/app", "1", IMAGE)
            target = f"https://{other.address}"
            stub.script(layer, Reply(307, {"Location": target + layer}))
            ended = check(f"{stub.address}/team/app:1", "--depth", "full")
            tap.equal([error["message"] for error in ended.findings[0]["errors"]], [reason])
            stub.answer = lambda _request: error_reply(401, "UNAUTHORIZED", "login", {
                "WWW-Authenticate": f'Bearer realm="{target}/token",service="x"'})
            assert_unreachable(check(f"{stub.address}/team/app:1"), reason)
            tap.equal(other.requests, [])


def test_authority_that_is_not_there_stops_the_command():
    ended = inspect("127.0.0.1:1/team/app:1", "--ca-file", "/nowhere/ca.pem")
    tap.equal((ended.exit, ended.stdout), (2, ""))
    tap.equal(ended.stderr, "layerproof: certificate authorities: /nowhere/ca.pem: "
                            "No such file or directory\n")


def test_nobody_listens():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{probe.getsockname()[1]}"
        assert_unreachable(check(f"{address}/team/app:1"),
                           f"{address}: cannot connect: Connection refused")


def test_name_that_does_not_resolve():
    assert_unreachable(check("registry.invalid/team/app:1"),
                       "registry.invalid: the name cannot be resolved")


def test_plain_http_only_where_it_is_allowed():
    with StubRegistry() as stub:
        stub.put_image("team/app", "1", IMAGE)
        # Linux connects 0.0.0.0 to this machine, but it is no loopback address.
        host = f"0.0.0.0:{stub.port}"
        ended = check(f"{host}/team/app:1")
        tap.equal((ended.exit, ended.findings[0]["reason"]), (3, "unreachable"))
        tap.contains(ended.findings[0]["errors"][0]["message"], f"{host}: no TLS connection: ")
        tap.equal(stub.requests_for("/v2/team/app/manifests/1"), [])
        assert_read(inspect(f"{host}/team/app:1", "--plain-http", host))


def test_proxy_for_plain_http():
    with ForwardProxy() as proxy, StubRegistry() as stub:
        stub.put_image("team/app", "1", IMAGE)
        assert_read(inspect(f"{stub.address}/team/app:1", http_proxy=proxy.url))
        config = IMAGE.parsed["config"]["digest"]
        paths = ["manifests/1", f"blobs/{config}", *(f"blobs/{layer}" for layer in IMAGE.layers)]
        passed = [line for line in proxy.passed() if line.startswith("GET")]
        tap.equal(sorted(passed),
                  sorted(f"GET {stub.url}/v2/team/app/{path} HTTP/1.1" for path in paths))


def test_no_proxy_is_obeyed():
    with ForwardProxy() as proxy, StubRegistry() as stub:
        stub.put_image("team/app", "1", IMAGE)
        assert_read(inspect(f"{stub.address}/team/app:1", http_proxy=proxy.url,
                            https_proxy=proxy.url, no_proxy="127.0.0.1"))
        tap.equal(proxy.passed(), [])


def test_proxy_for_https_sees_a_tunnel_alone():
    with ForwardProxy() as proxy, Front() as served:
        assert_read(inspect(served.reference, "--ca-file", served.authority.certificate_file,
                            https_proxy=proxy.url))
        # One for each connection: layers may be read side by side.
        tap.equal(set(proxy.passed()), {f"CONNECT {served.front.address} HTTP/1.1"})


def test_proxy_with_a_password():
    with ForwardProxy(users={"ann": "pass"}) as proxy, Front() as served:
        ca = ["--ca-file", served.authority.certificate_file]
        assert_read(inspect(served.reference, *ca, https_proxy=f"http://ann:pass@{proxy.address}"))
        ended = check(served.reference, *ca, https_proxy=proxy.url)
        assert_unreachable(ended, f"{served.front.address}: the proxy refuses: HTTP status 407")
        tap.equal(served.front.access_text().count("GET /v2/team/app/manifests/1 "), 1)


def basic(user, password):
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


def login_file(folder, address, **members):
    path = Path(folder) / "auth.json"
    members = members or {"auth": basic("ann", "secret").removeprefix("Basic ")}
    path.write_text(json.dumps({"auths": {address: members}}))
    return path


class Passing(Recorder):
    """A proxy that answers plain HTTP for `stub`, and makes no tunnels."""

    stub = None

    def answer(self, request):
        if request.method != "GET" and request.method != "POST":
            return Reply(403)
        request.target = "/" + request.target.split("/", 3)[3]
        return self.stub.answer(request)


def asks_password(stub):
    usual = stub.answer
    stub.answer = lambda request: usual(request) \
        if request.header("Authorization") == basic("ann", "secret") \
        else error_reply(401, "UNAUTHORIZED", "login", {"WWW-Authenticate": 'Basic realm="x"'})


def test_no_password_goes_through_a_proxy_in_plain_http():
    """That 127.0.0.1 is this machine is no excuse: the proxy reads what is sent. A user may say that
    it is to be so."""
    with tempfile.TemporaryDirectory() as folder, StubRegistry() as stub, Passing() as proxy:
        stub.put_image("team/app", "1", IMAGE)
        asks_password(stub)
        proxy.stub = stub
        environment = {"http_proxy": proxy.url, "https_proxy": proxy.url,
                       "REGISTRY_AUTH_FILE": login_file(folder, stub.address)}
        ended = check(f"{stub.address}/team/app:1", **environment)
        tap.equal((ended.exit, ended.findings[0]["reason"]), (3, "denied"))
        tap.equal([error["message"] for error in ended.findings[0]["errors"]],
                  [f"{stub.address}: no login is sent by plain HTTP through a proxy without "
                   "--plain-http"])
        tap.equal({request.header("Authorization") for request in proxy.requests}, {None})
        assert_read(inspect(f"{stub.address}/team/app:1", "--plain-http", stub.address,
                            **environment))
        tap.equal({request.header("Authorization") for request in proxy.requests},
                  {None, basic("ann", "secret")})
        tap.equal(stub.connections, 0)


def test_no_token_is_asked_for_through_a_proxy_in_plain_http():
    for members in ({}, {"identitytoken": "r1-secret"}):
        with tempfile.TemporaryDirectory() as folder, StubRegistry() as stub, Passing() as proxy:
            stub.answer = lambda _request, stub=stub: error_reply(401, "UNAUTHORIZED", "login", {
                "WWW-Authenticate": f'Bearer realm="{stub.url}/token",service="x"'})
            proxy.stub = stub
            ended = check(f"{stub.address}/team/app:1", http_proxy=proxy.url, https_proxy=proxy.url,
                          REGISTRY_AUTH_FILE=login_file(folder, stub.address, **members))
            tap.equal((ended.exit, ended.findings[0]["reason"]), (3, "denied"))
            said = [(request.header("Authorization"), request.body) for request in proxy.requests]
            tap.equal(set(said), {(None, b"")})


def copy_bytes(source, sink):
    try:
        while data := source.recv(65536):
            sink.sendall(data)
        sink.shutdown(socket.SHUT_WR)
    except OSError:
        return


class Tunnel(Recorder):
    """A proxy that makes tunnels, and records who asks for one and how."""

    def __init__(self):
        super().__init__()
        self.server.RequestHandlerClass = type("TunnelHandler", (Handler,),
                                               {"do_CONNECT": Tunnel.tunnel})

    @staticmethod
    def tunnel(handler):
        request = handler.read_request()
        host, _, port = request.target.partition(":")
        with handler.server.recorder.counting(request), \
                socket.create_connection((host, int(port)), timeout=20) as far:
            handler.wfile.write(b"HTTP/1.1 200 OK\r\n\r\n")
            handler.wfile.flush()
            near = handler.connection
            back = threading.Thread(target=copy_bytes, args=(far, near), daemon=True)
            back.start()
            copy_bytes(near, far)
            back.join()
        handler.close_connection = True


def test_proxy_and_registry_get_each_their_own_password():
    """The request for the tunnel carries the proxy's alone, what passes in it the registry's."""
    with tempfile.TemporaryDirectory() as folder, Tunnel() as proxy:
        authority = Authority(folder)
        with StubRegistry(certificate=authority.issue()) as stub:
            stub.put_image("team/app", "1", IMAGE)
            asks_password(stub)
            usual = stub.answer

            def answer(request):  # each on a connection of its own
                reply = usual(request)
                reply.headers = {**reply.headers, "Connection": "close"}
                return reply
            stub.answer = answer
            assert_read(inspect(f"{stub.address}/team/app:1", "--ca-file",
                                authority.certificate_file,
                                https_proxy=f"http://bob:other@{proxy.address}",
                                REGISTRY_AUTH_FILE=login_file(folder, stub.address)))
            own = basic("ann", "secret")
            tap.equal([request.header("Authorization") for request in stub.requests],
                      [None, own, own, own, own])
            tap.equal({request.header("Proxy-Authorization") for request in stub.requests}, {None})
            tap.equal([(request.target, request.header("Authorization"),
                        request.header("Proxy-Authorization")) for request in proxy.requests],
                      [(stub.address, None, basic("bob", "other"))] * 5)


def test_proxy_that_is_not_there():
    with socket.socket() as probe, StubRegistry() as stub:
        probe.bind(("127.0.0.1", 0))
        proxy = f"http://127.0.0.1:{probe.getsockname()[1]}"
        ended = check(f"{stub.address}/team/app:1", http_proxy=proxy, https_proxy=proxy)
        assert_unreachable(ended, f"{stub.address}: cannot connect: Connection refused")
        tap.equal(stub.requests, [])


tap.main(globals())
