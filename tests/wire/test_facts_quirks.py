#!/usr/bin/python3
"""Facts about registries that go their own way: what `check` and `inspect` make of it."""

import json

from asking import (NO_MATCH, NOT_FOUND, OURS, PARTIAL, PROVED, REPOSITORY, STRANGER, UNREACHABLE,
                    asked, blob_path, check, check_one, errors_of, inspect, manifest_path, verdict)
from harness import Reply, StubRegistry, build_image, build_index, error_reply
from images import OCI_MANIFEST, to_json

import tap

MANIFEST_HEADERS = {"Content-Type": OCI_MANIFEST}


def warned(*values):
    return Reply(200, {**MANIFEST_HEADERS, "Warning": list(values)}, STRANGER.document)


def warnings_of(stub, *replies, arguments=("-j", "1")):
    """What standard error holds after a check of a tag for each reply."""
    stub.put_image(REPOSITORY, "unused", STRANGER)
    tags = [f"t{number}" for number in range(len(replies))]
    for tag, reply in zip(tags, replies, strict=True):
        stub.script(manifest_path(tag), reply)
    ended = check(stub, *tags, arguments=arguments, messages=None)
    tap.equal({verdict(ended.exit, finding) for finding in ended.findings}, {NO_MATCH})
    return ended.stderr


def said(stub, *texts):
    return "".join(f"layerproof: warning: {stub.address} says: {text}\n" for text in texts)


def test_fact_17_warnings_are_shown_once():
    with StubRegistry() as stub:
        tap.equal(warnings_of(stub, warned('299 - "this image is old"', '299 - "and \\"bad\\""'),
                              warned('299 - "this image is old"'),
                              warned('299 - "last", 299 - "of all"')),
                  said(stub, "this image is old", 'and "bad"', "last", "of all"))


def test_fact_17_what_is_no_warning_is_not_shown():
    with StubRegistry() as stub:
        tap.equal(warnings_of(
            stub, warned('299 - "a\x1b[2Jb"', '299 - "tab\tbed"', '199 - "other"', "299 - bare",
                         '299 proxy "named"', '299 - "dated" "Tue, 15 Nov 1994 08:12:31 GMT"',
                         '299 - "cut', '299 - ""')), "")


def test_fact_17_texts_that_would_steer_a_terminal_are_escaped():
    with StubRegistry() as stub:
        tap.equal(warnings_of(stub, warned('299 - "a\u202eb\u009bc"'.encode().decode("latin-1"))),
                  said(stub, r"a\xe2\x80\xaeb\xc2\x9bc"))


def test_fact_17_warnings_are_bounded():
    long = "x" * 2000
    texts = [f"number {number}" for number in range(100)]
    with StubRegistry() as stub:
        tap.equal(warnings_of(stub, warned(f'299 - "{long}"', f'299 - "{long}y"', '299 - "in"',
                                           f'299 - "{long}z"', '299 - "behind 4096 bytes"')),
                  said(stub, *[text[:2047 - len(f"{stub.address} says: ")]
                               for text in (long, long + "y", "in")]))
    with StubRegistry() as stub:
        tap.equal(warnings_of(stub, *[warned(f'299 - "{text}"') for text in texts]),
                  said(stub, *texts[:64]))


def test_fact_17_warnings_are_silenced_and_change_nothing():
    with StubRegistry() as stub:
        tap.equal(warnings_of(stub, warned('299 - "stop"'), arguments=("-q",)), "")
    with StubRegistry() as stub:
        stub.put_image(REPOSITORY, "1", OURS)
        stub.script(manifest_path("1"), Reply(
            200, {**MANIFEST_HEADERS, "Warning": '299 - "retry after 1 h"'}, OURS.document))
        code, finding = check_one(stub, messages=said(stub, "retry after 1 h"))
        tap.equal(verdict(code, finding), PROVED)
        code, record = inspect(stub, messages=said(stub, "retry after 1 h"))
        tap.equal((code, record["digest"]), (0, OURS.digest))


LOGIN = " (may not exist, or may require a login)"
HIDDEN = " (may be hidden from those without a login)"


def errors_body(*errors):
    return json.dumps({"errors": list(errors)}).encode()


