#!/usr/bin/python3
"""What `inspect --verify` and `check --depth full` say of a layer beside its digests: that its bytes
are not what its media type promises, that readers see different things in it, why it was not read."""

import bz2
import io
import lzma
import tarfile
import tempfile

from exports import import_images
from harness import StubRegistry, build_image, digest_of, run_layerproof
from images import OCI_CONFIG, OCI_LAYER, OCI_MANIFEST, compress, describe, pack_tar, to_json

import tap

TAR = pack_tar({"a.txt": b"nothing of ours\n" * 40})
DOCKER_LAYER = "application/vnd.docker.image.rootfs.diff.tar"
OURS = build_image([{"app/main": b"ours alone\n" * 50}])
NO_TAR = digest_of(b"")


def layered(*layers):
    """(manifest, blobs) of an image of (media type, bytes, diff_id)."""
    config = to_json({"architecture": "amd64", "os": "linux", "config": {},
                      "rootfs": {"type": "layers", "diff_ids": [diff_id for _, _, diff_id in layers]}})
    manifest = to_json({"schemaVersion": 2, "mediaType": OCI_MANIFEST,
                        "config": describe(config, OCI_CONFIG),
                        "layers": [describe(data, media_type) for media_type, data, _ in layers]})
    return manifest, [config, *(data for _, data, _ in layers)]


def serve(stub, *layers):
    manifest, blobs = layered(*layers)
    stub.put_manifest("a/b", "1", manifest)
    for blob in blobs:
        stub.put_blob("a/b", blob)
    return f"{stub.address}/a/b:1"


def inspect(*layers, exit_code=0):
    """The layers of the record, what is said of each in the tree, and the errors."""
    with StubRegistry() as stub:
        reference = serve(stub, *layers)
        ended = run_layerproof("inspect", "--verify", "--json", reference)
        shown = run_layerproof("inspect", "--verify", reference)
    tap.equal([(run.exit, run.stderr) for run in (ended, shown)], [(exit_code, "")] * 2)
    lines = [line.split("  ", 4)[-1] for line in shown.stdout.splitlines()
             if line.startswith("    layer ")]
    record = ended.records[0]
    return record["images"][0]["layers"], [line.split("  ") for line in lines], record["errors"]


def odd(layer):
    return {name: layer[name] for name in ("flags", "unread", "computed", "tampered") if name in layer}


def test_bytes_of_another_format_than_the_media_type_says():
    diff_id = digest_of(TAR)
    cases = [  # media type, bytes, whether they are what it says
        (OCI_LAYER + "+gzip", compress(TAR, "gzip"), True),
        (OCI_LAYER + "+zstd", compress(TAR, "zstd"), True),
        (OCI_LAYER, TAR, True),
        (DOCKER_LAYER + ".gzip", compress(TAR, "gzip"), True),
        (DOCKER_LAYER, TAR, True),
        (OCI_LAYER + "+gzip; charset=x", compress(TAR, "gzip"), True),
        (OCI_LAYER.upper() + "+GZIP", compress(TAR, "gzip"), True),
        (OCI_LAYER + "+gzip", compress(TAR, "zstd"), False),
        (OCI_LAYER + "+zstd", compress(TAR, "gzip"), False),
        (OCI_LAYER + "+gzip", TAR, False),
        (OCI_LAYER + "+zstd", TAR, False),
        (DOCKER_LAYER + ".gzip", TAR, False),
        (OCI_LAYER, compress(TAR, "gzip"), False),
        (DOCKER_LAYER, compress(TAR, "zstd"), False),
        (OCI_LAYER + "+bzip2", compress(TAR, "gzip"), False),
    ]
    for media_type, data, is_as_said in cases:
        layers, lines, errors = inspect((media_type, data, diff_id))
        flags = [] if is_as_said else ["format_mismatch"]
        tap.equal((layers[0].get("flags", []), layers[0]["level"], errors), (flags, "hashed", []),
                  media_type)
        tap.equal([word for word in lines[0] if "mismatch" in word], flags, media_type)


def test_what_is_no_layer_inside():
    """Hashed, and named as unread: the bytes are known, what is in them is not."""
    for name, data in (("bzip2", bz2.compress(TAR)), ("xz", lzma.compress(TAR))):
        layers, lines, errors = inspect((OCI_LAYER + "+gzip", data, digest_of(TAR)), exit_code=3)
        tap.equal(odd(layers[0]), {"flags": ["format_mismatch"], "unread": "format",
                                   "computed": {"digest": digest_of(data)}}, name)
        tap.equal(layers[0]["level"], "hashed", name)
        tap.equal(lines[0][-3:], ["hashed", "format_mismatch", "unread: format"], name)
        tap.equal(errors, [{"code": "unsupported", "where": f"layer {digest_of(data)}",
                            "message": f"looks like {name}: not gzip, zstd or tar"}], name)


def test_an_empty_blob():
    layers, _, errors = inspect((OCI_LAYER + "+gzip", b"", NO_TAR))
    tap.equal((odd(layers[0]), layers[0]["level"], layers[0]["empty"], errors),
              ({"flags": ["format_mismatch"]}, "hashed", True, []))


