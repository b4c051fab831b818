#!/usr/bin/python3
"""Fact 36: a Content-Encoding on what is hashed. The bytes as served count; what stands under the
encoding counts only where they are not the declared ones and it is."""

import gzip

from asking import (BASE, MALFORMED, NO_MATCH, OURS, PROVED, REPOSITORY, STRANGER, TAMPERED,
                    blob_path, check_one, errors_of, inspect, manifest_path, verdict)
from harness import Reply, StubRegistry, build_image, digest_of
from images import OCI_MANIFEST

import tap

LAYER = OURS.layers[1]
PLAIN = build_image([BASE, {"app/main": b"ours alone\n" * 50}], compression="")


def encoded(body, label="gzip", media_type="application/octet-stream", **how):
    return Reply(200, {"Content-Type": media_type, "Content-Encoding": label}, gzip.compress(body),
                 **how)


def wishes(stub, path):
    """The Accept-Encoding of each request for a path."""
    return [request.header("Accept-Encoding") for request in stub.requests_for(path)]


def test_fact_36_no_encoding_is_asked_for():
    with StubRegistry() as stub:
        stub.put_image(REPOSITORY, "1", OURS)
        tap.equal(verdict(*check_one(stub, depth="full")), PROVED)
        tap.equal(inspect(stub, "1", "--verify")[0], 0)
        tap.equal({request.header("Accept-Encoding") for request in stub.requests}, {None})


def test_fact_36_a_label_on_a_layer_that_is_gzip_anyway():
    for label in ("gzip", "x-gzip", "aws-chunked", "gzip, gzip"):
        with StubRegistry() as stub:
            stub.put_image(REPOSITORY, "1", OURS)
            stub.script(blob_path(LAYER), Reply(200, {"Content-Encoding": label}, OURS.blobs[LAYER]))
            code, finding = check_one(stub)
            tap.equal((verdict(code, finding), finding["errors"]), (PROVED, []), label)
            tap.equal(wishes(stub, blob_path(LAYER)), [None], label)


def assert_decoded(image, layer, first, then):
    with StubRegistry() as stub:
        stub.put_image(REPOSITORY, "1", image)
        stub.script(blob_path(layer), first, then)
        code, finding = check_one(stub)
        tap.equal((verdict(code, finding)[:2], finding["errors"]),
                  ((0, "true_positive"), []), str(first.headers))
        tap.equal(finding["images"][0]["layers"][1]["level"], "hashed")
        tap.equal(wishes(stub, blob_path(layer)), [None, "identity"])


def test_fact_36_a_layer_that_was_encoded_on_its_way():
    """Longer than declared (a gzip of a gzip) or shorter (of a plain tar), its length told or not."""
    for image in (OURS, PLAIN):
        layer = image.layers[1]
        for how in ({}, {"chunked": True}, {"length": -1}):
            for label in ("gzip", "x-gzip", "GZIP"):
                reply = encoded(image.blobs[layer], label, **how)
                assert_decoded(image, layer, reply, reply)


def test_fact_36_a_front_that_leaves_off_encoding_when_asked():
    assert_decoded(OURS, LAYER, encoded(OURS.blobs[LAYER]), Reply(200, {}, OURS.blobs[LAYER]))


def test_fact_36_other_bytes_under_an_encoding_are_tampered():
    other = OURS.blobs[LAYER][:-1] + b"!"
    for name, reply in {"encoded": encoded(other), "not encoded": Reply(
            200, {"Content-Encoding": "gzip"}, other), "unknown": Reply(
            200, {"Content-Encoding": "rot13"}, other)}.items():
        with StubRegistry() as stub:
            stub.put_image(REPOSITORY, "1", OURS)
            stub.script(blob_path(LAYER), reply)
            code, finding = check_one(stub, depth="full")
            tap.equal(verdict(code, finding)[1:], TAMPERED[1:], name)
            tap.equal(wishes(stub, blob_path(LAYER)), [None, "identity"], name)


def test_fact_36_an_encoded_layer_is_not_resumed_within():
    """Nobody knows which byte on the wire comes next, so a broken one is not pieced together."""
    reply = encoded(OURS.blobs[LAYER])
    with StubRegistry() as stub:
        stub.put_image(REPOSITORY, "1", OURS)
        stub.script(blob_path(LAYER), reply, encoded(OURS.blobs[LAYER], cut=len(reply.body) // 2))
        code, finding = check_one(stub)
        tap.equal([request.header("Range") for request in stub.requests_for(blob_path(LAYER))],
                  [None, None])
    tap.equal(verdict(code, finding), TAMPERED)


def test_fact_36_documents_that_were_encoded_on_their_way():
    config = OURS.parsed["config"]["digest"]
    for name in ("1", "@" + OURS.digest):
        with StubRegistry() as stub:
            stub.put_image(REPOSITORY, "1", OURS)
            stub.script(manifest_path(name.removeprefix("@")),
                        encoded(OURS.document, media_type=OCI_MANIFEST))
            stub.script(blob_path(config), encoded(OURS.config))
            code, finding = check_one(stub, name)
            tap.equal((verdict(code, finding), finding["digest"], finding["images"][0]["config"]),
                      (PROVED, OURS.digest, config), name)
            tap.equal(finding["errors"], [], name)
            tap.equal(wishes(stub, blob_path(config)), [None, "identity"], name)


def test_fact_36_a_label_on_documents_that_are_plain():
    with StubRegistry() as stub:
        stub.put_image(REPOSITORY, "1", OURS)
        stub.script(manifest_path("1"), Reply(200, {"Content-Encoding": "gzip"}, OURS.document))
        tap.equal(verdict(*check_one(stub)), PROVED)
        tap.equal(len(stub.requests_for(manifest_path("1"))), 1)


def test_fact_36_a_manifest_that_is_gzip_by_its_digest_is_no_manifest():
    """Bytes of the digest that was asked for are those bytes, and no JSON: not tampered with."""
    body = gzip.compress(STRANGER.document, mtime=0)
    with StubRegistry() as stub:
        stub.script(manifest_path(digest_of(body)), Reply(200, {"Content-Encoding": "gzip"}, body))
        code, finding = check_one(stub, "@" + digest_of(body))
        tap.equal((verdict(code, finding), finding["digest"]), (MALFORMED, digest_of(body)))
        tap.equal([error[0] for error in errors_of(finding)], ["malformed"])
        tap.equal(len(stub.requests), 1)


def test_fact_36_what_unpacks_to_more_than_was_declared_is_not_read_on():
    bomb = b"{" + b" " * 50_000_000
    config = STRANGER.parsed["config"]["digest"]
    with StubRegistry() as stub:
        stub.put_image(REPOSITORY, "1", STRANGER)
        stub.put_image(REPOSITORY, "2", STRANGER)
        stub.script(blob_path(config), encoded(bomb))
        stub.script(manifest_path("2"), encoded(bomb))
        code, finding = check_one(stub)
        tap.equal((verdict(code, finding), finding["errors"][0]["code"]), (TAMPERED, "tampered"))
        assert finding["cost"]["bytes"] < 1_000_000, finding["cost"]
        code, finding = check_one(stub, "2")
        tap.equal(verdict(code, finding), MALFORMED)
        assert finding["cost"]["bytes"] < 6_000_000, finding["cost"]


def test_fact_36_a_stranger_stays_a_stranger():
    with StubRegistry() as stub:
        stub.put_image(REPOSITORY, "1", STRANGER)
        stub.script(manifest_path("1"), encoded(STRANGER.document))
        tap.equal(verdict(*check_one(stub)), NO_MATCH)


tap.main(globals())
