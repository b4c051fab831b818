#!/usr/bin/python3
"""Where a registry may lead a request, and what goes along: facts 26, 33, 34, 35, 39 and 83."""

import base64
import json
import tempfile
from pathlib import Path

from asking import check_one, check_references, errors_of, inspect, name_in, verdict
from asking import NO_MATCH, PARTIAL, REPOSITORY, STRANGER, UNREACHABLE, blob_path, manifest_path
from harness import Authority, Reply, StubRegistry, error_reply
from images import OCI_MANIFEST, digest_of, to_json

import tap

LAYER = blob_path(STRANGER.layers[0])
BASIC = "Basic " + base64.b64encode(b"ann:secret").decode()
FOREIGN = "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip"


def check_with_login(stub, folder, *arguments, depth="full"):
    """(exit code, finding), with a password stored for the stub."""
    path = Path(folder) / "auth.json"
    path.write_text(json.dumps({"auths": {stub.address: {"auth": BASIC.removeprefix("Basic ")}}}))
    ended = check_references(name_in(stub, "1"), depth=depth, arguments=arguments,
                             environment={"REGISTRY_AUTH_FILE": path})
    return ended.exit, ended.findings[0]


def bearer(realm):
    return error_reply(401, "UNAUTHORIZED", "login",
                       {"WWW-Authenticate": f'Bearer realm="{realm}",service="stub"'})


def authorizations(recorder):
    return [request.header("Authorization") for request in recorder.requests]


def guard(stub, realm_url, value):
    """Makes every answer depend on an Authorization value."""
    usual = stub.answer

    def answer(request):
        return usual(request) if request.header("Authorization") == value else bearer(realm_url)
    stub.answer = answer


def assert_unreachable(ended, message):
    tap.equal(verdict(*ended), UNREACHABLE)
    tap.equal(errors_of(ended[1]), [("unreachable", None, message)])


def assert_layer_unreachable(ended, message):
    _, finding = ended
    tap.equal((finding["digest"], finding["coverage"]["layers"]["hashed"]), (STRANGER.digest, 0))
    tap.equal([(code, text) for code, _, text in errors_of(finding)], [("unreachable", message)])


# ---- 26: the realm is the registry's word ----


def test_fact_26_a_realm_at_an_address_inside_gets_no_password():
    realms = {
        "https://169.254.169.254/token": "169.254.169.254 is a cloud metadata address",
        "http://169.254.169.254/latest/api/token":
            "169.254.169.254 by plain HTTP without --plain-http",
        "https://[fd00:ec2::254]/token": "[fd00:ec2::254] is a cloud metadata address",
        "https://10.0.0.1/token": "10.0.0.1 is a private address",
        "https://[::ffff:10.0.0.1]/token": "[::ffff:10.0.0.1] is a private address",
        "https://0.0.0.0/token": "0.0.0.0 is an unspecified address",
        "https://[fe80::1]/token": "[fe80::1] is a link-local address",
        "http://token.example/": "token.example by plain HTTP without --plain-http",
    }
    for realm, why in realms.items():
        with StubRegistry() as stub, tempfile.TemporaryDirectory() as folder:
            stub.answer = lambda _request, realm=realm: bearer(realm)
            assert_unreachable(check_with_login(stub, folder),
                               f"{stub.address}: token realm refused: {why}")
            tap.equal(authorizations(stub), [None])


def test_fact_26_a_realm_without_tls_gets_nothing_from_a_registry_with_it():
    with tempfile.TemporaryDirectory() as folder, StubRegistry() as realm:
        authority = Authority(folder)
        with StubRegistry(certificate=authority.issue()) as stub:
            stub.answer = lambda _request: bearer(f"{realm.url}/token")
            ended = check_with_login(stub, folder, "--ca-file", authority.certificate_file,
                                     "--plain-http", realm.address)
            assert_unreachable(ended, f"{stub.address}: token realm refused: from https to http")
            tap.equal(authorizations(stub), [None])
            tap.equal((realm.connections, realm.requests), (0, []))


