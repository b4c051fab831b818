#!/usr/bin/python3
"""Logging in: passwords and tokens, where they come from, and whom they are shown to."""

import base64
import json
import tempfile
from pathlib import Path

from exports import import_images
from harness import (Registry, Reply, StubRegistry, TokenRealm, build_image, error_reply,
                     push_image, run_layerproof)

import tap

IMAGE = build_image([{"base.txt": b"base\n"}, {"own.txt": b"own\n"}])
USERS = {"ann": "secret"}


def basic(user, password):
    return base64.b64encode(f"{user}:{password}".encode()).decode()


def auth_file(path, *addresses, user="ann", password="secret", **members):
    """Writes a login file as docker and podman do; returns its path."""
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    entry = members or {"auth": basic(user, password)}
    path.write_text(json.dumps({"auths": dict.fromkeys(addresses, entry)}))
    path.chmod(0o600)
    return path


def check(*references, depth="full", **environment):
    """Checks against an empty index: what was read is what counts here."""
    with tempfile.TemporaryDirectory() as folder:
        index = import_images(folder)
        ended = run_layerproof("--index", index, "check", "--ordered", "--depth", depth,
                               *references, environment=environment)
    assert "secret" not in ended.stdout + ended.stderr, "a password was printed"
    return ended


def assert_read(ended):
    tap.equal((ended.exit, ended.stderr), (0, ""), "exit code and messages")
    for finding in ended.findings:
        tap.equal((finding["reason"], finding["digest"], finding["coverage"]["layers"]["hashed"]),
                  ("no_match", IMAGE.digest, 2), finding["input"])


def assert_denied(ended, message, warning=None):
    """`warning` is the host whose stored login is refused."""
    stderr = f"layerproof: warning: {warning}: the stored login was refused; going on without it\n" \
        if warning else ""
    tap.equal((ended.exit, ended.stderr), (3, stderr), "exit code and messages")
    tap.equal([(finding["verdict"], finding["reason"]) for finding in ended.findings],
              [("needs_review", "denied")])
    tap.equal(ended.findings[0]["errors"], [{"code": "denied", "message": message}])


def test_password_of_docker():
    with tempfile.TemporaryDirectory() as folder, Registry(users=USERS) as registry:
        push_image(IMAGE, registry, "team/app:1", user="ann:secret")
        auth_file(f"{folder}/config.json", registry.address)
        assert_read(check(f"{registry.address}/team/app:1", DOCKER_CONFIG=folder))


def test_password_of_podman():
    with tempfile.TemporaryDirectory() as folder, Registry(users=USERS) as registry:
        push_image(IMAGE, registry, "team/app:1", user="ann:secret")
        path = auth_file(f"{folder}/auth.json", registry.address)
        assert_read(check(f"{registry.address}/team/app:1", REGISTRY_AUTH_FILE=path))


def test_password_of_podman_for_a_repository():
    with tempfile.TemporaryDirectory() as folder, Registry(users=USERS) as registry:
        push_image(IMAGE, registry, "team/app:1", user="ann:secret")
        path = auth_file(f"{folder}/auth.json", f"{registry.address}/team")
        assert_read(check(f"{registry.address}/team/app:1", REGISTRY_AUTH_FILE=path))
        path = auth_file(f"{folder}/auth.json", f"{registry.address}/other")
        tap.equal(check(f"{registry.address}/team/app:1",
                        REGISTRY_AUTH_FILE=path).findings[0]["reason"], "denied")


def test_no_password():
    with Registry(users=USERS) as registry:
        push_image(IMAGE, registry, "team/app:1", user="ann:secret")
        assert_denied(check(f"{registry.address}/team/app:1"),
                      f"{registry.address}: 401 UNAUTHORIZED: authentication required "
                      "(may not exist, or may require a login)")


def test_wrong_password_is_tried_once():
    with tempfile.TemporaryDirectory() as folder, Registry(users=USERS) as registry:
        push_image(IMAGE, registry, "team/app:1", user="ann:secret")
        path = auth_file(f"{folder}/auth.json", registry.address, password="wrong")
        before = registry.log_text().count("GET /v2/team/app/manifests/1 ")
        assert_denied(check(f"{registry.address}/team/app:1", REGISTRY_AUTH_FILE=path),
                      f"{registry.address}: 401 UNAUTHORIZED: authentication required "
                      "(may not exist, or may require a login; the stored login was refused)",
                      warning=registry.address)
        tap.equal(registry.log_text().count("GET /v2/team/app/manifests/1 ") - before, 2)


