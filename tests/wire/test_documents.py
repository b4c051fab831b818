#!/usr/bin/python3
"""Documents that are not what they should be: what `check` says of each, and what it asked for."""

import base64
import gzip
import hashlib
import json
import tempfile
from pathlib import Path

from exports import import_images
from harness import (Reply, StubRegistry, build_image, build_index, digest_of, run_layerproof)
from images import (DOCKER_MANIFEST, OCI_CONFIG, OCI_INDEX, OCI_LAYER, OCI_MANIFEST, describe,
                    pack_tar, to_json)

import tap

BASE = {"etc/os-release": b"ID=test\n"}
OURS = build_image([BASE, {"app/main": b"ours alone\n" * 50}])
STRANGER = build_image([{"theirs.txt": b"nothing of ours\n" * 20}])
REPOSITORY = "stranger/app"
MIB = 1 << 20


def check(stub, *names, depth="decisive"):
    """Findings of "tag" or "@digest" names of the repository in `stub`."""
    references = [f"{stub.address}/{REPOSITORY}{name if name[0] == '@' else ':' + name}"
                  for name in names]
    with tempfile.TemporaryDirectory() as folder:
        index = import_images(folder, {"registry.acme.example/ours/app:1": OURS})
        ended = run_layerproof("--index", index, "check", "--ordered", "--depth", depth, *references)
    tap.equal(ended.stderr, "", "messages")
    return ended, ended.findings


def check_one(stub, name="1", **how):
    """(exit code, finding) of one name."""
    ended, findings = check(stub, name, **how)
    tap.equal(len(findings), 1, "findings")
    return ended.exit, findings[0]


def errors_of(finding):
    return [(error["code"], error.get("where"), error["message"]) for error in finding["errors"]]


def put(stub, document, media_type=OCI_MANIFEST, tag="1", like=STRANGER):
    """Serves a document under a tag, beside the blobs of an image."""
    for blob in like.blobs.values():
        stub.put_blob(REPOSITORY, blob)
    body = document if isinstance(document, bytes) else to_json(document)
    return stub.put_manifest(REPOSITORY, tag, body, media_type)


def paths_asked(stub):
    return [request.path.removeprefix(f"/v2/{REPOSITORY}/") for request in stub.requests]


def verdict(code, finding):
    return code, finding["verdict"], finding["reason"], finding["priority"]


def test_other_bytes_than_the_digest_asked_for():
    with StubRegistry() as stub:
        stub.put_image(REPOSITORY, "1", STRANGER)
        stub.documents[REPOSITORY, OURS.digest] = (STRANGER.document, OCI_MANIFEST)
        code, finding = check_one(stub, "@" + OURS.digest)
    tap.equal(verdict(code, finding), (0, "needs_review", "tampered", "high"))
    tap.equal((finding["digest"], finding["reference"]["digest"]), (STRANGER.digest, OURS.digest))
    tap.equal(errors_of(finding), [("tampered", f"manifest {OURS.digest}",
                                    f"the bytes served hash to {STRANGER.digest}")])
    tap.equal(finding["flags"], ["tampered"])


def test_own_layer_under_a_tampered_manifest_is_still_proof():
    with StubRegistry() as stub:
        stub.put_image(REPOSITORY, "1", OURS)
        stub.documents[REPOSITORY, STRANGER.digest] = (OURS.document, OCI_MANIFEST)
        code, finding = check_one(stub, "@" + STRANGER.digest)
    tap.equal(verdict(code, finding), (0, "true_positive", "layer", "high"))
    tap.equal(finding["flags"], ["tampered"])


def test_digest_header_is_a_hint_alone():
    for held, lie, reason in ((STRANGER, OURS.digest, "no_match"), (OURS, STRANGER.digest, "layer")):
        with StubRegistry() as stub:
            stub.put_image(REPOSITORY, "1", held)
            stub.script(f"/v2/{REPOSITORY}/manifests/1", Reply(200, {
                "Content-Type": OCI_MANIFEST, "Docker-Content-Digest": lie}, held.document))
            code, finding = check_one(stub)
        tap.equal((code, finding["reason"], finding["digest"]), (0, reason, held.digest))
        tap.equal(finding["flags"], ["digest_header_differs"])


