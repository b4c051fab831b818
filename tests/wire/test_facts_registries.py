#!/usr/bin/python3
"""Facts about registries by their true names, about hosts behind a redirect that want a login of
their own, and about what a refusal tells and what it leaves open."""

import json

from asking import NO_MATCH, NOT_FOUND, OURS, PROVED, STRANGER
from harness import Reply, error_reply
from names import (DENIED, REFUSED, Town, basic, challenge_reply, guard, logins, message, only,
                   reasons, token_reply)

import tap

CLOSED = "may not exist, or may require a login"
HIDDEN = "may be hidden from those without a login"
ANN = {"auth": basic("ann", "hunter2").removeprefix("Basic ")}
CONFIG = STRANGER.parsed["config"]["digest"]


def with_token_path(stub, path, token_answer, challenge, *accepted):
    """A registry that is its own token server."""
    guard(stub, challenge, *accepted)

    def answer(request, usual=stub.answer):
        if request.path == path:
            return token_answer(request) if callable(token_answer) else token_answer
        return usual(request)
    stub.answer = answer


def test_fact_40_docker_hub_by_its_names():
    """docker.io is served by registry-1.docker.io; no other name of it is asked."""
    for reference in ("ubuntu:1", "docker.io/ubuntu:1", "index.docker.io/library/ubuntu:1"):
        with Town("registry-1.docker.io", "auth.docker.io") as town:
            hub = town["registry-1.docker.io"]
            hub.put_image("library/ubuntu", "1", STRANGER)
            guard(hub, challenge_reply(
                'Bearer realm="https://auth.docker.io/token",service="registry.docker.io",'
                'scope="repository:library/ubuntu:pull"'), "Bearer T1")
            town["auth.docker.io"].script("/token", token_reply("T1"))
            ended = town.check(reference)
            tap.equal(only(ended), NO_MATCH)
            tap.equal(ended.findings[0]["reference"]["registry"], "docker.io")
            tap.equal([request.target for request in town["auth.docker.io"].requests],
                      ["/token?service=registry.docker.io"
                       "&scope=repository%3Alibrary%2Fubuntu%3Apull"])
            tap.equal(town.refused, [])


def test_fact_50_ecr_public_has_one_token_for_all():
    with Town("public.ecr.aws") as town:
        stub = town["public.ecr.aws"]
        for repository in ("nginx/nginx", "docker/library/ubuntu"):
            stub.put_image(repository, "1", STRANGER)
        with_token_path(stub, "/token/", token_reply("T1"), challenge_reply(
            'Bearer realm="https://public.ecr.aws/token/",service="public.ecr.aws",scope="aws"'),
            "Bearer T1")
        ended = town.check("public.ecr.aws/nginx/nginx:1", "public.ecr.aws/docker/library/ubuntu:1",
                           arguments=["-j1"])
        tap.equal(reasons(ended), ["no_match"] * 2)
        tap.equal([login for login in logins(stub) if login[2] is None],
                  [("GET", "/v2/nginx/nginx/manifests/1", None),
                   ("GET", "/token/?service=public.ecr.aws&scope=aws", None)])


def test_fact_50_the_trailing_slash_of_the_realm_is_followed():
    with Town("public.ecr.aws") as town:
        stub = town["public.ecr.aws"]
        stub.put_image("nginx/nginx", "1", STRANGER)
        with_token_path(stub, "/token/", token_reply("T1"), challenge_reply(
            'Bearer realm="https://public.ecr.aws/token",service="public.ecr.aws",scope="aws"'),
            "Bearer T1")
        stub.script("/token", Reply(301, {"Location": "/token/?service=public.ecr.aws&scope=aws"}))

        def answer(request, usual=stub.answer):
            return stub.scripts["/token", None][0] if request.path == "/token" else usual(request)
        stub.answer = answer
        tap.equal(only(town.check("public.ecr.aws/nginx/nginx:1")), NO_MATCH)


def ghcr(town, token_answer):
    stub = town["ghcr.io"]
    stub.put_image("ann/app", "1", STRANGER)
    with_token_path(stub, "/token", token_answer, challenge_reply(
        'Bearer realm="https://ghcr.io/token",service="ghcr.io",'
        'scope="repository:ann/app:pull"'), "Bearer T1")
    return stub


