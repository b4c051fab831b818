#!/usr/bin/python3
"""Facts about layers on the wire: how a broken one goes on, and what a wrong size means."""

import random

from asking import (PROVED, REPOSITORY, TAMPERED, blob_path, check_one, errors_of, inspect, ranges,
                    verdict)
from harness import Reply, StubRegistry, build_image
from images import OCI_MANIFEST, to_json

import tap

NOISE = random.Random(37).randbytes(3 << 20)
BASE = {"etc/os-release": b"ID=test\n"}
OURS = build_image([BASE, {"app/large": NOISE}])
LARGE = OURS.layers[1]
BODY = OURS.blobs[LARGE]
SIZE = len(BODY)
IMAGES = {"registry.acme.example/ours/app:1": OURS}
MIB = 1 << 20
PATH = blob_path(LARGE)


def assert_proved(stub, fetched=SIZE):
    """The layer of ours was read whole, and this many bytes of layers in all."""
    code, finding = check_one(stub, images=IMAGES)
    tap.equal((verdict(code, finding), finding["errors"]), (PROVED, []))
    documents = len(OURS.document) + len(OURS.config)
    tap.equal(finding["cost"]["bytes"] - documents, fetched, "bytes of the layer on the wire")


def serving(*cuts, reset=False):
    """Replies that serve a range, each cut after so many bytes; the last one whole."""
    def reply(cut):
        def answer(request):
            wanted = request.header("Range")
            first = int(wanted.removeprefix("bytes=").removesuffix("-")) if wanted else 0
            headers = {"Content-Range": f"bytes {first}-{SIZE - 1}/{SIZE}"} if wanted else {}
            return Reply(206 if wanted else 200, headers, BODY[first:], cut=cut,
                         reset=reset and cut is not None)
        return answer
    return [reply(cut) for cut in (*cuts, None)]


def test_fact_37_a_broken_layer_goes_on_where_it_broke():
    """Each byte comes once: the state of the hash is kept from one connection to the next."""
    with StubRegistry() as stub:
        stub.put_image(REPOSITORY, "1", OURS)
        stub.script(PATH, *serving(MIB, MIB // 2))
        assert_proved(stub)
        tap.equal(ranges(stub, PATH), [None, f"bytes={MIB}-", f"bytes={MIB + MIB // 2}-"])


def test_fact_37_inspect_goes_on_too():
    with StubRegistry() as stub:
        stub.put_image(REPOSITORY, "1", OURS)
        stub.script(PATH, *serving(MIB))
        tap.equal(inspect(stub, "1", "--verify")[0], 0)
        tap.equal(ranges(stub, PATH), [None, f"bytes={MIB}-"])


def test_fact_37_a_mebibyte_of_progress_begins_the_tries_anew():
    """Five tries in all where each brings little, and as many as it takes where each brings much."""
    with StubRegistry() as stub:
        stub.put_image(REPOSITORY, "1", OURS)
        stub.script(PATH, *serving(*[1000] * 9))
        code, finding = check_one(stub, images=IMAGES)
        tap.equal(ranges(stub, PATH), [None, *[f"bytes={1000 * n}-" for n in range(1, 5)]])
        tap.equal(verdict(code, finding)[:3], (3, "true_positive", "manifest"))
        tap.equal(errors_of(finding),
                  [("unreachable", f"layer {LARGE}", f"{stub.address}: the connection broke")])
    with StubRegistry() as stub:
        stub.put_image(REPOSITORY, "1", OURS)
        stub.script(PATH, *serving(1000, 1000, 1000, MIB, 1000, 1000, 1000))
        assert_proved(stub)
        tap.equal(len(ranges(stub, PATH)), 8)


def test_fact_37_the_rest_is_asked_of_the_registry_itself():
    """A signed address may have expired: the registry gives a new one for the rest."""
    with StubRegistry() as stub, StubRegistry(host="127.0.0.2") as storage:
        stub.put_image(REPOSITORY, "1", OURS)
        signatures = iter(range(9))
        stub.script(PATH, lambda _request: Reply(
            307, {"Location": f"{storage.url}/blob/{next(signatures)}"}))
        for number, reply in enumerate(serving(MIB)):
            storage.script(f"/blob/{number}", reply, Reply(403))
        assert_proved(stub)
        tap.equal(ranges(stub, PATH), [None, f"bytes={MIB}-"])
        tap.equal([(request.target, request.header("Range")) for request in storage.requests],
                  [("/blob/0", None), ("/blob/1", f"bytes={MIB}-")])


def test_fact_37_a_range_that_is_ignored_or_refused():
    """200: the whole again, its beginning passed over. 416: the whole is asked for."""
    whole = Reply(200, {}, BODY)
    for what, replies, expected in (
            ("ignored", [whole], [None, f"bytes={MIB}-"]),
            ("refused", [Reply(416, {"Content-Range": f"bytes */{SIZE}"}), whole],
             [None, f"bytes={MIB}-", None])):
        with StubRegistry() as stub:
            stub.put_image(REPOSITORY, "1", OURS)
            stub.script(PATH, Reply(200, {}, BODY, cut=MIB), *replies)
            assert_proved(stub, fetched=MIB + SIZE)
            tap.equal(ranges(stub, PATH), expected, what)


def declaring(size):
    """Our image, one byte changed: the large layer's size."""
    document = OURS.parsed
    document["layers"][1]["size"] = size
    return to_json(document)


def check_sized(stub, size, reply):
    stub.put_image(REPOSITORY, "unused", OURS)
    stub.put_manifest(REPOSITORY, "1", declaring(size), OCI_MANIFEST)
    stub.script(PATH, reply)
    return check_one(stub, images=IMAGES)


def test_fact_38_a_longer_content_length_fails_before_a_byte_is_read():
    with StubRegistry() as stub:
        code, finding = check_sized(stub, SIZE - 1, Reply(200, {}, BODY))
        tap.equal(verdict(code, finding), TAMPERED)
        tap.equal(errors_of(finding), [("tampered", f"layer {LARGE}", f"{stub.address}: more than "
                                        f"the {SIZE - 1} bytes that were declared")])
        tap.equal(finding["coverage"]["bytes"]["fetched"], 0)
        tap.equal(ranges(stub, PATH), [None])


def test_fact_38_reading_stops_one_byte_behind_the_declared_size():
    """Where no length was told: an endless layer costs what was declared, and no more than a piece
    of it again."""
    for how in ({"chunked": True}, {"length": -1}):
        with StubRegistry() as stub:
            code, finding = check_sized(stub, MIB, Reply(200, {}, BODY * 20, **how))
            tap.equal(verdict(code, finding), TAMPERED)
            assert finding["cost"]["bytes"] < 2 * MIB, finding["cost"]
            tap.equal(ranges(stub, PATH), [None])


def test_fact_38_fewer_bytes_than_declared_prove_and_are_told():
    """They are ours, so they are proof; that the descriptor says otherwise is told beside it."""
    with StubRegistry() as stub:
        code, finding = check_sized(stub, SIZE + 1, Reply(200, {}, BODY))
        tap.equal((verdict(code, finding), finding["flags"]), (PROVED, ["tampered"]))
        tap.equal(errors_of(finding), [("tampered", f"layer {LARGE}",
                                        f"{SIZE + 1} bytes declared, {SIZE} served")])
        code, record = inspect(stub, "1", "--verify")
        tap.equal((code, record["images"][0]["layers"][1]["tampered"]), (1, True))


tap.main(globals())