def test_content_type_that_says_nothing():
    for media_type in ("text/plain", "application/json; charset=utf-8", "application/octet-stream",
                       "", OCI_MANIFEST.upper() + "; q=1"):
        with StubRegistry() as stub:
            stub.put_image(REPOSITORY, "1", OURS)
            headers = {"Content-Type": media_type} if media_type else {}
            stub.script(f"/v2/{REPOSITORY}/manifests/1", Reply(200, headers, OURS.document))
            code, finding = check_one(stub)
        tap.equal((code, finding["reason"], finding["media_type"]), (0, "layer", OCI_MANIFEST),
                  media_type)


def test_content_type_that_contradicts_the_body():
    for media_type in (OCI_INDEX, DOCKER_MANIFEST):
        with StubRegistry() as stub:
            digest = put(stub, OURS.document, media_type, like=OURS)
            code, finding = check_one(stub)
        tap.equal(verdict(code, finding), (3, "needs_review", "malformed", "medium"))
        tap.equal(errors_of(finding), [("malformed", None, f"document {digest}: document: served as "
                  f'"{media_type}", but its mediaType is "{OCI_MANIFEST}"')])


MANIFEST = OURS.parsed

MALFORMED = {
    "manifest and index at once": to_json({**MANIFEST, "manifests": []}),
    "index and layers at once": to_json({"schemaVersion": 2, "mediaType": OCI_INDEX,
                                         "manifests": [], "layers": MANIFEST["layers"]}),
    "a member twice": OURS.document.replace(b'{"schemaVersion":2,',
                                            b'{"schemaVersion":2,"layers":[],', 1),
    "a member twice, deeper": OURS.document.replace(b'"config":{', b'"config":{"size":1,', 1),
    "cut off": OURS.document[:-1],
    "empty": b"",
    "no JSON": b"<html>not found</html>",
    "two documents": OURS.document + OURS.document,
    "not UTF-8": OURS.document.replace(b'"schemaVersion"', b'"x":"\xff","schemaVersion"', 1),
    "a NUL in a name": OURS.document.replace(b'"config"', b'"a\\u0000":1,"config"', 1),
}


def test_malformed_documents():
    with StubRegistry() as stub:
        names = {f"m{number}": body for number, body in enumerate(MALFORMED.values())}
        for tag, body in names.items():
            put(stub, body, tag=tag, like=OURS)
        ended, findings = check(stub, *names)
        asked = paths_asked(stub)
    tap.equal(ended.exit, 3, "exit code")
    got = dict(zip(MALFORMED, [(finding["verdict"], finding["reason"]) for finding in findings],
                   strict=True))
    tap.equal(got, dict.fromkeys(MALFORMED, ("needs_review", "malformed")))
    tap.equal([finding.get("digest") for finding in findings],
              [digest_of(body) for body in MALFORMED.values()], "digests")
    tap.equal(sorted(asked), sorted(f"manifests/{tag}" for tag in names), "requests")
    for what, finding in zip(MALFORMED, findings, strict=True):
        tap.equal([error["code"] for error in finding["errors"]], ["malformed"], what)


def test_nesting_is_bounded():
    body = b'{"schemaVersion":2,"layers":' + b"[" * 64 + b"]" * 64 + b"}"
    with StubRegistry() as stub:
        put(stub, body)
        code, finding = check_one(stub)
    tap.equal(verdict(code, finding), (3, "needs_review", "over_limit", "medium"))


