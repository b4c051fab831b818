#!/usr/bin/python3
"""A layer of 1 GiB: verified by `inspect --verify` and by `check` in little memory."""

import hashlib
import json
import os
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

from exports import import_images
from harness import StubRegistry, program_path, run_program
from images import OCI_CONFIG, OCI_LAYER, OCI_MANIFEST, Image, describe, to_json

import tap

FILES, FILE_SIZE = 64, 16 << 20
MEMORY = 64 << 20
SECONDS = 240


def real_text(size):
    """Text as it stands in images: sources of this Python, as many as are needed."""
    parts, total = [], 0
    for path in sorted(Path(os.__file__).parent.glob("**/*.py")):
        parts.append(path.read_bytes())
        total += len(parts[-1])
        if total >= size:
            break
    return b"".join(parts)[:size]


class Hashing:
    """Writes to a pipe and hashes what it writes."""

    def __init__(self, pipe):
        self.pipe, self.digest = pipe, hashlib.sha256()

    def write(self, data):
        self.digest.update(data)
        return self.pipe.write(data)


class Content:
    """A file of FILE_SIZE bytes for tarfile, each of another content: text and a word to begin
    every block with."""

    def __init__(self, number, text):
        self.number, self.text, self.at = number, text, 0

    def read(self, size):
        start = (self.at * 7 + self.number * 131) % (len(self.text) - size)
        self.at += size
        head = b"%08d %012d\n" % (self.number, self.at)
        return head + self.text[start:start + size - len(head)]


def write_layer(path):
    """Writes the layer, gzip level 1; returns its diff_id."""
    text = real_text(4 << 20)
    with open(path, "wb") as file, subprocess.Popen(
            ["pigz", "-1", "-n", "-c"], stdin=subprocess.PIPE, stdout=file) as pigz:
        output = Hashing(pigz.stdin)
        with tarfile.open(fileobj=output, mode="w|", format=tarfile.PAX_FORMAT,
                          copybufsize=1 << 20) as tar:
            for number in range(FILES):
                entry = tarfile.TarInfo(f"data/{number}.txt")
                entry.size = FILE_SIZE
                tar.addfile(entry, Content(number, text))
        pigz.stdin.close()
        code = pigz.wait(SECONDS)
    assert code == 0, f"pigz: exit code {code}"
    return "sha256:" + output.digest.hexdigest()


def digest_of_file(path):
    with open(path, "rb") as file:
        return "sha256:" + hashlib.file_digest(file, "sha256").hexdigest()


def write_image(folder):
    """A layout with the image in it; returns the image without its layer's bytes."""
    blobs = Path(folder) / "blobs/sha256"
    blobs.mkdir(parents=True)
    diff_id = write_layer(blobs / "layer")
    digest, size = digest_of_file(blobs / "layer"), (blobs / "layer").stat().st_size
    (blobs / "layer").rename(blobs / digest.removeprefix("sha256:"))
    config = to_json({"architecture": "amd64", "os": "linux", "config": {},
                      "rootfs": {"type": "layers", "diff_ids": [diff_id]}})
    image = Image(to_json({
        "schemaVersion": 2, "mediaType": OCI_MANIFEST, "config": describe(config, OCI_CONFIG),
        "layers": [{"mediaType": OCI_LAYER + "+gzip", "digest": digest, "size": size}]}),
        OCI_MANIFEST, config=config, layers=[digest], diff_ids=[diff_id])
    for data in (image.document, config):
        (blobs / hashlib.sha256(data).hexdigest()).write_bytes(data)
    (Path(folder) / "oci-layout").write_text('{"imageLayoutVersion":"1.0.0"}')
    (Path(folder) / "index.json").write_bytes(to_json({"schemaVersion": 2, "manifests": [
        describe(image.document, OCI_MANIFEST)]}))
    return image


# Runs its arguments as a child and prints how much memory it took at its peak.
MEASURE = """
import resource, subprocess, sys
code = subprocess.run(sys.argv[2:], stdout=open(sys.argv[1], "wb")).returncode
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024)
sys.exit(code)
"""


def is_sanitized():
    return b"__asan_init" in PROGRAM.read_bytes() or b"__tsan_init" in PROGRAM.read_bytes()


def measured(folder, *arguments):
    """(exit code, record, peak memory in bytes) of a run."""
    output = Path(folder) / "output"
    ended = run_program([sys.executable, "-c", MEASURE, output, PROGRAM, *arguments],
                        timeout=SECONDS)
    tap.equal((ended.trouble(), ended.stderr), ("", b""), " ".join(map(str, arguments)))
    return ended.exit, json.loads(output.read_bytes()), int(ended.stdout)


PEAKS = {}


def test_inspect_verifies_it_in_a_layout():
    with tempfile.TemporaryDirectory() as folder:
        code, record, PEAKS["inspect"] = measured(folder, "inspect", "--json", "--verify",
                                                  f"oci:{LAYOUT}")
    tap.equal((code, record["errors"]), (0, []))
    layer = record["images"][0]["layers"][0]
    tap.equal((layer["digest"], layer["diff_id"], layer["level"], layer["empty"]),
              (IMAGE.layers[0], IMAGE.diff_ids[0], "hashed", False))


def test_check_proves_it_from_a_registry():
    layer = Path(LAYOUT) / "blobs/sha256" / IMAGE.layers[0].removeprefix("sha256:")
    with tempfile.TemporaryDirectory() as folder, StubRegistry() as stub:
        index = import_images(folder, {"registry.acme.example/ours/large:1": IMAGE})
        stub.put_blob("a/b", IMAGE.config)
        stub.put_blob("a/b", layer.read_bytes(), digest=IMAGE.layers[0])
        stub.put_manifest("a/b", "1", IMAGE.document)
        code, record, PEAKS["check"] = measured(folder, "--index", index, "check",
                                                f"{stub.address}/a/b:1")
    tap.equal((code, record["verdict"], record["reason"]), (0, "true_positive", "layer"))
    tap.equal(record["coverage"]["bytes"]["fetched"], layer.stat().st_size)


def test_memory_stays_small():
    if is_sanitized():
        raise tap.Skip("a sanitizer's own memory is not ours to bound")
    tap.comment(", ".join(f"{what}: {peak / (1 << 20):.0f} MiB" for what, peak in PEAKS.items()))
    tap.equal(sorted(PEAKS), ["check", "inspect"], "runs measured")
    tap.equal({what: peak for what, peak in PEAKS.items() if peak >= MEMORY}, {}, "over 64 MiB")


PROGRAM = Path(program_path())
with tempfile.TemporaryDirectory() as LAYOUT:
    IMAGE = write_image(LAYOUT)
    tap.main(globals())
