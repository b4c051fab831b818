#!/usr/bin/python3
"""Answers that break the rules of HTTP, byte by byte: each ends as one finding that says why, after
as many tries as it is worth, and costs no more than its bounds."""

from asking import (BASE, OURS, REPOSITORY, STRANGER, blob_path, check, check_one, errors_of, inspect,
                    manifest_path, ranges, verdict)
from harness import Reply, StubRegistry, build_image
from images import OCI_MANIFEST

import tap

BODY = STRANGER.document
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
BROKE, NO_HTTP = "the connection broke", "the answer is not HTTP"
TWO_LENGTHS = "the answer has two lengths"
LONG, MANY = "headers of more than 65536 bytes", "more than 256 headers"
CODING = "Unrecognized or bad HTTP Content or Transfer-Encoding"
MIB = 1 << 20


def sized(size, *more):
    return HEAD + b"".join(b"Content-Length: %s\r\n" % str(length).encode()
                           for length in (size, *more)) + b"\r\n" + BODY


def chunk(data=BODY, size=None, more=b""):
    return b"%x%s\r\n%s\r\n" % (len(data) if size is None else size, more, data)


END = b"0\r\n\r\n"
WHOLE = sized(len(BODY))

# {case: (bytes, reason, message, tries)}; those without a message are read.
CASES = {
    "a-size-of-a-chunk-that-is-none": (CHUNKED + b"zz\r\n" + BODY, "unreachable", BROKE, 5),
    "a-size-of-a-chunk-without-end": (CHUNKED + b"f" * 40 + b"\r\n" + BODY, "unreachable", BROKE, 5),
    "a-negative-chunk": (CHUNKED + b"-5\r\n" + BODY, "unreachable", BROKE, 5),
    "a-chunk-cut-short": (CHUNKED + chunk(size=9999), "unreachable", BROKE, 5),
    "a-chunk-too-long": (CHUNKED + chunk(size=10), "unreachable", BROKE, 5),
    "no-last-chunk": (CHUNKED + chunk(), "unreachable", BROKE, 5),
    "chunks-with-extensions": (CHUNKED + chunk(more=b";a=b") + END, "no_match", None, 1),
    "chunks-with-trailers": (CHUNKED + chunk() + b"0\r\nX-T: y\r\n\r\n", "no_match", None, 1),
    "trailers-without-end": (CHUNKED + chunk() + b"0\r\n" + b"X-T: y\r\n" * 9000, "over_limit", MANY,
                             1),
    "a-length-that-is-none": (sized("many"), "unreachable", NO_HTTP, 1),
    "a-negative-length": (sized(-1), "unreachable", NO_HTTP, 1),
    "a-length-beyond-the-bound": (sized(2 ** 63 - 1), "over_limit",
                                  f"more than {4 * MIB} bytes", 1),
    "two-lengths": (sized(len(BODY), len(BODY) - 5), "unreachable", TWO_LENGTHS, 1),
    "one-length-twice": (sized(len(BODY), len(BODY)), "no_match", None, 1),
    "a-length-and-chunks": (HEAD + b"Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n" + chunk()
                            + END, "no_match", None, 1),
    "an-unknown-coding": (HEAD + b"Transfer-Encoding: rot13\r\n\r\n" + BODY, "unreachable", CODING, 1),
    "a-coding-nobody-asked-for": (HEAD + b"Transfer-Encoding: gzip, chunked\r\n\r\n" + chunk() + END,
                                  "unreachable", CODING, 1),
    "interim-answers": (b"HTTP/1.1 100 Continue\r\n\r\n" + b"HTTP/1.1 103 Hints\r\nLink: </x>\r\n\r\n" * 5
                        + WHOLE, "no_match", None, 1),
    "a-flood-of-interim-answers": (b"HTTP/1.1 102 Processing\r\n\r\n" * 9000 + WHOLE, "over_limit",
                                   LONG, 1),
    "another-protocol": (b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\n\r\n" + WHOLE,
                         "unreachable", NO_HTTP, 1),
    "an-unknown-version": (b"HTTP/9.9 200 OK\r\n\r\n" + BODY, "unreachable", NO_HTTP, 1),
    "an-old-version": (b"HTTP/1.0 200 OK\r\n\r\n" + BODY, "no_match", None, 1),
    "no-version": (BODY, "unreachable", NO_HTTP, 1),
    "a-status-of-four-digits": (b"HTTP/1.1 2000 OK\r\n\r\n" + BODY, "unreachable", NO_HTTP, 1),
    "a-status-that-is-none": (b"HTTP/1.1 000 OK\r\n\r\n" + BODY, "unreachable", NO_HTTP, 1),
    "a-status-that-nobody-knows": (b"HTTP/1.1 999 ?\r\nContent-Length: 0\r\n\r\n", "unreachable",
                                   "HTTP status 999", 1),
    "nothing-changed-though-nobody-asked": (b"HTTP/1.1 304 Not Modified\r\n\r\n", "unreachable",
                                            "HTTP status 304", 1),
    "a-redirect-to-nowhere": (b"HTTP/1.1 302 Found\r\nContent-Length: 0\r\n\r\n", "unreachable",
                              "redirect to nowhere", 1),
    "a-header-without-a-colon": (HEAD + b"nonsense\r\n\r\n" + BODY, "unreachable", NO_HTTP, 1),
    "a-header-with-a-nul": (HEAD + b"X: a\0b\r\n\r\n" + BODY, "unreachable", NO_HTTP, 1),
    "a-header-without-end": (HEAD + b"X: " + b"a" * 2 * MIB, "over_limit", LONG, 1),
    "headers-without-end": (HEAD + b"X: a\r\n" * 9000 + b"\r\n" + BODY, "over_limit", MANY, 1),
    "lines-ended-by-lf": (WHOLE.replace(b"\r\n", b"\n"), "no_match", None, 1),
    "more-behind-the-end": (WHOLE + WHOLE, "no_match", None, 1),
}