def test_fact_26_each_redirect_of_a_realm_is_vetted_and_takes_no_password_along():
    with StubRegistry() as stub, StubRegistry() as realm, StubRegistry() as other, \
            tempfile.TemporaryDirectory() as folder:
        stub.put_image(REPOSITORY, "1", STRANGER)
        guard(stub, f"{realm.url}/token", "Bearer t1")
        other.script("/token", Reply(200, {}, b'{"token": "t1"}'))
        realm.script("/token", Reply(307, {"Location": f"{other.url}/token"}))
        tap.equal(verdict(*check_with_login(stub, folder)), NO_MATCH)
        tap.equal((authorizations(realm), authorizations(other)), ([BASIC], [None]))
        realm.script("/token", Reply(307, {"Location": "https://169.254.169.254/token"}))
        assert_unreachable(check_with_login(stub, folder),
                           f"{realm.address}: redirect refused: "
                           "169.254.169.254 is a cloud metadata address")
        tap.equal(authorizations(other), [None])


def test_fact_26_a_realm_may_be_at_the_registry_itself():
    with StubRegistry() as stub, tempfile.TemporaryDirectory() as folder:
        stub.put_image(REPOSITORY, "1", STRANGER)
        stub.script("/token", Reply(200, {}, b'{"token": "t1"}'))
        usual = stub.answer
        stub.answer = lambda request: usual(request) \
            if request.path == "/token" or request.header("Authorization") == "Bearer t1" \
            else bearer("/token")
        tap.equal(verdict(*check_with_login(stub, folder)), NO_MATCH)
        tap.equal([request.header("Authorization") for request in stub.requests_for("/token")],
                  [BASIC])


# ---- 33: any request may be redirected, and takes nothing along ----


def test_fact_33_every_redirect_is_followed_without_the_login():
    for status in (301, 302, 303, 307, 308):
        for host in ("127.0.0.1", "127.0.0.2"):  # another port, another host
            with StubRegistry() as stub, StubRegistry(host=host) as storage, \
                    StubRegistry() as realm, tempfile.TemporaryDirectory() as folder:
                stub.put_image(REPOSITORY, "1", STRANGER)
                storage.put_image(REPOSITORY, "1", STRANGER)
                realm.script("/token", Reply(200, {}, b'{"token": "t1"}'))
                for path in (manifest_path("1"), LAYER):
                    stub.script(path, Reply(status, {"Location": f"{storage.url}{path}?sign=x"}))
                guard(stub, f"{realm.url}/token", "Bearer t1")
                tap.equal(verdict(*check_with_login(stub, folder)), NO_MATCH, f"{status} {host}")
                tap.equal(authorizations(storage), [None, None])
                tap.equal([request.target for request in storage.requests],
                          [f"{path}?sign=x" for path in (manifest_path("1"), LAYER)])
                tap.equal(set(authorizations(stub)), {None, "Bearer t1"})


def test_fact_33_the_login_is_not_taken_along_to_another_scheme_of_the_same_host():
    with tempfile.TemporaryDirectory() as folder, StubRegistry() as stub:
        authority = Authority(folder)
        with StubRegistry(certificate=authority.issue()) as storage:
            stub.put_image(REPOSITORY, "1", STRANGER)
            storage.put_image(REPOSITORY, "1", STRANGER)
            stub.script(LAYER, Reply(307, {"Location": f"{storage.url}{LAYER}"}))
            usual = stub.answer
            stub.answer = lambda request: usual(request) \
                if request.header("Authorization") == BASIC \
                else error_reply(401, "UNAUTHORIZED", "login",
                                 {"WWW-Authenticate": 'Basic realm="stub"'})
            ended = check_with_login(stub, folder, "--ca-file", authority.certificate_file)
            tap.equal(verdict(*ended), NO_MATCH)
            tap.equal(authorizations(storage), [None])


def test_fact_33_the_login_stays_with_the_registry_itself():
    """A redirect within the registry keeps it; one that comes back from elsewhere does not, since it
    was somebody else who chose where it goes."""
    with StubRegistry() as stub, StubRegistry() as other, tempfile.TemporaryDirectory() as folder:
        stub.put_image(REPOSITORY, "1", STRANGER)
        stub.script(LAYER, Reply(307, {"Location": "/elsewhere"}))
        stub.script("/elsewhere", Reply(302, {"Location": f"{other.url}/back"}))
        other.script("/back", Reply(302, {"Location": f"{stub.url}/storage"}))
        stub.script("/storage", Reply(200, {}, STRANGER.blobs[STRANGER.layers[0]]))
        usual = stub.answer
        stub.answer = lambda request: usual(request) \
            if request.header("Authorization") == BASIC or request.path == "/storage" \
            else error_reply(401, "UNAUTHORIZED", "login",
                             {"WWW-Authenticate": 'Basic realm="stub"'})
        tap.equal(verdict(*check_with_login(stub, folder)), NO_MATCH)
        tap.equal(authorizations(other), [None])
        tap.equal([request.header("Authorization") for path in ("/elsewhere", "/storage")
                   for request in stub.requests_for(path)], [BASIC, None])


