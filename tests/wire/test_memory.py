#!/usr/bin/python3
"""What a run remembers of one place, and what that may say of another."""

import hashlib
import tempfile

from exports import import_images
from harness import StubRegistry, build_image, run_layerproof
from images import OCI_CONFIG, OCI_MANIFEST, describe, pack_tar, to_json

import tap

BASE = {"etc/os-release": b"ID=test\n"}
OURS = build_image([BASE, {"app/main": b"ours alone\n" * 50}])
STRANGER = build_image([{"theirs.txt": b"nothing of ours\n" * 20}])


def check(references, *arguments, images=None, **how):
    """The run over the references, one after the other."""
    with tempfile.TemporaryDirectory() as folder:
        index = import_images(folder, images or {"registry.acme.example/ours/app:1": OURS})
        return run_layerproof("--index", index, "check", "--ordered", "-j", "1", *arguments,
                              *references, **how)


def asked(stub, repository):
    """["GET manifests/1", ...] for one repository."""
    return [f"{request.method} {request.path.removeprefix(f'/v2/{repository}/')}"
            for request in stub.requests if request.path.startswith(f"/v2/{repository}/")]


def sha512(data):
    return "sha512:" + hashlib.sha512(data).hexdigest()


def with_sha512_diff_ids(image, tars):
    """(manifest, config): the same blobs under a config that names their tars by sha512."""
    config = to_json({"architecture": "amd64", "os": "linux", "config": {},
                      "rootfs": {"type": "layers", "diff_ids": [sha512(tar) for tar in tars]}})
    return to_json({**image.parsed, "config": describe(config, OCI_CONFIG)}), config


def test_diff_ids_of_another_algorithm_are_computed_anew():
    layers = [{"a.txt": b"one\n" * 9}, {"b.txt": b"two\n" * 9}]
    image = build_image(layers)
    manifest, config = with_sha512_diff_ids(image, [pack_tar(layer) for layer in layers])
    blobs = [f"GET blobs/{digest}" for digest in image.layers]
    with StubRegistry() as stub:
        stub.put_image("a/b", "1", image)
        stub.put_manifest("a/b", "2", manifest, OCI_MANIFEST)
        stub.put_blob("a/b", config)
        ended = check([f"{stub.address}/a/b:{tag}" for tag in "1212"], "--depth", "full")
        sent = asked(stub, "a/b")
    for finding in ended.findings:
        tap.equal((finding["reason"], finding["errors"], finding["flags"]),
                  ("no_match", [], []), finding["input"])
        tap.equal([layer["level"] for layer in finding["images"][0]["layers"]], ["hashed"] * 2)
    tap.equal([path for path in sent if path in blobs], blobs + blobs,
              "each blob was fetched once for each algorithm")


tap.main(globals())
