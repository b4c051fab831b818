#!/usr/bin/python3
"""Layers of every builder there is, against what the ordinary tools say of the same bytes.

Of each layer: the digest is that of sha256sum, the diff_id that of `gzip -dc | sha256sum`,
`zstd -dc | sha256sum` or of the plain tar, there are as many entries as bsdtar lists, and the files
have the digests of those that Python's tarfile takes out.
"""

import hashlib
import io
import json
import os
import random
import struct
import subprocess
import tarfile
import tempfile
import zlib
from pathlib import Path

from harness import Registry, build_image, pack_tar, push_image, run_layerproof, run_tool, write_layout

import tap

DECODERS = {b"\x1f\x8b": ["gzip", "-dc"], b"\x28\xb5": ["zstd", "-dcq", "--long=31"],
            b"\x50\x2a": ["zstd", "-dcq", "--long=31"]}
LONG = "long/" + "n" * 120 + "/" + "m" * 90


def fill(folder, *, long_names=True, whiteouts=True):
    """A tree with what layers have in them."""
    noise = random.Random(4)
    files = {"bin/program": noise.randbytes(150000), "bin/empty": b"",
             "etc/os-release": b"ID=test\n", "text": b"some text, again and again\n" * 9000,
             "name with blanks": b"1", "caf\u00e9": b"2"}
    if whiteouts:
        files.update({".wh.gone": b"", "d/.wh..wh..opq": b""})
    if long_names:
        files[LONG] = b"long"
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    os.link(folder / "bin/program", folder / "bin/hardlink")
    os.symlink("program", folder / "bin/symlink")
    os.mkfifo(folder / "pipe")
    (folder / "bin/program").chmod(0o4755)
    return folder


def run(*command, data=None, cwd=None):
    return subprocess.run([str(part) for part in command], input=data, cwd=cwd, check=True,
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=120).stdout


def sha256sum(data):
    return "sha256:" + run("sha256sum", data=data).split()[0].decode()


def files_in(tar):
    """What Python makes of it: (path, size, digest) of each regular file."""
    found = []
    with tarfile.open(fileobj=io.BytesIO(tar), errors="surrogateescape") as archive:
        for member in archive:
            if member.isreg():
                content = archive.extractfile(member).read()
                path = member.name.removeprefix("./").lstrip("/")
                found.append((path, len(content), hashlib.sha256(content).hexdigest()))
    return found


def decode(blob):
    command = DECODERS.get(blob[:2])
    return run(*command, data=blob) if command else blob


def check_blob(what, blob, tar=None, *, members=None):
    """Compares what `digest --files` says of `blob` with what the tools do; returns its record."""
    tar = decode(blob) if tar is None else tar
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "blob"
        path.write_bytes(blob)
        ended = run_layerproof("digest", "--files", path)
    tap.equal((ended.exit, ended.stderr), (0, ""), what)
    *files, record = ended.records
    tap.equal((record["digest"], record["size"]), (sha256sum(blob), len(blob)), what)
    tap.equal(record["diff_id"], sha256sum(decode(blob)), what)
    tap.equal((record["diff_id"], record["uncompressed"]), (sha256sum(tar), len(tar)), what)
    tap.equal([(file["path"], file["size"], file["sha256"]) for file in files], files_in(tar), what)
    tap.equal(record["entries"], run("bsdtar", "-tf", "-", data=tar).count(b"\n"), what)
    tap.equal(record.get("flags"), None, what)
    if members is not None:
        tap.equal(record.get("members"), members, what)
    return record


def make_tar():
    with tempfile.TemporaryDirectory() as folder:
        fill(Path(folder))
        return run("tar", "--format=posix", "--sort=name", "-C", folder, "-c", ".")


TAR = make_tar()

COMPRESSORS = [
    "gzip -1 -c", "gzip -6 -c", "gzip -9 -c", "busybox gzip -c",
    "pigz -c", "pigz -c -p 4 -b 32", "pigz -c -i -b 32", "pigz -c -p 1", "pigz -c -11 -I 1",
    "igzip -0 -c", "igzip -1 -c", "igzip -2 -c", "igzip -3 -c", "bgzip -c", "bgzip -c -l 0",
    "zstd -q -c -1", "zstd -q -c -3", "zstd -q -c -9", "zstd -q -c -19", "zstd -q -c --ultra -22",
    "zstd -q -c --fast=5", "zstd -q -c --long=27", "zstd -q -c --no-check",
    "zstd -q -c --no-content-size", "zstdmt -q -c -B512K", "zstd -q -c --single-thread",
    "zstd -q -c --rsyncable", "pzstd -q -c -p 2",
]


