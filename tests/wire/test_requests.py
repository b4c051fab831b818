#!/usr/bin/python3
"""What `check` asks for: nothing twice, and never a digest that is ours alone to know."""

import json
import re
import tempfile
import threading
from collections import Counter
from pathlib import Path

from exports import import_images
from fixture_images import (exported_digests, import_fixtures, internal_names, layout_blob,
                            layout_descriptors, public_names)
from harness import StubRegistry, build_image, run_layerproof
from images import OCI_INDEX, OCI_MANIFEST

import tap

OURS = build_image([{"etc/os-release": b"ID=test\n"}, {"app/main": b"ours alone\n" * 50}])
STRANGER = build_image([{"theirs.txt": b"theirs\n"}, {"more.txt": b"more\n"}])
DIGEST = re.compile(r"sha(?:256|512)[:/%][0-9a-fA-F]+|[0-9a-f]{64}")


def check(stub, names, *arguments, images=None):
    with tempfile.TemporaryDirectory() as folder:
        index = import_images(folder, images or {"registry.acme.example/ours/app:1": OURS})
        ended = run_layerproof("--index", index, "check", *arguments,
                               stdin="".join(f"{stub.address}/{name}\n" for name in names))
    tap.equal(ended.stderr, "", "messages")
    return ended


def counts(stub, kind, method="GET"):
    """How often each manifest or blob was asked for, by its last name, whatever the repository."""
    return Counter(request.path.rpartition("/")[2] for request in stub.requests
                   if f"/{kind}/" in request.path and request.method == method)


def fill(stub, image, repositories):
    for repository in repositories:
        stub.put_image(repository, "1", image)
    return [f"{repository}:1" for repository in repositories]


def test_image_in_fifty_repositories_is_read_once():
    repositories = [f"stranger{number}/copy" for number in range(50)]
    with StubRegistry() as stub:
        names = fill(stub, OURS, repositories)
        ended = check(stub, names)
        manifests, blobs = counts(stub, "manifests"), counts(stub, "blobs")
        confirmed, sent = counts(stub, "blobs", "HEAD"), len(stub.requests)
    tap.equal((ended.exit, len(ended.findings)), (0, 50))
    tap.equal({(finding["verdict"], finding["reason"]) for finding in ended.findings},
              {("true_positive", "layer")})
    tap.equal(manifests, {"1": 50}, "manifests asked for")
    config = OURS.parsed["config"]["digest"]
    tap.equal(blobs, {config: 1, OURS.layers[1]: 1}, "blobs read")
    tap.equal(confirmed, {config: 49, OURS.layers[1]: 49}, "whether the others have them")
    tap.equal(sent, 50 + 2 + 2 * 49)
    tap.equal(len({finding["id"] for finding in ended.findings}), 50, "ids")


def test_image_in_fifty_repositories_is_read_once_in_turn():
    with StubRegistry() as stub:
        names = fill(stub, OURS, [f"stranger{number}/copy" for number in range(50)])
        check(stub, names, "-j", "1")
        blobs, confirmed = counts(stub, "blobs"), counts(stub, "blobs", "HEAD")
    tap.equal(sorted(blobs.values()), [1, 1], "config and layer")
    tap.equal(sorted(confirmed.values()), [49, 49], "config and layer, whether they are there")


def test_layers_that_images_share_are_read_once():
    images = [build_image([{"own.txt": b"%d\n" % number}, {"app/main": b"ours alone\n" * 50}])
              for number in range(20)]
    with StubRegistry() as stub:
        for number, image in enumerate(images):
            stub.put_image(f"stranger{number}/graft", "1", image)
        ended = check(stub, [f"stranger{number}/graft:1" for number in range(20)])
        blobs, confirmed = counts(stub, "blobs"), counts(stub, "blobs", "HEAD")
    tap.equal({finding["reason"] for finding in ended.findings}, {"layer"})
    tap.equal(blobs[OURS.layers[1]], 1, "the shared layer")
    tap.equal(confirmed, {OURS.layers[1]: 19}, "whether the others have it")


def test_depth_manifest_and_no_match_fetch_no_layer():
    with StubRegistry() as stub:
        stub.put_image("stranger/app", "1", OURS)
        stub.put_image("stranger/other", "1", STRANGER)
        check(stub, ["stranger/app:1"], "--depth", "manifest")
        check(stub, ["stranger/other:1"])
        asked = set(counts(stub, "blobs"))
    tap.equal(asked, {OURS.parsed["config"]["digest"], STRANGER.parsed["config"]["digest"]})


