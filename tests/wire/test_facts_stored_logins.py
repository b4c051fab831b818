#!/usr/bin/python3
"""Facts about stored logins: which files and helpers are asked, in which order, what they may say,
and that what they say goes to its registry alone and stays out of sight."""

import base64
import json
import signal
from pathlib import Path

from asking import NO_MATCH, STRANGER, index_of_ours
from harness import Reply, StubRegistry, error_reply
from names import (DENIED, PATH, REFUSED, Town, basic, challenge_reply, guard, logins, message,
                   only, reasons, token_reply)
from running import Running

import tap

HOST = "r.example"
CHALLENGE = challenge_reply('Basic realm="r"')
CLOSED = "may not exist, or may require a login"


def encoded(user, password):
    return basic(user, password).removeprefix("Basic ")


def entry(user):
    return {"auth": encoded(user, "secret")}


def town_for(*users, host=HOST, repository="ns/app"):
    """A registry that takes the password "secret" of these users."""
    class Guarded(Town):
        def __enter__(self):
            super().__enter__()
            self[host].put_image(repository, "1", STRANGER)
            guard(self[host], CHALLENGE, *(basic(user, "secret") for user in users))
            return self
    return Guarded(host)


def users_of(stub):
    """Who logged in, in the order of the requests."""
    return [base64.b64decode(login[2].removeprefix("Basic ")).decode().partition(":")[0]
            for login in logins(stub) if login[2]]


def read_as(town, user, environment, reference=f"{HOST}/ns/app:1", **how):
    ended = town.check(reference, environment=environment, **how)
    tap.equal(only(ended), NO_MATCH, f"as {user}")
    tap.equal(set(users_of(town[reference.partition("/")[0]])), {user})


def test_fact_27_docker_s_forms_of_a_login():
    wrapped = base64.encodebytes(b"ann:secret" + b"\0" * 80).decode()
    for stored in ({"auth": encoded("ann", "secret")}, {"auth": wrapped},
                   {"username": "ann", "password": "secret"},
                   {"auth": "", "username": "ann", "password": "secret", "email": "a@b"}):
        with town_for("ann") as town:
            town.write("docker/config.json", json.dumps({"auths": {HOST: stored}}))
            read_as(town, "ann", {"DOCKER_CONFIG": town.folder / "docker"})


def test_fact_27_a_password_ends_at_no_colon():
    with Town(HOST) as town:
        town[HOST].put_image("ns/app", "1", STRANGER)
        guard(town[HOST], CHALLENGE, basic("ann", "a:b:c"))
        stored = town.store(auths={HOST: {"auth": encoded("ann", "a:b:c")}})
        tap.equal(only(town.check(f"{HOST}/ns/app:1", environment=stored)), NO_MATCH)


def test_fact_27_a_ready_token_goes_to_its_registry():
    challenge = challenge_reply('Bearer realm="https://t.example/token"')
    with Town(HOST, "t.example") as town:
        town[HOST].put_image("ns/app", "1", STRANGER)
        guard(town[HOST], challenge, "Bearer r3ady")
        stored = town.store(auths={HOST: {"registrytoken": "r3ady"}})
        tap.equal(only(town.check(f"{HOST}/ns/app:1", environment=stored)), NO_MATCH)
        tap.equal((town.reached_by("r3ady"), town["t.example"].requests), ({HOST}, []))


def test_fact_27_a_ready_token_that_is_refused_gives_way_to_nobody_s():
    challenge = challenge_reply('Bearer realm="https://t.example/token"')
    with Town(HOST, "t.example") as town:
        town[HOST].put_image("ns/app", "1", STRANGER)
        guard(town[HOST], challenge, "Bearer T1")
        town["t.example"].script("/token", token_reply("T1"))
        stored = town.store(auths={HOST: {"registrytoken": "r3ady"}})
        ended = town.check(*[f"{HOST}/ns/app:1"] * 3, environment=stored, arguments=["-j1"],
                           messages=None)
        tap.equal(reasons(ended), ["denied", "no_match", "no_match"])
        tap.equal(ended.stderr, REFUSED.format(HOST))
        tap.equal([login[2] for login in logins(town[HOST])].count("Bearer r3ady"), 1)


