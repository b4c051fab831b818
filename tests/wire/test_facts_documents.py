#!/usr/bin/python3
"""Facts about manifests and indexes: what `check` and `inspect` make of documents that are odd,
altered, ambiguous or incomplete."""

import base64
import json

from asking import (BASE, MALFORMED, NO_MATCH, OURS, PARTIAL, PROVED, REPOSITORY, STRANGER, TAMPERED,
                    asked, blob_path, check, check_one, errors_of, inspect, manifest_path, verdict)
from harness import Reply, StubRegistry, build_image, build_index, digest_of
from images import OCI_INDEX, OCI_LAYER, OCI_MANIFEST, describe, to_json

import tap

SCHEMA1_SIGNED = "application/vnd.docker.distribution.manifest.v1+prettyjws"
OTHER = build_image([{"other.txt": b"other\n"}])


def put(stub, document, media_type=OCI_MANIFEST, tag="1", like=STRANGER):
    """Serves a document under a tag, beside what an image is made of."""
    stub.put_image(REPOSITORY, None, like)
    return stub.put_manifest(REPOSITORY, tag, document if isinstance(document, bytes)
                             else to_json(document), media_type)


def with_digest_header(image, value):
    return Reply(200, {"Content-Type": OCI_MANIFEST, "Docker-Content-Digest": value},
                 image.document)


def test_fact_3_the_digest_header_is_a_hint():
    """A tag resolves to what its bytes hash to; a header that says otherwise is worth a flag."""
    for value, flags in ((OTHER.digest, ["digest_header_differs"]), (STRANGER.digest, []),
                         ("sha256:" + "0" * 64, ["digest_header_differs"]),
                         ("sha512:" + "0" * 128, ["digest_header_differs"]),
                         ("blake3:" + "0" * 64, []), ("nonsense", []), ("", []), ("sha256:", [])):
        with StubRegistry() as stub:
            stub.put_image(REPOSITORY, "1", STRANGER)
            stub.script(manifest_path("1"), with_digest_header(STRANGER, value))
            code, finding = check_one(stub)
            record = inspect(stub)
        tap.equal((verdict(code, finding), finding["digest"], finding["flags"]),
                  (NO_MATCH, STRANGER.digest, flags), value)
        tap.equal((record[0], record[1]["digest"]), (0, STRANGER.digest), value)


def test_fact_3_our_digest_in_a_header_is_no_evidence():
    with StubRegistry() as stub:
        stub.put_image(REPOSITORY, "1", STRANGER)
        stub.script(manifest_path("1"), with_digest_header(STRANGER, OURS.digest))
        code, finding = check_one(stub)
    tap.equal((verdict(code, finding), finding["evidence"]), (NO_MATCH, []))


def test_fact_3_other_bytes_than_a_digest_asked_for():
    with StubRegistry() as stub:
        stub.put_image(REPOSITORY, "1", STRANGER)
        stub.script(manifest_path(OTHER.digest), with_digest_header(STRANGER, OTHER.digest))
        code, finding = check_one(stub, "@" + OTHER.digest)
        tap.equal((verdict(code, finding), finding["digest"]), (TAMPERED, STRANGER.digest))
        tap.equal(errors_of(finding), [("tampered", f"manifest {OTHER.digest}",
                                        f"the bytes served hash to {STRANGER.digest}")])
        code, record = inspect(stub, "@" + OTHER.digest)
        tap.equal((code, record["digest"]), (1, STRANGER.digest))


INDEX = build_index({"linux/amd64": STRANGER})
AMBIGUOUS = {
    "manifest with manifests": {**OURS.parsed, "manifests": []},
    "manifest with MANIFESTS": {**OURS.parsed, "MANIFESTS": []},
    "manifest with fsLayers": {**OURS.parsed, "fsLayers": []},
    "manifest with history": {**OURS.parsed, "History": []},
    "index with layers": {**INDEX.parsed, "layers": OURS.parsed["layers"]},
    "index with Layers": {**INDEX.parsed, "Layers": OURS.parsed["layers"]},
    "index with config": {**INDEX.parsed, "config": OURS.parsed["config"]},
    "layers twice by case": {**OURS.parsed, "Layers": []},
    "mediaType twice by case": {**OURS.parsed, "MediaType": OCI_INDEX},
    "layers twice": OURS.document.replace(b'{"schemaVersion":2,',
                                          b'{"schemaVersion":2,"layers":[],', 1),
    "a digest twice": OURS.document.replace(b'"config":{', b'"config":{"digest":"x",', 1),
}


