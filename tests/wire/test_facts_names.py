#!/usr/bin/python3
"""Facts about names: which requests a reference leads to, and which names lead to none."""

from asking import (NOT_FOUND, OURS, PROVED, REPOSITORY, STRANGER, asked, check, check_one,
                    check_references, verdict)
from harness import ForwardProxy, StubRegistry

import tap

GOOD_NAMES = ("a", "a/b", "0/1", "a.b/c-d/e_f/g__h/i---j", "a" * 200, "x/" * 50 + "x")
BAD_NAMES = ("A", "a/B", "a//b", "/a", "a/", "-a", "a-", "a..b", "a___b", "a._b", "a/.b", "a b", "a/é",
             "a" * 256)
BAD_REFERENCE = ("needs_review", "bad_reference", "medium")


def test_fact_11_names_and_tags_that_are_asked_for():
    tags = ("_", "A.b-C_9", "0", "v1", "t" * 128)
    with StubRegistry() as stub:
        references = [*[f"{stub.address}/{name}:1" for name in GOOD_NAMES],
                      *[f"{stub.address}/a/b:{tag}" for tag in tags]]
        ended = check_references(*references, arguments=("-j", "1"))
        targets = [request.target for request in stub.requests]
    tap.equal(targets, [*[f"/v2/{name}/manifests/1" for name in GOOD_NAMES],
                        *[f"/v2/a/b/manifests/{tag}" for tag in tags]])
    tap.equal({verdict(ended.exit, finding) for finding in ended.findings}, {NOT_FOUND})


def test_fact_11_names_and_tags_that_are_none():
    tags = ("-x", ".x", "t" * 129, "a:b", "a b", "ä")
    with StubRegistry() as stub:
        references = [*[f"{stub.address}/{name}:1" for name in BAD_NAMES],
                      *[f"{stub.address}/a/b:{tag}" for tag in tags]]
        ended = check_references(*references)
        tap.equal(asked(stub), [])
    tap.equal({finding["input"]: verdict(ended.exit, finding)[1:] for finding in ended.findings},
              dict.fromkeys(references, BAD_REFERENCE))
    tap.equal(ended.exit, 3)


def test_fact_12_a_tag_is_latest_and_a_digest_wins():
    with StubRegistry() as stub:
        stub.put_image(REPOSITORY, "latest", OURS)
        for name, path in (("", "latest"), (":latest", "latest"),
                           (f":moved@{OURS.digest}", OURS.digest), (f"@{OURS.digest}", OURS.digest)):
            before = len(stub.requests)
            ended = check_references(f"{stub.address}/{REPOSITORY}{name}")
            tap.equal(verdict(ended.exit, ended.findings[0]), PROVED, name)
            tap.equal(asked(stub)[before], f"GET manifests/{path}", name)


def test_fact_12_only_docker_hub_has_a_library():
    with StubRegistry() as stub:
        stub.put_image("app", "1", STRANGER)
        ended = check_references(f"{stub.address}/app:1")
        tap.equal((ended.exit, stub.requests[0].target), (0, "/v2/app/manifests/1"))


HUB = {
    "ubuntu": ("docker.io", "library/ubuntu"), "ns/app:1": ("docker.io", "ns/app"),
    "docker.io/ubuntu": ("docker.io", "library/ubuntu"),
    "index.docker.io/ubuntu": ("docker.io", "library/ubuntu"),
    "docker.io/ns/app": ("docker.io", "ns/app"),
}
ELSEWHERE = {
    "registry.example/app": ("registry.example", "app"), "Host/app": ("Host", "app"),
    "host:5000/app": ("host:5000", "app"), "[2001:db8::1]:5000/app": ("[2001:db8::1]:5000", "app"),
}


def test_fact_12_which_part_is_the_registry():
    """A proxy that gets nowhere sees which host a name leads to."""
    names = {**HUB, **ELSEWHERE}
    with ForwardProxy() as proxy:
        environment = {"https_proxy": proxy.url}
        ended = check_references(*names, arguments=("-j", "1"), environment=environment,
                                 timeout=120)
        passed = set(proxy.passed())
    references = [finding["reference"] for finding in ended.findings]
    tap.equal([(reference["registry"], reference["repository"]) for reference in references],
              list(names.values()))
    hosts = {line.split()[1].lower() for line in passed if line.startswith("CONNECT ")}
    tap.equal(hosts, {"registry-1.docker.io:443", "registry.example:443", "host:443", "host:5000",
                      "[2001:db8::1]:5000"})


def test_fact_12_a_bare_digest_is_no_name():
    with StubRegistry() as stub:
        for name in ("a" * 64, f"{stub.address}/{'A' * 64}"):
            ended = check_references(name)
            tap.equal((ended.exit, verdict(ended.exit, ended.findings[0])[1:]), (3, BAD_REFERENCE))
        tap.equal(asked(stub), [])


tap.main(globals())