def test_fact_27_the_text_in_the_environment_comes_first():
    with town_for("ann", "bob") as town:
        town.write("docker/config.json", json.dumps({"auths": {HOST: entry("bob")}}))
        folder = {"DOCKER_CONFIG": town.folder / "docker"}
        read_as(town, "ann", {**folder,
                              "DOCKER_AUTH_CONFIG": json.dumps({"auths": {HOST: entry("ann")}})})
    with town_for("ann", "bob") as town:
        town.write("docker/config.json", json.dumps({"auths": {HOST: entry("bob")}}))
        read_as(town, "bob", {"DOCKER_CONFIG": town.folder / "docker",
                              "DOCKER_AUTH_CONFIG": '{"auths": {"other.example": {"auth": ""}}}'})


SAY = """cat >/dev/null; printf '{{"ServerURL":"","Username":"{}","Secret":"secret"}}'"""


def test_fact_27_a_helper_for_the_host_then_one_for_all_then_the_file():
    names = {"one": "ann", "all": "bob"}
    for stored, user in (
            ({"credHelpers": {HOST: "one"}, "credsStore": "all", "auths": {HOST: entry("eve")}},
             "ann"),
            ({"credHelpers": {"other.example": "one"}, "credsStore": "all",
              "auths": {HOST: entry("eve")}}, "bob"),
            ({"credHelpers": {HOST: ""}, "credsStore": "all", "auths": {HOST: entry("eve")}},
             "eve"),
            ({"credsStore": "none", "auths": {HOST: entry("eve")}}, "eve"),
            ({"credsStore": "all", "auths": {HOST: {}}}, "bob")):
        with town_for("ann", "bob", "eve") as town:
            path = {}
            for suffix, name in names.items():
                path = town.helper(suffix, SAY.format(name))
            town.helper("none", "echo credentials not found in native keychain; exit 1")
            read_as(town, user, {**town.store(**stored), **path})


def test_fact_28_docker_hub_has_one_key():
    for key in ("https://index.docker.io/v1/", "docker.io", "index.docker.io",
                "registry-1.docker.io"):
        with Town("registry-1.docker.io", "auth.docker.io") as town:
            hub = town["registry-1.docker.io"]
            hub.put_image("library/ubuntu", "1", STRANGER)
            guard(hub, challenge_reply('Bearer realm="https://auth.docker.io/token"'), "Bearer T1")
            town["auth.docker.io"].script("/token", token_reply("T1"))
            stored = town.store(auths={key: {"auth": encoded("ann", "hunter2")}})
            tap.equal(only(town.check("ubuntu:1", environment=stored)), NO_MATCH, key)
            tap.equal([login[2] for login in logins(town["auth.docker.io"])],
                      [basic("ann", "hunter2")], key)
            tap.equal(town.reached_by("hunter2"), {"auth.docker.io"})


def test_fact_28_a_helper_is_asked_for_that_key():
    with Town("registry-1.docker.io") as town:
        town["registry-1.docker.io"].answer = lambda _request: CHALLENGE
        path = town.helper("seen", 'cat >"$FOLDER/asked"; exit 1')
        town.check("ubuntu:1", environment={**town.store(credsStore="seen"), **path})
        tap.equal((town.folder / "asked").read_text(), "https://index.docker.io/v1/")


def test_fact_29_how_a_helper_is_run():
    """`get`, the server on standard input, no descriptor of ours, in a group of its own."""
    script = """printf '%s\\n' "$0 $*" >"$FOLDER/arguments"; cat >"$FOLDER/input"
        ls /proc/self/fd >"$FOLDER/descriptors"; ps -o pgid= -p $$ >"$FOLDER/group"
        printf '%s\\n' $$ >"$FOLDER/pid"; echo 'do not show secret' >&2
        printf '{"ServerURL":"","Username":"ann","Secret":"secret"}'"""
    with town_for("ann") as town:
        path = town.helper("test", script)
        ended = town.check(f"{HOST}/ns/app:1", f"{HOST}/ns/app:1", arguments=["-v"], messages=None,
                           environment={**town.store(credHelpers={HOST: "test"}), **path})
        tap.equal(reasons(ended), ["no_match"] * 2)
        assert "secret" not in ended.stdout + ended.stderr, ended.stderr
        said = {path.name: path.read_text() for path in town.folder.iterdir() if path.is_file()}
        tap.equal(said["arguments"], f"{town.folder}/bin/docker-credential-test get\n")
        tap.equal(said["input"], HOST)
        tap.equal(said["descriptors"].split(), ["0", "1", "2", "3"], "3 is that of ls itself")
        tap.equal(said["group"].strip(), said["pid"].strip())