def test_jobs_bound_the_requests_at_once():
    with StubRegistry() as stub:
        names = fill(stub, STRANGER, [f"stranger{number}/app" for number in range(40)])
        check(stub, names, "-j", "3")
    assert stub.most_at_once <= 3, stub.most_at_once


def test_who_waits_for_a_scheme_goes_on_when_it_is_known():
    """Each answer is held back until both have asked."""
    names = ["one/copy:1", "two/copy:1"]
    with StubRegistry() as stub:
        both = threading.Barrier(2)

        def answer(request):
            both.wait(timeout=60)
            return stub.usual(request)

        for number, name in enumerate(names):
            repository, _, tag = name.partition(":")
            stub.put_image(repository, tag, build_image([{"own.txt": b"%d\n" % number}]))
            stub.script(f"/v2/{repository}/manifests/{tag}", answer)
        ended = check(stub, names, "-j", "2")
    tap.equal((ended.exit, [finding["reason"] for finding in ended.findings]), (0, ["no_match"] * 2))


def test_accept_and_agent():
    with StubRegistry() as stub:
        stub.put_image("stranger/app", "1", STRANGER)
        check(stub, ["stranger/app:1"])
        request = stub.requests_for("/v2/stranger/app/manifests/1")[0]
    tap.equal(request.method, "GET")
    for media_type in (OCI_MANIFEST, OCI_INDEX, "application/vnd.docker.distribution.manifest.v2+json",
                       "application/vnd.docker.distribution.manifest.list.v2+json"):
        tap.contains(request.header("Accept"), media_type)
    assert re.fullmatch(r"layerproof/[0-9.]+", request.header("User-Agent")), request.headers
    tap.equal({name.lower() for name, _ in request.headers}, {"host", "user-agent", "accept"})


def serve_layout(stub, kind, names):
    """Serves every image of a layout of fixtures/ under its name."""
    def put(repository, tag, digest, media_type):
        body = layout_blob(kind, digest)
        stub.put_manifest(repository, tag, body, media_type)
        document = json.loads(body)
        for child in document.get("manifests", []):
            put(repository, None, child["digest"], child["mediaType"])
        for blob in [*filter(None, [document.get("config")]), *document.get("layers", [])]:
            stub.put_blob(repository, layout_blob(kind, blob["digest"]))
    for tag, descriptor in layout_descriptors(kind).items():
        repository, _, name = names[tag].partition(":")
        put(repository, name, descriptor["digest"], descriptor["mediaType"])


def spoken(request):
    """All that a request says, the body with it."""
    return "\n".join([request.target, *(f"{name}: {value}" for name, value in request.headers),
                      request.body.decode(errors="replace")])


def test_no_digest_of_the_index_is_in_any_request():
    with StubRegistry() as stub, tempfile.TemporaryDirectory() as folder:
        serve_layout(stub, "public", public_names())
        index = import_fixtures(Path(folder) / "index")
        ended = run_layerproof("--index", index, "check", "--depth", "full",
                               stdin="".join(f"{stub.address}/{name}\n"
                                             for name in public_names().values()))
        said = set(DIGEST.findall("\n".join(map(spoken, stub.requests))))
        named = "\n".join(body.decode() for body, _ in stub.documents.values())
    tap.equal(ended.exit, 0, ended.stderr)
    asked = {text.replace("/", ":") for text in said}
    assert len(asked) > 50, f"only {len(asked)} digests were asked for"
    tap.equal({digest for digest in asked if digest not in named}, set(), "asked, named by nobody")
    hidden = {digest for digest in exported_digests() if digest not in named}
    assert len(hidden) > 10, f"only {len(hidden)} digests are ours alone"
    tap.equal(asked & hidden, set(), "digests of ours that were told")


def test_names_of_ours_are_in_no_request():
    with StubRegistry() as stub, tempfile.TemporaryDirectory() as folder:
        serve_layout(stub, "public", public_names())
        index = import_fixtures(Path(folder) / "index")
        run_layerproof("--index", index, "check", "--depth", "full",
                       f"{stub.address}/jdoe-dev/billing-backend:latest")
        said = "\n".join(map(spoken, stub.requests))
    for name in ("registry.acme.example", *internal_names().values()):
        assert name not in said, name


tap.main(globals())