def test_fact_33_a_login_by_post_is_not_redirected():
    with StubRegistry() as stub, StubRegistry() as realm, StubRegistry() as other, \
            tempfile.TemporaryDirectory() as folder:
        stub.answer = lambda _request: bearer(f"{realm.url}/token")
        realm.script("/token", Reply(307, {"Location": f"{other.url}/token"}))
        path = Path(folder) / "auth.json"
        path.write_text(json.dumps({"auths": {stub.address: {"identitytoken": "r1-secret"}}}))
        ended = check_references(name_in(stub, "1"), environment={"REGISTRY_AUTH_FILE": path})
        assert_unreachable((ended.exit, ended.findings[0]), f"{realm.address}: redirects a login")
        tap.equal(other.connections, 0)


def test_fact_33_redirects_come_to_an_end():
    """Five are followed; a circle and an endless row of new places end alike."""
    with StubRegistry() as stub:
        stub.put_image(REPOSITORY, "1", STRANGER)
        for steps, expected in ((5, 6), (6, 6)):
            for step in range(steps):
                stub.script(f"/{step}", Reply(302, {"Location": f"/{step + 1}"}))
            stub.script(f"/{steps}", lambda request: stub.usual(type(request)(
                request.method, LAYER, request.headers, b"", request.arrived)))
            stub.script(LAYER, Reply(302, {"Location": "/1"}))
            before = len(stub.requests)
            ended = check_one(stub, depth="full")
            hops = [request.path for request in stub.requests[before:]
                    if request.path == LAYER or request.path.count("/") == 1]
            tap.equal(len(hops), expected, f"requests of {steps} redirects")
            if steps == 5:
                tap.equal(verdict(*ended), NO_MATCH)
            else:
                assert_layer_unreachable(ended, f"{stub.address}: too many redirects")
        stub.script(LAYER, Reply(302, {"Location": LAYER}))
        assert_layer_unreachable(check_one(stub, depth="full"),
                                 f"{stub.address}: too many redirects")


# ---- 34: never to less safety ----


def test_fact_34_https_is_not_redirected_to_http():
    """Not from the registry, not from a later hop, not where plain HTTP is allowed."""
    with tempfile.TemporaryDirectory() as folder, StubRegistry() as plain:
        authority = Authority(folder)
        ca = ("--ca-file", authority.certificate_file, "--plain-http", plain.address)
        with StubRegistry(certificate=authority.issue()) as stub, \
                StubRegistry(certificate=authority.issue()) as between, StubRegistry() as open_stub:
            for registry in (stub, open_stub):
                registry.put_image(REPOSITORY, "1", STRANGER)
            stub.script(LAYER, Reply(307, {"Location": f"{plain.url}/x"}))
            ended = check_one(stub, depth="full", arguments=ca)
            assert_layer_unreachable(ended, f"{stub.address}: redirect refused: from https to http")
            # http, https, http: what had TLS on the way does not lose it again
            open_stub.script(LAYER, Reply(307, {"Location": f"{between.url}/y"}))
            between.script("/y", Reply(307, {"Location": f"{plain.url}/x"}))
            ended = check_one(open_stub, depth="full", arguments=ca)
            assert_layer_unreachable(ended,
                                     f"{between.address}: redirect refused: from https to http")
            tap.equal((plain.connections, plain.requests), (0, []))


def test_fact_34_plain_http_leads_to_no_plain_http_that_nobody_allowed():
    with StubRegistry() as stub:
        stub.put_image(REPOSITORY, "1", STRANGER)
        stub.script(LAYER, Reply(307, {"Location": "http://cdn.example/x"}))
        assert_layer_unreachable(check_one(stub, depth="full"),
                                 f"{stub.address}: redirect refused: "
                                 "cdn.example by plain HTTP without --plain-http")