def test_fact_16_the_status_decides_and_the_text_explains():
    """Whatever the body is: JSON as specified, other JSON, a page, or nothing."""
    cases = {
        "known": (404, errors_body({"code": "MANIFEST_UNKNOWN", "message": "no such tag",
                                    "detail": {"Tag": "1"}}),
                  "not_found", "404 MANIFEST_UNKNOWN: no such tag"),
        "first-of-two": (404, errors_body({"code": "NAME_UNKNOWN", "message": "first"},
                                          {"code": "DENIED", "message": "second"}),
                         "not_found", "404 NAME_UNKNOWN: first" + HIDDEN),
        "harbor": (404, errors_body({"code": "UNKNOWN", "message": "not found"}),
                   "not_found", "404 UNKNOWN: not found" + HIDDEN),
        "code-alone": (404, errors_body({"code": "MANIFEST_UNKNOWN"}), "not_found",
                       "404 MANIFEST_UNKNOWN"),
        "no-code": (404, errors_body({"message": "gone"}), "not_found", "404 gone" + HIDDEN),
        "details": (404, b'{"details":"it is not here"}', "not_found", "404 it is not here" + HIDDEN),
        "page": (404, b"<html><h1>Not Found</h1></html>", "not_found", "HTTP status 404" + HIDDEN),
        "nothing": (404, b"", "not_found", "HTTP status 404" + HIDDEN),
        "odd-json": (404, b'{"errors":"none"}', "not_found", "HTTP status 404" + HIDDEN),
        "no-errors": (404, b'{"errors":[]}', "not_found", "HTTP status 404" + HIDDEN),
        "list": (404, b'[{"code":"X"}]', "not_found", "HTTP status 404" + HIDDEN),
        "denied": (403, errors_body({"code": "MANIFEST_UNKNOWN", "message": "unknown"}),
                   "denied", "403 MANIFEST_UNKNOWN: unknown" + LOGIN),
        "refused": (400, errors_body({"code": "MANIFEST_INVALID", "message": "unknown"}),
                    "unreachable", "400 MANIFEST_INVALID: unknown"),
        "unsupported": (405, errors_body({"code": "UNSUPPORTED", "message": "no"}),
                        "unreachable", "405 UNSUPPORTED: no"),
        "gone": (410, b"", "not_found", "HTTP status 410"),
    }
    with StubRegistry() as stub:
        for tag, (status, body, _, _) in cases.items():
            stub.script(manifest_path(tag), Reply(status, {}, body))
        ended = check(stub, *cases)
        tap.equal(sorted(asked(stub)), sorted(f"GET manifests/{tag}" for tag in cases))
    tap.equal({tag: (finding["reason"], errors_of(finding)) for tag, finding
               in zip(cases, ended.findings, strict=True)},
              {tag: (reason, [(reason, None, f"{stub.address}: {message}")])
               for tag, (_, _, reason, message) in cases.items()})


def test_fact_16_an_error_text_is_cut_and_printable():
    with StubRegistry() as stub:
        stub.script(manifest_path("long"), error_reply(404, "X", "y" * 1000))
        stub.script(manifest_path("steers"), error_reply(404, "X\n", "a\x1b[2J\r\nb\u202e"))
        ended = check(stub, "long", "steers")
    long, steers = [errors_of(finding)[0][2] for finding in ended.findings]
    tap.equal(long, f"{stub.address}: 404 X: " + "y" * 197 + HIDDEN)
    tap.equal(steers, rf"{stub.address}: 404 X\x0a: a\x1b[2J\x0d\x0ab\xe2\x80\xae" + HIDDEN)


MIB = 1 << 20


def padded(document, size):
    return document + b" " * (size - len(document))


def test_fact_20_documents_at_and_over_their_bounds():
    """A manifest of 4 MiB and a configuration of 8 MiB are read; one byte more is not."""
    for more, expected in ((0, PROVED), (1, (3, "needs_review", "over_limit", "medium"))):
        with StubRegistry() as stub:
            stub.put_image(REPOSITORY, "unused", OURS)
            stub.put_manifest(REPOSITORY, "1", padded(OURS.document, 4 * MIB + more))
            tap.equal(verdict(*check_one(stub)), expected)
    for more, expected in ((0, NO_MATCH), (1, PARTIAL)):
        config = padded(STRANGER.config, 8 * MIB + more)
        image = build_image([{"theirs.txt": b"nothing of ours\n" * 20}])
        document = image.parsed
        with StubRegistry() as stub:
            stub.put_image(REPOSITORY, "unused", image)
            document["config"] = {**document["config"], "size": len(config),
                                  "digest": stub.put_blob(REPOSITORY, config)}
            stub.put_manifest(REPOSITORY, "1", to_json(document))
            tap.equal(verdict(*check_one(stub)), expected)
            tap.equal(len(stub.requests_for(blob_path(document["config"]["digest"]))), 1 - more)


