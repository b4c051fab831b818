#!/usr/bin/python3
"""The lines on a terminal that say how far the large layers have come that `inspect --verify` reads:
when they are shown, what they say, and that nothing is left of them."""

import json
import random
import re
import signal
import subprocess
import tempfile
import threading
import time
from pathlib import Path

from harness import Reply, StubRegistry, build_image, write_layout
from images import pack_tar
from terminal import Terminal

import tap

MIB = 1 << 20
LINE = re.compile(r"(sha256:[0-9a-f]{12})  ([0-9.]+ \w+) of ([0-9.]+ \w+), ([0-9]+)%, ([0-9.]+ \w+)/s")
SECONDS = 60


def image_of(*sizes):
    """An image whose layers are plain tars of about these sizes."""
    return build_image([pack_tar({f"{number}": random.Random(number).randbytes(size)})
                        for number, size in enumerate(sizes)], compression="")


class Held:
    """Serves the layers of an image to three quarters, and the rest once release() was called."""

    def __init__(self, stub, image):
        self.stub, self.released = stub, threading.Event()
        for digest in image.layers:
            stub.script(f"/v2/a/b/blobs/{digest}", self.answer)

    def answer(self, request):
        body = self.stub.usual(request).body
        return Reply(200, {"Content-Type": "application/octet-stream"}, Dripping(body, self.released))


class Dripping(bytes):
    """Bytes whose last quarter comes once an event is set."""

    def __new__(cls, data, released):
        made = super().__new__(cls, data)
        made.released = released
        return made

    def __getitem__(self, wanted):
        if isinstance(wanted, slice) and (wanted.start or 0) >= len(self) * 3 // 4:
            self.released.wait(SECONDS)
        return super().__getitem__(wanted)


def wait_until(terminal, pattern, what):
    deadline = time.monotonic() + SECONDS
    while not re.search(pattern, terminal.received.decode(errors="replace")):
        assert time.monotonic() < deadline, f"{what}: not shown: {terminal.received!r}"
        time.sleep(0.02)


def inspect(reference, *arguments, **how):
    return Terminal("inspect", "--json", "--verify", *arguments, reference,
                    stdin=subprocess.DEVNULL, **how)


def shown_of(image, *, seen, exit_code=0, arguments=(), **how):
    """What is shown of a reading that stops at three quarters until `seen` stood on the terminal."""
    with StubRegistry() as stub:
        stub.put_image("a/b", "1", image)
        held = Held(stub, image)
        terminal = inspect(f"{stub.address}/a/b:1", *arguments, **how)
        try:
            wait_until(terminal, seen, "lines")
        finally:
            held.released.set()
        shown = terminal.wait(exit_code)
    return shown, json.loads(terminal.output)


def test_a_line_for_each_large_layer():
    image = image_of(12 * MIB, 1000, 9 * MIB)
    first, small, second = (digest[:19] for digest in image.layers)
    lines = (rf"{first}  9\.\d MiB of 12.0 MiB, 7[45]%", rf"{second}  6\.\d MiB of 9.0 MiB, 7[45]%")
    together = "|".join(rf"{one}[^\n]*\n{other}" for one, other in (lines, lines[::-1]))
    shown, record = shown_of(image, seen=together)
    lines = LINE.findall(shown.raw)
    tap.equal({line[0] for line in lines}, {first, second}, "layers")
    tap.equal({(line[0], line[2]) for line in lines}, {(first, "12.0 MiB"), (second, "9.0 MiB")})
    assert all(int(line[3]) <= 100 for line in lines), lines
    assert small not in shown.raw
    tap.equal(shown.screen, [], "what is left on the terminal")
    tap.equal([layer["level"] for layer in record["images"][0]["layers"]], ["hashed"] * 3)


def test_as_many_as_the_terminal_has_room_for():
    image = image_of(*[8 * MIB + 1] * 4)
    shown, _ = shown_of(image, seen="and 3 more", rows=3, columns=30)
    frames = re.findall(r"\r([^\r\n]*)\x1b\[K\r+\n([^\r\n]*)\x1b\[K", shown.raw)
    assert frames, shown.raw
    assert ("and 3 more" in [second for _, second in frames]), frames
    tap.equal({len(first) for first, _ in frames}, {29}, "characters")
    tap.equal(shown.screen, [])


def test_small_layers_have_none():
    image = image_of(1000, 8 * MIB - 10000)
    with StubRegistry() as stub:
        stub.put_image("a/b", "1", image)
        held = Held(stub, image)
        terminal = inspect(f"{stub.address}/a/b:1")
        threading.Timer(0.7, held.released.set).start()
        shown = terminal.wait()
    tap.equal(shown.raw, "")


def test_a_signal_erases_them():
    image = image_of(12 * MIB)
    with StubRegistry() as stub:
        stub.put_image("a/b", "1", image)
        held = Held(stub, image)
        terminal = inspect(f"{stub.address}/a/b:1")
        wait_until(terminal, LINE, "a line")
        terminal.process.send_signal(signal.SIGINT)
        time.sleep(0.1)
        held.released.set()
        shown = terminal.wait(130)
    tap.equal(shown.screen, [])
    tap.equal([error["code"] for error in json.loads(terminal.output)["errors"]], ["interrupted"])


def test_is_not_shown():
    image = image_of(9 * MIB)
    cases = [(("-q",), {}), (("-v",), {}), ((), {"TERM": "dumb"}), ((), {"TERM": None})]
    with StubRegistry() as stub:
        stub.put_image("a/b", "1", image)
        for arguments, environment in cases:
            held = Held(stub, image)
            terminal = inspect(f"{stub.address}/a/b:1", *arguments, **environment)
            threading.Timer(0.7, held.released.set).start()
            shown = terminal.wait()
            assert "MiB" not in shown.raw and "\x1b" not in shown.raw, (arguments, shown.raw)


def test_without_verify_there_is_none():
    with tempfile.TemporaryDirectory() as folder:
        write_layout(folder, {"1": image_of(9 * MIB)})
        terminal = Terminal("inspect", f"oci:{Path(folder)}:1", stdin=subprocess.DEVNULL)
        tap.equal(terminal.wait().raw, "")


if __name__ == "__main__":
    tap.main(globals())