def test_fact_34_the_digest_guards_what_a_redirect_brings():
    with StubRegistry() as stub, StubRegistry() as storage:
        stub.put_image(REPOSITORY, "1", STRANGER)
        wrong = bytearray(STRANGER.blobs[STRANGER.layers[0]])
        wrong[-1] ^= 1
        storage.put_blob(REPOSITORY, bytes(wrong), STRANGER.layers[0])
        stub.script(LAYER, Reply(307, {"Location": f"{storage.url}{LAYER}"}))
        code, finding = check_one(stub, depth="full")
        tap.equal((code, finding["reason"]), (0, "tampered"))


# ---- 35: what libcurl could do, and must not ----


def test_fact_35_redirects_lead_to_no_other_protocol():
    with tempfile.NamedTemporaryFile() as file, StubRegistry() as stub:
        file.write(STRANGER.blobs[STRANGER.layers[0]])
        file.flush()
        stub.put_image(REPOSITORY, "1", STRANGER)
        for target in (f"file://{file.name}", f"ftp://127.0.0.1:{stub.port}/x",
                       f"gopher://127.0.0.1:{stub.port}/x", f"dict://127.0.0.1:{stub.port}/x",
                       f"ldap://127.0.0.1:{stub.port}/x", f"tftp://127.0.0.1:{stub.port}/x",
                       f"ws://127.0.0.1:{stub.port}/x", "data:text/plain,x", "javascript:1",
                       f"http://ann:secret@127.0.0.1:{stub.port}{LAYER}", "http://"):
            before = len(stub.requests)
            stub.script(LAYER, Reply(307, {"Location": target}))
            ended = check_one(stub, depth="full")
            assert_layer_unreachable(ended, f"{stub.address}: redirect to what is no URL")
            tap.equal(len([request for request in stub.requests[before:] if request.path == LAYER]),
                      1, target)
        stub.script(LAYER, Reply(307))
        assert_layer_unreachable(check_one(stub, depth="full"),
                                 f"{stub.address}: redirect to nowhere")


def test_fact_35_an_answer_without_a_status_line_is_no_answer():
    """HTTP/0.9: the bytes alone, which libcurl once took for a body."""
    with StubRegistry() as stub:
        stub.script(manifest_path("1"), Reply(raw=STRANGER.document))
        assert_unreachable(check_one(stub), f"{stub.address}: the answer is not HTTP")


def test_fact_35_nothing_of_the_users_is_sent_and_nothing_is_kept():
    """No .netrc, no cookies, no file that an answer names, no memory of other services."""
    with tempfile.TemporaryDirectory() as home, StubRegistry() as stub, StubRegistry() as other:
        netrc = Path(home) / ".netrc"
        netrc.write_text("machine 127.0.0.1 login ann password secret\n"
                         "default login ann password secret\n")
        netrc.chmod(0o600)
        stub.put_image(REPOSITORY, "1", STRANGER)
        headers = {"Set-Cookie": "id=1; Path=/", "Strict-Transport-Security": "max-age=1000",
                   "Alt-Svc": f'h2="{other.address}"; ma=1000',
                   "Content-Disposition": "attachment; filename=evil",
                   "Link": f'<{other.url}/v2/>; rel="next"', "Refresh": f"0; url={other.url}/"}
        usual = stub.answer

        def answer(request):
            reply = usual(request)
            reply.headers = {**reply.headers, **headers}
            return reply
        stub.answer = answer
        ended = check_references(name_in(stub, "1"), name_in(stub, "1"), depth="full", cwd=home,
                                 environment={"HOME": home})
        tap.equal([finding["reason"] for finding in ended.findings], ["no_match"] * 2)
        sent = {name.lower() for request in stub.requests for name, _ in request.headers}
        tap.equal(sent - {"host", "user-agent", "accept", "if-none-match"}, set(), "headers sent")
        tap.equal(other.connections, 0)
        tap.equal(sorted(path.name for path in Path(home).iterdir() if path.name != ".cache"),
                  [".netrc"])
        named = [path for path in Path(home).rglob("*") if "evil" in path.name]
        tap.equal(named, [], "files of a name from the wire")


def test_fact_35_headers_are_bounded_in_number_and_size():
    with StubRegistry() as stub:
        for headers, why in (({f"X-{number}": "1" for number in range(300)},
                              "more than 256 headers"),
                             ({"X": ["1"] * 300}, "more than 256 headers"),
                             ({f"X-{number}": "1" * 3000 for number in range(40)},
                              "headers of more than 65536 bytes")):
            stub.script(manifest_path("1"), Reply(200, headers, STRANGER.document))
            code, finding = check_one(stub)
            tap.equal((code, finding["reason"]), (3, "over_limit"))
            tap.equal(errors_of(finding), [("over_limit", None, f"{stub.address}: {why}")])


