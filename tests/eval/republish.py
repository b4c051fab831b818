"""What people and tools do with an image of ours, each as one function: a Corpus in, a Candidate out."""

import dataclasses
import io
import subprocess
import tarfile
import tempfile
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from corpus import build
from harness import run_tool, write_layout
from oci import (CREATED, EPOCH, OCI_LAYER, Image, Layer, Recipe, digest_of, make_index, pack, pack_gzip,
                 read_archive, read_directory, read_layout, with_sha512)

API = "payments/api:1.4.2"


@dataclass
class Candidate:
    """What is to be judged. It is an image in a registry, or a file, `archive`, as a whole with the tars
    in it. `damaged` and `missing`: digests of blobs that the registry serves otherwise, or not at all."""

    image: Image = None
    archive: bytes = b""
    tars: tuple = ()
    damaged: tuple = ()
    missing: tuple = ()
    is_changed: bool = False  # every layer must have come out as another blob


def image_of(corpus, name=API):
    return corpus.internal[name].image()


def made_by(step):
    """A re-publication whose `step(layout, folder)` runs tools on an OCI layout with our image under
    the tag `ours`, and returns what came out."""
    def operation(corpus):
        with tempfile.TemporaryDirectory() as folder:
            layout = f"{folder}/ours"
            write_layout(layout, {"ours": image_of(corpus)})
            return Candidate(step(layout, folder))
    return operation


def changed(operation):
    """The same, where no blob may have stayed what it was."""
    return lambda corpus: dataclasses.replace(operation(corpus), is_changed=True)


# ---- Tools ----

def skopeo(source, target, *options):
    run_tool("skopeo", "--insecure-policy", "copy", "--quiet", *options, source, target, timeout=120)


def umoci(*arguments):
    run_tool("umoci", *arguments, timeout=120, SOURCE_DATE_EPOCH=EPOCH)


def copied(*options):
    """skopeo from one OCI layout to another."""
    def step(layout, folder):
        skopeo(f"oci:{layout}:ours", f"oci:{folder}/out:it", *options)
        return read_layout(f"{folder}/out", "it")
    return step


def through(form, *options):
    """skopeo to another form, and back to an OCI layout."""
    def step(layout, folder):
        place = f"{form}:{folder}/between" + (":acme/api:1" if form == "docker-archive" else "")
        skopeo(f"oci:{layout}:ours", place, *options)
        skopeo(f"{form}:{folder}/between", f"oci:{folder}/out:it")
        return read_layout(f"{folder}/out", "it")
    return step


def as_docker(layout, folder):
    """skopeo to Docker's schema 2."""
    skopeo(f"oci:{layout}:ours", f"dir:{folder}/out", "--format", "v2s2")
    return read_directory(f"{folder}/out")


def as_archive(corpus):
    """skopeo to a docker-archive: the file itself is the candidate."""
    with tempfile.TemporaryDirectory() as folder:
        write_layout(f"{folder}/ours", {"ours": image_of(corpus)})
        skopeo(f"oci:{folder}/ours:ours", f"docker-archive:{folder}/it.tar:acme/api:1")
        file = Path(folder) / "it.tar"
        return Candidate(archive=file.read_bytes(), tars=tuple(read_archive(file)))


def edited(*options):
    """umoci's edit of the configuration or the manifest."""
    def step(layout, folder):  # noqa: ARG001
        umoci("config", "--image", f"{layout}:ours", "--tag", "it", "--no-history", *options)
        return read_layout(layout, "it")
    return step


def added(entries):
    """umoci's new layer on top."""
    def step(layout, folder):
        tar = Path(folder) / "layer.tar"
        tar.write_bytes(pack(entries))
        umoci("raw", "add-layer", "--image", f"{layout}:ours", "--tag", "it", "--history.created", CREATED,
              "--history.created_by", "COPY . /opt", "--history.author", "contractor", tar)
        return read_layout(layout, "it")
    return step


class Buildah:
    """A storage of buildah's own, in a folder."""

    def __init__(self, folder):
        self.where = ["--root", f"{folder}/root", "--runroot", f"{folder}/run", "--storage-driver", "vfs"]

    def __call__(self, *arguments):
        return run_tool("buildah", *self.where, *arguments, timeout=120).strip()


def pulled_and_pushed(layout, folder):
    """buildah pull and push, as podman does it."""
    buildah = Buildah(folder)
    image = buildah("pull", "--quiet", f"oci:{layout}:ours")
    buildah("push", "--quiet", image, f"oci:{folder}/out:it")
    return read_layout(f"{folder}/out", "it")


