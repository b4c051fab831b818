#!/usr/bin/python3
"""Registries that refuse, fail, stall or talk nonsense: one finding for each candidate, whatever
happens, and as many tries as were promised."""

import tempfile
import time

from exports import import_images
from harness import Reply, StubRegistry, build_image, error_reply, run_layerproof

import tap

IMAGE = build_image([{"theirs.txt": b"theirs\n"}])
STALL_SECONDS = 30
TRIES = 5


def check(stub, *tags, **how):
    with tempfile.TemporaryDirectory() as folder:
        ended = run_layerproof("--index", import_images(folder), "check", "--ordered",
                               *[f"{stub.address}/a/b:{tag}" for tag in tags], **how)
    tap.equal(ended.stderr, "", "messages")
    return ended


def path(tag):
    return f"/v2/a/b/manifests/{tag}"


def times_asked(stub, tag):
    return [request.arrived for request in stub.requests_for(path(tag))]


def outcome(finding):
    """Its reason, and code and message of its only error."""
    tap.equal((finding["verdict"], len(finding["errors"])), ("needs_review", 1), finding["input"])
    error = finding["errors"][0]
    return finding["reason"], error["code"], error["message"]


def test_answers_that_are_final():
    login = " (may not exist, or may require a login)"
    replies = {
        "404": (error_reply(404, "MANIFEST_UNKNOWN", "gone"), "not_found", "404 MANIFEST_UNKNOWN: gone"),
        "410": (Reply(410), "not_found", "HTTP status 410"),
        "401": (error_reply(401, "UNAUTHORIZED", "no"), "denied", "401 UNAUTHORIZED: no" + login),
        "403": (error_reply(403, "DENIED", "no"), "denied", "403 DENIED: no" + login),
        "400": (error_reply(400, "TAG_INVALID", "no"), "unreachable", "400 TAG_INVALID: no"),
        "418": (Reply(418, {}, b"teapot"), "unreachable", "HTTP status 418"),
        "204": (Reply(204), "unreachable", "HTTP status 204"),
        "206": (Reply(206, {}, IMAGE.document), "unreachable", "HTTP status 206"),
    }
    with StubRegistry() as stub:
        for tag, (reply, _, _) in replies.items():
            stub.script(path(tag), reply)
        ended = check(stub, *replies)
        asked = {tag: len(times_asked(stub, tag)) for tag in replies}
    got = {tag: outcome(finding) for tag, finding in zip(replies, ended.findings, strict=True)}
    tap.equal(got, {tag: (reason, reason, f"{stub.address}: {message}")
                    for tag, (_, reason, message) in replies.items()})
    tap.equal(asked, dict.fromkeys(replies, 1), "times asked")
    tap.equal(ended.exit, 3)


def test_not_found_alone_is_no_failure():
    with StubRegistry() as stub:
        tap.equal(check(stub, "gone").exit, 0)


def test_answers_that_may_pass_are_asked_for_again():
    replies = {
        "500": (Reply(500), "unreachable", "HTTP status 500"),
        "502": (Reply(502, {}, b"<html>bad gateway"), "unreachable", "HTTP status 502"),
        "503": (Reply(503, {"Retry-After": "0"}), "unreachable", "HTTP status 503"),
        "429": (error_reply(429, "TOOMANYREQUESTS", "slow"), "rate_limited",
                "429 TOOMANYREQUESTS: slow"),
        "reset": (Reply(200, {}, IMAGE.document, cut=10, reset=True), "unreachable",
                  "the connection broke"),
        "cut": (Reply(200, {}, IMAGE.document, cut=10), "unreachable", "the connection broke"),
    }
    with StubRegistry() as stub:
        for tag, (reply, _, _) in replies.items():
            stub.script(path(tag), reply)
        ended = check(stub, *replies)
        asked = {tag: len(times_asked(stub, tag)) for tag in replies}
    got = {tag: outcome(finding) for tag, finding in zip(replies, ended.findings, strict=True)}
    tap.equal(got, {tag: (reason, reason, f"{stub.address}: {message}")
                    for tag, (_, reason, message) in replies.items()})
    tap.equal(asked, dict.fromkeys(replies, TRIES), "times asked")
    tap.equal(ended.exit, 3)


def test_silence_is_asked_again():
    """Alone, so that no connection is left over from another answer: one that ends without a byte
    may have ended before, and libcurl itself asks again on a new one then."""
    with StubRegistry() as stub:
        stub.script(path("silence"), Reply(raw=b""))
        ended = check(stub, "silence")
        tap.equal(len(times_asked(stub, "silence")), TRIES, "times asked")
        tap.equal((ended.exit, outcome(ended.findings[0])),
                  (3, ("unreachable", "unreachable", f"{stub.address}: the connection broke")))