def test_fact_7_documents_that_can_be_read_two_ways():
    with StubRegistry() as stub:
        for number, (what, document) in enumerate(AMBIGUOUS.items()):
            put(stub, document, OCI_INDEX if what.startswith("index") else OCI_MANIFEST,
                tag=f"t{number}", like=OURS)
        ended = check(stub, *[f"t{number}" for number in range(len(AMBIGUOUS))])
        tap.equal(sorted(asked(stub)),
                  sorted(f"GET manifests/t{number}" for number in range(len(AMBIGUOUS))))
        codes = [inspect(stub, f"t{number}", messages=None)[0] for number in range(len(AMBIGUOUS))]
    tap.equal(dict(zip(AMBIGUOUS, [verdict(ended.exit, finding) for finding in ended.findings],
                       strict=True)), dict.fromkeys(AMBIGUOUS, MALFORMED))
    tap.equal(codes, [2] * len(AMBIGUOUS))


def test_fact_7_an_ambiguous_child_hides_no_other():
    ambiguous = to_json({**STRANGER.parsed, "manifests": []})
    index = to_json({"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": [
        describe(ambiguous, OCI_MANIFEST), describe(OURS.document, OCI_MANIFEST)]})
    with StubRegistry() as stub:
        stub.put_image(REPOSITORY, None, OURS)
        put(stub, ambiguous, tag=None)
        put(stub, index, OCI_INDEX)
        code, finding = check_one(stub)
    tap.equal(verdict(code, finding), PROVED)
    tap.equal([error[:2] for error in errors_of(finding)],
              [("malformed", f"manifest {digest_of(ambiguous)}")])


def test_fact_8_an_index_of_nothing():
    with StubRegistry() as stub:
        put(stub, {"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": []}, OCI_INDEX)
        tap.equal(verdict(*check_one(stub)), NO_MATCH)
        tap.equal(inspect(stub)[0], 0)


def test_fact_8_children_of_an_unknown_type_are_no_error_of_the_index():
    strange = describe(b"{}", "application/vnd.example.future+json")
    with StubRegistry() as stub:
        for tag, image in (("ours", OURS), ("theirs", STRANGER)):
            put(stub, {"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": [
                strange, describe(image.document, OCI_MANIFEST)]}, OCI_INDEX, tag=tag, like=image)
        ended = check(stub, "ours", "theirs")
        assert not [path for path in asked(stub) if strange["digest"] in path], asked(stub)
    tap.equal([verdict(ended.exit, finding) for finding in ended.findings], [PROVED, PARTIAL])
    tap.equal(errors_of(ended.findings[1]), [
        ("unsupported", f"manifest {strange['digest']}",
         "media type application/vnd.example.future+json is not read")])


def nested(image, depth):
    """`image` below `depth` indexes, by digest."""
    documents = {}
    body, media_type = image.document, OCI_MANIFEST
    for _ in range(depth):
        documents[digest_of(body)] = (body, media_type)
        body, media_type = to_json({"schemaVersion": 2, "mediaType": OCI_INDEX,
                                    "manifests": [describe(body, media_type)]}), OCI_INDEX
    return body, documents


