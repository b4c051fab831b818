#!/usr/bin/python3
"""`add`: images themselves into the index, from a registry and from a layout; then `check`."""

import hashlib
import json
import tempfile
from pathlib import Path

from fixture_images import layout_blob, layout_descriptors
from harness import (FIXTURES, Registry, StubRegistry, build_image, build_index, push_image,
                     run_layerproof, write_layout)

import tap

BASE = {"etc/os-release": b"ID=test\n"}
IMAGE = build_image([BASE, {"app/main": b"ours alone\n" * 50}, {"app/data": b"1234\n" * 900}])
OTHER = build_image([BASE, {"opt/tool": b"another tool\n" * 70}], platform="linux/arm64")


def chain_ids(diff_ids):
    """image-spec config.md, "Layer ChainID"."""
    chain = diff_ids[:1]
    for diff_id in diff_ids[1:]:
        text = f"{chain[-1]} {diff_id}"
        chain.append("sha256:" + hashlib.sha256(text.encode()).hexdigest())
    return chain


def show(index, digest):
    ended = run_layerproof("--index", index, "index", "show", "--json", digest)
    tap.equal(ended.exit, 0, ended.stderr)
    return ended.records[0]


def statistics(index):
    ended = run_layerproof("--index", index, "index", "stat", "--json")
    record = ended.records[0]
    return {name: record[name] for name in ("images", "digests", "identities", "origins")}


def assert_known(index, image, name):
    """Each identity of `image` leads to the internal image `name`."""
    expected = {image.digest: "manifest", image.parsed["config"]["digest"]: "config"}
    expected.update(dict.fromkeys(image.layers, "layer"))
    for digest, identity in expected.items():
        record = show(index, digest)
        tap.equal((record["digest"], record["identities"]), (digest, [identity]))
        tap.equal([held["name"] for held in record["images"]], [name], identity)
    for place, chain_id in enumerate(chain_ids(image.diff_ids)):
        # The bottom layer's ChainID is its diff_id, and shown as that.
        identities = ["diff_id"] if place == 0 else ["chain_id"]
        tap.equal(show(index, chain_id)["identities"], identities, f"chain_id {place}")
        tap.equal("diff_id" in show(index, image.diff_ids[place])["identities"], True)


def check_one(index, reference, *arguments):
    ended = run_layerproof("--index", index, "check", reference, *arguments)
    tap.equal((ended.exit, ended.stderr), (0, ""))
    return ended.findings[0]


def assert_exact_copy(index, reference):
    finding = check_one(index, reference)
    tap.equal((finding["verdict"], finding["reason"]), ("true_positive", "layer"))
    tap.equal(sorted({item["identity"] for item in finding["evidence"]}),
              ["config", "diff_id", "layer", "manifest"])
    anchored = check_one(index, reference, "--depth", "manifest")
    tap.equal((anchored["verdict"], anchored["reason"], anchored["anchored"]),
              ("true_positive", "manifest", True))


def test_image_of_a_registry():
    with tempfile.TemporaryDirectory() as folder, Registry() as registry:
        index = Path(folder) / "index"
        push_image(IMAGE, registry, "acme/app:1")
        push_image(IMAGE, registry, "stranger/copy:latest")
        name = f"{registry.address}/acme/app:1"
        ended = run_layerproof("--index", index, "add", name)
        tap.equal((ended.exit, ended.stderr), (0, ""))
        tap.equal(ended.stdout.splitlines()[0],
                  "1 images read: 1 ours, 0 third-party, 0 public")
        assert_known(index, IMAGE, name)
        assert_exact_copy(index, f"{registry.address}/stranger/copy:latest")


def test_image_of_a_layout():
    with tempfile.TemporaryDirectory() as folder, StubRegistry() as stub:
        index, layout = Path(folder) / "index", Path(folder) / "layout"
        write_layout(layout, {"1": IMAGE})
        stub.put_image("stranger/copy", "latest", IMAGE)
        ended = run_layerproof("--index", index, "add", f"oci:{layout}:1")
        tap.equal((ended.exit, ended.stderr), (0, ""))
        tap.equal(stub.requests, [])
        assert_known(index, IMAGE, f"oci:{layout}:1")
        assert_exact_copy(index, f"{stub.address}/stranger/copy:latest")


