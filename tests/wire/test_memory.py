#!/usr/bin/python3
"""What a run remembers of one place, and what that may say of another."""

import hashlib
import tempfile
from pathlib import Path

from exports import import_images
from harness import (StubRegistry, build_image, build_index, digest_of, run_layerproof,
                     write_layout)
from images import OCI_CONFIG, OCI_INDEX, OCI_MANIFEST, describe, pack_tar, to_json

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


def place_and_copy(stub):
    """Our image at one place, and a stranger's repository that lists the same without having it."""
    stub.put_image("ours/app", "1", OURS)
    stub.put_manifest("copy/app", "1", OURS.document, OCI_MANIFEST)
    return [f"{stub.address}/{repository}:1" for repository in ("ours/app", "copy/app")]


CONFIG = digest_of(OURS.config)
TOP = OURS.layers[1]  # the own layer, which settles the verdict


def verdicts(ended):
    return [(finding["verdict"], finding["reason"]) for finding in ended.findings]


def errors_of(finding):
    return [(error["code"], error.get("where")) for error in finding["errors"]]


def test_what_another_place_served_is_confirmed_here():
    with StubRegistry() as stub:
        references = place_and_copy(stub)
        for blob in OURS.blobs.values():
            stub.put_blob("copy/app", blob)
        ended = check(references + references[1:])
        sent = asked(stub, "copy/app")
    tap.equal(verdicts(ended), [("true_positive", "layer")] * 3)
    tap.equal([finding["errors"] for finding in ended.findings], [[]] * 3)
    tap.equal(sent, ["GET manifests/1", f"HEAD blobs/{TOP}", f"HEAD blobs/{CONFIG}",
                     "GET manifests/1"], "asked once, and not for bytes")


def test_a_listed_blob_that_is_not_there_proves_nothing():
    with StubRegistry() as stub:
        references = place_and_copy(stub)
        stub.put_blob("copy/app", OURS.config)
        ended = check(references)
        sent = asked(stub, "copy/app")
    tap.equal(verdicts(ended), [("true_positive", "layer"), ("true_positive", "manifest")])
    copy = ended.findings[1]
    tap.equal(errors_of(copy), [("not_found", f"layer {digest}") for digest in OURS.layers[::-1]])
    tap.equal((copy["anchored"], [layer["level"] for layer in copy["images"][0]["layers"]]),
              (True, ["declared"] * 2))
    tap.equal({item["identity"]: item["level"] for item in copy["evidence"]},
              {"manifest": "hashed", "config": "hashed", "layer": "declared",
               "diff_id": "declared"})
    tap.equal(sent[:3], ["GET manifests/1", f"HEAD blobs/{TOP}", f"GET blobs/{TOP}"])
    tap.equal(sent[3:], ["GET manifests/1", f"GET blobs/{CONFIG}", f"GET blobs/{TOP}",
                         f"GET blobs/{OURS.layers[0]}"], "read anew, without memory")


def test_a_listed_config_that_is_not_there_proves_nothing():
    other = build_image([{"a.txt": b"a stranger's\n"}, {"b.txt": b"another\n"}])
    manifest = to_json({**other.parsed, "config": describe(OURS.config, OCI_CONFIG)})
    with StubRegistry() as stub:
        stub.put_image("ours/app", "1", OURS)
        stub.put_manifest("stranger/app", "1", manifest, OCI_MANIFEST)
        references = [f"{stub.address}/ours/app:1", f"{stub.address}/stranger/app:1"]
        remembered = check(references, "--depth", "manifest")
        sent = asked(stub, "stranger/app")
        alone = check(references[1:], "--depth", "manifest")
        stub.put_blob("stranger/app", OURS.config)
        there = check(references, "--depth", "manifest")
    tap.equal(verdicts(remembered), [("true_positive", "manifest"), ("needs_review", "partial")])
    tap.equal(verdicts(alone), [("needs_review", "partial")])
    tap.equal(remembered.findings[1]["errors"], alone.findings[0]["errors"])
    tap.equal(errors_of(alone.findings[0]), [("not_found", f"config {CONFIG}")])
    tap.equal(sent, ["GET manifests/1", f"HEAD blobs/{CONFIG}", f"GET blobs/{CONFIG}",
                     "GET manifests/1", f"GET blobs/{CONFIG}"])
    tap.equal(verdicts(there), [("true_positive", "manifest"), ("true_positive", "config")])


def test_a_listed_manifest_that_is_not_there_proves_nothing():
    index = build_index({"linux/amd64": OURS})
    with StubRegistry() as stub:
        stub.put_image("ours/app", "1", index)
        stub.put_manifest("copy/app", "1", build_index(
            {"linux/amd64": OURS, "linux/arm64": STRANGER}).document, OCI_INDEX)
        ended = check([f"{stub.address}/{repository}/app:1" for repository in ("ours", "copy")])
        sent = asked(stub, "copy/app")
    tap.equal(verdicts(ended), [("true_positive", "layer"), ("needs_review", "partial")])
    tap.equal(errors_of(ended.findings[1]),
              [("not_found", f"manifest {image.digest}") for image in (OURS, STRANGER)])
    manifests = [f"manifests/{image.digest}" for image in (OURS, STRANGER)]
    tap.equal(sent[:2], ["GET manifests/1", f"GET {manifests[1]}"])
    tap.equal(sent[-3:], ["GET manifests/1", *(f"GET {path}" for path in manifests)])