def test_fact_29_none_is_kept():
    with Town(HOST) as town:
        town[HOST].put_image("ns/app", "1", STRANGER)
        path = town.helper("none", "echo credentials not found in native keychain; exit 1")
        environment = {**town.store(credsStore="none"), **path}
        guard(town[HOST], CHALLENGE)
        ended = town.check(f"{HOST}/ns/app:1", environment=environment)
        tap.equal(message(ended), f"{HOST}: 401 UNAUTHORIZED: authentication required ({CLOSED})")


FAILURES = {
    "echo no keychain today; exit 1": "failed: no keychain today",
    "exit 3": "failed: exit code 3",
    "kill -9 $$": "ended by signal 9",
    """echo '{"Username":"ann","Secret":"hunter2"}'; exit 1""": "failed: exit code 1",
    "echo '{ hunter2'": "answer: line 1 column 8: string or '}' expected",
    """echo '{"Username":"ann"}'""": "answer: Secret: is missing",
    "head -c 70000 /dev/zero": "more than 65536 bytes",
}


def test_fact_29_a_helper_that_fails_is_no_end():
    """The image is public, and is read; where it is not, the refusal tells of the helper."""
    for script, why in FAILURES.items():
        with Town(HOST, "t.example") as town:
            path = town.helper("bad", script)
            environment = {**town.store(credsStore="bad"), **path}
            town[HOST].put_image("ns/app", "1", STRANGER)
            guard(town[HOST], challenge_reply('Bearer realm="https://t.example/token"'),
                  "Bearer T1")
            town["t.example"].script("/token", token_reply("T1"),
                                     error_reply(401, "DENIED", "who are you"))
            ended = town.check(f"{HOST}/ns/app:1", f"{HOST}/other/app:1", environment=environment,
                               arguments=["-v", "-j1"], messages=None)
            tap.equal(reasons(ended), ["no_match", "denied"], script)
            trouble = f"docker-credential-bad: {why}"
            tap.contains(ended.findings[1]["errors"][0]["message"],
                         f"t.example: 401 DENIED: who are you ({CLOSED}; docker-credential-bad: ")
            tap.contains(ended.findings[1]["errors"][0]["message"], why)
            tap.contains(ended.stderr, f"layerproof: {HOST}: no login from its helper: "
                         f"docker-credential-bad: ", trouble)
            assert "hunter2" not in ended.stdout + ended.stderr, ended.stderr


def test_fact_29_a_name_that_is_a_path_is_not_run():
    with Town(HOST) as town:
        town[HOST].answer = lambda _request: CHALLENGE
        town.write("bin/docker-credential-x/evil", "#!/bin/sh\ntouch \"$FOLDER/run\"\n", 0o700)
        environment = {"PATH": f"{town.folder / 'bin'}:{PATH}", "FOLDER": town.folder}
        for suffix in ("x/evil", "../bin/docker-credential-x/evil", "x evil", "x;evil"):
            ended = town.check(f"{HOST}/ns/app:1",
                               environment={**environment, **town.store(credsStore=suffix)})
            tap.contains(message(ended), "not the name of a credential helper")
        tap.equal((town.folder / "run").exists(), False)


def test_fact_29_an_identity_token():
    with Town(HOST, "t.example") as town:
        town[HOST].put_image("ns/app", "1", STRANGER)
        guard(town[HOST], challenge_reply('Bearer realm="https://t.example/token"'), "Bearer T1")
        town["t.example"].script("/token", token_reply("T1"))
        path = town.helper("test", """printf '{"Username":"<token>","Secret":"r3fresh"}'""")
        environment = {**town.store(credsStore="test"), **path}
        tap.equal(only(town.check(f"{HOST}/ns/app:1", environment=environment)), NO_MATCH)
        (request,) = town["t.example"].requests
        tap.contains(request.body.decode(), "grant_type=refresh_token&")
        tap.equal(town.reached_by("r3fresh"), {"t.example"})


