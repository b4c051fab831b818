"""Images as values: of layers with known tars, out of what tools have written, and into a registry."""

import gzip
import hashlib
import http.client
import io
import json
import subprocess
import sys
import tarfile
import urllib.parse
from dataclasses import dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "wire"))

from images import (OCI_CONFIG, OCI_INDEX, OCI_LAYER, OCI_MANIFEST, Image, describe,  # noqa: E402
                    digest_of, to_json)

CREATED = "2026-03-02T09:00:00Z"
EPOCH = 1772442000  # the same moment: the time of every file
ZSTD_MAGIC, GZIP_MAGIC = b"\x28\xb5\x2f\xfd", b"\x1f\x8b"


# ---- Tars and blobs ----

def pack(entries):
    """A tar of {path: bytes}: True in place of bytes for a directory, (bytes, mode) for another mode
    than 0644, a text for a symbolic link. It ends as those of Go programs do, in two blocks of zeros."""
    output = io.BytesIO()
    with tarfile.open(fileobj=output, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for path, what in entries.items():
            entry = tarfile.TarInfo(path)
            entry.mtime = EPOCH
            content, entry.mode = what if isinstance(what, tuple) else (what, 0o644)
            if content is True:
                entry.type, entry.mode = tarfile.DIRTYPE, 0o755
            elif isinstance(content, str):
                entry.type, entry.linkname, entry.mode = tarfile.SYMTYPE, content, 0o777
            is_file = isinstance(content, bytes)
            entry.size = len(content) if is_file else 0
            tar.addfile(entry, io.BytesIO(content) if is_file else None)
        end = tar.offset
    return output.getvalue()[:end] + bytes(1024)


def pack_gzip(data):
    """As no tool of the list of re-publications writes it: with a time in the header."""
    return gzip.compress(data, 9, mtime=EPOCH)


def decode(blob):
    """The tar in a blob, by other programs than layerproof."""
    if blob.startswith(ZSTD_MAGIC):
        return subprocess.run(["zstd", "-dcq"], input=blob, check=True, capture_output=True).stdout
    return gzip.decompress(blob) if blob.startswith(GZIP_MAGIC) else blob


def has_content(tar):
    """Whether a tar holds a regular file that is not empty."""
    with tarfile.open(fileobj=io.BytesIO(tar)) as archive:
        return any(entry.isreg() and entry.size > 0 for entry in archive)


FACTS = {}  # what `facts_of` has found of a blob, by its digest


def facts_of(blob):
    """(diff_id, whether it has content) of a blob."""
    digest = digest_of(blob)
    if digest not in FACTS:
        tar = decode(blob)
        FACTS[digest] = digest_of(tar), has_content(tar)
    return FACTS[digest]


# ---- Images that are put together ----

@dataclass(frozen=True)
class Layer:
    """One layer: its tar, how it is stored, and the command that made it."""

    tar: bytes
    blob: bytes
    created_by: str = ""
    media_type: str = OCI_LAYER + "+gzip"
    urls: tuple = ()

    def described(self):
        return describe(self.blob, self.media_type, **({"urls": list(self.urls)} if self.urls else {}))


def layer(entries, created_by):
    """A layer of the entries of `pack`."""
    tar = pack(entries)
    return Layer(tar, pack_gzip(tar), created_by)


@dataclass(frozen=True)
class Recipe:
    """An image of one platform before it is written. `claims`: the diff_ids that its configuration
    declares in place of the true ones; `config_bytes`: a configuration as it is."""

    layers: tuple
    settings: dict = field(default_factory=dict)
    platform: str = "linux/amd64"
    annotations: dict = field(default_factory=dict)
    with_history: bool = True
    claims: tuple = ()
    config_bytes: bytes = b""

    def config(self):
        if self.config_bytes:
            return self.config_bytes
        system, architecture = self.platform.split("/")
        history = {"history": [{"created": CREATED, "created_by": each.created_by}
                               for each in self.layers]} if self.with_history else {}
        return to_json({"created": CREATED, "architecture": architecture, "os": system,
                        "config": self.settings, "rootfs": {
                            "type": "layers",
                            "diff_ids": list(self.claims) or [digest_of(each.tar) for each in self.layers]},
                        **history})

    def image(self):
        config = self.config()
        manifest = {"schemaVersion": 2, "mediaType": OCI_MANIFEST, "config": describe(config, OCI_CONFIG),
                    "layers": [each.described() for each in self.layers],
                    **({"annotations": self.annotations} if self.annotations else {})}
        blobs = {digest_of(each.blob): each.blob for each in self.layers}
        return Image(to_json(manifest), OCI_MANIFEST, {**blobs, digest_of(config): config}, {}, config)


def make_index(children, attested=False):
    """An index of [(Image, platform)], with an attestation of each where `attested`."""
    index, rows = Image(b"", OCI_INDEX), []
    for image, platform in children:
        system, architecture = platform.split("/")
        rows.append(describe(image.document, OCI_MANIFEST,
                             platform={"architecture": architecture, "os": system}))
        keep(index, image)
    for image, _ in children if attested else ():
        proof = attest(image)
        rows.append(describe(proof.document, OCI_MANIFEST,
                             platform={"architecture": "unknown", "os": "unknown"},
                             annotations={"vnd.docker.reference.type": "attestation-manifest",
                                          "vnd.docker.reference.digest": image.digest}))
        keep(index, proof)
    index.document = to_json({"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": rows})
    return index


def keep(index, image):
    """Puts an image of one platform under an index."""
    index.manifests[image.digest] = (image.document, image.media_type)
    index.blobs.update(image.blobs)


def attest(image):
    """The manifest of an in-toto statement on an image, as BuildKit writes it."""
    statement = to_json({"_type": "https://in-toto.io/Statement/v0.1", "subject": [
        {"name": "_", "digest": {"sha256": image.digest.removeprefix("sha256:")}}],
        "predicateType": "https://slsa.dev/provenance/v0.2", "predicate": {}})
    config = to_json({"architecture": "unknown", "os": "unknown", "config": {},
                      "rootfs": {"type": "layers", "diff_ids": [digest_of(statement)]}})
    document = to_json({"schemaVersion": 2, "mediaType": OCI_MANIFEST, "config": describe(config, OCI_CONFIG),
                        "layers": [describe(statement, "application/vnd.in-toto+json")]})
    return Image(document, OCI_MANIFEST, {digest_of(config): config, digest_of(statement): statement})


def with_sha512(image):
    """The same content, every digest of it by sha512; the digest of the tars too."""
    def digest(data):
        return f"sha512:{hashlib.sha512(data).hexdigest()}"

    manifest, config = image.parsed, json.loads(image.config)
    blobs = {}
    config["rootfs"]["diff_ids"] = []
    for row in manifest["layers"]:
        blob = image.blobs[row["digest"]]
        row["digest"] = digest(blob)
        config["rootfs"]["diff_ids"].append(digest(decode(blob)))
        blobs[row["digest"]] = blob
    config = to_json(config)
    manifest["config"] = {**describe(config, OCI_CONFIG), "digest": digest(config)}
    return Image(to_json(manifest), OCI_MANIFEST, {**blobs, digest(config): config}, {}, config)


# ---- What tools read and write ----

def read_blob(layout, digest):
    return (Path(layout) / "blobs" / digest.replace(":", "/")).read_bytes()


def read_image(document, media_type, read):
    """The image of one platform whose top is `document`; `read` gives a blob by its digest."""
    manifest = json.loads(document)
    blobs = {row["digest"]: read(row["digest"]) for row in [manifest["config"], *manifest["layers"]]}
    return Image(document, media_type, blobs, {}, blobs[manifest["config"]["digest"]])


def read_layout(layout, tag):
    """What a tool has written as OCI layout under `tag`: an image, or an index of images."""
    rows = json.loads((Path(layout) / "index.json").read_bytes())["manifests"]
    (top,) = [row for row in rows if row["annotations"]["org.opencontainers.image.ref.name"] == tag]
    document = read_blob(layout, top["digest"])
    if "manifests" not in json.loads(document):
        return read_image(document, top["mediaType"], lambda digest: read_blob(layout, digest))
    index = Image(document, top["mediaType"])
    for row in index.parsed["manifests"]:
        keep(index, read_image(read_blob(layout, row["digest"]), row["mediaType"],
                               lambda digest: read_blob(layout, digest)))
    return index


def read_directory(folder):
    """What skopeo has written in its own form, dir:"""
    document = (Path(folder) / "manifest.json").read_bytes()
    return read_image(document, json.loads(document)["mediaType"],
                      lambda digest: (Path(folder) / digest.removeprefix("sha256:")).read_bytes())


def read_archive(file):
    """The tars in a docker-archive, bottom first."""
    with tarfile.open(file) as archive:
        (manifest,) = json.load(archive.extractfile("manifest.json"))
        return [archive.extractfile(name).read() for name in manifest["Layers"]]


class Pusher:
    """Puts images into a docker-registry, byte for byte."""

    def __init__(self, server):
        self.connection = http.client.HTTPConnection(server.address)

    def send(self, method, path, data=b"", media_type="application/octet-stream"):
        self.connection.request(method, path, body=data, headers={"Content-Type": media_type})
        answer = self.connection.getresponse()
        text = answer.read()
        if answer.status not in (200, 201, 202, 404) or (answer.status == 404 and method != "HEAD"):
            raise RuntimeError(f"{method} {path}: {answer.status} {text.decode(errors='replace')}")
        return answer

    def push_blob(self, repository, digest, data):
        if self.send("HEAD", f"/v2/{repository}/blobs/{digest}").status == 200:
            return
        started = self.send("POST", f"/v2/{repository}/blobs/uploads/")
        target = urllib.parse.urlsplit(started.headers["Location"])
        self.send("PUT", f"{target.path}?{target.query}&digest={digest}", data)

    def push(self, image, repository, tag):
        for digest, data in image.blobs.items():
            self.push_blob(repository, digest, data)
        for digest, (document, media_type) in image.manifests.items():
            self.send("PUT", f"/v2/{repository}/manifests/{digest}", document, media_type)
        self.send("PUT", f"/v2/{repository}/manifests/{tag}", image.document, image.media_type)