def test_a_blob_of_another_length_confirms_nothing():
    with StubRegistry() as stub:
        references = place_and_copy(stub)
        for blob in OURS.blobs.values():
            stub.put_blob("copy/app", blob)
        stub.put_blob("copy/app", b"short", digest=TOP)
        ended = check(references)
    tap.equal(verdicts(ended), [("true_positive", "layer"), ("needs_review", "tampered")])
    tap.equal(errors_of(ended.findings[1])[0], ("tampered", f"layer {TOP}"))


def two_of_a_stranger(stub):
    for repository in ("a/b", "c/d"):
        stub.put_image(repository, "1", STRANGER)
    return [f"{stub.address}/{repository}:1" for repository in ("a/b", "c/d")]


def test_nothing_is_confirmed_where_no_layer_was_read():
    with StubRegistry() as stub:
        ended = check(two_of_a_stranger(stub))
        sent = asked(stub, "c/d")
    tap.equal((verdicts(ended), sent), ([("needs_review", "no_match")] * 2, ["GET manifests/1"]))


def test_layers_without_a_match_are_confirmed_too():
    layer = STRANGER.layers[0]
    with StubRegistry() as stub:
        references = two_of_a_stranger(stub)
        ended = check(references + references[1:], "--depth", "full")
        sent = asked(stub, "c/d")
    tap.equal(verdicts(ended), [("needs_review", "no_match")] * 3)
    tap.equal(sent, ["GET manifests/1", f"HEAD blobs/{layer}", "GET manifests/1"], "asked once")


def test_a_listed_layer_that_is_not_there_is_not_said_to_match_nothing():
    layer, config = STRANGER.layers[0], digest_of(STRANGER.config)
    with StubRegistry() as stub:
        references = two_of_a_stranger(stub)
        del stub.blobs["c/d", layer]
        ended = check(references, "--depth", "full")
        sent = asked(stub, "c/d")
        alone = check(references[1:], "--depth", "full")
    tap.equal(verdicts(ended), [("needs_review", "no_match"), ("needs_review", "partial")])
    there, gone = ended.findings
    tap.equal((there["coverage"]["layers"]["hashed"], gone["coverage"]["layers"]["hashed"]), (1, 0))
    tap.equal((errors_of(gone), verdicts(alone)[0], gone["errors"]),
              ([("not_found", f"layer {layer}")], verdicts(ended)[1], alone.findings[0]["errors"]))
    tap.equal(sent, ["GET manifests/1", f"HEAD blobs/{layer}", f"GET blobs/{layer}",
                     "GET manifests/1", f"GET blobs/{config}", f"GET blobs/{layer}"],
              "read anew, without memory")


def test_a_shared_assessment_is_not_that_of_another_length():
    layer = STRANGER.layers[0]
    with StubRegistry() as stub:
        references = two_of_a_stranger(stub)
        stub.put_blob("c/d", b"short", digest=layer)
        ended = check(references, "--depth", "full")
    tap.equal(verdicts(ended), [("needs_review", "no_match"), ("needs_review", "tampered")])
    tap.equal(errors_of(ended.findings[1])[0], ("tampered", f"layer {layer}"))


def test_images_on_this_machine_are_judged_alone():
    """The same manifest in two layouts, one of which has other bytes or none for the layer."""
    layer = STRANGER.layers[0].removeprefix("sha256:")
    with tempfile.TemporaryDirectory() as folder:
        references = []
        for name in ("whole", "broken", "short"):
            write_layout(f"{folder}/{name}", {"1": STRANGER})
            references.append(f"oci:{folder}/{name}:1")
        Path(folder, "broken/blobs/sha256", layer).write_bytes(bytes(len(STRANGER.document)))
        Path(folder, "short/blobs/sha256", layer).unlink()
        expected = [("needs_review", reason) for reason in ("no_match", "tampered", "partial")]
        ended = check(references, "--depth", "full")
        turned = check(references[::-1], "--depth", "full")
    tap.equal((verdicts(ended), verdicts(turned)), (expected, expected[::-1]))
    tap.equal([finding["coverage"]["layers"]["hashed"] for finding in ended.findings][::2], [1, 0])
    for finding, other in zip(ended.findings, turned.findings[::-1]):
        tap.equal((finding["reason"], finding["errors"]), (other["reason"], other["errors"]))


def test_one_layer_of_ours_that_is_only_listed():
    grafted = build_image([{"bin/x": b"x" * 99}, {"app/main": b"ours alone\n" * 50}])
    tap.equal(grafted.layers[1], TOP)
    with StubRegistry() as stub:
        stub.put_image("ours/app", "1", OURS)
        stub.put_image("stranger/app", "1", grafted)
        references = [f"{stub.address}/ours/app:1", f"{stub.address}/stranger/app:1"]
        there = check(references)
        del stub.blobs["stranger/app", TOP]
        gone = check(references)
    tap.equal(verdicts(there), [("true_positive", "layer")] * 2)
    tap.equal(verdicts(gone), [("true_positive", "layer"), ("needs_review", "layer_declared")])
    tap.equal(errors_of(gone.findings[1]), [("not_found", f"layer {TOP}")])


tap.main(globals())
