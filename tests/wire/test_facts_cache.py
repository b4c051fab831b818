#!/usr/bin/python3
"""Facts of registries about asking for no more than is needed: HEAD, embedded data, conditional
requests. Each test is named after the fact's number in the notes on registries."""

import base64
import tempfile

from exports import import_images
from harness import Reply, StubRegistry, build_image, digest_of, error_reply, run_layerproof
from images import OCI_CONFIG, OCI_LAYER, OCI_MANIFEST, describe, to_json

import tap

BASE = {"etc/os-release": b"ID=test\n"}
OURS = build_image([BASE, {"app/main": b"ours alone\n" * 50}])
STRANGER = build_image([{"theirs.txt": b"nothing of ours\n" * 20}])
CONFIG, TOP = digest_of(OURS.config), OURS.layers[1]


def check(references, *arguments, **how):
    """The run over the references, one after the other."""
    with tempfile.TemporaryDirectory() as folder:
        index = import_images(folder, {"registry.acme.example/ours/app:1": OURS})
        return run_layerproof("--index", index, "check", "--ordered", "-j", "1", *arguments,
                              *references, **how)


def asked(stub, repository):
    """[("GET manifests/1", {"Range": ...})] for one repository: what shapes the answer."""
    shaping = ("Range", "If-None-Match")
    return [(f"{request.method} {request.path.removeprefix(f'/v2/{repository}/')}",
             {name: request.header(name) for name in shaping if request.header(name)})
            for request in stub.requests if request.path.startswith(f"/v2/{repository}/")]


def verdicts(ended):
    return [(finding["verdict"], finding["reason"]) for finding in ended.findings]


def copies(stub, *repositories, head=None):
    """The references of our image in a repository that was met before and in others, which answer
    HEAD of a blob by `head`."""
    for repository in ("ours/app", *repositories):
        stub.put_image(repository, "1", OURS)
        for blob in OURS.blobs:
            if head and repository != "ours/app":
                stub.script(f"/v2/{repository}/blobs/{blob}", head, method="HEAD")
    return [f"{stub.address}/{repository}:1" for repository in ("ours/app", *repositories)]


def test_fact_2_head_confirms_without_bytes():
    with StubRegistry() as stub:
        ended = check(copies(stub, "copy/app"))
        sent = asked(stub, "copy/app")
    tap.equal(verdicts(ended), [("true_positive", "layer")] * 2)
    tap.equal(sent, [("GET manifests/1", {}), (f"HEAD blobs/{TOP}", {}),
                     (f"HEAD blobs/{CONFIG}", {})])


def test_fact_2_a_failed_head_is_repeated_as_get_for_its_text():
    with StubRegistry() as stub:
        references = copies(stub, "copy/app")
        gone = error_reply(404, "BLOB_UNKNOWN", "it was here")
        stub.script(f"/v2/copy/app/blobs/{TOP}", gone)
        ended = check(references)
        sent = asked(stub, "copy/app")
    tap.equal(verdicts(ended), [("true_positive", "layer"), ("true_positive", "manifest")])
    tap.equal(ended.findings[1]["errors"],
              [{"code": "not_found", "where": f"layer {TOP}",
                "message": f"{stub.address}: 404 BLOB_UNKNOWN: it was here"}])
    tap.equal(sent[:3], [("GET manifests/1", {}), (f"HEAD blobs/{TOP}", {}),
                         (f"GET blobs/{TOP}", {"Range": "bytes=0-0"})])


def refused_head(head):
    """HEAD that fails where GET works: once a host, and GET from then on."""
    with StubRegistry() as stub:
        ended = check(copies(stub, "copy/one", "copy/two", head=head))
        first, second = asked(stub, "copy/one"), asked(stub, "copy/two")
        sizes = [len(request.body) for request in stub.requests]
    tap.equal(verdicts(ended), [("true_positive", "layer")] * 3)
    tap.equal([finding["errors"] for finding in ended.findings], [[]] * 3)
    by_get = [(f"GET blobs/{digest}", {"Range": "bytes=0-0"}) for digest in (TOP, CONFIG)]
    tap.equal(first, [("GET manifests/1", {}), (f"HEAD blobs/{TOP}", {}), *by_get])
    tap.equal(second, [("GET manifests/1", {}), *by_get])
    tap.equal(sum(sizes), 0)