def committed(layout, folder):
    """buildah from and commit, with no change."""
    buildah = Buildah(folder)
    container = buildah("from", f"oci:{layout}:ours")
    buildah("commit", "--quiet", "--timestamp", str(EPOCH), "--disable-compression=false", container,
            f"oci:{folder}/out:it")
    return read_layout(f"{folder}/out", "it")


def squashed(layout, folder):
    """umoci unpack, and one layer of all files: no digest is left but theirs."""
    umoci("unpack", "--rootless", "--image", f"{layout}:ours", f"{folder}/bundle")
    tar = run_tar(f"{folder}/bundle/rootfs")
    return one_layer(tar)


def run_tar(folder):
    return subprocess.run(["tar", "--format=posix", "--sort=name", f"--mtime=@{EPOCH}", "--owner=0", "--group=0",
                           "--numeric-owner", "--pax-option=delete=atime,delete=ctime", "-C", folder, "-c", "."],
                          check=True, capture_output=True).stdout


def one_layer(tar):
    """An image of this tar and nothing else."""
    return Recipe((Layer(tar, pack_gzip(tar), "COPY / /"),), with_history=False).image()


# ---- Compressors: the same documents but for what follows from other blobs ----

def compressed(command, kind="gzip"):
    """Every layer by a program that reads the tar on stdin and writes the blob on stdout."""
    def operation(corpus):
        recipe = corpus.internal[API]
        layers = tuple(store(each, compress(command, each.tar), kind) for each in recipe.layers)
        return Candidate(dataclasses.replace(recipe, layers=layers).image(), is_changed=True)
    return operation


def store(each, blob, kind):
    return dataclasses.replace(each, blob=blob, media_type=OCI_LAYER + (f"+{kind}" if kind else ""))


@lru_cache(maxsize=None)
def compress(command, tar):
    return subprocess.run(command.split(), input=tar, check=True, capture_output=True).stdout


def by_zopfli(corpus):
    """zopfli, which reads files only."""
    recipe = corpus.internal[API]
    layers = tuple(store(each, zopfli(each.tar), "gzip") for each in recipe.layers)
    return Candidate(dataclasses.replace(recipe, layers=layers).image(), is_changed=True)


@lru_cache(maxsize=None)
def zopfli(tar):
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "tar"
        file.write_bytes(tar)
        subprocess.run(["zopfli", "--i1", file], check=True)
        return file.with_name("tar.gz").read_bytes()


# ---- Other layers, other documents ----

def restacked(change, name=API):
    """Our image with other layers: `change(layers, materials)` gives them."""
    def operation(corpus):
        recipe = corpus.internal[name]
        return Candidate(dataclasses.replace(
            recipe, layers=tuple(change(list(recipe.layers), corpus.materials))).image())
    return operation


def exact(name=API):
    """An image or an index of ours, byte for byte."""
    return lambda corpus: Candidate(build(corpus.internal[name]))


def one_platform(corpus):
    """One platform out of an index of ours."""
    return Candidate(corpus.internal["payments/gateway:2.0"][1].image())


def among_platforms(corpus):
    """An index of strangers', in which one platform is our image."""
    of = corpus.materials
    theirs = corpus.recipe([of.busybox, of.stranger("platform")], platform="linux/arm64").image()
    return Candidate(make_index([(theirs, "linux/arm64"), (image_of(corpus), "linux/amd64")]))


def attested(corpus):
    """An index of our image and an attestation that somebody made of it."""
    return Candidate(make_index([(image_of(corpus), "linux/amd64")], attested=True))


def by_sha512(corpus):
    """Every digest anew by sha512."""
    return Candidate(with_sha512(image_of(corpus)))


def with_damage(corpus):
    """The smallest layer of ours is served with other bytes than it had."""
    image = image_of(corpus)
    return Candidate(image, damaged=(digest_of(corpus.materials.settings.blob),))


def with_foreign_base(corpus):
    """The base is left where it comes from, as Windows images do with theirs."""
    recipe = corpus.internal[API]
    base = dataclasses.replace(recipe.layers[0], urls=("https://downloads.example/base.tar.gz",),
                               media_type="application/vnd.oci.image.layer.nondistributable.v1.tar+gzip")
    image = dataclasses.replace(recipe, layers=(base, *recipe.layers[1:])).image()
    return Candidate(image, missing=(digest_of(base.blob),))


def retimed(layers, materials):  # noqa: ARG001
    """Built anew from the same files on the same base: only the times of the files differ."""
    return [layers[0], *(touch(each) for each in layers[1:])]


def touch(each):
    output = io.BytesIO()
    with tarfile.open(fileobj=io.BytesIO(each.tar)) as source, \
            tarfile.open(fileobj=output, mode="w", format=tarfile.PAX_FORMAT) as target:
        for entry in source:
            entry.mtime += 3600
            target.addfile(entry, source.extractfile(entry) if entry.isreg() else None)
    return Layer(output.getvalue(), pack_gzip(output.getvalue()), each.created_by)