def test_malformed_layers_of_a_manifest():
    layer = MANIFEST["layers"][1]
    wrong = {
        "a negative size": {**layer, "size": -1},
        "a size that is no number": {**layer, "size": "12"},
        "a digest in upper case": {**layer, "digest": layer["digest"].upper()},
        "a digest with a path": {**layer, "digest": "sha256:../../../../etc/passwd"},
        "a digest of 63 digits": {**layer, "digest": layer["digest"][:-1]},
        "no digest": {key: value for key, value in layer.items() if key != "digest"},
    }
    with StubRegistry() as stub:
        for number, descriptor in enumerate(wrong.values()):
            put(stub, {**MANIFEST, "layers": [descriptor]}, tag=f"l{number}", like=OURS)
        ended, findings = check(stub, *[f"l{number}" for number in range(len(wrong))])
        asked = paths_asked(stub)
    got = {what: (finding["verdict"], finding["reason"], finding["errors"][0]["code"])
           for what, finding in zip(wrong, findings, strict=True)}
    tap.equal(got, dict.fromkeys(wrong, ("needs_review", "malformed", "malformed")))
    tap.equal(ended.exit, 3)
    tap.equal([path for path in asked if not path.startswith("manifests/")], [], "blobs asked for")


def test_manifest_over_the_limit():
    padding = b" " * (4 * MIB + 1 - len(OURS.document))
    for how in ({}, {"chunked": True}, {"length": -1}):
        with StubRegistry() as stub:
            stub.script(f"/v2/{REPOSITORY}/manifests/1", Reply(
                200, {"Content-Type": OCI_MANIFEST}, OURS.document + padding, **how))
            code, finding = check_one(stub)
        tap.equal(verdict(code, finding), (3, "needs_review", "over_limit", "medium"), str(how))
        tap.equal(errors_of(finding), [("over_limit", None, f"{stub.address}: more than "
                                        f"{4 * MIB} bytes")])
        tap.equal("digest" in finding, False)


def test_manifest_at_the_limit():
    with StubRegistry() as stub:
        put(stub, OURS.document + b" " * (4 * MIB - len(OURS.document)), like=OURS)
        code, finding = check_one(stub)
    tap.equal(verdict(code, finding), (0, "true_positive", "layer", "high"))


def test_config_over_the_limit_hides_no_layer():
    config = {**MANIFEST["config"], "size": 8 * MIB + 1}
    with StubRegistry() as stub:
        put(stub, {**MANIFEST, "config": config}, like=OURS)
        code, finding = check_one(stub)
        asked = paths_asked(stub)
    tap.equal(verdict(code, finding), (0, "true_positive", "layer", "high"))
    tap.equal(errors_of(finding), [("over_limit", f"config {config['digest']}",
                                    f"{8 * MIB + 1} bytes, more than {8 * MIB}")])
    assert f"blobs/{config['digest']}" not in asked, "the config was asked for"


def test_config_over_the_limit_alone_is_partial():
    config = {**STRANGER.parsed["config"], "size": 8 * MIB + 1}
    with StubRegistry() as stub:
        put(stub, {**STRANGER.parsed, "config": config})
        code, finding = check_one(stub)
    tap.equal(verdict(code, finding), (0, "needs_review", "partial", "medium"))


def test_config_longer_than_declared_is_not_read_on():
    config = {**MANIFEST["config"], "size": MANIFEST["config"]["size"] - 1}
    with StubRegistry() as stub:
        put(stub, {**MANIFEST, "config": config, "layers": STRANGER.parsed["layers"]}, like=OURS)
        for blob in STRANGER.blobs.values():
            stub.put_blob(REPOSITORY, blob)
        code, finding = check_one(stub)
    tap.equal(verdict(code, finding), (0, "needs_review", "tampered", "high"))
    tap.equal(errors_of(finding), [("tampered", f"config {config['digest']}", f"{stub.address}: "
              f"more than the {config['size']} bytes that were declared")])