def test_fact_56_ghcr_refuses_at_the_token():
    """A private repository and one that is not there give the same answer, and so do we."""
    for status in (401, 403):
        with Town("ghcr.io") as town:
            stub = ghcr(town, error_reply(status, "DENIED", "requested access is denied"))
            ended = town.check("ghcr.io/ann/app:1")
            tap.equal(only(ended), DENIED)
            tap.equal(message(ended),
                      f"ghcr.io: {status} DENIED: requested access is denied ({CLOSED})")
            tap.equal(len(stub.requests), 2, "requests")


def test_fact_56_a_login_that_may_not_read_it_is_not_taken_for_a_wrong_one():
    """403 is no word about the password: it is sent again for the next image."""
    with Town("ghcr.io") as town:
        stub = ghcr(town, error_reply(403, "DENIED", "denied"))
        stored = town.store(auths={"ghcr.io": ANN})
        ended = town.check("ghcr.io/ann/app:1", "ghcr.io/ann/app:1", environment=stored,
                           arguments=["-j1"])
        tap.equal(ended.findings[0]["errors"][0]["message"], "ghcr.io: 403 DENIED: denied "
                  "(may not exist, or may not be open to the stored login)")
        asked = [login for _, target, login in logins(stub) if target.startswith("/token")]
        tap.equal(asked, [basic("ann", "hunter2"), None] * 2)


def test_fact_56_a_stale_login_does_not_hide_what_is_public():
    """And it is sent once, however many want to begin with it at the same time."""
    repositories = [f"ann/app{number}" for number in range(12)]
    with Town("ghcr.io") as town:
        stub = town["ghcr.io"]
        for repository in repositories:
            stub.put_image(repository, "1", STRANGER)

        def grant(request):
            if request.header("Authorization"):
                return error_reply(401, "UNAUTHORIZED", "bad credentials")
            return token_reply("T1")
        with_token_path(stub, "/token", grant, challenge_reply('Bearer realm="/token"'),
                        "Bearer T1")
        ended = town.check(*[f"ghcr.io/{repository}:1" for repository in repositories],
                           environment=town.store(auths={"ghcr.io": ANN}),
                           messages=REFUSED.format("ghcr.io"))
        tap.equal(reasons(ended), ["no_match"] * 12)
        tap.equal([login[2] for login in logins(stub)].count(basic("ann", "hunter2")), 1,
                  "times that the password was sent")


def test_fact_58_acr_takes_an_identity_token_at_its_own_door():
    with Town("acme.azurecr.io") as town:
        stub = town["acme.azurecr.io"]
        stub.put_image("app", "1", STRANGER)
        with_token_path(stub, "/oauth2/token", Reply(200, {}, b'{"access_token":"T1"}'),
                        challenge_reply('Bearer realm="https://acme.azurecr.io/oauth2/token",'
                                        'service="acme.azurecr.io",scope="repository:app:pull"'),
                        "Bearer T1")
        nobody = basic("00000000-0000-0000-0000-000000000000", "").removeprefix("Basic ")
        stored = town.store(auths={"acme.azurecr.io": {"auth": nobody, "identitytoken": "r1"}})
        tap.equal(only(town.check("acme.azurecr.io/app:1", environment=stored)), NO_MATCH)
        (request,) = stub.requests_for("/oauth2/token")
        tap.equal((request.method, request.body),
                  ("POST", b"grant_type=refresh_token&service=acme.azurecr.io"
                           b"&client_id=layerproof&scope=repository%3Aapp%3Apull"
                           b"&refresh_token=r1"))


def test_fact_58_acr_that_is_not_open_to_all():
    with Town("acme.azurecr.io") as town:
        stub = town["acme.azurecr.io"]
        with_token_path(stub, "/oauth2/token",
                        error_reply(401, "UNAUTHORIZED", "authentication required"),
                        challenge_reply('Bearer realm="https://acme.azurecr.io/oauth2/token"'))
        ended = town.check("acme.azurecr.io/app:1")
        tap.equal(only(ended), DENIED)
        tap.equal(message(ended),
                  f"acme.azurecr.io: 401 UNAUTHORIZED: authentication required ({CLOSED})")


MIRROR = ('Bearer realm="https://m.pkg.dev/v2/token",service="m.pkg.dev",'
          'scope="repository:p/app:pull"')