def test_answers_that_do_pass():
    replies = {
        "500": [Reply(500)] * 4, "429": [error_reply(429, "TOOMANYREQUESTS")],
        "reset": [Reply(200, {}, IMAGE.document, cut=10, reset=True)],
        "cut": [Reply(200, {}, IMAGE.document, cut=10)], "silence": [Reply(raw=b"")],
    }
    with StubRegistry() as stub:
        for tag, first in replies.items():
            stub.put_image("a/b", tag, IMAGE)
            stub.script(path(tag), *first, None)
        ended = check(stub, *replies)
    tap.equal([finding["reason"] for finding in ended.findings], ["no_match"] * len(replies))
    tap.equal(ended.exit, 0)


def test_retry_after_is_obeyed():
    with StubRegistry() as stub:
        stub.put_image("a/b", "1", IMAGE)
        stub.script(path("1"), Reply(429, {"Retry-After": "2"}), None)
        ended = check(stub, "1")
        first, second = times_asked(stub, "1")
    tap.equal((ended.exit, ended.findings[0]["reason"]), (0, "no_match"))
    assert 2.0 <= second - first < 4.0, f"came back after {second - first:.1f} s"


def test_retry_after_of_an_hour_is_not_waited_for():
    hour = time.strftime("%a, %d %b %Y %H:%M:%S GMT", time.gmtime(time.time() + 3600))
    for wish, message in ((Reply(429, {"Retry-After": "3600"}), "HTTP status 429; asks to wait 3600 s"),
                          (Reply(503, {"Retry-After": hour}), None)):
        with StubRegistry() as stub:
            stub.script(path("1"), wish)
            ended = check(stub, "1")
            asked = len(times_asked(stub, "1"))
        reason, code, text = outcome(ended.findings[0])
        tap.equal((asked, reason, code), (1, "rate_limited", "rate_limited"), "times asked, reason")
        tap.equal(message is None or text == f"{stub.address}: {message}", True, text)
        assert ended.seconds < 10, f"took {ended.seconds:.0f} s"


def test_answers_that_are_no_http():
    replies = {
        "garbage": Reply(raw=b"\x00\x01\x02 nonsense\r\n\r\n"),
        "banner": Reply(raw=b"SSH-2.0-OpenSSH_9.2\r\n"),
    }
    with StubRegistry() as stub:
        for tag, reply in replies.items():
            stub.script(path(tag), reply)
        ended = check(stub, *replies)
    tap.equal([outcome(finding) for finding in ended.findings],
              [("unreachable", "unreachable", f"{stub.address}: the answer is not HTTP")] * 2)


def test_headers_without_end():
    with StubRegistry() as stub:
        many = {f"X-{number}": "a" * 1000 for number in range(70)}
        stub.script(path("1"), Reply(200, many, IMAGE.document))
        ended = check(stub, "1")
    tap.equal(outcome(ended.findings[0]), ("over_limit", "over_limit", f"{stub.address}: headers of "
                                           "more than 65536 bytes"))


def test_stalls_hold_up_nobody_and_end():
    """Before the headers, within the body, and a body that drips, all at once beside a sound one."""
    with StubRegistry() as stub:
        stub.put_image("a/b", "sound", IMAGE)
        stub.script(path("late"), Reply(200, {}, IMAGE.document, delay=600))
        stub.script(path("stuck"), Reply(200, {}, IMAGE.document, drip=(100, 600)))
        stub.script(path("slow"), Reply(200, {}, IMAGE.document,
                                        drip=(len(IMAGE.document) // 4 + 1, 0.5)))
        begun = time.monotonic()
        ended = check(stub, "late", "stuck", "sound", "slow", timeout=90)
        seconds = time.monotonic() - begun
    tap.equal([finding["reason"] for finding in ended.findings],
              ["unreachable", "unreachable", "no_match", "no_match"])
    tap.equal([outcome(finding)[2] for finding in ended.findings[:2]],
              [f"{stub.address}: no byte for {STALL_SECONDS} s"] * 2)
    assert STALL_SECONDS <= seconds < STALL_SECONDS + 15, f"took {seconds:.0f} s"
    assert max(finding["cost"]["ms"] for finding in ended.findings[2:]) < 15_000, "the sound waited"


tap.main(globals())
