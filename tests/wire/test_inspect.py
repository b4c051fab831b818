#!/usr/bin/python3
"""`inspect` beside skopeo: both must see the same digests, in a registry and in a layout."""

import functools
import hashlib
import json
import shutil
import tempfile
from pathlib import Path

from fixture_images import FilledRegistry, internal_names, layout_descriptors, public_names
from harness import FIXTURES, digest_of, run_layerproof, run_tool

import tap

SETS = {"public": public_names, "internal": internal_names}
ATTESTATION = "vnd.docker.reference.type"


def skopeo(*arguments):
    return run_tool("skopeo", "--insecure-policy", *arguments, "--tls-verify=false")


def skopeo_raw(name):
    return skopeo("inspect", "--raw", f"docker://{name}")


def skopeo_manifest_digest(raw):
    with tempfile.NamedTemporaryFile() as file:
        file.write(raw.encode())
        file.flush()
        return run_tool("skopeo", "manifest-digest", file.name).strip()


def image_of(repository, digest):
    """What skopeo sees of one image: (manifest, config, layers, diff_ids)."""
    raw = skopeo_raw(f"{repository}@{digest}")
    manifest = json.loads(raw)
    config = skopeo("inspect", "--config", "--raw", f"docker://{repository}@{digest}")
    return {"manifest": skopeo_manifest_digest(raw), "config": digest_of(config.encode()),
            "layers": [layer["digest"] for layer in manifest["layers"]],
            "diff_ids": json.loads(config)["rootfs"]["diff_ids"]}


@functools.cache
def expected(name):
    """What skopeo sees of `name` ("HOST:PORT/repository:tag"): (digest, images without
    attestations)."""
    raw = skopeo_raw(name)
    repository = name.rpartition(":")[0]
    children = [child for child in json.loads(raw).get("manifests", [])
                if ATTESTATION not in child.get("annotations", {})]
    digests = [child["digest"] for child in children] or [digest_of(raw.encode())]
    return digest_of(raw.encode()), [image_of(repository, digest) for digest in digests]


def seen_by_us(*arguments):
    ended = run_layerproof("inspect", "--json", *arguments)
    tap.equal((ended.exit, ended.stderr), (0, ""), f"{arguments}: exit code and messages")
    record = ended.records[0]
    images = [{"manifest": image["manifest"], "config": image["config"],
               "layers": [layer["digest"] for layer in image["layers"]],
               "diff_ids": [layer["diff_id"] for layer in image["layers"]]}
              for image in record["images"]]
    levels = {layer["level"] for image in record["images"] for layer in image["layers"]}
    tap.equal(record["errors"], [], f"{arguments}: errors")
    return record["digest"], images, levels


def assert_same(kind, reference_of, *options):
    """Compares every image of a layout, found by us at reference_of(tag, name), with skopeo's."""
    names = SETS[kind]()
    tap.equal(sorted(names), sorted(layout_descriptors(kind)), "tags")
    for tag, name in names.items():
        digest, images, levels = seen_by_us(*options, reference_of(tag, name))
        tap.equal((digest, images), expected(f"{REGISTRY.address}/{name}"), tag)
        tap.equal(levels, {"hashed" if options else "declared"}, f"{tag}: levels")


def in_registry(_tag, name):
    return f"docker://{REGISTRY.address}/{name}"


def test_public_images_in_a_registry():
    assert_same("public", in_registry)


def test_internal_images_in_a_registry():
    assert_same("internal", in_registry)


def test_public_images_in_a_layout():
    assert_same("public", lambda tag, _name: f"oci:{FIXTURES}/images/public:{tag}")


def test_internal_images_in_a_layout_by_digest():
    digests = {tag: descriptor["digest"]
               for tag, descriptor in layout_descriptors("internal").items()}
    assert_same("internal", lambda tag, _name: f"oci:{FIXTURES}/images/internal@{digests[tag]}")


def test_internal_images_verified_in_a_registry():
    assert_same("internal", in_registry, "--verify")


HONEST = ["exact-copy", "recompressed-gzip", "recompressed-zstd", "docker-v2s2", "derived",
          "exact-index", "grafted-layer", "empty-layers", "flattened"]