def test_fact_29_a_helper_that_never_ends_is_ended_with_all_that_it_began():
    """run_layerproof() fails where anything is left running."""
    with Town(HOST, "t.example") as town:
        town[HOST].put_image("ns/app", "1", STRANGER)
        guard(town[HOST], challenge_reply('Bearer realm="https://t.example/token"'), "Bearer T1")
        town["t.example"].script("/token", token_reply("T1"))
        path = town.helper("slow", "sleep 1000 & sleep 1000")
        environment = {**town.store(credsStore="slow"), **path}
        ended = town.check(f"{HOST}/ns/app:1", environment=environment, arguments=["-v"],
                           messages=None)
        tap.equal(only(ended), NO_MATCH)
        tap.contains(ended.stderr, f"layerproof: {HOST}: no login from its helper: "
                     "docker-credential-slow: no answer within 15 s\n")


def test_fact_29_a_signal_does_not_wait_for_a_helper():
    with StubRegistry() as stub, index_of_ours() as index, Town() as town:
        stub.answer = lambda _request: CHALLENGE
        path = town.helper("slow", 'touch "$FOLDER/begun"; sleep 1000')
        with Running("--index", index, "check",
                     environment={**town.store(credsStore="slow"), **path}) as run:
            run.send(f"{stub.address}/ns/app:1\n")
            run.wait_for((town.folder / "begun").exists, "the helper", seconds=10)
            run.signal(signal.SIGINT)
            ended = run.wait(timeout=10)
            tap.equal(ended.exit, 130)


def podman_files(town):
    """A login of another user in each place, the first in order first; their environment."""
    places = {"run": "run/containers/auth.json", "config": "config/containers/auth.json",
              "docker": "docker/config.json"}
    for user, place in places.items():
        town.write(place, json.dumps({"auths": {HOST: entry(user)}}))
    town.write("home/.dockercfg", json.dumps({f"https://{HOST}/v1/": entry("old")}))
    return {"XDG_RUNTIME_DIR": town.folder / "run", "XDG_CONFIG_HOME": town.folder / "config",
            "DOCKER_CONFIG": town.folder / "docker", "HOME": town.folder / "home"}


def test_fact_30_the_order_of_the_files():
    for user, gone in (("run", ()), ("config", ("run",)), ("docker", ("run", "config")),
                       ("old", ("run", "config", "docker"))):
        with town_for("run", "config", "docker", "old") as town:
            environment = podman_files(town)
            for place in gone:
                for path in (town.folder / place).rglob("*.json"):
                    path.unlink()
            read_as(town, user, environment)


def test_fact_30_a_named_file_is_the_only_one():
    with town_for("ann", "run") as town:
        environment = podman_files(town)
        read_as(town, "ann", {**environment, **town.store(auths={HOST: entry("ann")})})
    with town_for("run") as town:
        environment = podman_files(town)
        ended = town.check(f"{HOST}/ns/app:1", environment={**environment, **town.store(auths={})})
        tap.equal((only(ended), users_of(town[HOST])), (DENIED, []))


def test_fact_30_the_most_specific_key():
    keys = {f"{HOST}/ns/app": "app", f"{HOST}/ns": "ns", HOST: "host", f"{HOST}/n": "other"}
    for user in ("app", "ns", "host"):
        with town_for("app", "ns", "host", "other") as town:
            read_as(town, user, town.store(auths={key: entry(name) for key, name in keys.items()}))
        keys = {key: name for key, name in keys.items() if name != user}


def test_fact_31_an_identity_token_needs_no_auth_beside_it():
    with Town(HOST, "t.example") as town:
        town[HOST].put_image("ns/app", "1", STRANGER)
        guard(town[HOST], challenge_reply('Bearer realm="https://t.example/token"'), "Bearer T1")
        town["t.example"].script("/token", token_reply("T1"))
        stored = town.store(auths={HOST: {"identitytoken": "r3fresh"}})
        tap.equal(only(town.check(f"{HOST}/ns/app:1", environment=stored)), NO_MATCH)
        tap.equal([request.method for request in town["t.example"].requests], ["POST"])


def test_fact_31_a_broken_entry_is_one_warning():
    with Town(HOST) as town:
        town[HOST].put_image("ns/app", "1", STRANGER)
        guard(town[HOST], CHALLENGE)
        stored = town.store(auths={HOST: {"auth": "%%%"}})
        file = stored["REGISTRY_AUTH_FILE"]
        ended = town.check(*[f"{HOST}/ns/app:1"] * 5, environment=stored, messages=None)
        tap.equal(ended.stderr, f"layerproof: warning: {file}: auths.{HOST}: auth is not base64; "
                                "no login is taken from it\n")
        tap.equal({finding["errors"][0]["message"] for finding in ended.findings},
                  {f"{HOST}: 401 UNAUTHORIZED: authentication required ({CLOSED}; "
                   f"{file}: auths.{HOST}: auth is not base64)"})