def test_documents():
    with StubRegistry() as stub:
        stub.put_image(REPOSITORY, None, STRANGER)
        for tag, (raw, _, _, _) in CASES.items():
            stub.script(manifest_path(tag), Reply(raw=raw))
        ended = check(stub, *CASES)
        tries = {tag: len(stub.requests_for(manifest_path(tag))) for tag in CASES}
    got = {tag: (finding["reason"], [message for _, _, message in errors_of(finding)], tries[tag])
           for tag, finding in zip(CASES, ended.findings, strict=True)}
    tap.equal(got, {tag: (reason, [f"{stub.address}: {message}"] if message else [], count)
                    for tag, (_, reason, message, count) in CASES.items()})
    tap.equal(ended.exit, 3)


OWN = OURS.layers[1]
LAYER = OURS.blobs[OWN]


def test_layers():
    """Ours, served in every broken way at first, then well: the rest is asked for, from the byte
    behind the last sound one."""
    half = len(LAYER) // 2
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    good = head + chunk(LAYER[:half])
    first = {
        "chunk that is none": (good + b"zz\r\n" + LAYER[half:], half),
        "chunk cut short": (head + chunk(LAYER[:half], size=len(LAYER))[:-2], half),
        "no last chunk": (good, half),
        "interim flood": (b"HTTP/1.1 102 Processing\r\n\r\n" * 9000, None),
        "not HTTP": (LAYER, None),
    }
    for what, (raw, place) in first.items():
        with StubRegistry() as stub:
            stub.put_image(REPOSITORY, "1", OURS)
            stub.script(blob_path(OWN), Reply(raw=raw), None)
            code, finding = check_one(stub)
            asked = ranges(stub, blob_path(OWN))
        if place is None:  # no layer at all, and no reason to ask again
            tap.equal((finding["reason"], len(asked)), ("manifest", 1), what)
            continue
        tap.equal(verdict(code, finding), (0, "true_positive", "layer", "high"), what)
        tap.equal(asked, [None, f"bytes={place}-"], what)


def test_endless_bodies():
    """Of a manifest, a configuration and a layer: read to their bounds and no further."""
    image = build_image([BASE, {"theirs.txt": b"theirs\n" * 100}])
    config = image.parsed["config"]["digest"]
    endless = b" " * (12 * MIB)
    for path, bound in ((manifest_path("1"), 4 * MIB), (blob_path(config), len(image.config)),
                        (blob_path(image.layers[1]), len(image.blobs[image.layers[1]]))):
        for how in ({"chunked": True}, {"length": -1}, {"length": 2 ** 62}):
            with StubRegistry() as stub:
                stub.put_image(REPOSITORY, "1", image)
                stub.script(path, Reply(200, {"Content-Type": OCI_MANIFEST}, endless, **how))
                _, finding = check_one(stub, depth="full")
                tap.equal(len(stub.requests_for(path)), 1, f"{path} {how}")
            assert finding["reason"] in ("over_limit", "tampered"), finding
            assert finding["cost"]["bytes"] < bound + 2 * MIB, (path, how, finding["cost"])


def test_redirects_of_a_manifest_round_and_round():
    with StubRegistry() as stub:
        stub.script(manifest_path("1"), Reply(307, {"Location": manifest_path("2")}))
        stub.script(manifest_path("2"), Reply(307, {"Location": manifest_path("1")}))
        code, finding = check_one(stub)
        tap.equal(verdict(code, finding)[:3], (3, "needs_review", "unreachable"))
        tap.equal(errors_of(finding), [("unreachable", None, f"{stub.address}: too many redirects")])
        tap.equal(len(stub.requests), 6)


def test_head_that_works_where_get_fails():
    """What a header says is no evidence, even where the digest it tells is ours."""
    def answer(request):
        if request.method == "HEAD":
            return Reply(200, {"Content-Type": OCI_MANIFEST, "Docker-Content-Digest": OURS.digest},
                         length=len(OURS.document))
        return Reply(500)

    with StubRegistry() as stub:
        stub.put_image(REPOSITORY, "unused", OURS)
        stub.script(manifest_path("1"), answer)
        code, finding = check_one(stub)
        tap.equal(verdict(code, finding), (3, "needs_review", "unreachable", "medium"))
        tap.equal(finding["evidence"], [])
        tap.equal(len(stub.requests_for(manifest_path("1"), "GET")), 5, "tries")
        tap.equal(inspect(stub, messages=None), (2, None))


tap.main(globals())