def test_honest_public_images_verified_in_a_layout():
    for tag in HONEST:
        digest, images, levels = seen_by_us("--verify", f"oci:{FIXTURES}/images/public:{tag}")
        tap.equal((digest, images), expected(f"{REGISTRY.address}/{public_names()[tag]}"), tag)
        tap.equal(levels, {"hashed"}, f"{tag}: levels")


def test_forged_diff_ids_are_found():
    for tag in ("forged-config", "stolen-config"):
        ended = run_layerproof("inspect", "--json", "--verify",
                               in_registry(tag, public_names()[tag]))
        tap.equal((ended.exit, ended.stderr), (1, ""), tag)
        layers = ended.records[0]["images"][0]["layers"]
        forged = [layer for layer in layers if layer.get("tampered")]
        assert forged, tag
        for layer in forged:
            tap.equal(list(layer["computed"]), ["diff_id"], tag)
            assert layer["computed"]["diff_id"] != layer["diff_id"], tag
        tap.equal({error["code"] for error in ended.records[0]["errors"]}, {"tampered"}, tag)


def flip(path, position):
    data = bytearray(path.read_bytes())
    data[position] ^= 1
    path.write_bytes(data)
    return "sha256:" + hashlib.sha256(data).hexdigest()


def test_one_flipped_byte_of_a_layer_is_found():
    _, images = expected(f"{REGISTRY.address}/{internal_names()['payments-api-1.4.2']}")
    digest = images[0]["layers"][1]
    with tempfile.TemporaryDirectory() as folder:
        layout = Path(folder) / "layout"
        shutil.copytree(FIXTURES / "images/internal", layout)
        blob = layout / "blobs/sha256" / digest.removeprefix("sha256:")
        computed = flip(blob, blob.stat().st_size // 2)
        reference = f"oci:{layout}:payments-api-1.4.2"
        tap.equal(run_layerproof("inspect", reference).exit, 0, "without --verify")
        ended = run_layerproof("inspect", "--json", "--verify", reference)
        shown = run_layerproof("inspect", "--verify", reference)
    tap.equal((ended.exit, shown.exit, ended.stderr), (1, 1, ""), "exit codes and messages")
    record = ended.records[0]
    layers = record["images"][0]["layers"]
    tap.equal([layer.get("tampered", False) for layer in layers],
              [False, True, False, False, False], "tampered")
    tap.equal(layers[1]["computed"]["digest"], computed, "computed digest")
    tap.equal(record["errors"][0], {"code": "tampered", "where": f"layer {digest}",
                                    "message": f"the bytes served hash to {computed}"})
    tap.contains(shown.stdout, computed, "the tree for people")


def test_one_flipped_byte_of_a_manifest_is_found():
    with tempfile.TemporaryDirectory() as folder:
        layout = Path(folder) / "layout"
        shutil.copytree(FIXTURES / "images/internal", layout)
        digest = layout_descriptors("internal")["ledger-check-0.9"]["digest"]
        manifest = layout / "blobs/sha256" / digest.removeprefix("sha256:")
        position = manifest.read_bytes().index(b"schemaVersion")
        computed = flip(manifest, position)
        ended = run_layerproof("inspect", "--json", f"oci:{layout}:ledger-check-0.9")
    tap.equal(ended.exit, 1, ended.stderr)
    tap.equal(ended.records[0]["digest"], computed, "computed digest")
    tap.equal(ended.records[0]["errors"][0], {
        "code": "tampered", "where": f"manifest {digest}",
        "message": f"the bytes served hash to {computed}"})


def test_what_is_not_there_has_a_message_and_no_output():
    ended = run_layerproof("inspect", "--json", f"{REGISTRY.address}/nobody/nothing:1")
    tap.equal((ended.exit, ended.stdout), (2, ""))
    tap.equal(ended.stderr, f"layerproof: {REGISTRY.address}: 404 MANIFEST_UNKNOWN: manifest unknown\n")


with FilledRegistry("public", "internal") as REGISTRY:
    tap.main(globals())
