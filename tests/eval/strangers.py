"""Images of others, who may have much in common with acme, but nothing that is acme's own."""

import dataclasses
import json

from corpus import labels
from oci import Recipe, digest_of, layer
from republish import API, Candidate, image_of


def stack(*names, own="app"):
    """A stranger's application on layers of the materials."""
    def operation(corpus):
        layers = [getattr(corpus.materials, name) for name in names]
        return Candidate(corpus.recipe([*layers, corpus.materials.stranger(own)]).image())
    return operation


def mirrored(corpus):
    """The public image that acme's export lists too, from its mirror."""
    return Candidate(corpus.internal["docker-hub/library/nginx:1.22"].image())


def names_only(corpus):
    """Labels, environment and history speak of acme; no content does."""
    of = corpus.materials
    theirs = dataclasses.replace(of.stranger("fan"), created_by=(
        "COPY --from=registry.acme.example/payments/api:1.4.2 /srv /srv # buildkit"))
    settings = {**labels("payments/api"), "Env": ["REGISTRY=registry.acme.example"]}
    return Candidate(corpus.recipe([of.busybox, theirs], settings).image())


def reproduced(corpus):
    """A public program, built to the same layer by everybody; acme publishes it too."""
    return Candidate(corpus.recipe([corpus.materials.zopfli], {"Entrypoint": ["/zopfli"]}).image())


def without_content(corpus):
    """Layers without one byte of file content, one of them as acme has it."""
    of = corpus.materials
    return Candidate(corpus.recipe([layer({}, "ENV A=B"), of.directory, layer({"tmp": True}, "RUN mkdir /tmp"),
                                    layer({"empty": b""}, "RUN touch /empty")]).image())


def decoys(corpus):
    """As many layers as acme's image has, none of them its own."""
    count = len(corpus.internal[API].layers)
    return [corpus.materials.stranger(f"decoy-{number}") for number in range(count)]


def forged_claims(corpus):
    """The configuration declares the diff_ids of acme over other layers."""
    claims = tuple(digest_of(each.tar) for each in corpus.internal[API].layers)
    return Candidate(dataclasses.replace(corpus.recipe(decoys(corpus)), claims=claims).image())


def stolen_config(corpus):
    """The very configuration of acme over other layers."""
    return Candidate(Recipe(tuple(decoys(corpus)), config_bytes=image_of(corpus).config).image())


def listed_blob(corpus):
    """The manifest lists a layer of acme that the registry does not have."""
    of = corpus.materials
    image = corpus.recipe([of.busybox, of.stranger("app"), of.api]).image()
    return Candidate(image, missing=(digest_of(of.api.blob),))


def stolen_manifest(corpus):
    """The very manifest and configuration of acme; the registry has none of the layers."""
    image = image_of(corpus)
    return Candidate(image, missing=tuple(row["digest"] for row in json.loads(image.document)["layers"]))


OPERATIONS = {
    "another application": stack("busybox"),
    "same base": stack("debian"),
    "same runtime as one of ours": stack("debian", "jq"),
    "same runtime as two repositories of ours": stack("debian", "mawk"),
    "same public tool (COPY --link), other base": stack("busybox", "pigz"),
    "same public tool (COPY --link), same base": stack("debian", "pigz"),
    "base of layers for each package, another selection": stack("family_files", "family_gzip"),
    "public image that the export lists": mirrored,
    "on a public image that the export lists": stack("busybox", "nginx"),
    "labels, environment and history only": names_only,
    "reproducible public build that acme publishes": reproduced,
    "layers without content": without_content,
    "same empty directory": stack("busybox", "directory"),
    "configuration forged: our diff_ids, other layers": forged_claims,
    "our configuration, other layers": stolen_config,
    "our layer in the manifest, not in the registry": listed_blob,
    "our manifest, no layers in the registry": stolen_manifest,
}

# Where acme's own list calls a public image its own, under a name that says nothing else: whoever
# builds on that image holds an image "of ours".
MISNAMED = {
    "same public tool, topmost in an image of ours": stack("busybox", "zstd"),
    "on a public image that the list calls ours": stack("debian", "openssl"),
}