def at_once(corpus):
    """Own layers on another base, compressed with zstd, under another configuration, one layer more."""
    of = corpus.materials
    layers = [of.busybox, of.settings, of.vendor, of.api, of.stranger("more")]
    layers = [store(each, compress("zstd -q -c -7", each.tar), "zstd") for each in layers]
    return Candidate(corpus.recipe(layers, {"Cmd": ["/srv/run"]}).image())


OPERATIONS = {
    "exact copy (skopeo --preserve-digests)": made_by(copied("--preserve-digests")),
    "exact copy, under another name": exact(),
    "skopeo to oci": made_by(copied()),
    "skopeo to dir and back": made_by(through("dir")),
    "skopeo to docker-archive": as_archive,
    "skopeo to docker-archive and back": made_by(through("docker-archive")),
    "skopeo to Docker's schema 2": made_by(as_docker),
    "skopeo to Docker's schema 2 and back": made_by(through("dir", "--format", "v2s2")),
    "gzip -1": compressed("gzip -n -1"),
    "gzip -6": compressed("gzip -n -6"),
    "gzip -9": compressed("gzip -n -9"),
    "gzip of Go (skopeo)": changed(made_by(through("dir", "--dest-decompress"))),
    "gzip of busybox": compressed("busybox gzip -c"),
    "pigz": compressed("pigz -n -p 2"),
    "igzip": compressed("igzip -n -c"),
    "libdeflate-gzip": compressed("libdeflate-gzip -n -c"),
    "zopfli": by_zopfli,
    "not compressed": compressed("cat", ""),
    "zstd (skopeo)": changed(made_by(copied("--dest-compress-format", "zstd"))),
    "zstd -19": compressed("zstd -q -c -19", "zstd"),
    "zstd:chunked (skopeo)": changed(made_by(copied("--dest-compress-format", "zstd:chunked"))),
    "buildah pull and push": made_by(pulled_and_pushed),
    "buildah commit, nothing changed": made_by(committed),
    "label edited (umoci)": made_by(edited("--config.label", "maintainer=contractor")),
    "environment edited (umoci)": made_by(edited("--config.env", "STAGE=demo")),
    "annotation edited (umoci)": made_by(edited("--manifest.annotation", "note=mine")),
    "creation time edited (umoci)": made_by(edited("--created", "2026-07-01T00:00:00Z")),
    "layer added (umoci)": made_by(added({"opt/tool": (b"#!/bin/sh\necho tool\n", 0o755)})),
    "empty layer on top (umoci)": made_by(added({})),
    "top layer removed": restacked(lambda layers, of: layers[:-1]),
    "rebased on another base": restacked(lambda layers, of: [of.busybox, *layers[1:]]),
    "base removed": restacked(lambda layers, of: layers[2:]),
    "one layer in a stranger's image": restacked(
        lambda layers, of: [of.busybox, of.stranger("graft"), layers[-1]]),
    "one layer in a stranger's image, same base": restacked(
        lambda layers, of: [of.debian, of.stranger("graft"), layers[-1]]),
    "one lower layer in a stranger's image": restacked(
        lambda layers, of: [of.busybox, of.stranger("graft"), of.vendor]),
    "other base, zstd, other configuration, layer added": at_once,
    "index of ours (skopeo's exact copy)": exact("payments/gateway:2.0"),
    "one platform of an index of ours": one_platform,
    "one platform of many is ours": among_platforms,
    "index with an attestation": attested,
    "digests by sha512": by_sha512,
    "smallest own layer corrupted": with_damage,
    "base as foreign layer": with_foreign_base,
    "image of a single layer": exact("tools/ledger-check:0.9"),
    "single layer on a base": restacked(lambda layers, of: [of.debian, *layers], "tools/ledger-check:0.9"),
    "on a runtime of two repositories": exact("payments/worker:1.4.2"),
    "on a runtime of two repositories, label edited": lambda corpus: Candidate(dataclasses.replace(
        corpus.internal["payments/worker:1.4.2"], settings={}).image()),
    "on a base of layers for each package": lambda corpus: Candidate(dataclasses.replace(
        corpus.internal["tools/scanner:1"], settings={}).image()),
    "with a public tool inside": lambda corpus: Candidate(dataclasses.replace(
        corpus.internal["edge/proxy:3"], settings={}).image()),
    "on a mirrored image": lambda corpus: Candidate(dataclasses.replace(
        corpus.internal["web/site:5"], settings={}).image()),
    "squashed (umoci unpack, tar)": made_by(squashed),
    "built anew, other times": restacked(retimed),
}