def test_fact_75_head_refused_with_405():
    refused_head(Reply(405))


def test_fact_75_head_refused_with_403():
    refused_head(Reply(403))


def test_fact_75_head_answered_404_though_get_works():
    refused_head(Reply(404))


def test_fact_75_head_answered_500_is_not_tried_again():
    refused_head(Reply(500))


def test_fact_75_head_answered_401_or_429_is_no_reason_for_get():
    for status, code in ((401, "denied"), (429, "rate_limited")):
        with StubRegistry() as stub:
            references = copies(stub, "copy/app", head=Reply(status, {"Retry-After": "999"}))
            ended = check(references)
            sent = asked(stub, "copy/app")
        tap.equal(verdicts(ended)[1], ("true_positive", "layer"), code)
        tap.equal([path for path, headers in sent if headers], [], "no Range request")


def test_fact_75_a_range_is_not_needed_for_the_fallback():
    with StubRegistry() as stub:
        references = copies(stub, "copy/app", head=Reply(405))
        for digest, blob in OURS.blobs.items():
            stub.script(f"/v2/copy/app/blobs/{digest}", Reply(200, {}, blob), method="GET")
        ended = check(references)
        sent = asked(stub, "copy/app")
    tap.equal(verdicts(ended), [("true_positive", "layer")] * 2)
    tap.equal(len(sent), 4)


def embedded(image, *, lie=None):
    """The image's manifest with config and layers in their descriptors; `lie` in place of each."""
    def with_data(data, media_type):
        return {**describe(data, media_type), "data": base64.b64encode(lie or data).decode()}
    return to_json({**image.parsed, "config": with_data(image.config, OCI_CONFIG), "layers": [
        with_data(image.blobs[digest], OCI_LAYER + "+gzip") for digest in image.layers]})


def test_fact_9_embedded_data_stands_for_a_request():
    with StubRegistry() as stub:
        stub.put_manifest("a/b", "1", embedded(OURS), OCI_MANIFEST)
        ended = check([f"{stub.address}/a/b:1"], "--depth", "full")
        sent = asked(stub, "a/b")
    tap.equal((verdicts(ended), sent), ([("true_positive", "layer")], [("GET manifests/1", {})]))
    tap.equal([layer["level"] for layer in ended.findings[0]["images"][0]["layers"]],
              ["hashed"] * 2)


def test_fact_9_embedded_data_shows_that_its_place_has_it():
    with StubRegistry() as stub:
        stub.put_image("ours/app", "1", OURS)
        stub.put_manifest("a/b", "1", embedded(OURS), OCI_MANIFEST)
        ended = check([f"{stub.address}/ours/app:1", f"{stub.address}/a/b:1"])
        sent = asked(stub, "a/b")
    tap.equal(verdicts(ended), [("true_positive", "layer")] * 2)
    tap.equal(sent, [("GET manifests/1", {})])


def test_fact_9_embedded_data_that_does_not_agree_is_as_if_it_were_not_there():
    short, other = b"short", bytes(len(OURS.config))
    for lie in (short, other):
        with StubRegistry() as stub:
            stub.put_image("a/b", "2", OURS)
            stub.put_manifest("a/b", "1", embedded(OURS, lie=lie), OCI_MANIFEST)
            ended = check([f"{stub.address}/a/b:1"])
            sent = asked(stub, "a/b")
        tap.equal((verdicts(ended), ended.findings[0]["errors"]),
                  ([("true_positive", "layer")], []))
        tap.equal(sent, [("GET manifests/1", {}), (f"GET blobs/{CONFIG}", {}),
                         (f"GET blobs/{TOP}", {})])


tap.main(globals())