def test_other_config_than_declared():
    other = STRANGER.config
    with StubRegistry() as stub:
        config = {**MANIFEST["config"], "size": len(other)}
        put(stub, {**MANIFEST, "config": config, "layers": STRANGER.parsed["layers"]})
        stub.put_blob(REPOSITORY, other, digest=config["digest"])
        code, finding = check_one(stub)
    tap.equal(verdict(code, finding), (0, "needs_review", "tampered", "high"))
    tap.equal(errors_of(finding), [("tampered", f"config {config['digest']}",
                                    f"the bytes served hash to {digest_of(other)}")])
    tap.equal(finding["images"][0]["config"], digest_of(other), "the config that was served")


def test_data_of_a_descriptor_needs_no_request():
    embedded = {**MANIFEST["config"], "data": base64.b64encode(OURS.config).decode()}
    with StubRegistry() as stub:
        put(stub, {**MANIFEST, "config": embedded}, like=OURS)
        code, finding = check_one(stub, depth="manifest")
        tap.equal(paths_asked(stub), ["manifests/1"])
    tap.equal((code, finding["reason"]), (0, "config"))


def test_false_data_of_a_descriptor_is_not_believed():
    for data in (STRANGER.config, OURS.config[:-1], b""):
        embedded = {**MANIFEST["config"], "data": base64.b64encode(data).decode()}
        with StubRegistry() as stub:
            put(stub, {**MANIFEST, "config": embedded}, like=OURS)
            code, finding = check_one(stub, depth="manifest")
            tap.equal(paths_asked(stub), ["manifests/1", f"blobs/{embedded['digest']}"])
        tap.equal((code, finding["reason"]), (0, "config"))


def test_foreign_urls_are_never_followed():
    with StubRegistry() as stub, StubRegistry() as elsewhere:
        layer = dict(STRANGER.parsed["layers"][0])
        layer["urls"] = [f"{elsewhere.url}/layer", "file:///etc/passwd"]
        foreign = {**layer, "mediaType": "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip"}
        put(stub, {**STRANGER.parsed, "layers": [layer]}, tag="1")
        put(stub, {**STRANGER.parsed, "layers": [foreign]}, tag="2")
        ended, findings = check(stub, "1", "2", depth="full")
        tap.equal(elsewhere.requests, [])
        blobs = [path for path in paths_asked(stub) if path == f"blobs/{layer['digest']}"]
    tap.equal(ended.exit, 0)
    tap.equal([finding["flags"] for finding in findings], [["foreign_layer"]] * 2)
    tap.equal([finding["reason"] for finding in findings], ["no_match", "partial"])
    tap.equal(len(blobs), 1, "the layer that the registry itself may have")


def sha512(data):
    return "sha512:" + hashlib.sha512(data).hexdigest()


def test_sha512():
    config, layers = OURS.config, [OURS.blobs[digest] for digest in OURS.layers]
    manifest = to_json({**MANIFEST, "config": {**MANIFEST["config"], "digest": sha512(config)},
                        "layers": [{**layer, "digest": sha512(blob)} for layer, blob
                                   in zip(MANIFEST["layers"], layers, strict=True)]})
    with StubRegistry() as stub:
        for blob in (config, *layers):
            stub.put_blob(REPOSITORY, blob, digest=sha512(blob))
        stub.documents[REPOSITORY, sha512(manifest)] = (manifest, OCI_MANIFEST)
        code, finding = check_one(stub, "@" + sha512(manifest))
        tap.equal(paths_asked(stub)[:2], [f"manifests/{sha512(manifest)}", f"blobs/{sha512(config)}"])
    tap.equal(verdict(code, finding), (0, "true_positive", "layer", "high"))
    tap.equal(finding["digest"], sha512(manifest))
    tap.equal({layer["level"] for layer in finding["images"][0]["layers"]}, {"declared", "hashed"})


