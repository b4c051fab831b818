#!/usr/bin/python3
"""Facts about logging in: what is asked of token servers, what is made of their answers, and that
no secret goes where it is not for. Registries have their true names here."""

import json

from asking import NO_MATCH, STRANGER
from harness import Reply
from names import (DENIED, REFUSED, Town, basic, challenge_reply, guard, logins, message, only,
                   reasons, token_reply)

import tap

HUB, AUTH = "registry-1.docker.io", "auth.docker.io"
HUB_CHALLENGE = ('Bearer realm="https://auth.docker.io/token",service="registry.docker.io",'
                 'scope="repository:{}:pull"')
CONFIG = STRANGER.parsed["config"]["digest"]
CLOSED = "may not exist, or may require a login"
ANN = {"auth": basic("ann", "hunter2").removeprefix("Basic ")}


def read_paths(repository):
    return [f"/v2/{repository}/manifests/1", f"/v2/{repository}/blobs/{CONFIG}"]


def serve(stub, repository, challenge, *tokens):
    stub.put_image(repository, "1", STRANGER)
    guard(stub, challenge, *(f"Bearer {token}" for token in tokens))


def hub(town, *repositories):
    """Docker Hub, which knows the repositories; its token is that of the scope asked for."""
    for repository in repositories:
        town[HUB].put_image(repository, "1", STRANGER)

    def answer(request, usual=town[HUB].answer):
        repository = "/".join(request.path.split("/")[2:-2])
        if request.header("Authorization") == f"Bearer repository:{repository}:pull" \
                and repository in repositories:
            return usual(request)
        return challenge_reply(HUB_CHALLENGE.format(repository))
    town[HUB].answer = answer
    town[AUTH].script("/token", lambda request: token_reply(request.query["scope"][0]))


def test_fact_21_challenge_token_answer():
    with Town("r.example", "t.example") as town:
        challenge = challenge_reply('Bearer realm="https://t.example/token?account=x",'
                                    'service="a service",scope="repository:a/b:pull other:c:d"')
        serve(town["r.example"], "a/b", challenge, "T1")
        town["t.example"].script("/token", token_reply("T1"))
        tap.equal(only(town.check("r.example/a/b:1")), NO_MATCH)
        first, config = read_paths("a/b")
        tap.equal(logins(town["r.example"]), [("GET", first, None), ("GET", first, "Bearer T1"),
                                              ("GET", config, "Bearer T1")])
        tap.equal(logins(town["t.example"]), [("GET", (
            "/token?account=x&service=a%20service&scope=repository%3Aa%2Fb%3Apull"
            "&scope=other%3Ac%3Ad"), None)])


def test_fact_21_a_token_with_fewer_rights_is_no_error_at_the_token_server():
    with Town(HUB, AUTH) as town:
        hub(town)
        ended = town.check("docker.io/ghost/app:1")
        tap.equal(only(ended), DENIED)
        tap.equal(message(ended),
                  f"{HUB}: 401 UNAUTHORIZED: authentication required ({CLOSED})")
        tap.equal((len(town[HUB].requests), len(town[AUTH].requests)), (2, 1), "requests")


def test_fact_22_either_name_of_the_token_and_no_life_at_all():
    for body in ({"token": "T1"}, {"access_token": "T1"}, {"token": "", "access_token": "T1"},
                 {"token": "T1", "expires_in": "soon", "issued_at": 7},
                 {"access_token": "T1", "token": None, "expires_in": -1}):
        with Town("r.example") as town:
            serve(town["r.example"], "a/b", challenge_reply('Bearer realm="/token"'), "T1")
            town["r.example"].script("/token", Reply(200, {}, json.dumps(body).encode()))
            usual = town["r.example"].answer
            town["r.example"].answer = lambda request, stub=town["r.example"], usual=usual: \
                stub.scripts["/token", None][0] if request.path == "/token" else usual(request)
            tap.equal(only(town.check("r.example/a/b:1")), NO_MATCH, str(body))