def test_compressors():
    for command in COMPRESSORS:
        record = check_blob(command, run(*command.split(), data=TAR), TAR)
        tap.equal(record["format"], "zstd" if "zstd" in command else "gzip", command)


def test_zopfli():
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "tar"
        path.write_bytes(TAR[:200000])
        run("zopfli", "--i1", path)
        blob = Path(f"{path}.gz").read_bytes()
    check_blob("zopfli", blob + run("gzip", "-c", data=TAR[200000:]), TAR, members=2)


def test_members_are_counted():
    check_blob("bgzip", run("bgzip", "-c", data=TAR), members=len(TAR) // 65280 + 2)
    check_blob("pigz", run("pigz", "-c", "-p", "4", "-b", "32", data=TAR), members=1)
    cat = run("gzip", "-c", data=TAR[:1000]) + run("gzip", "-c", data=TAR[1000:])
    check_blob("cat", cat, TAR, members=2)
    frames = run("zstd", "-qc", data=TAR[:1000]) + run("zstd", "-qc", data=TAR[1000:])
    check_blob("cat", frames, TAR, members=2)
    check_blob("zeros behind", cat + bytes(1000), TAR, members=2)


def deflated(data):
    maker = zlib.compressobj(6, zlib.DEFLATED, -15)
    return maker.compress(data) + maker.flush() + struct.pack("<II", zlib.crc32(data), len(data))


def gzip_member(data, *, extra=None, name=None, comment=None, checksum=False, text=False):
    """A member with any of the fields of RFC 1952 section 2.3."""
    flags = (text | checksum << 1 | (extra is not None) << 2 | (name is not None) << 3
             | (comment is not None) << 4)
    head = bytes([0x1f, 0x8b, 8, flags, 1, 2, 3, 4, 0, 255])
    if extra is not None:
        head += struct.pack("<H", len(extra)) + extra
    for field in (name, comment):
        head += field + b"\0" if field is not None else b""
    if checksum:
        head += struct.pack("<H", zlib.crc32(head) & 0xffff)
    return head + deflated(data)


def test_members_by_hand():
    """Every field of the header, together and alone, and members of nothing."""
    fields = {"extra": b"AB\4\0data", "name": b"name", "comment": b"a comment", "checksum": True,
              "text": True}
    choices = [{}, fields, {"extra": b""}, {"name": b""}, {"comment": b""},
               *({key: value} for key, value in fields.items())]
    step = len(TAR) // len(choices) + 1
    blob = gzip_member(b"")
    for number, choice in enumerate(choices):
        blob += gzip_member(TAR[number * step:(number + 1) * step], **choice) + gzip_member(b"")
    check_blob("members", blob, TAR, members=2 * len(choices) + 1)


def test_estargz_by_hand():
    """A member for each file, the table of contents as the last one, and a footer: an empty member
    whose extra field says where the table is."""
    toc = io.BytesIO()
    with tarfile.open(fileobj=toc, mode="w") as archive:
        content = json.dumps({"version": 1, "entries": []}).encode()
        entry = tarfile.TarInfo("stargz.index.json")
        entry.size = len(content)
        archive.addfile(entry, io.BytesIO(content))
    with tarfile.open(fileobj=io.BytesIO(TAR)) as archive:
        starts = [member.offset for member in archive if member.offset]
        end = archive.offset
    cuts = [0, *starts, end]
    blob = b"".join(gzip_member(TAR[a:b]) for a, b in zip(cuts, cuts[1:]))
    place = len(blob)
    blob += gzip_member(toc.getvalue())
    blob += gzip_member(b"", extra=b"SG" + struct.pack("<H", 22) + b"%016xSTARGZ" % place)
    check_blob("eStargz", blob, TAR[:end] + toc.getvalue(), members=len(cuts) + 1)


def test_zstd_chunked_by_hand():
    """As containers/storage writes it: frames of chunks, then the table of contents and a footer in
    skippable frames."""
    cuts = [*range(0, len(TAR), 100000), len(TAR)]
    blob = b"".join(run("zstd", "-qc", data=TAR[a:b]) for a, b in zip(cuts, cuts[1:]))
    toc = run("zstd", "-qc", data=b'{"version":1,"entries":[]}')
    place = len(blob) + 8
    footer = struct.pack("<QQQQ", place, len(toc), 26, 1) + b"GnUlInUx"
    for content in (toc, footer):
        blob += struct.pack("<II", 0x184d2a50, len(content)) + content
    check_blob("zstd:chunked", blob, TAR, members=len(cuts) - 1)


ARCHIVERS = {
    "tar --format=gnu": ["tar", "--format=gnu", "-c", "."],
    "tar --format=oldgnu": ["tar", "--format=oldgnu", "-c", "."],
    "tar --format=posix": ["tar", "--format=posix", "-c", "."],
    "tar -P": ["tar", "--format=gnu", "--transform=s,^\\.,/abs,", "-P", "-c", "."],
    "tar --sparse": ["tar", "--format=gnu", "--sparse", "-c", "."],
    "tar --sparse 0.0": ["tar", "--format=posix", "--sparse", "--sparse-version=0.0", "-c", "."],
    "tar --sparse 0.1": ["tar", "--format=posix", "--sparse", "--sparse-version=0.1", "-c", "."],
    "tar --sparse 1.0": ["tar", "--format=posix", "--sparse", "--sparse-version=1.0", "-c", "."],
    "tar -b 1": ["tar", "-b", "1", "-c", "."],
    "bsdtar pax": ["bsdtar", "--format=pax", "-cf", "-", "."],
    "bsdtar restricted": ["bsdtar", "-cf", "-", "."],
    "bsdtar gnutar": ["bsdtar", "--format=gnutar", "-cf", "-", "."],
    "busybox tar": ["busybox", "tar", "-cf", "-", "."],
}
# These hold no long names.
SHORT_ARCHIVERS = {
    "tar --format=v7": ["tar", "--format=v7", "-c", "."],
    "tar --format=ustar": ["tar", "--format=ustar", "-c", "."],
    "bsdtar ustar": ["bsdtar", "--format=ustar", "-cf", "-", "."],
    "bsdtar v7": ["bsdtar", "--format=v7tar", "-cf", "-", "."],
}


def check_archivers(folder, archivers):
    for what, command in archivers.items():
        tar = run(*command, cwd=folder)
        record = check_blob(what, tar, tar)
        tap.equal(record["format"], "tar", what)


def test_archivers():
    with tempfile.TemporaryDirectory() as temporary:
        folder = fill(Path(temporary))
        with open(folder / "holes", "wb") as file:
            for place in range(0, 4 << 20, 64 << 10):  # more than an old header has room for
                file.seek(place)
                file.write(b"data")
            file.truncate(5 << 20)
        os.truncate(folder / "bin/empty", 1 << 18)
        check_archivers(folder, ARCHIVERS)


def test_archivers_without_long_names():
    with tempfile.TemporaryDirectory() as temporary:
        folder = fill(Path(temporary), long_names=False)
        (folder / "pipe").unlink()  # v7 knows none
        check_archivers(folder, SHORT_ARCHIVERS)


def test_python_tarfile():
    for form in (tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT):
        with tempfile.TemporaryDirectory() as temporary:
            folder = fill(Path(temporary), long_names=form != tarfile.USTAR_FORMAT)
            out = io.BytesIO()
            with tarfile.open(fileobj=out, mode="w", format=form) as archive:
                archive.add(folder, arcname="")
            check_blob(f"tarfile {form}", out.getvalue())


# ---- Whole images ----

def blob_bytes(layout, digest):
    return (Path(layout) / "blobs" / digest.replace(":", "/")).read_bytes()


def check_layout(what, layout, *, formats):
    """Each layer of the only image of a layout, against its config; and `inspect --verify`."""
    index = json.loads((Path(layout) / "index.json").read_bytes())
    manifest = json.loads(blob_bytes(layout, index["manifests"][0]["digest"]))
    config = json.loads(blob_bytes(layout, manifest["config"]["digest"]))
    diff_ids = config["rootfs"]["diff_ids"]
    records = [check_blob(what, blob_bytes(layout, layer["digest"])) for layer in manifest["layers"]]
    tap.equal([record["diff_id"] for record in records], diff_ids, what)
    tap.equal({record["format"] for record in records}, formats, what)
    check_inspect(what, f"oci:{layout}", diff_ids)
    return records


def check_inspect(what, reference, diff_ids, *more):
    ended = run_layerproof("inspect", "--verify", "--json", *more, reference)
    tap.equal((ended.exit, ended.stderr), (0, ""), what)
    (record,) = ended.records
    layers = record["images"][0]["layers"]
    tap.equal([layer["diff_id"] for layer in layers], diff_ids, what)
    tap.equal({layer["level"] for layer in layers}, {"hashed"}, what)
    tap.equal(record.get("errors", []), [], what)


def trimmed(tar):
    """Without the zeros that fill a tar's last record: Go writes none, and skopeo's zstd:chunked
    leaves them out."""
    with tarfile.open(fileobj=io.BytesIO(tar)) as archive:
        archive.getmembers()
        return tar[:archive.offset] + bytes(1024)


def base_image():
    return build_image([trimmed(TAR), trimmed(pack_tar(
        {"app/program": random.Random(5).randbytes(200000), "app/empty": b""}))])


def skopeo_copy(source, target, *more):
    run_tool("skopeo", "--insecure-policy", "copy", "--quiet", "--src-tls-verify=false",
             "--dest-tls-verify=false", *more, source, target, timeout=120)


def test_skopeo_and_docker_registry():
    """Through a registry and out again, in every compression that skopeo has."""
    image = base_image()
    with Registry() as registry, tempfile.TemporaryDirectory() as folder:
        push_image(image, registry, "base:1")
        source = f"docker://{registry.address}/base:1"
        check_inspect("registry", source, image.diff_ids, "--plain-http", registry.address)
        plain = f"{folder}/plain"
        skopeo_copy(source, f"dir:{plain}", "--dest-decompress")
        for name, options, formats in (
                ("as it is", [], {"gzip"}), ("gzip", ["--dest-compress-format", "gzip"], {"gzip"}),
                ("level 9", ["--dest-compress-level", "9"], {"gzip"}),
                ("zstd", ["--dest-compress-format", "zstd"], {"zstd"}),
                ("zstd:chunked", ["--dest-compress-format", "zstd:chunked"], {"zstd"})):
            repository = name.replace(" ", "-").replace(":", "-")
            layout = f"{folder}/{repository}"
            compressed = name != "as it is"
            skopeo_copy(f"dir:{plain}" if compressed else source, f"oci:{layout}:1", *options)
            records = check_layout(name, layout, formats=formats)
            tap.equal([record["diff_id"] for record in records], image.diff_ids, name)
            if name == "zstd:chunked":
                assert blob_bytes(layout, records[0]["digest"]).endswith(b"GnUlInUx")
            again = f"docker://{registry.address}/{repository}:1"
            skopeo_copy(f"oci:{layout}:1", again)
            check_inspect(name, again, image.diff_ids, "--plain-http", registry.address)


def test_docker_archive():
    image = base_image()
    with tempfile.TemporaryDirectory() as folder:
        write_layout(f"{folder}/oci", {"1": image})
        archive = f"{folder}/image.tar"
        skopeo_copy(f"oci:{folder}/oci:1", f"docker-archive:{archive}:name:1")
        check_inspect("docker-archive", f"docker-archive:{archive}", image.diff_ids)
        with tarfile.open(archive) as members:
            (manifest,) = json.load(members.extractfile("manifest.json"))
            for name, diff_id in zip(manifest["Layers"], image.diff_ids):
                record = check_blob(name, members.extractfile(name).read())
                tap.equal(record["diff_id"], diff_id, name)


def test_umoci():
    """A layer that umoci makes of what changed: files, a directory, and one that is gone."""
    image = base_image()
    with tempfile.TemporaryDirectory() as folder:
        layout, bundle = f"{folder}/oci", Path(folder) / "bundle"
        write_layout(layout, {"1": image})
        run_tool("umoci", "unpack", "--image", f"{layout}:1", bundle)
        fill(bundle / "rootfs/new", whiteouts=False)
        (bundle / "rootfs/text").unlink()
        run_tool("umoci", "repack", "--image", f"{layout}:2", bundle)
        Path(layout, "index.json").write_text(json.dumps(only_tag(layout, "2")))
        records = check_layout("umoci", layout, formats={"gzip"})
        tap.equal(len(records), 3)
        assert not records[2]["empty"]


def only_tag(layout, tag):
    index = json.loads(Path(layout, "index.json").read_bytes())
    index["manifests"] = [manifest for manifest in index["manifests"] if manifest["annotations"]
                          ["org.opencontainers.image.ref.name"] == tag]
    return index


def test_buildah():
    """From scratch, in both formats of manifest."""
    if os.geteuid() != 0:
        raise tap.Skip("buildah is run as root")
    with tempfile.TemporaryDirectory() as folder:
        tree = fill(Path(folder) / "tree")
        where = ["--root", f"{folder}/root", "--runroot", f"{folder}/run", "--storage-driver", "vfs"]

        def buildah(*arguments):
            return run_tool("buildah", *where, *arguments, timeout=120).strip()

        (tree / "pipe").unlink()
        container = buildah("from", "scratch")
        buildah("add", "--quiet", container, tree, "/")
        for what, formats, options in (
                ("plain", {"tar"}, ["--format", "oci"]),
                ("oci", {"gzip"}, ["--format", "oci", "--disable-compression=false"]),
                ("docker", {"gzip"}, ["--format", "docker", "--disable-compression=false"])):
            buildah("commit", "--quiet", *options, container, f"oci:{folder}/{what}:1")
            (record,) = check_layout(what, f"{folder}/{what}", formats=formats)
            assert not record["empty"]
        buildah("rm", container)


tap.main(globals())