# ---- 39: other places that a descriptor names ----


def image_with_urls(media_type, urls):
    """STRANGER with `urls` in the descriptor of its layer."""
    document = STRANGER.parsed
    document["layers"][0].update({"mediaType": media_type, "urls": urls})
    return to_json(document)


def test_fact_39_urls_of_a_layer_are_never_followed():
    for media_type, expected in ((FOREIGN, PARTIAL), (None, NO_MATCH)):
        with StubRegistry() as stub, StubRegistry() as elsewhere:
            stub.put_image(REPOSITORY, None, STRANGER)
            elsewhere.put_image(REPOSITORY, "1", STRANGER)
            body = image_with_urls(media_type or STRANGER.parsed["layers"][0]["mediaType"],
                                   [f"{elsewhere.url}{LAYER}"])
            stub.put_manifest(REPOSITORY, "1", body, OCI_MANIFEST)
            tap.equal(verdict(*check_one(stub, depth="full")), expected)
            code, record = inspect(stub, "1", "--verify")
            tap.equal((code, record["digest"]), (0, digest_of(body)))
            tap.equal((elsewhere.connections, elsewhere.requests), (0, []))
            tap.equal(len(stub.requests_for(LAYER)), 0 if media_type else 2)


def test_fact_39_urls_stand_in_for_nothing_that_is_not_there():
    with StubRegistry() as stub, StubRegistry() as elsewhere:
        stub.put_image(REPOSITORY, None, STRANGER)
        elsewhere.put_image(REPOSITORY, "1", STRANGER)
        body = image_with_urls(STRANGER.parsed["layers"][0]["mediaType"],
                               [f"{elsewhere.url}{LAYER}"])
        stub.put_manifest(REPOSITORY, "1", body, OCI_MANIFEST)
        stub.script(LAYER, error_reply(404, "BLOB_UNKNOWN"))
        code, finding = check_one(stub, depth="full")
        tap.equal((code, finding["reason"], finding["coverage"]["layers"]["hashed"]),
                  (0, "partial", 0))
        tap.equal(elsewhere.connections, 0)


# ---- 83: plain HTTP ----


def test_fact_83_plain_http_only_after_tls_and_only_where_it_is_allowed():
    with StubRegistry() as stub:
        stub.put_image(REPOSITORY, "1", STRANGER)
        tap.equal(verdict(*check_one(stub)), NO_MATCH)
        tap.equal((stub.connections, len(stub.requests)), (2, 2), "connections and requests")
        # 0.0.0.0 is this machine too, but it is no loopback address.
        other = f"0.0.0.0:{stub.port}"
        before = len(stub.requests)
        ended = check_references(f"{other}/{REPOSITORY}:1")
        tap.equal(ended.findings[0]["reason"], "unreachable")
        tap.contains(ended.findings[0]["errors"][0]["message"], f"{other}: no TLS connection: ")
        tap.equal(len(stub.requests), before)
        ended = check_references(f"{other}/{REPOSITORY}:1", arguments=("--plain-http", other))
        tap.equal(verdict(ended.exit, ended.findings[0]), NO_MATCH)


def test_fact_83_a_registry_that_redirects_http_to_https_is_read():
    """A client that holds on to the scheme it began with goes round in circles here."""
    with tempfile.TemporaryDirectory() as folder, StubRegistry() as stub:
        authority = Authority(folder)
        with StubRegistry(certificate=authority.issue()) as secure:
            secure.put_image(REPOSITORY, "1", STRANGER)
            stub.answer = lambda request: Reply(301, {"Location": f"{secure.url}{request.target}"})
            ended = check_one(stub, depth="full",
                              arguments=("--ca-file", authority.certificate_file))
            tap.equal(verdict(*ended), NO_MATCH)
            tap.equal(len(stub.requests), len(secure.requests))
            tap.equal(len(secure.requests), 3)


def test_fact_83_localhost_is_loopback():
    with StubRegistry() as stub:
        stub.put_image(REPOSITORY, "1", STRANGER)
        for host in ("localhost", "a.localhost"):
            ended = check_references(f"{host}:{stub.port}/{REPOSITORY}:1")
            tap.equal(verdict(ended.exit, ended.findings[0]), NO_MATCH, host)


tap.main(globals())
