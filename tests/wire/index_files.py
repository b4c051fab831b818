"""Exports made up from a seed, and an index looked at from outside."""

import fcntl
import hashlib
import json
import os
import shutil
import struct
from pathlib import Path

from harness import run_layerproof


def digest(*words):
    return "sha256:" + hashlib.sha256(" ".join(map(str, words)).encode()).hexdigest()


def made_up_image(series, number):
    """One record of an export: an image of five layers, two of them those of others of its series."""
    depth = [f"{series}/base"] + [f"{series}/{number % 7}"] + [f"{series}/{number}/{n}" for n in range(3)]
    return {"name": f"registry.acme.example/{series}/app{number % 20}:{number}",
            "digest": digest(series, number, "manifest"), "config": digest(series, number, "config"),
            "platform": "linux/amd64", "layers": [digest("blob", layer) for layer in depth],
            "diff_ids": [digest("tar", layer) for layer in depth]}


def write_export(path, records):
    path = Path(path)
    path.write_text("".join(json.dumps(record) + "\n" for record in records))
    return path


def made_up_export(path, series, count):
    return write_export(path, (made_up_image(series, number) for number in range(count)))


def ask(index, *arguments, **more):
    """What layerproof prints of a sound index."""
    ended = run_layerproof("--index", index, *arguments, **more)
    assert (ended.exit, ended.stderr) == (0, ""), ended
    return ended.stdout


def contents(index):
    """All that stands in an index, without the times: what a killed or refused writer must leave as it
    was."""
    stat = json.loads(ask(index, "index", "stat", "--json"))
    sources = [(source["name"], source["sha256"], source["rows"]) for source in stat["sources"]]
    return (stat["images"], stat["digests"], stat["identities"], stat["origins"], sources,
            hashlib.sha256(ask(index, "index", "list", "--json").encode()).hexdigest())


def copy_of(index, to):
    """A copy by cp of an index that nobody writes, as `to`."""
    if Path(to).exists():
        shutil.rmtree(to)
    shutil.copytree(index, to)
    return Path(to)


def holder_of(path, kind):
    """The process whose lock on a file is in the way of one of this kind, None when none is (fcntl(2),
    F_GETLK)."""
    try:
        descriptor = os.open(path, os.O_RDONLY)
    except FileNotFoundError:
        return None
    try:
        asked = struct.pack("hhqqi4x", kind, os.SEEK_SET, 0, 0, 0)
        found, _whence, _start, _length, pid = struct.unpack(
            "hhqqi4x", fcntl.fcntl(descriptor, fcntl.F_GETLK, asked))
    finally:
        os.close(descriptor)
    return None if found == fcntl.F_UNLCK else pid


def writer_of(index):
    """The process that has the turn to write."""
    return holder_of(Path(index) / "writer.lock", fcntl.F_WRLCK)


def is_being_opened(index):
    """Whether a process is in the moment of LMDB's own lock of the whole environment."""
    return holder_of(Path(index) / "lock.mdb", fcntl.F_RDLCK) is not None