def test_fact_32_private_ecr_takes_the_helper_s_password_as_it_is():
    host = "123456789012.dkr.ecr.eu-west-1.amazonaws.com"
    with town_for("AWS", host=host) as town:
        path = town.helper("ecr-login", SAY.format("AWS"))
        read_as(town, "AWS", {**town.store(credHelpers={host: "ecr-login"}), **path},
                reference=f"{host}/ns/app:1")


def test_fact_32_google_s_two_users():
    key = json.dumps({"type": "service_account", "private_key": "-----BEGIN\nabc:def\n" * 40},
                     indent=2)
    for user, password in (("_json_key", key), ("_token", "ya29.a0Af")):
        with Town("eu-docker.pkg.dev") as town:
            stub = town["eu-docker.pkg.dev"]
            stub.put_image("p/r/app", "1", STRANGER)
            guard(stub, challenge_reply('Bearer realm="https://eu-docker.pkg.dev/v2/token",'
                                        'service="eu-docker.pkg.dev",'
                                        'scope="repository:p/r/app:pull"'), "Bearer T1")

            def answer(request, usual=stub.answer, wanted=basic(user, password)):
                if request.path != "/v2/token":
                    return usual(request)
                given = request.header("Authorization")
                return token_reply("T1") if given == wanted else error_reply(401, "UNAUTHORIZED")
            stub.answer = answer
            stored = town.store(auths={"eu-docker.pkg.dev": {"auth": encoded(user, password)}})
            tap.equal(only(town.check("eu-docker.pkg.dev/p/r/app:1", environment=stored)),
                      NO_MATCH, user)


def test_fact_32_a_wrong_password_is_sent_once():
    """A registry locks an account that is tried with a wrong password again and again; here many
    candidates want to begin with it at the same time."""
    with town_for("bob") as town:
        stored = town.store(auths={HOST: entry("ann")})
        ended = town.check(*[f"{HOST}/ns/app{number}:1" for number in range(20)],
                           environment=stored, messages=REFUSED.format(HOST))
        tap.equal(set(reasons(ended)), {"denied"})
        tap.equal(users_of(town[HOST]), ["ann"])
        tap.equal({finding["errors"][0]["message"] for finding in ended.findings},
                  {f"{HOST}: 401 UNAUTHORIZED: authentication required "
                   f"({CLOSED}; the stored login was refused)"})


def test_fact_32_a_password_that_is_not_judged_holds_nobody_up():
    """The registry is ill when it is sent for the first time, and well from then on."""
    with town_for("ann") as town:
        stub = town[HOST]
        for number in range(6):
            stub.put_image(f"ns/app{number}", "1", STRANGER)

        def answer(request, usual=stub.answer, ill=[True]):  # noqa: B006
            if request.header("Authorization") and ill:
                ill.pop()
                return Reply(raw=b"nonsense, and then the end")
            return usual(request)
        stub.answer = answer
        ended = town.check(*[f"{HOST}/ns/app{number}:1" for number in range(6)],
                           environment=town.store(auths={HOST: entry("ann")}))
        tap.equal(sorted(reasons(ended)), ["no_match"] * 5 + ["unreachable"])


def test_fact_29_a_login_in_memory_is_in_no_core_file_and_no_argument():
    """A limit of 1 byte, unlike 0, also keeps the kernel from running a program on the core."""
    with StubRegistry() as stub, index_of_ours() as index:
        stub.put_image("ns/app", "1", STRANGER)
        guard(stub, CHALLENGE, basic("ann", "hunter2"))
        stored = {"auths": {stub.address: {"auth": encoded("ann", "hunter2")}}}
        with Running("--index", index, "check",
                     environment={"DOCKER_AUTH_CONFIG": json.dumps(stored)}) as run:
            process = Path(f"/proc/{run.process.pid}")
            run.send(f"{stub.address}/ns/app:1\n")
            run.wait_for_lines(1)
            (limit,) = [line.split()[4] for line in (process / "limits").read_text().splitlines()
                        if line.startswith("Max core file size")]
            tap.equal(limit, "1", "soft limit of core files")
            tap.equal("hunter2" in (process / "cmdline").read_text(), False)
            tap.equal(run.finish().findings[0]["reason"], "no_match")


tap.main(globals())
