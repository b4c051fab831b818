#!/usr/bin/python3
"""`digest` of what other programs write, in pipes that break, and under signals."""

import array
import fcntl
import gzip
import hashlib
import os
import signal
import subprocess
import tempfile
import termios
from pathlib import Path

from harness import program_path, run_layerproof
from images import pack_tar
from running import Running

import tap

TAR = pack_tar({f"usr/share/doc/{number}": os.urandom(200) for number in range(500)})
ENTRIES = TAR[:500 * 1024]  # without its end
BLOB = gzip.compress(TAR)


def sha256(data):
    return "sha256:" + hashlib.sha256(data).hexdigest()


def expected(blob=BLOB, tar=TAR, **more):
    return {"digest": sha256(blob), "size": len(blob), "format": "gzip", "members": 1,
            "diff_id": sha256(tar), "uncompressed": len(tar), "entries": 500, "empty": False, **more}


def expected_of_tar(tar, **more):
    record = expected(tar, tar, format="tar", **more)
    del record["members"]
    return record


def test_pipe_that_stands_still():
    """Nothing is missed where a writer makes pauses."""
    with Running("digest", "-") as run:
        for at in range(0, len(BLOB), 20_000):
            run.process.stdin.write(BLOB[at:at + 20_000])
            run.process.stdin.flush()
        ended = run.finish()
    tap.equal((ended.exit, ended.stderr, ended.records), (0, "", [expected()]))


def interrupted(number, code):
    with Running("digest", "-") as run:
        run.process.stdin.write(BLOB[:70_000])
        run.process.stdin.flush()
        run.wait_for(lambda: unread(run.process.stdin) == 0, "all of it to be taken")
        run.signal(number)
        ended = run.wait(timeout=20)
    tap.equal((ended.exit, ended.stdout, ended.stderr), (code, "", ""))


def unread(pipe):
    """Bytes that were written to a pipe and that nobody has read yet."""
    count = array.array("i", [0])
    fcntl.ioctl(pipe.fileno(), termios.FIONREAD, count)
    return count[0]


class Fifo:
    """A FIFO that `digest` reads."""

    def __init__(self):
        self._folder = tempfile.TemporaryDirectory()
        self.path = Path(self._folder.name) / "fifo"
        os.mkfifo(self.path)

    def is_open_in(self, run):
        return any(link.is_symlink() and os.readlink(link) == str(self.path)
                   for link in Path(f"/proc/{run.process.pid}/fd").iterdir())


def test_fifo_whose_writer_comes_late():
    fifo = Fifo()
    with Running("digest", fifo.path) as run:
        run.wait_for(lambda: fifo.is_open_in(run), "to be opened")
        with fifo.path.open("wb") as pipe:
            for at in range(0, len(BLOB), 20_000):
                pipe.write(BLOB[at:at + 20_000])
                pipe.flush()
        ended = run.wait()
    tap.equal((ended.exit, ended.stderr, ended.records), (0, "", [expected()]))


def test_fifo_whose_writer_never_comes():
    fifo = Fifo()
    with Running("digest", fifo.path) as run:
        run.wait_for(lambda: fifo.is_open_in(run), "to be opened")
        run.signal(signal.SIGINT)
        ended = run.wait(timeout=20)
    tap.equal((ended.exit, ended.stdout, ended.stderr), (130, "", ""))


def test_interrupt():
    interrupted(signal.SIGINT, 130)


def test_termination():
    interrupted(signal.SIGTERM, 143)


def print_to_nobody(*arguments):
    """How `digest` ends whose reader has gone: (exit code, standard error)."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "layer"
        path.write_bytes(BLOB)
        read_end, write_end = os.pipe()
        os.close(read_end)
        ended = subprocess.run([program_path(), "digest", *arguments, path], stdout=write_end,
                               stderr=subprocess.PIPE, check=False, timeout=60)
        os.close(write_end)
    return ended.returncode, ended.stderr


def test_closed_output_ends_quietly():
    tap.equal(print_to_nobody(), (-signal.SIGPIPE, b""))
    tap.equal(print_to_nobody("--files"), (-signal.SIGPIPE, b""))


def test_reader_of_files_that_has_seen_enough():
    """It is met in the middle of the list, where the input goes on for ever."""
    with subprocess.Popen([program_path(), "digest", "--files", "-"], stdin=subprocess.PIPE,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE) as digest:
        digest.stdout.close()
        try:
            while True:
                digest.stdin.write(ENTRIES)
        except BrokenPipeError:
            code = digest.wait(60)
        errors = digest.stderr.read()
    tap.equal((code, errors), (-signal.SIGPIPE, b""))


def test_files_come_while_the_rest_is_awaited():
    """Many of them: what is gathered is no more than a buffer."""
    with Running("digest", "--files", "-") as run:
        for _ in range(20):
            run.process.stdin.write(ENTRIES)
        run.process.stdin.flush()
        run.wait_for_lines(9_000)
        run.process.stdin.write(bytes(1024))
        ended = run.finish()
    tap.equal((ended.exit, ended.stderr, len(ended.records)), (0, "", 10_001))
    tap.equal(ended.records[-1], expected_of_tar(
        ENTRIES * 20 + bytes(1024), entries=10_000, flags=["duplicate_path"]))


tap.main(globals())
