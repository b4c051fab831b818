"""Images made in memory: layers from {path: bytes}, and their config, manifest and index."""

import gzip
import hashlib
import io
import json
import subprocess
import tarfile
from dataclasses import dataclass, field
from pathlib import Path

OCI_MANIFEST = "application/vnd.oci.image.manifest.v1+json"
OCI_INDEX = "application/vnd.oci.image.index.v1+json"
OCI_CONFIG = "application/vnd.oci.image.config.v1+json"
OCI_LAYER = "application/vnd.oci.image.layer.v1.tar"
DOCKER_MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"
DOCKER_LIST = "application/vnd.docker.distribution.manifest.list.v2+json"


def digest_of(data):
    return "sha256:" + hashlib.sha256(data).hexdigest()


def to_json(document):
    return json.dumps(document, separators=(",", ":")).encode()


def pack_tar(files):
    """A tar of regular files, the same bytes for the same files."""
    output = io.BytesIO()
    with tarfile.open(fileobj=output, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for path, data in files.items():
            entry = tarfile.TarInfo(path)
            entry.size = len(data)
            entry.mode = 0o644
            tar.addfile(entry, io.BytesIO(data))
    return output.getvalue()


def compress(data, how):
    if how == "gzip":
        return gzip.compress(data, 6, mtime=0)
    if how == "zstd":
        return subprocess.run(["zstd", "-q", "-c"], input=data, check=True, stdout=subprocess.PIPE,
                              timeout=60).stdout
    if how == "":
        return data
    raise ValueError(f"{how}: no compression of layers")


def describe(data, media_type, **more):
    """The descriptor of `data` (image-spec descriptor.md)."""
    return {"mediaType": media_type, "digest": digest_of(data), "size": len(data), **more}


@dataclass
class Image:
    """One image, or an index: the document at its top and every blob and manifest below it."""

    document: bytes
    media_type: str
    blobs: dict = field(default_factory=dict)  # {digest: bytes}: configs and layers
    manifests: dict = field(default_factory=dict)  # {digest: (bytes, media type)}: below an index
    config: bytes = b""
    layers: list = field(default_factory=list)  # digests, bottom first
    diff_ids: list = field(default_factory=list)

    @property
    def digest(self):
        return digest_of(self.document)

    @property
    def parsed(self):
        return json.loads(self.document)


def build_image(layers, *, compression="gzip", config=None, annotations=None,
                platform="linux/amd64"):
    """An OCI image of `layers`: each {path: bytes}, or the bytes of a tar as they are."""
    image = Image(b"", OCI_MANIFEST)
    descriptors = []
    for layer in layers:
        tar = layer if isinstance(layer, bytes) else pack_tar(layer)
        blob = compress(tar, compression)
        descriptors.append(describe(blob, OCI_LAYER + ("+" + compression if compression else "")))
        image.blobs[digest_of(blob)] = blob
        image.layers.append(digest_of(blob))
        image.diff_ids.append(digest_of(tar))
    operating_system, architecture = platform.split("/")
    image.config = to_json({
        "architecture": architecture, "os": operating_system, "config": {},
        "rootfs": {"type": "layers", "diff_ids": image.diff_ids}, **(config or {})})
    image.blobs[digest_of(image.config)] = image.config
    manifest = {"schemaVersion": 2, "mediaType": OCI_MANIFEST,
                "config": describe(image.config, OCI_CONFIG), "layers": descriptors}
    if annotations:
        manifest["annotations"] = annotations
    image.document = to_json(manifest)
    return image


def build_index(images, *, media_type=OCI_INDEX):
    """An index of {platform: image}."""
    index = Image(b"", media_type)
    children = []
    for platform, image in images.items():
        operating_system, architecture = platform.split("/")
        children.append(describe(image.document, image.media_type, platform={
            "architecture": architecture, "os": operating_system}))
        index.manifests[image.digest] = (image.document, image.media_type)
        index.manifests.update(image.manifests)
        index.blobs.update(image.blobs)
    index.document = to_json({"schemaVersion": 2, "mediaType": media_type, "manifests": children})
    return index


def write_layout(directory, images):
    """Writes {tag: image} as an OCI layout (image-spec image-layout.md)."""
    directory = Path(directory)
    blobs = directory / "blobs/sha256"
    blobs.mkdir(parents=True, exist_ok=True)
    (directory / "oci-layout").write_text('{"imageLayoutVersion":"1.0.0"}')
    top = []
    for tag, image in images.items():
        documents = [image.document, *(data for data, _ in image.manifests.values())]
        for data in [*documents, *image.blobs.values()]:
            (blobs / digest_of(data).removeprefix("sha256:")).write_bytes(data)
        top.append(describe(image.document, image.media_type,
                            annotations={"org.opencontainers.image.ref.name": tag}))
    (directory / "index.json").write_bytes(to_json({"schemaVersion": 2, "manifests": top}))