def sha512_image(stub, image, tars):
    """The image under sha512 digests alone; the bytes are the same."""
    config = to_json({**json.loads(image.config),
                      "rootfs": {"type": "layers", "diff_ids": [sha512(tar) for tar in tars]}})
    layers = [image.blobs[digest] for digest in image.layers]
    manifest = to_json({**image.parsed, "config": {**image.parsed["config"], "digest": sha512(config),
                                                   "size": len(config)},
                        "layers": [{**layer, "digest": sha512(blob)} for layer, blob
                                   in zip(image.parsed["layers"], layers, strict=True)]})
    for blob in (config, *layers):
        stub.put_blob(REPOSITORY, blob, digest=sha512(blob))
    stub.documents[REPOSITORY, sha512(manifest)] = (manifest, OCI_MANIFEST)
    return "@" + sha512(manifest)


def test_layers_declared_by_sha512_are_found_by_sha256():
    tars = [gzip.decompress(OURS.blobs[digest]) for digest in OURS.layers]
    for depth, expected in (("manifest", (0, "needs_review", "no_match", "low")),
                            ("decisive", (0, "true_positive", "layer", "high")),
                            ("full", (0, "true_positive", "layer", "high"))):
        with StubRegistry() as stub:
            reference = sha512_image(stub, OURS, tars)
            code, finding = check_one(stub, reference, depth=depth)
        tap.equal(verdict(code, finding), expected, depth)
    tap.equal([(evidence["identity"], evidence["level"], evidence["digest"])
               for evidence in finding["evidence"] if evidence["layer"] == 1],
              [("layer", "hashed", OURS.layers[1]), ("diff_id", "hashed", OURS.diff_ids[1])])


def test_layers_known_by_sha512_alone_are_found():
    blob = STRANGER.blobs[STRANGER.layers[0]]
    with tempfile.TemporaryDirectory() as folder, StubRegistry() as stub:
        stub.put_image(REPOSITORY, "1", STRANGER)
        index = import_images(folder, {"registry.acme.example/ours/app:1": OURS})
        export = Path(folder) / "export.ndjson"
        export.write_text(json.dumps({"name": "registry.acme.example/ours/old:1",
                                      "layers": [sha512(blob)]}) + "\n")
        ended = run_layerproof("--index", index, "import", export)
        tap.equal(ended.exit, 0, ended.stderr)
        ended = run_layerproof("--index", index, "check", "--depth", "full",
                               f"{stub.address}/{REPOSITORY}:1")
    tap.equal(verdict(ended.exit, ended.findings[0]), (0, "true_positive", "layer", "high"))
    tap.equal([(evidence["identity"], evidence["level"], evidence["digest"])
               for evidence in ended.findings[0]["evidence"]], [("layer", "hashed", sha512(blob))])


def test_unknown_algorithm_is_unread_and_hides_nothing():
    strange = {"mediaType": OCI_LAYER, "size": 5, "digest": "blake3:" + "a" * 64}
    with StubRegistry() as stub:
        put(stub, {**STRANGER.parsed, "layers": [strange]}, tag="1")
        ended, findings = check(stub, "1")
        asked = paths_asked(stub)
    tap.equal(verdict(ended.exit, findings[0]), (0, "needs_review", "partial", "medium"))
    tap.equal(errors_of(findings[0]), [("unsupported", f"layer {strange['digest']}",
                                        "a digest of an unknown algorithm")])
    assert not any("blake3" in path for path in asked), asked


def test_schema1_is_not_read():
    document = {"schemaVersion": 1, "name": "stranger/app", "tag": "1", "architecture": "amd64",
                "fsLayers": [{"blobSum": digest} for digest in reversed(OURS.layers)],
                "history": [{"v1Compatibility": "{}"}] * 2}
    with StubRegistry() as stub:
        put(stub, document, "application/vnd.docker.distribution.manifest.v1+json")
        code, finding = check_one(stub)
    tap.equal(verdict(code, finding), (0, "needs_review", "partial", "medium"))
    tap.equal(finding["flags"], ["schema1"])
    tap.equal([error["code"] for error in finding["errors"]], ["unsupported"])