def test_fact_22_a_token_that_ends_early_is_replaced_once():
    with Town("r.example", "t.example") as town:
        challenge = challenge_reply('Bearer realm="https://t.example/token"')
        town["r.example"].put_image("a/b", "1", STRANGER)

        def answer(request, usual=town["r.example"].answer):
            wanted = "Bearer T1" if "/manifests/" in request.path else "Bearer T2"
            return usual(request) if request.header("Authorization") == wanted else challenge
        town["r.example"].answer = answer
        town["t.example"].script("/token", token_reply("T1", expires_in=300),
                                 token_reply("T2", expires_in=300))
        tap.equal(only(town.check("r.example/a/b:1")), NO_MATCH)
        tap.equal([login[2] for login in logins(town["r.example"])],
                  [None, "Bearer T1", "Bearer T1", "Bearer T2"])


IDENTITY = {"auths": {"r.example": {"auth": basic("ann", "hunter2").removeprefix("Basic "),
                                    "identitytoken": "r3fresh/+"}}}


def identity_town(town, *replies):
    serve(town["r.example"], "a/b",
          challenge_reply('Bearer realm="https://t.example/token",service="s",'
                          'scope="repository:a/b:pull"'), "T1")
    town["t.example"].script("/token", *replies)
    return town.store(**IDENTITY)


def test_fact_23_an_identity_token_is_posted():
    with Town("r.example", "t.example") as town:
        stored = identity_town(town, Reply(200, {}, b'{"access_token":"T1"}'))
        tap.equal(only(town.check("r.example/a/b:1", environment=stored)), NO_MATCH)
        (request,) = town["t.example"].requests
        tap.equal((request.method, request.target, request.header("Authorization"), request.body),
                  ("POST", "/token", None,
                   b"grant_type=refresh_token&service=s&client_id=layerproof"
                   b"&scope=repository%3Aa%2Fb%3Apull&refresh_token=r3fresh%2F%2B"))
        tap.equal(town.reached_by("r3fresh/+"), {"t.example"})
        tap.equal(town.reached_by("hunter2"), set())


def test_fact_23_a_server_without_post_is_asked_by_get():
    for status in (404, 405):
        with Town("r.example", "t.example") as town:
            stored = identity_town(town, Reply(status), token_reply("T1"))
            tap.equal(only(town.check("r.example/a/b:1", environment=stored)), NO_MATCH)
            tap.equal([(method, login) for method, _, login in logins(town["t.example"])],
                      [("POST", None), ("GET", basic("ann", "hunter2"))], str(status))


def test_fact_23_a_lasting_token_is_never_asked_for():
    with Town("r.example", "t.example") as town:
        stored = identity_town(town, Reply(404), token_reply("T1"))
        town.check("r.example/a/b:1", environment=stored)
        for request in town["t.example"].requests:
            text = request.target + request.body.decode()
            assert "offline" not in text and "access_type" not in text, text


def test_fact_23_a_refused_identity_token_does_not_hide_what_is_public():
    """invalid_grant is a 400 (RFC 6749, section 5.2)."""
    with Town("r.example", "t.example") as town:
        stored = identity_town(town, Reply(400, {}, b'{"error":"invalid_grant"}'),
                               token_reply("T1"))
        ended = town.check("r.example/a/b:1", "r.example/a/b:1", "r.example/a/b:1",
                           environment=stored, arguments=["-j1"],
                           messages=REFUSED.format("r.example"))
        tap.equal(reasons(ended), ["no_match"] * 3)
        tap.equal([method for method, _, _ in logins(town["t.example"])].count("POST"), 1)
        tap.equal(town.reached_by("r3fresh/+"), {"t.example"})


def widening(status):
    """A registry whose first challenge asks for too little, at first."""
    first = challenge_reply('Bearer realm="https://t.example/token",scope="repository:a/b:pull"')
    more = challenge_reply('Bearer realm="https://t.example/token",error="insufficient_scope",'
                           'scope="repository:a/b:metadata_read"', status=status)

    def challenge(request):
        return first if request.header("Authorization") is None else more
    return challenge


