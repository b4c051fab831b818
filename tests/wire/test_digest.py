#!/usr/bin/python3
"""`digest` of what other programs write, in pipes that break, and under signals."""

import array
import fcntl
import gzip
import hashlib
import json
import os
import re
import signal
import subprocess
import tempfile
import termios
import threading
import time
from pathlib import Path

from harness import program_path
from images import pack_tar
from running import Running
from terminal import Terminal

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


def target(link):
    """Where a symbolic link leads; None where it is gone by now, as a descriptor that was just closed."""
    try:
        return os.readlink(link)
    except FileNotFoundError:
        return None


class Fifo:
    """A FIFO that `digest` reads."""

    def __init__(self):
        self._folder = tempfile.TemporaryDirectory()
        self.path = Path(self._folder.name) / "fifo"
        os.mkfifo(self.path)

    def is_open_in(self, run):
        return any(target(link) == str(self.path)
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


def show(arguments, standard_input, pattern, then, exit_code, **how):
    """What a terminal shows of a reading; once it is seen, what follows is done."""
    terminal = Terminal("digest", *arguments, stdin=standard_input, **how)
    deadline = time.monotonic() + 60
    while not re.search(pattern, terminal.received):
        assert time.monotonic() < deadline, f"not shown: {terminal.received!r}"
        time.sleep(0.02)
    then(terminal)
    return terminal.wait(exit_code), terminal.output


def test_progress_of_a_pipe():
    large = pack_tar({"a": bytes(12 << 20)})
    read_end, write_end = os.pipe()
    with open(read_end, "rb") as ours, open(write_end, "wb") as pipe:
        writer = threading.Thread(target=pipe.write, args=(large[:-10_000],))
        writer.start()

        def finish(_):
            writer.join()
            pipe.write(large[-10_000:])
            pipe.close()

        shown, output = show(["-"], ours, rb"\r1[0-2]\.[0-9] MiB, [0-9.]+ [KM]?i?B/s\x1b\[K", finish, 0)
    tap.equal(shown.screen, [], "what is left on the terminal")
    tap.equal(json.loads(output), expected_of_tar(large, entries=1))


def test_progress_of_a_file():
    with tempfile.NamedTemporaryFile() as file:
        file.truncate(15 << 30)
        shown, output = show([file.name], subprocess.DEVNULL, rb"\r[0-9.]+ [MG]iB of 15\.0 GiB, [0-9]%, ",
                             lambda terminal: terminal.process.send_signal(signal.SIGINT), 130)
    tap.equal((shown.screen, output), ([], b""), "what is left on the terminal, and the output")


def test_no_progress_among_the_files():
    read_end, write_end = os.pipe()
    with open(read_end, "rb") as ours, open(write_end, "wb") as pipe:
        terminal = Terminal("digest", "--files", "-", stdin=ours, is_output=True)
        pipe.write(pack_tar({str(number): bytes(1 << 20) for number in range(12)}))
        pipe.flush()
        time.sleep(0.7)
        pipe.close()
        shown = terminal.wait()
    tap.equal(len(shown.raw.splitlines()), 13, "lines")
    assert "\x1b" not in shown.raw, shown.raw


tap.main(globals())