def redirecting(town, token_answer, *accepted, challenge=MIRROR):
    """registry.example wants a login of its own, and then sends every request on to m.pkg.dev."""
    mirror, registry = town["m.pkg.dev"], town["registry.example"]
    mirror.put_image("p/app", "1", OURS)
    with_token_path(mirror, "/v2/token", token_answer, challenge_reply(challenge), *accepted)

    def answer(request):
        if request.header("Authorization") != basic("ann", "hunter2"):
            return challenge_reply('Basic realm="registry"')
        return Reply(307, {"Location": f"https://m.pkg.dev{request.target}"})
    registry.answer = answer
    # The user has a login for the other host as well: it is not to be sent on a stranger's word.
    return town.store(auths={"registry.example": ANN, "m.pkg.dev": {
        "auth": basic("bob", "swordfish").removeprefix("Basic ")}})


def test_fact_82_a_host_behind_a_redirect_gets_a_token_that_anybody_could_have():
    with Town("registry.example", "m.pkg.dev") as town:
        stored = redirecting(town, token_reply("M1"), "Bearer M1")
        tap.equal(only(town.check("registry.example/p/app:1", environment=stored)), PROVED)
        asked = logins(town["m.pkg.dev"])
        tap.equal([login for login in asked if login[1].startswith("/v2/token")],
                  [("GET", "/v2/token?service=m.pkg.dev&scope=repository%3Ap%2Fapp%3Apull", None)])
        tap.equal({login[2] for login in asked}, {None, "Bearer M1"})
        tap.equal({login[2] for login in logins(town["registry.example"])},
                  {None, basic("ann", "hunter2")})
        tap.equal((town.reached_by("hunter2"), town.reached_by("swordfish")),
                  ({"registry.example"}, set()))
        tap.equal(town.reached_by("M1"), {"m.pkg.dev"})


def test_fact_82_its_token_is_replaced_once_and_then_it_is_over():
    with Town("registry.example", "m.pkg.dev") as town:
        stored = redirecting(town, token_reply("M1"))
        ended = town.check("registry.example/p/app:1", environment=stored)
        tap.equal(only(ended), DENIED)
        tap.equal(message(ended),
                  f"m.pkg.dev: 401 UNAUTHORIZED: authentication required ({CLOSED})")
        tap.equal(len([login for login in logins(town["m.pkg.dev"])
                       if login[1].startswith("/v2/token")]), 2, "tokens asked for")
        tap.equal(len(town["registry.example"].requests), 4, "requests to the registry")


def test_fact_82_no_password_and_no_realm_inside_for_it():
    for challenge, expected in (
            ('Basic realm="mirror"',
             f"m.pkg.dev: 401 UNAUTHORIZED: authentication required ({CLOSED})"),
            ('Bearer realm="https://10.0.0.1/token"',
             "m.pkg.dev: token realm refused: 10.0.0.1 is a private address")):
        with Town("registry.example", "m.pkg.dev") as town:
            stored = redirecting(town, token_reply("M1"), challenge=challenge)
            ended = town.check("registry.example/p/app:1", environment=stored)
            tap.contains(message(ended), expected)
            tap.equal({login[2] for login in logins(town["m.pkg.dev"])}, {None})


def test_fact_82_a_login_that_did_not_come_along_was_not_refused():
    """There and back again: what comes back is the other host's word, and carries no login."""
    with Town("registry.example", "m.pkg.dev") as town:
        registry = town["registry.example"]
        registry.put_image("p/app", "1", STRANGER)
        registry.put_image("p/back", "1", STRANGER)
        guard(registry, challenge_reply('Basic realm="registry"'), basic("ann", "hunter2"))
        away = "https://m.pkg.dev/away"
        registry.script("/v2/p/back/manifests/1", Reply(307, {"Location": away}))
        town["m.pkg.dev"].script(
            "/away", Reply(307, {"Location": "https://registry.example/v2/p/app/manifests/1"}))
        stored = town.store(auths={"registry.example": ANN})
        ended = town.check("registry.example/p/back:1", "registry.example/p/app:1",
                           environment=stored, arguments=["-j1"])
        tap.equal(reasons(ended), ["denied", "no_match"])
        tap.equal(logins(town["m.pkg.dev"]), [("GET", "/away", None)])


def refused(reply, stored=None):
    with Town("r.example") as town:
        town["r.example"].answer = lambda _request: reply
        environment = town.store(auths={"r.example": ANN}) if stored else None
        ended = town.check("r.example/a/b:1", environment=environment)
        return only(ended), message(ended).removeprefix("r.example: ")