def test_fact_20_an_error_body_is_read_to_64_kib():
    body = errors_body({"code": "MANIFEST_UNKNOWN", "message": "no"})
    cases = {"at": (padded(body, 64 * 1024), "404 MANIFEST_UNKNOWN: no"),
             "over": (padded(body, 64 * 1024 + 1), "HTTP status 404" + HIDDEN),
             "endless": (padded(body, 50 * MIB), "HTTP status 404" + HIDDEN)}
    with StubRegistry() as stub:
        for tag, (answer, _) in cases.items():
            stub.script(manifest_path(tag), Reply(404, {}, answer))
        ended = check(stub, *cases)
    tap.equal([errors_of(finding)[0][2] for finding in ended.findings],
              [f"{stub.address}: {message}" for _, message in cases.values()])
    assert ended.findings[2]["cost"]["bytes"] < 2 * MIB, ended.findings[2]["cost"]


def test_fact_20_a_token_is_read_to_1_mib():
    """One at the bound is taken; of one without end no more is read, and the login has failed."""
    token = b'{"token":"t0k3n"}'
    for body, reason in ((padded(token, MIB), "no_match"), (padded(token, MIB + 1), "over_limit"),
                         (padded(token, 50 * MIB), "over_limit")):
        with StubRegistry() as stub:
            stub.put_image(REPOSITORY, "1", STRANGER)
            served = Reply(200, MANIFEST_HEADERS, STRANGER.document)
            refused = Reply(401, {"WWW-Authenticate": f'Bearer realm="{stub.url}/token"'})
            stub.script("/token", Reply(200, {}, body))
            stub.script(manifest_path("1"), lambda request, served=served, refused=refused:
                        served if request.header("Authorization") == "Bearer t0k3n" else refused)
            _, finding = check_one(stub)
            tap.equal(finding["reason"], reason, len(body))
            assert finding["cost"]["bytes"] < 3 * MIB, finding["cost"]


def test_fact_84_5xx_for_what_is_missing_hides_nothing_else():
    """It is tried five times, is no tampering, and the rest of the index is judged."""
    held = {f"{name}{status}": (image, status) for status in (500, 502, 503, 504)
            for name, image in (("ours", OURS), ("theirs", STRANGER))}
    missing = {tag: build_image([{"missing": tag.encode()}]) for tag in held}
    with StubRegistry() as stub:
        for tag, (image, status) in held.items():
            stub.put_image(REPOSITORY, tag, build_index({"linux/arm64": missing[tag],
                                                         "linux/amd64": image}))
            stub.script(manifest_path(missing[tag].digest), error_reply(status, "UNKNOWN", "oops"))
        ended = check(stub, *held)
        times = [len(stub.requests_for(manifest_path(image.digest))) for image in missing.values()]
    for (tag, (image, status)), finding in zip(held.items(), ended.findings, strict=True):
        expected = PROVED if image is OURS else PARTIAL
        tap.equal((verdict(ended.exit, finding), finding["flags"]), ((3, *expected[1:]), []), tag)
        tap.equal(errors_of(finding), [("unreachable", f"manifest {missing[tag].digest}",
                                        f"{stub.address}: {status} UNKNOWN: oops")], tag)
    tap.equal(times, [5] * len(held), "tries")


def test_fact_84_5xx_for_a_digest_asked_for_is_no_answer():
    digest = "sha256:" + "5" * 64
    with StubRegistry() as stub:
        stub.script(manifest_path(digest), Reply(500))
        code, finding = check_one(stub, "@" + digest)
        tap.equal(verdict(code, finding), UNREACHABLE)
        tap.equal(asked(stub), [f"GET manifests/{digest}"] * 5)
        tap.equal(verdict(*check_one(stub, "@sha256:" + "6" * 64)), NOT_FOUND)


tap.main(globals())