def test_fact_24_more_scope_is_asked_for_once_and_first():
    for status in (401, 403):
        with Town("r.example", "t.example") as town:
            serve(town["r.example"], "a/b", widening(status), "T2")
            town["t.example"].script("/token", token_reply("T1"), token_reply("T2"))
            tap.equal(only(town.check("r.example/a/b:1")), NO_MATCH, str(status))
            tap.equal([login[2] for login in logins(town["r.example"])],
                      [None, "Bearer T1", "Bearer T2", "Bearer T2"])
            tap.equal([request.query["scope"] for request in town["t.example"].requests],
                      [["repository:a/b:pull"],
                       ["repository:a/b:metadata_read", "repository:a/b:pull"]])


def test_fact_24_a_registry_that_always_wants_more_comes_to_an_end():
    with Town("r.example", "t.example") as town:
        def greedy(_request, asked=[0]):  # noqa: B006
            asked[0] += 1
            return challenge_reply('Bearer realm="https://t.example/token",'
                                   f'error="insufficient_scope",scope="repository:{asked[0]}:pull"')
        serve(town["r.example"], "a/b", greedy)
        town["t.example"].script("/token", token_reply("T1"), token_reply("T2"), token_reply("T3"))
        ended = town.check("r.example/a/b:1")
        tap.equal(only(ended), DENIED)
        tap.equal((len(town["r.example"].requests), len(town["t.example"].requests)), (3, 2))


def test_fact_24_a_token_is_for_one_repository():
    with Town(HUB, AUTH) as town:
        hub(town, "library/ubuntu", "ann/app")
        ended = town.check("ubuntu:1", "ann/app:1", "docker.io/library/ubuntu:1", arguments=["-j1"])
        tap.equal(reasons(ended), ["no_match"] * 3)
        tap.equal([request.query for request in town[AUTH].requests],
                  [{"service": ["registry.docker.io"], "scope": [f"repository:{repository}:pull"]}
                   for repository in ("library/ubuntu", "ann/app")])
        tap.equal([login[1:] for login in logins(town[HUB]) if login[2] is None],
                  [("/v2/library/ubuntu/manifests/1", None)], "requests in vain")


CODEBERG = ('Bearer realm="https://codeberg.org/v2/token",service="container_registry",scope="*",'
            'Basic realm="https://codeberg.org/v2",service="container_registry",scope="*"')


def codeberg(town):
    stub = town["codeberg.org"]
    for repository in ("ann/app", "bob/app"):
        stub.put_image(repository, "1", STRANGER)

    def answer(request, usual=stub.answer):
        if request.path == "/v2/token":
            return token_reply("T1")
        if request.header("Authorization") == "Bearer T1":
            return usual(request)
        return challenge_reply(CODEBERG)
    stub.answer = answer
    return stub


def test_fact_25_two_challenges_in_one_header():
    with Town("codeberg.org") as town:
        stub = codeberg(town)
        ended = town.check("codeberg.org/ann/app:1", "codeberg.org/bob/app:1", arguments=["-j1"])
        tap.equal(reasons(ended), ["no_match"] * 2)
        tap.equal([login for login in logins(stub) if login[2] is None],
                  [("GET", "/v2/ann/app/manifests/1", None),
                   ("GET", "/v2/token?service=container_registry&scope=%2A", None)],
                  "one token for all, and one request in vain")


def test_fact_25_a_password_goes_to_the_realm_when_bearer_stands_first():
    with Town("codeberg.org") as town:
        stub = codeberg(town)
        stored = town.store(auths={"codeberg.org": ANN})
        tap.equal(only(town.check("codeberg.org/ann/app:1", environment=stored)), NO_MATCH)
        tap.equal([target for _, target, login in logins(stub) if login == basic("ann", "hunter2")],
                  ["/v2/token?service=container_registry&scope=%2A"])