def test_fact_8_nesting_and_loops_are_bounded():
    with StubRegistry() as stub:
        for depth in (4, 5):
            body, documents = nested(OURS, depth)
            put(stub, body, OCI_INDEX, tag=f"deep{depth}", like=OURS)
            for document, media_type in documents.values():
                stub.put_manifest(REPOSITORY, None, document, media_type)
        false = "sha256:" + "b" * 64
        loop = to_json({"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": [
            {"mediaType": OCI_INDEX, "digest": false, "size": 211}] * 3})
        stub.put_manifest(REPOSITORY, "loop", loop, OCI_INDEX)
        stub.documents[REPOSITORY, false] = (loop, OCI_INDEX)
        ended = check(stub, "deep4", "deep5", "loop")
        tap.equal(asked(stub).count(f"GET manifests/{false}"), 1)
    tap.equal([verdict(ended.exit, finding) for finding in ended.findings],
              [PROVED, PARTIAL, TAMPERED])


DIGESTS = {
    "sha512:" + "a" * 128: None,
    "blake3:" + "a" * 64: "a digest of an unknown algorithm",
    "sha384+b64u:abc_=-": "a digest of an unknown algorithm",
    "multihash.base58:QmRZxt": "a digest of an unknown algorithm",
}
NO_DIGESTS = ("sha256:" + "a" * 63, "sha256:" + "a" * 65, "sha256:" + "A" * 64, "sha256:" + "g" * 64,
              "sha512:" + "a" * 64, "SHA256:" + "a" * 64, "sha256" + "a" * 64, "sha256:", ":" + "a" * 64,
              "sha256:../../etc/passwd", "sha256:" + "a" * 64 + "/x", "", "sha256:" + "a" * 63 + "\n")


def test_fact_10_an_unknown_algorithm_cannot_be_verified():
    """It is unread, and neither malformed nor tampered with; nothing is asked for by it."""
    for digest, message in DIGESTS.items():
        layer = {"mediaType": OCI_LAYER, "digest": digest, "size": 5}
        with StubRegistry() as stub:
            put(stub, {**OURS.parsed, "layers": [layer, *OURS.parsed["layers"]]}, like=OURS)
            code, finding = check_one(stub)
            assert not [path for path in asked(stub) if digest in path], asked(stub)
        errors = [error for error in errors_of(finding) if error[0] == "unsupported"]
        tap.equal(verdict(code, finding), PROVED, digest)
        tap.equal(errors, [("unsupported", f"layer {digest}", message)] if message else [], digest)


def test_fact_10_what_is_no_digest_is_malformed():
    with StubRegistry() as stub:
        for number, digest in enumerate(NO_DIGESTS):
            layer = {"mediaType": OCI_LAYER, "digest": digest, "size": 5}
            put(stub, {**OURS.parsed, "layers": [layer]}, tag=f"t{number}", like=OURS)
        ended = check(stub, *[f"t{number}" for number in range(len(NO_DIGESTS))])
        assert not [path for path in asked(stub) if "blobs" in path], asked(stub)
    tap.equal(dict(zip(NO_DIGESTS, [finding["reason"] for finding in ended.findings], strict=True)),
              {digest: "malformed" for digest in NO_DIGESTS})


def base64url(data):
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def signed(payload, cut=None, count=1):
    """A schema 1 manifest with signatures, as libtrust writes one around its payload."""
    cut = cut or payload.rindex(b"\n}")
    protected = base64url(json.dumps({"formatLength": cut, "formatTail": base64url(payload[cut:]),
                                      "time": "2015-01-01T00:00:00Z"}).encode())
    signature = {"header": {"alg": "ES256"}, "signature": base64url(b"s" * 64),
                 "protected": protected}
    return (payload[:cut] + b',\n   "signatures": '
            + json.dumps([signature] * count).encode() + payload[cut:])


SCHEMA1 = json.dumps({
    "name": "stranger/app", "tag": "1", "architecture": "amd64", "schemaVersion": 1,
    "fsLayers": [{"blobSum": digest} for digest in reversed(STRANGER.layers)],
    "history": [{"v1Compatibility": "{}"}]}, indent=3).encode()


