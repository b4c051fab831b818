#!/usr/bin/python3
"""The line on a terminal that says how far `check` has come: when it is shown, what it says, and that
it is never in the way of anything else."""

import json
import re
import signal
import subprocess
import tempfile
import time
from pathlib import Path

from exports import import_images
from harness import Reply, StubRegistry, build_image
from terminal import Terminal

import tap

IMAGE = build_image([{"theirs.txt": b"theirs\n"}])
SLOW = 0.7  # seconds that an answer takes, so that there is time for two drawings
USUAL = re.compile(r"\d+ of \d+ checked, [0-9.]+/s: \d+ true_positive, \d+ needs_review; [0-9.]+ \w+"
                   r"(; waiting for .*)?$")


def run(references, *arguments, exit_code=0, **how):
    """What is shown while `references` are read from a file, and the standard output."""
    with tempfile.TemporaryFile() as stdin:
        stdin.write("".join(f"{reference}\n" for reference in references).encode())
        stdin.seek(0)
        terminal = Terminal("--index", INDEX, "check", "--depth", "manifest", *arguments, stdin=stdin,
                            **how)
        return terminal.wait(exit_code), terminal.output.decode()


def slow_stub(stub, *, headers=None, count=3):
    """References to as many images, whose manifests come slowly."""
    def answer(request):
        reply = stub.usual(request)
        return Reply(reply.status, {**reply.headers, **(headers or {})}, reply.body, delay=SLOW)

    for number in range(count):
        stub.put_image(f"a/b{number}", "1", IMAGE)
        stub.script(f"/v2/a/b{number}/manifests/1", answer)
    return [f"{stub.address}/a/b{number}:1" for number in range(count)]


def test_is_drawn_and_erased():
    with StubRegistry() as stub:
        references = slow_stub(stub)
        begun = time.monotonic()
        shown, output = run(["# a comment", "", *references], "-j", "1")
        seconds = time.monotonic() - begun
    assert 2 <= len(shown.lines) <= 4 * seconds + 1, (len(shown.lines), seconds)
    for line in shown.lines:
        assert USUAL.match(line), line
    assert shown.lines[0].startswith("0 of 3 checked, 0.0/s: 0 true_positive, 0 needs_review; "), shown.lines
    assert any(line.startswith("2 of 3 checked") and "2 needs_review" in line for line in shown.lines)
    tap.equal(shown.screen, [], "what is left on the terminal")
    findings = [json.loads(line) for line in output.splitlines()]
    tap.equal([finding["reason"] for finding in findings], ["no_match"] * 3)


def test_total_is_known_of_arguments_and_not_of_a_pipe():
    with StubRegistry() as stub:
        references = slow_stub(stub, count=1)
        command = ("--index", INDEX, "check", "--depth", "manifest")
        shown = Terminal(*command, *references, stdin=subprocess.DEVNULL).wait()
        assert shown.lines[0].startswith("0 of 1 checked"), shown.lines
        piped = Terminal(*command, stdin=subprocess.PIPE)
        piped.process.stdin.write(f"{references[0]}\n".encode())
        shown = piped.wait()
    assert shown.lines[0].startswith("0 checked, 0.0/s"), shown.lines
    tap.equal(shown.screen, [])


def test_findings_on_the_same_terminal_stand_whole():
    with StubRegistry() as stub:
        references = slow_stub(stub)
        shown, _ = run(references, "-j", "1", is_output=True)
    assert len(shown.lines) >= 2, shown.raw
    screen = shown.screen
    assert screen[0].startswith("VERDICT"), screen
    tap.equal(len(screen), 4, "lines")
    for row, reference in zip(screen[1:], references):
        assert re.match(rf"needs_review +low +no_match +{re.escape(reference)} +nothing matches", row), row
        assert f"{row}\r\n" in shown.raw, "the line is not whole"


def test_messages_stand_whole():
    with StubRegistry() as stub:
        references = slow_stub(stub, headers={"Warning": '299 - "we will be gone tomorrow"'})
        shown, _ = run(references, "-j", "1")
    assert len(shown.lines) >= 2, shown.raw
    tap.equal(shown.screen,
              [f"layerproof: warning: {stub.address} says: we will be gone tomorrow"], "what is left")


def test_who_is_waited_for():
    with StubRegistry() as stub:
        stub.put_image("a/b", "1", IMAGE)
        stub.script("/v2/a/b/manifests/1", Reply(429, {"Retry-After": "3"}), None)
        shown, _ = run([f"{stub.address}/a/b:1"])
    waiting = [line for line in shown.lines if "waiting for" in line]
    assert len(waiting) >= 3, shown.lines
    for line in waiting:
        assert re.search(rf"; waiting for {stub.address} until \d\d:\d\d:\d\dZ$", line), line
    tap.equal(shown.screen, [])


def test_fits_into_the_terminal():
    with StubRegistry() as stub:
        shown, _ = run(slow_stub(stub, count=1), columns=30)
    tap.equal({len(line) for line in shown.lines}, {29}, "characters")
    tap.equal(shown.screen, [])


def test_is_not_shown():
    cases = [(("-q",), {}), (("-v",), {}), ((), {"TERM": "dumb"}), ((), {"TERM": None})]
    with StubRegistry() as stub:
        references = slow_stub(stub, count=1)
        for arguments, environment in cases:
            shown, _ = run(references, *arguments, **environment)
            assert "checked" not in shown.raw and "\x1b" not in shown.raw, (arguments, shown.raw)


def test_without_colour_too():
    with StubRegistry() as stub:
        shown, _ = run(slow_stub(stub, count=1), NO_COLOR="1")
    assert shown.lines, "not drawn"
    tap.equal(set(re.findall(r"\x1b\[[^A-Za-z]*[A-Za-z]", shown.raw)), {"\x1b[K"}, "sequences")


def test_a_signal_erases_it():
    with StubRegistry() as stub:
        references = slow_stub(stub, count=1)
        terminal = Terminal("--index", INDEX, "check", "--depth", "manifest", *references,
                            stdin=subprocess.DEVNULL)
        deadline = time.monotonic() + 30
        while b"checked" not in terminal.received and time.monotonic() < deadline:
            time.sleep(0.01)
        terminal.process.send_signal(signal.SIGINT)
        shown = terminal.wait(130)
    assert shown.lines, "not drawn"
    tap.equal(shown.screen, [])


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as index_folder:
        INDEX = import_images(index_folder)
        tap.main(globals())