def test_fact_25_basic_first_takes_a_password_and_else_leaves_it_to_bearer():
    values = ('Basic realm="no URL \\"at\\" all"', 'Bearer realm="https://t.example/token"')
    for password, headers in ((True, values), (False, values), (False, [", ".join(values)])):
        with Town("r.example", "t.example") as town:
            stub = town["r.example"]
            stub.put_image("a/b", "1", STRANGER)
            wanted = basic("ann", "hunter2") if password else "Bearer T1"
            guard(stub, challenge_reply(*headers), wanted)
            town["t.example"].script("/token", token_reply("T1"))
            stored = town.store(auths={"r.example": ANN} if password else {})
            tap.equal(only(town.check("r.example/a/b:1", environment=stored)), NO_MATCH)
            tap.equal(len(town["t.example"].requests), 0 if password else 1)
            tap.equal(town.reached_by("hunter2"), {"r.example"} if password else set())


def test_fact_25_names_without_case_and_escapes_in_quotes():
    with Town("r.example") as town:
        stub = town["r.example"]
        stub.put_image("a/b", "1", STRANGER)
        challenge = challenge_reply(
            'Negotiate YWJj/A==, BEARER Realm = "/to\\ken\\?x=1" ,\tSERVICE="a \\"b\\", c",'
            'error="invalid_token"')

        def answer(request, usual=stub.answer):
            if request.path == "/token":
                return token_reply("T1")
            return usual(request) if request.header("Authorization") else challenge
        stub.answer = answer
        tap.equal(only(town.check("r.example/a/b:1")), NO_MATCH)
        tap.equal(stub.requests_for("/token")[0].query,
                  {"x": ["1"], "service": ['a "b", c'], "scope": ["repository:a/b:pull"]})


def test_fact_25_a_401_without_a_challenge_leads_to_the_root():
    with Town("gcr.io") as town:
        stub = town["gcr.io"]
        stub.put_image("p/app", "1", STRANGER)

        def answer(request, usual=stub.answer):
            if request.path == "/v2/token":
                return token_reply("T1")
            if request.path == "/v2/":
                return challenge_reply('Bearer realm="https://gcr.io/v2/token",service="gcr.io"')
            return usual(request) if request.header("Authorization") else challenge_reply()
        stub.answer = answer
        tap.equal(only(town.check("gcr.io/p/app:1")), NO_MATCH)
        manifest, config = read_paths("p/app")
        tap.equal(logins(stub), [
            ("GET", manifest, None), ("GET", "/v2/", None),
            ("GET", "/v2/token?service=gcr.io&scope=repository%3Ap%2Fapp%3Apull", None),
            ("GET", manifest, "Bearer T1"), ("GET", config, "Bearer T1")])


def test_fact_26_a_password_goes_to_no_realm_without_tls_or_inside():
    refusals = {"http://t.example/token": "from https to http",
                "https://127.0.0.1/token": "127.0.0.1 is a loopback address",
                "https://169.254.169.254/token": "169.254.169.254 is a cloud metadata address"}
    for realm, why in refusals.items():
        with Town("r.example", "t.example") as town:
            serve(town["r.example"], "a/b", challenge_reply(f'Bearer realm="{realm}"'))
            stored = town.store(auths={"r.example": ANN})
            ended = town.check("r.example/a/b:1", environment=stored)
            tap.contains(message(ended), f"r.example: token realm refused: {why}")
            tap.equal(town.reached_by("hunter2"), set())
            tap.equal((len(town["t.example"].requests), town.refused), (0, []), realm)


def test_fact_26_a_realm_that_redirects_takes_the_password_no_further():
    with Town("r.example", "t.example", "u.example") as town:
        serve(town["r.example"], "a/b", challenge_reply('Bearer realm="https://t.example/token"'),
              "T1")
        town["t.example"].script("/token", Reply(307, {"Location": "https://u.example/token"}))
        town["u.example"].script("/token", token_reply("T1"))
        stored = town.store(auths={"r.example": ANN})
        tap.equal(only(town.check("r.example/a/b:1", environment=stored)), NO_MATCH)
        tap.equal(logins(town["u.example"]), [("GET", "/token", None)])
        tap.equal(town.reached_by("hunter2"), {"t.example"})


tap.main(globals())