def test_fact_78_schema_1_has_the_digest_of_its_payload():
    body, digest = signed(SCHEMA1), digest_of(SCHEMA1)
    for document in (body, signed(SCHEMA1, count=2)):
        with StubRegistry() as stub:
            stub.documents[REPOSITORY, digest] = (document, SCHEMA1_SIGNED)
            stub.script(manifest_path(digest), Reply(
                200, {"Content-Type": SCHEMA1_SIGNED, "Docker-Content-Digest": digest}, document))
            code, finding = check_one(stub, "@" + digest)
            tap.equal((verdict(code, finding), finding["digest"], finding["flags"]),
                      (PARTIAL, digest, ["schema1"]))


def test_fact_78_other_bytes_than_the_signed_ones_are_tampered():
    altered = SCHEMA1.replace(b"amd64", b"arm64")
    digest = digest_of(SCHEMA1)
    cases = {"altered": signed(altered), "cut short": signed(SCHEMA1, cut=SCHEMA1.index(b",")),
             "more than was signed": signed(SCHEMA1).replace(b"{", b'{"more": 1,', 1)}
    for what, body in cases.items():
        with StubRegistry() as stub:
            stub.script(manifest_path(digest), Reply(200, {"Content-Type": SCHEMA1_SIGNED}, body))
            code, finding = check_one(stub, "@" + digest)
        tap.equal((finding["reason"], finding["flags"][-1]), ("tampered", "tampered"), what)
        assert finding["digest"] != digest, what


def attested(image):
    """An index of an image and of what BuildKit attests of it."""
    statement = b'{"_type":"https://in-toto.io/Statement/v0.1"}'
    attestation = build_image([], platform="unknown/unknown")
    attestation.document = to_json({**attestation.parsed, "layers": [
        describe(statement, "application/vnd.in-toto+json")]})
    attestation.blobs[digest_of(statement)] = statement
    index = build_index({"linux/amd64": image, "unknown/unknown": attestation})
    document = index.parsed
    document["manifests"][1]["annotations"] = {
        "vnd.docker.reference.type": "attestation-manifest",
        "vnd.docker.reference.digest": image.digest}
    index.document = to_json(document)
    return index, digest_of(statement)


def test_fact_79_attestations_are_no_images():
    for image, expected in ((STRANGER, NO_MATCH), (OURS, PROVED)):
        index, statement = attested(image)
        with StubRegistry() as stub:
            stub.put_image(REPOSITORY, "1", index)
            code, finding = check_one(stub, depth="full")
            tap.equal((verdict(code, finding), finding["flags"]), (expected, ["attestation"]))
            tap.equal([image["platform"] for image in finding["images"]], ["linux/amd64"])
            tap.equal(inspect(stub, "1", "--verify")[0], 0)
            assert f"GET {blob_path(statement)}" not in asked(stub), asked(stub)


def test_fact_79_an_image_behind_the_label_is_an_image():
    hidden = build_image([BASE, {"app/main": b"ours alone\n" * 50}], platform="unknown/unknown")
    index = build_index({"linux/amd64": STRANGER, "unknown/unknown": hidden})
    with StubRegistry() as stub:
        stub.put_image(REPOSITORY, "1", index)
        code, finding = check_one(stub)
    tap.equal((verdict(code, finding), finding["flags"]), (PROVED, ["false_attestation"]))


def test_fact_81_a_child_that_a_mirror_does_not_hold_is_no_attack():
    for held, expected, code in ((OURS, PROVED, 3), (STRANGER, PARTIAL, 3)):
        with StubRegistry() as stub:
            stub.put_image(REPOSITORY, "1", build_index({"linux/s390x": OTHER, "linux/amd64": held}))
            del stub.documents[REPOSITORY, OTHER.digest]
            exit_code, finding = check_one(stub)
            tap.equal((verdict(exit_code, finding), finding["flags"]), (expected, []))
            tap.equal(errors_of(finding), [("not_found", f"manifest {OTHER.digest}",
                                            f"{stub.address}: 404 MANIFEST_UNKNOWN: "
                                            "manifest_unknown")])
            tap.equal(asked(stub).count(f"GET manifests/{OTHER.digest}"), 1)
            tap.equal(inspect(stub)[0], code)


tap.main(globals())