def test_damaged_login_file_is_no_end():
    with tempfile.TemporaryDirectory() as folder, Registry() as registry:
        push_image(IMAGE, registry, "team/app:1")
        path = Path(folder) / "auth.json"
        path.write_text('{"auths": [')
        ended = check(f"{registry.address}/team/app:1", REGISTRY_AUTH_FILE=path)
        tap.equal((ended.exit, ended.findings[0]["reason"]), (0, "no_match"))


def realm_and_registry(folder, **how):
    realm = TokenRealm(folder, users=USERS, **how)
    return realm, Registry(realm=realm)


def test_token_of_nobody_where_that_is_allowed():
    with tempfile.TemporaryDirectory() as folder:
        realm, registry = realm_and_registry(folder, anonymous=True)
        with realm, registry:
            push_image(IMAGE, registry, "team/app:1", user="ann:secret")
            before = len(realm.requests)
            assert_read(check(f"{registry.address}/team/app:1"))
            asked = realm.requests[before:]
            tap.equal([(request.method, request.query, request.header("Authorization"))
                       for request in asked],
                      [("GET", {"service": [realm.service],
                                "scope": ["repository:team/app:pull"]}, None)])


def test_token_for_a_password():
    with tempfile.TemporaryDirectory() as folder:
        realm, registry = realm_and_registry(folder)
        with realm, registry:
            push_image(IMAGE, registry, "team/app:1", user="ann:secret")
            auth_file(f"{folder}/docker/config.json", registry.address)
            before = len(realm.requests)
            assert_read(check(f"{registry.address}/team/app:1", DOCKER_CONFIG=f"{folder}/docker"))
            tap.equal([request.header("Authorization") for request in realm.requests[before:]],
                      [f"Basic {basic('ann', 'secret')}"])


def test_token_for_a_refresh_token():
    with tempfile.TemporaryDirectory() as folder:
        realm, registry = realm_and_registry(folder, member="access_token")
        realm.refresh_tokens["r1-secret"] = "ann"
        with realm, registry:
            push_image(IMAGE, registry, "team/app:1", user="ann:secret")
            auth_file(f"{folder}/docker/config.json", registry.address,
                      auth=basic("<token>", ""), identitytoken="r1-secret")
            before = len(realm.requests)
            assert_read(check(f"{registry.address}/team/app:1", DOCKER_CONFIG=f"{folder}/docker"))
            tap.equal([request.method for request in realm.requests[before:]], ["POST"])


def test_token_refused():
    with tempfile.TemporaryDirectory() as folder:
        realm, registry = realm_and_registry(folder)
        with realm, registry:
            push_image(IMAGE, registry, "team/app:1", user="ann:secret")
            path = auth_file(f"{folder}/auth.json", registry.address, password="wrong")
            assert_denied(check(f"{registry.address}/team/app:1", REGISTRY_AUTH_FILE=path),
                          f"{realm.address}: 401 UNAUTHORIZED: who are you (may not exist, or may "
                          "require a login; the stored login was refused)",
                          warning=registry.address)
            assert_denied(check(f"{registry.address}/team/app:1"),
                          f"{realm.address}: 401 UNAUTHORIZED: who are you "
                          "(may not exist, or may require a login)")


def test_token_is_used_again_for_the_same_repository_alone():
    other = build_image([{"other.txt": b"other\n"}])
    with tempfile.TemporaryDirectory() as folder:
        realm, registry = realm_and_registry(folder, anonymous=True)
        with realm, registry:
            names = [f"team/app:{number}" for number in range(6)] + ["team/other:1"]
            for name in names:
                push_image(IMAGE if "app" in name else other, registry, name, user="ann:secret")
            before = len(realm.requests)
            ended = check(*[f"{registry.address}/{name}" for name in names])
            tap.equal([finding["reason"] for finding in ended.findings], ["no_match"] * 7)
            scopes = sorted(request.query["scope"][0] for request in realm.requests[before:])
            tap.equal(scopes, ["repository:team/app:pull", "repository:team/other:pull"])


