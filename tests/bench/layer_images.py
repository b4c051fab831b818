"""Images of layers that are files: in a layout, and in a registry."""

from workload import Uploader

from images import (OCI_CONFIG, OCI_LAYER, OCI_MANIFEST, Image, describe,  # workload has shown where
                    digest_of, to_json, write_layout)

KINDS = {".gz": "gzip", ".zst": "zstd"}


def image_of(layers):
    """The image without the bytes of its layers."""
    config = to_json({"architecture": "amd64", "os": "linux", "config": {},
                      "rootfs": {"type": "layers", "diff_ids": [layer.diff_id for layer in layers]}})
    manifest = {"schemaVersion": 2, "mediaType": OCI_MANIFEST, "config": describe(config, OCI_CONFIG),
                "layers": [{"mediaType": f"{OCI_LAYER}+{KINDS[layer.path.suffix]}", "digest": layer.digest,
                            "size": layer.size} for layer in layers]}
    return Image(to_json(manifest), OCI_MANIFEST, {digest_of(config): config}, config=config)


def write_layout_of(directory, tag, layers):
    """An OCI layout; its layers are links to those that were made (hard ones: a soft one is not read)."""
    write_layout(directory, {tag: image_of(layers)})
    for layer in layers:
        (directory / "blobs/sha256" / layer.digest.removeprefix("sha256:")).hardlink_to(layer.path)


def push_image(server, repository, tag, layers):
    """Fills a docker-registry."""
    image, uploader = image_of(layers), Uploader(server)
    for layer in layers:
        uploader.put_blob(repository, layer.path.read_bytes())
    uploader.put_blob(repository, image.config)
    uploader.send("PUT", f"/v2/{repository}/manifests/{tag}", image.document, image.media_type)