def test_fact_56_what_a_refusal_tells_and_what_it_leaves_open():
    """401 and 403 may hide that there is nothing, 404 that there is something; a code that says
    which content of a repository is missing leaves nothing open."""
    for reply, reason, text in (
            (error_reply(404, "NAME_UNKNOWN", "no such repository"), NOT_FOUND,
             f"404 NAME_UNKNOWN: no such repository ({HIDDEN})"),
            (Reply(404), NOT_FOUND, f"HTTP status 404 ({HIDDEN})"),
            (error_reply(404, "MANIFEST_UNKNOWN", "no such tag"), NOT_FOUND,
             "404 MANIFEST_UNKNOWN: no such tag"),
            (error_reply(400, "NAME_UNKNOWN", "gone"), NOT_FOUND,
             f"400 NAME_UNKNOWN: gone ({HIDDEN})"),
            (error_reply(400, "MANIFEST_UNKNOWN", "gone"), NOT_FOUND, "400 MANIFEST_UNKNOWN: gone"),
            (error_reply(403, "NAME_UNKNOWN", "no"), DENIED, f"403 NAME_UNKNOWN: no ({CLOSED})"),
            (error_reply(401, "UNAUTHORIZED", "no"), DENIED, f"401 UNAUTHORIZED: no ({CLOSED})"),
            (Reply(403, {}, b"<html>"), DENIED, f"HTTP status 403 ({CLOSED})")):
        tap.equal(refused(reply), (reason, text))
    tap.equal(refused(error_reply(404, "NAME_UNKNOWN", "no"), stored=True),
              (NOT_FOUND, "404 NAME_UNKNOWN: no (may be hidden from the stored login)"))
    tap.equal(refused(error_reply(403, "DENIED", "no"), stored=True),
              (DENIED, "403 DENIED: no (may not exist, or may not be open to the stored login)"))


SECRET = "hunter/2+2"


def test_fact_26_an_answer_that_repeats_a_secret_is_not_shown():
    """By the token server, as it is, encoded and cut; and by the registry."""
    padding = "x" * 195
    for echo in (SECRET, "hunter%2F2%2B2", padding + SECRET, basic("ann", SECRET), "T0k3n"):
        with Town("r.example", "t.example") as town:
            answers = [error_reply(401, "DENIED", f"wrong: {echo}")]
            if echo == "T0k3n":
                answers = [token_reply("T0k3n")]
            registry = town["r.example"]

            def answer(request, echo=echo):
                if request.header("Authorization"):
                    return error_reply(403, "DENIED", f"wrong: {echo}")
                return challenge_reply('Bearer realm="https://t.example/token"')
            registry.answer = answer
            town["t.example"].script("/token", *answers)
            stored = town.store(auths={"r.example": {"username": "ann", "password": SECRET}})
            ended = town.check("r.example/a/b:1", environment=stored, messages=None,
                               arguments=["-vv"])
            tap.equal(only(ended), DENIED)
            if echo == "T0k3n":
                tap.equal(message(ended), "r.example: 403 (its reason repeats a secret of ours) "
                          "(may not exist, or may not be open to the stored login)")
            shown = ended.stdout + ended.stderr
            for part in (SECRET, "hunter", basic("ann", SECRET).removeprefix("Basic "), "T0k3n"):
                assert part not in shown, f"{part} in {shown}"


def test_fact_26_requests_are_logged_with_secrets_blanked():
    with Town("r.example", "t.example") as town:
        registry = town["r.example"]
        registry.put_image("a/b", "1", STRANGER)
        guard(registry, challenge_reply('Bearer realm="https://t.example/token?key=r34lm"'),
              "Bearer T0k3n")
        town["t.example"].script("/token", token_reply("T0k3n"))
        stored = town.store(auths={"r.example": {"username": "ann", "password": SECRET}})
        ended = town.check("r.example/a/b:1", environment=stored, messages=None,
                           arguments=["-vv"])
        tap.equal(only(ended), NO_MATCH)
        lines = [line.rpartition(": ")[0] for line in ended.stderr.splitlines()
                 if "debug: GET" in line]
        tap.equal(lines, [
            "layerproof: debug: GET https://t.example/token?... (Authorization: Basic ...)",
            "layerproof: debug: GET https://r.example/v2/a/b/manifests/1 (Accept)",
            "layerproof: debug: GET https://r.example/v2/a/b/manifests/1 "
            "(Accept, Authorization: Bearer ...)",
            f"layerproof: debug: GET https://r.example/v2/a/b/blobs/{CONFIG} "
            "(Authorization: Bearer ...)"], "sorted by their end")
        for secret in (SECRET, "T0k3n", "r34lm", json.dumps(SECRET)):
            assert secret not in ended.stderr, ended.stderr


tap.main(globals())