def test_index_with_a_child_that_is_gone():
    gone = build_image([{"gone": b"gone\n"}], platform="linux/s390x")
    for held, expected in ((OURS, (0, "true_positive", "layer", "high")),
                           (STRANGER, (0, "needs_review", "partial", "medium"))):
        with StubRegistry() as stub:
            stub.put_image(REPOSITORY, "1", build_index({"linux/s390x": gone, "linux/amd64": held}))
            del stub.documents[REPOSITORY, gone.digest]
            code, finding = check_one(stub)
        tap.equal(verdict(code, finding), expected)
        tap.equal(errors_of(finding), [("not_found", f"manifest {gone.digest}", f"{stub.address}: "
                                        "404 MANIFEST_UNKNOWN: manifest_unknown")])


def test_index_with_a_child_that_is_another():
    with StubRegistry() as stub:
        stub.put_image(REPOSITORY, "1", build_index({"linux/amd64": STRANGER}))
        other = build_image([{"other": b"other\n"}])
        stub.documents[REPOSITORY, STRANGER.digest] = (other.document, OCI_MANIFEST)
        for blob in other.blobs.values():
            stub.put_blob(REPOSITORY, blob)
        code, finding = check_one(stub)
    tap.equal(verdict(code, finding), (0, "needs_review", "tampered", "high"))


def nested(image, depth):
    """`image` below `depth` indexes."""
    for _ in range(depth):
        inner, platform = image, {"architecture": "amd64", "os": "linux"}
        image = build_index({})
        image.manifests = {**inner.manifests, inner.digest: (inner.document, inner.media_type)}
        image.blobs = inner.blobs
        image.document = to_json({"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": [
            describe(inner.document, inner.media_type, platform=platform)]})
    return image


def test_indexes_in_indexes():
    with StubRegistry() as stub:
        stub.put_image(REPOSITORY, "4", nested(OURS, 4))
        stub.put_image(REPOSITORY, "5", nested(OURS, 5))
        ended, findings = check(stub, "4", "5")
    tap.equal(verdict(ended.exit, findings[0]), (0, "true_positive", "layer", "high"))
    tap.equal(verdict(ended.exit, findings[1]), (0, "needs_review", "partial", "medium"))
    tap.equal([(error["code"], error["message"]) for error in findings[1]["errors"]],
              [("over_limit", "indexes nested deeper than 4")])


def test_index_of_too_many_children():
    child = describe(STRANGER.document, OCI_MANIFEST)
    with StubRegistry() as stub:
        stub.put_manifest(REPOSITORY, None, STRANGER.document)
        put(stub, {"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": [child] * 1001}, OCI_INDEX)
        code, finding = check_one(stub, depth="manifest")
        tap.equal(paths_asked(stub), ["manifests/1"])
    tap.equal(verdict(code, finding), (3, "needs_review", "over_limit", "medium"))


def attestation():
    """What BuildKit puts beside an image: statements in place of layers."""
    image = build_image([], platform="unknown/unknown")
    statement = b'{"_type":"https://in-toto.io/Statement/v0.1"}'
    image.document = to_json({**image.parsed, "layers": [
        describe(statement, "application/vnd.in-toto+json")]})
    image.blobs[digest_of(statement)] = statement
    return image, digest_of(statement)


def test_attestations_are_no_images():
    image, statement = attestation()
    with StubRegistry() as stub:
        stub.put_image(REPOSITORY, "1", build_index({"linux/amd64": STRANGER,
                                                     "unknown/unknown": image}))
        code, finding = check_one(stub, depth="full")
        asked = paths_asked(stub)
    tap.equal((code, finding["reason"], finding["flags"]), (0, "no_match", ["attestation"]))
    assert f"blobs/{statement}" not in asked, asked
    tap.equal([image["platform"] for image in finding["images"]], ["linux/amd64"])


def test_image_behind_the_label_of_an_attestation_is_read():
    hidden = build_image([BASE, {"app/main": b"ours alone\n" * 50}], platform="unknown/unknown")
    with StubRegistry() as stub:
        stub.put_image(REPOSITORY, "1", build_index({"linux/amd64": STRANGER,
                                                     "unknown/unknown": hidden}))
        code, finding = check_one(stub)
    tap.equal(verdict(code, finding), (0, "true_positive", "layer", "high"))
    tap.equal(finding["flags"], ["false_attestation"])