def test_what_is_not_fetched_says_why():
    data = compress(TAR, "gzip")
    cases = [(OCI_LAYER + "+gzip+encrypted", "encrypted"),
             ("application/vnd.in-toto+json", "kind"),
             ("application/vnd.oci.image.layer.nondistributable.v1.tar+gzip", "foreign")]
    layers, lines, errors = inspect((OCI_LAYER + "+gzip", data, digest_of(TAR)), *(
        (media_type, why.encode(), digest_of(why.encode())) for media_type, why in cases))
    tap.equal([layer.get("unread") for layer in layers], [None, *(why for _, why in cases)])
    tap.equal([layer["level"] for layer in layers], ["hashed"] + ["declared"] * 3)
    tap.equal([line[-1] for line in lines], ["hashed", *(f"unread: {why}" for _, why in cases)])
    tap.equal(errors, [])


def test_a_damaged_layer_shows_what_its_bytes_hash_to():
    whole = compress(TAR, "gzip")
    cut = whole[:-20]
    layers, lines, errors = inspect((OCI_LAYER + "+gzip", cut, digest_of(TAR)), exit_code=3)
    tap.equal((odd(layers[0]), layers[0]["level"]),
              ({"unread": "damaged", "computed": {"digest": digest_of(cut)}}, "hashed"))
    tap.equal(lines[0][-2:], ["hashed", "unread: damaged"])
    tap.equal([(error["code"], error["where"]) for error in errors],
              [("malformed", f"layer {digest_of(cut)}")])


def test_a_damaged_layer_that_is_another_shows_both():
    whole = compress(TAR, "gzip")
    cut = whole[:-20]
    with StubRegistry() as stub:
        manifest, blobs = layered((OCI_LAYER + "+gzip", whole, digest_of(TAR)))
        stub.put_manifest("a/b", "1", manifest)
        stub.put_blob("a/b", blobs[0])
        stub.put_blob("a/b", cut + bytes(20), digest_of(whole))
        ended = run_layerproof("inspect", "--verify", "--json", f"{stub.address}/a/b:1")
    tap.equal(ended.exit, 1)
    layer = ended.records[0]["images"][0]["layers"][0]
    tap.equal(odd(layer), {"unread": "damaged", "computed": {"digest": digest_of(cut + bytes(20))},
                           "tampered": True})


def test_a_layer_that_does_not_come():
    with StubRegistry() as stub:
        manifest, blobs = layered((OCI_LAYER, TAR, digest_of(TAR)))
        stub.put_manifest("a/b", "1", manifest)
        stub.put_blob("a/b", blobs[0])
        ended = run_layerproof("inspect", "--verify", "--json", f"{stub.address}/a/b:1")
    layer = ended.records[0]["images"][0]["layers"][0]
    tap.equal((odd(layer), layer["level"]), ({"unread": "failed"}, "declared"))
    tap.equal([error["code"] for error in ended.records[0]["errors"]], ["not_found"])


def twice(path):
    """A tar with two files of one path."""
    output = io.BytesIO()
    with tarfile.open(fileobj=output, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        for data in (b"what a scanner sees\n", b"what a container gets\n"):
            entry = tarfile.TarInfo(path)
            entry.size = len(data)
            tar.addfile(entry, io.BytesIO(data))
    return output.getvalue()


def of_two_sizes():
    """A file whose extended header states another size than its ustar header."""
    output = io.BytesIO()
    with tarfile.open(fileobj=output, mode="w", format=tarfile.PAX_FORMAT) as tar:
        entry = tarfile.TarInfo("two-sizes")
        entry.size = 512
        entry.pax_headers = {"size": "512"}
        tar.addfile(entry, io.BytesIO(b"x" * 512))
    data = bytearray(output.getvalue())
    at = data.rindex(b"two-sizes")  # the ustar header behind the extended one
    header = data[at:at + 512]
    header[124:136] = b"%011o\0" % 7
    header[148:156] = b" " * 8
    header[148:156] = b"%06o\0 " % sum(header)
    data[at:at + 512] = header
    return bytes(data)


def test_what_readers_see_differently():
    for data, flag in ((twice("etc/passwd"), "duplicate_path"), (of_two_sizes(), "size_conflict")):
        layers, lines, errors = inspect((OCI_LAYER, data, digest_of(data)))
        tap.equal((odd(layers[0]), errors), ({"flags": [flag]}, []), flag)
        tap.equal(lines[0][-2:], ["hashed", flag])


def test_the_finding_has_them_all_also_from_an_earlier_run():
    packed = compress(TAR, "zstd")
    layers = [(OCI_LAYER + "+gzip", packed, digest_of(TAR)),
              *((OCI_LAYER, data, digest_of(data)) for data in (twice("a"), of_two_sizes()))]
    expected = ["duplicate_path", "format_mismatch", "size_conflict"]
    with StubRegistry() as stub, tempfile.TemporaryDirectory() as folder:
        index = import_images(folder, {"registry.acme.example/ours/app:1": OURS})
        reference = serve(stub, *layers)
        findings = []
        for _ in range(2):
            ended = run_layerproof("--index", index, "check", "--depth", "full", "--reproducible",
                                   reference, environment={"XDG_CACHE_HOME": folder})
            tap.equal((ended.exit, ended.stderr), (0, ""))
            findings.append(ended.stdout)
        asked = [request.method for request in stub.requests
                 if request.path.endswith(digest_of(packed))]
    tap.equal(asked, ["GET", "HEAD"], "the second run knows the layer, and asks whether it is there")
    tap.equal(findings[0], findings[1], "bytes")
    tap.equal(ended.findings[0]["flags"], expected)
    tap.equal([layer["flags"] for layer in ended.findings[0]["images"][0]["layers"]],
              [["format_mismatch"], ["duplicate_path"], ["size_conflict"]])


if __name__ == "__main__":
    tap.main(globals())