def bearer_challenge(realm, **more):
    fields = {"realm": f"{realm}/token", "service": "stub", **more}
    value = ",".join(f'{name}="{text}"' for name, text in fields.items())
    return error_reply(401, "UNAUTHORIZED", "login", {"WWW-Authenticate": f"Bearer {value}"})


def guarded(stub, realm, token):
    """Makes every answer of the stub depend on the token."""
    usual = stub.answer

    def answer(request):
        if request.header("Authorization") == f"Bearer {token}":
            return usual(request)
        return bearer_challenge(realm)
    stub.answer = answer


def test_password_goes_to_the_realm_and_the_token_to_the_registry_alone():
    with tempfile.TemporaryDirectory() as folder, StubRegistry() as stub, \
            StubRegistry() as realm, StubRegistry(host="127.0.0.2") as storage:
        stub.put_image("team/app", "1", IMAGE)
        storage.put_image("team/app", "1", IMAGE)
        realm.script("/token", Reply(200, {}, b'{"token": "t1"}'))
        for digest in IMAGE.layers:
            path = f"/v2/team/app/blobs/{digest}"
            stub.script(path, Reply(307, {"Location": storage.url + path}))
        guarded(stub, realm.url, "t1")
        auth = auth_file(f"{folder}/auth.json", stub.address)
        assert_read(check(f"{stub.address}/team/app:1", REGISTRY_AUTH_FILE=auth))
        tap.equal([request.header("Authorization") for request in realm.requests],
                  [f"Basic {basic('ann', 'secret')}"])
        tap.equal([request.header("Authorization") for request in storage.requests], [None, None])
        tap.equal({request.header("Authorization") for request in stub.requests},
                  {None, "Bearer t1"})


def test_password_of_another_host_is_not_sent():
    with tempfile.TemporaryDirectory() as folder, StubRegistry() as stub, \
            StubRegistry() as other:
        challenge = error_reply(401, "UNAUTHORIZED", "login",
                                {"WWW-Authenticate": 'Basic realm="stub"'})
        stub.answer = lambda _request: challenge
        auth = auth_file(f"{folder}/auth.json", other.address)
        ended = check(f"{stub.address}/team/app:1", REGISTRY_AUTH_FILE=auth)
        tap.equal(ended.findings[0]["reason"], "denied")
        tap.equal([request.header("Authorization") for request in stub.requests], [None])


def test_token_that_runs_out_is_fetched_again():
    with StubRegistry() as stub, StubRegistry() as realm:
        stub.put_image("team/app", "1", IMAGE)
        realm.script("/token", Reply(200, {}, b'{"token": "t1"}'), Reply(200, {}, b'{"token": "t2"}'))
        usual = stub.answer

        def answer(request):
            wanted = "t1" if "/manifests/" in request.path else "t2"
            if request.header("Authorization") == f"Bearer {wanted}":
                return usual(request)
            return bearer_challenge(realm.url)
        stub.answer = answer
        assert_read(check(f"{stub.address}/team/app:1"))
        tap.equal(len(realm.requests), 2, "tokens asked for")


def test_endless_challenge_ends():
    with StubRegistry() as stub, StubRegistry() as realm:
        realm.script("/token", Reply(200, {}, b'{"token": "t1"}'))
        stub.answer = lambda _request: bearer_challenge(realm.url)
        assert_denied(check(f"{stub.address}/team/app:1"),
                      f"{stub.address}: 401 UNAUTHORIZED: login "
                      "(may not exist, or may require a login)")
        tap.equal((len(stub.requests), len(realm.requests)), (2, 1), "requests")


def test_token_server_that_answers_nonsense():
    answers = {
        "{}": "malformed", "[]": "malformed", '{"token": 7}': "malformed", "<html>": "malformed",
        '{"token": "a\\r\\nX-Evil: 1"}': "malformed", '{"token": "' + "a" * (1 << 20) + '"}': "over_limit",
    }
    for body, reason in answers.items():
        with StubRegistry() as stub, StubRegistry() as realm:
            stub.put_image("team/app", "1", IMAGE)
            realm.script("/token", Reply(200, {}, body.encode()))
            stub.answer = lambda _request, realm=realm: bearer_challenge(realm.url)
            ended = check(f"{stub.address}/team/app:1")
            tap.equal((ended.exit, ended.findings[0]["reason"]), (3, reason), body[:40])
            tap.equal({request.header("X-Evil") for request in stub.requests}, {None})


tap.main(globals())