def test_config_of_fewer_diff_ids_hides_no_layer():
    config = to_json({"architecture": "amd64", "os": "linux",
                      "rootfs": {"type": "layers", "diff_ids": OURS.diff_ids[:1]}})
    with StubRegistry() as stub:
        put(stub, {**MANIFEST, "config": describe(config, OCI_CONFIG)}, like=OURS)
        stub.put_blob(REPOSITORY, config)
        code, finding = check_one(stub)
    tap.equal(verdict(code, finding), (0, "true_positive", "layer", "high"))
    tap.equal(finding["flags"], ["tampered"])


def test_config_that_calls_a_layer_empty_hides_no_layer():
    """The config claims the diff_id of a layer without content; the blob is ours and has some."""
    config = to_json({"architecture": "amd64", "os": "linux", "rootfs": {
        "type": "layers", "diff_ids": [OURS.diff_ids[0], digest_of(bytes(1024))]}})
    proved = (0, "true_positive", "layer", "high")
    expected = {"manifest": (0, "needs_review", "tampered", "high"), "decisive": proved,
                "full": proved}
    with StubRegistry() as stub:
        put(stub, {**MANIFEST, "config": describe(config, OCI_CONFIG)}, like=OURS)
        stub.put_blob(REPOSITORY, config)
        for depth, outcome in expected.items():
            code, finding = check_one(stub, depth=depth)
            tap.equal(verdict(code, finding), outcome, depth)
            top = finding["images"][0]["layers"][1]
            tap.equal((finding["flags"], top["empty"]), (["tampered"], False), depth)


def test_false_size_of_a_layer_that_is_listed_twice():
    layer = STRANGER.parsed["layers"][0]
    size, where = layer["size"], f"layer {layer['digest']}"
    twice = to_json({"architecture": "amd64", "os": "linux", "rootfs": {
        "type": "layers", "diff_ids": STRANGER.diff_ids * 2}})
    for sizes in ((size, size + 1), (size + 1, size)):
        with StubRegistry() as stub:
            put(stub, {**STRANGER.parsed, "config": describe(twice, OCI_CONFIG),
                       "layers": [{**layer, "size": told} for told in sizes]})
            stub.put_blob(REPOSITORY, twice)
            code, finding = check_one(stub, depth="full")
        tap.equal(verdict(code, finding), (0, "needs_review", "tampered", "high"), f"{sizes}")
        tap.equal(errors_of(finding),
                  [("tampered", where, f"{size + 1} bytes declared, {size} served")], f"{sizes}")


def test_texts_of_strangers_are_printed_as_one_line():
    hostile = "\u001b[2J\r\nverdict: clean \u202e\u0000"
    image = build_image([{"a": b"b"}], config={
        "created": hostile, "history": [{"created_by": hostile}]})
    with StubRegistry() as stub:
        stub.put_image(REPOSITORY, "1", image)
        stub.script(f"/v2/{REPOSITORY}/manifests/2", Reply(403, {}, json.dumps(
            {"errors": [{"code": "DENIED\n", "message": hostile}]}).encode()))
        ended, findings = check(stub, "1", "2")
    tap.equal(len(findings), 2)
    for character in "\u001b\r\u202e\u0000":
        assert character not in ended.stdout, f"{character!r} was printed"
    tap.equal(ended.stdout.count("\n"), 2)
    tap.equal([finding["reason"] for finding in findings][1], "denied")


def test_empty_layers_are_no_evidence():
    with StubRegistry() as stub:
        stub.put_image(REPOSITORY, "1", build_image([pack_tar({}), b""]))
        code, finding = check_one(stub, depth="full")
    tap.equal((code, finding["reason"]), (0, "no_match"))
    tap.equal([layer["empty"] for layer in finding["images"][0]["layers"]], [True, True])


tap.main(globals())