def test_second_add_changes_nothing():
    with tempfile.TemporaryDirectory() as folder:
        index, layout = Path(folder) / "index", Path(folder) / "layout"
        write_layout(layout, {"1": IMAGE, "2": OTHER})
        references = [f"oci:{layout}:1", f"oci:{layout}:2"]
        first = run_layerproof("--index", index, "add", *references)
        tap.contains(first.stdout, "new in the index: 2 images, ")
        before = statistics(index), [show(index, digest) for digest in IMAGE.layers]
        again = run_layerproof("--index", index, "add", *references)
        tap.equal(again.stdout, "2 images read: 2 ours, 0 third-party, 0 public\n"
                  "  new in the index: 0 images, 0 digests\n")
        tap.equal((statistics(index), [show(index, digest) for digest in IMAGE.layers]), before)


def test_index_with_its_platforms():
    both = build_index({"linux/amd64": IMAGE, "linux/arm64": OTHER})
    with tempfile.TemporaryDirectory() as folder, StubRegistry() as stub:
        index = Path(folder) / "index"
        stub.put_image("acme/app", "1", both)
        stub.put_image("stranger/half", "1", OTHER)
        ended = run_layerproof("--index", index, "add", f"{stub.address}/acme/app:1")
        tap.contains(ended.stdout, "2 images read: 2 ours", "output")
        record = show(index, both.digest)
        tap.equal(record["identities"], ["index"])
        tap.equal([held["platform"] for held in record["images"]], ["linux/amd64", "linux/arm64"])
        shared = show(index, OTHER.layers[0])
        tap.equal(len(shared["images"]), 2, "images that hold the base")
        finding = check_one(index, f"{stub.address}/stranger/half:1")
        tap.equal((finding["verdict"], finding["reason"]), ("true_positive", "layer"))
        copy = check_one(index, f"{stub.address}/acme/app:1", "--depth", "manifest")
        tap.equal((copy["verdict"], copy["reason"]), ("true_positive", "index"))


def test_no_layer_is_fetched():
    with tempfile.TemporaryDirectory() as folder, StubRegistry() as stub:
        stub.put_image("acme/app", "1", IMAGE)
        run_layerproof("--index", Path(folder) / "index", "add", f"{stub.address}/acme/app:1")
        tap.equal([request.path for request in stub.requests], [
            "/v2/acme/app/manifests/1",
            f"/v2/acme/app/blobs/{IMAGE.parsed['config']['digest']}"])


def test_public_origin_disclaims_what_the_export_took_for_ours():
    with tempfile.TemporaryDirectory() as folder:
        index = Path(folder) / "index"
        layout = FIXTURES / "images/internal"
        run_layerproof("--index", index, "add", f"oci:{layout}:payments-worker-1.4.2")
        manifest = json.loads(layout_blob("internal", layout_descriptors("internal")[
            "debian-12-slim"]["digest"]))
        base = manifest["layers"][0]["digest"]
        tap.equal(show(index, base)["origin"], "ours")
        run_layerproof("--index", index, "add", "--origin", "public",
                       f"oci:{layout}:debian-12-slim")
        tap.equal(show(index, base)["origin"], "public")


def test_what_cannot_be_read_leaves_no_index():
    with tempfile.TemporaryDirectory() as folder, StubRegistry() as stub:
        index = Path(folder) / "index"
        ended = run_layerproof("--index", index, "add", f"{stub.address}/acme/gone:1")
        tap.equal((ended.exit, ended.stdout), (2, ""))
        tap.equal(ended.stderr, f"layerproof: {stub.address}/acme/gone:1: {stub.address}: "
                                "404 MANIFEST_UNKNOWN: manifest_unknown\n")
        assert not index.exists(), "an index was made"


def test_some_that_cannot_be_read_are_named():
    with tempfile.TemporaryDirectory() as folder, StubRegistry() as stub:
        index = Path(folder) / "index"
        stub.put_image("acme/app", "1", IMAGE)
        ended = run_layerproof("--index", index, "add", f"{stub.address}/acme/app:1",
                               f"{stub.address}/acme/gone:1")
        tap.equal(ended.exit, 3)
        tap.equal(ended.stderr.count("\n"), 1, "lines of errors")
        assert_known(index, IMAGE, f"{stub.address}/acme/app:1")


def test_tampered_manifest_is_not_added():
    with tempfile.TemporaryDirectory() as folder, StubRegistry() as stub:
        index = Path(folder) / "index"
        stub.put_image("acme/app", "1", IMAGE)
        stub.documents["acme/app", OTHER.digest] = (IMAGE.document, IMAGE.media_type)
        ended = run_layerproof("--index", index, "add", f"{stub.address}/acme/app@{OTHER.digest}")
        tap.equal((ended.exit, ended.stdout), (2, ""))
        tap.contains(ended.stderr, f"the bytes served hash to {IMAGE.digest}", "message")
        assert not index.exists(), "an index was made"


tap.main(globals())
