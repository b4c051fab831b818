#!/usr/bin/python3
"""`check` in a pipe: signals, closed and full outputs, strange input, and a registry that dies."""

import json
import random
import signal
import tempfile
from collections import Counter
from pathlib import Path

from exports import import_images
from harness import (Registry, Reply, StubRegistry, build_image, program_path, push_image,
                     run_layerproof, run_program)
from running import Running

import tap

IMAGE = build_image([{"theirs.txt": b"theirs\n"}])
CANDIDATES = 10_000
NAMES = [f"team{number}/app:{tag}" for number in range(4) for tag in range(5)]


def check(*arguments, **how):
    return run_layerproof("--index", INDEX, "check", *arguments, **how)


def shell(text, **variables):
    """Runs a shell pipeline; $CHECK is `layerproof --index ... check`."""
    ended = run_program(["bash", "-c", text], environment={
        "CHECK": f"{program_path()} --index {INDEX} check", **variables})
    tap.equal((ended.trouble(), ended.reports), ("", ""), text)
    return ended.exit, ended.stdout.decode(), ended.stderr.decode()


def assert_whole_lines(ended):
    """Every line of the output is a whole record."""
    tap.equal(ended.stdout == "" or ended.stdout.endswith("\n"), True, "the last line is whole")
    return ended.records


def test_registry_that_dies_half_way_loses_no_candidate():
    references = [NAMES[number % len(NAMES)] for number in range(CANDIDATES)]
    with Registry() as registry, Running("--index", INDEX, "check", "--depth", "manifest") as run:
        for name in NAMES:
            push_image(IMAGE, registry, name)
        lines = [f"{registry.address}/{name}\n" for name in references]
        run.send("".join(lines[:CANDIDATES // 2]))
        run.wait_for_lines(CANDIDATES // 2 - 100)
        registry.__exit__()
        run.send("".join(lines[CANDIDATES // 2:]))
        ended = run.finish(timeout=120)
    tap.equal((ended.exit, ended.stderr), (3, ""), "exit code and messages")
    findings = assert_whole_lines(ended)
    tap.equal(len(findings), CANDIDATES, "findings")
    tap.equal(Counter(finding["input"] + "\n" for finding in findings), Counter(lines), "inputs")
    reasons = Counter(finding["reason"] for finding in findings)
    tap.equal(set(reasons), {"no_match", "unreachable"})
    assert CANDIDATES // 2 - 100 <= reasons["no_match"] <= CANDIDATES // 2, reasons
    tap.comment(f"{ended.seconds:.0f} s, {dict(reasons)}")


def test_registry_that_is_restarted_in_mid_run_loses_no_candidate():
    """It is gone for some seconds; what was asked for meanwhile is asked for again."""
    count = 4000
    with Registry() as registry, Running("--index", INDEX, "check", "--depth", "manifest") as run:
        for name in NAMES:
            push_image(IMAGE, registry, name)
        lines = [f"{registry.address}/{NAMES[number % len(NAMES)]}\n" for number in range(count)]
        run.send("".join(lines[:count // 2]))
        run.wait_for_lines(count // 4)
        registry.kill()
        run.send("".join(lines[count // 2:]))
        registry.revive()
        ended = run.finish(timeout=120)
    tap.equal((ended.exit, ended.stderr), (0, ""), "exit code and messages")
    tap.equal(Counter(finding["input"] + "\n" for finding in ended.findings), Counter(lines), "inputs")
    tap.equal({finding["reason"] for finding in ended.findings}, {"no_match"}, "reasons")


def interrupted(stub, number, code):
    """Sends a signal while five of eight candidates are answered and three are on their way."""
    names = [f"stranger{place}/app:1" for place in range(8)]
    for place, name in enumerate(names):
        stub.put_image(name.removesuffix(":1"), "1", IMAGE)
        if place >= 5:
            stub.script(f"/v2/{name.removesuffix(':1')}/manifests/1", Reply(
                200, {}, IMAGE.document, delay=2))
    with Running("--index", INDEX, "check", "-j", "8") as run:
        run.send("".join(f"{stub.address}/{name}\n" for name in names))
        run.wait_for(lambda: len(stub.requests) >= 9, "requests")
        run.wait_for_lines(5)
        run.signal(number)
        ended = run.wait(timeout=30)
    tap.equal((ended.exit, ended.stderr), (code, ""), "exit code and messages")
    findings = assert_whole_lines(ended)
    tap.equal(sorted(finding["input"] for finding in findings),
              sorted(f"{stub.address}/{name}" for name in names), "inputs")
    assert ended.seconds < 20, f"took {ended.seconds:.0f} s"


def test_interrupt_finishes_what_was_begun():
    with StubRegistry() as stub:
        interrupted(stub, signal.SIGINT, 130)


def test_termination_finishes_what_was_begun():
    with StubRegistry() as stub:
        interrupted(stub, signal.SIGTERM, 143)


def test_interrupt_begins_nothing_new():
    with StubRegistry() as stub:
        for place in range(50):
            stub.put_image(f"a{place}/b", "1", IMAGE)
            stub.script(f"/v2/a{place}/b/manifests/1", Reply(200, {}, IMAGE.document, delay=0.5))
        with Running("--index", INDEX, "check", "-j", "2") as run:
            run.send("".join(f"{stub.address}/a{place}/b:1\n" for place in range(50)))
            run.wait_for_lines(4)
            run.signal(signal.SIGINT)
            ended = run.wait(timeout=30)
    tap.equal((ended.exit, ended.stderr), (130, ""))
    count = len(assert_whole_lines(ended))
    assert 4 <= count < 20, f"{count} findings"


def test_interrupt_of_an_idle_run():
    with Running("--index", INDEX, "check") as run:
        run.send("not a reference!\n")
        run.wait_for_lines(1)
        run.signal(signal.SIGINT)
        ended = run.wait(timeout=20)
    tap.equal((ended.exit, ended.stderr, len(ended.findings)), (130, "", 1))


def test_interrupt_ends_a_wait_for_a_registry():
    with StubRegistry() as stub:
        stub.script("/v2/a/b/manifests/1", Reply(429, {"Retry-After": "50"}))
        with Running("--index", INDEX, "check") as run:
            run.send(f"{stub.address}/a/b:1\n")
            run.wait_for(lambda: stub.requests, "a request")
            run.signal(signal.SIGINT)
            ended = run.wait(timeout=20)
    tap.equal((ended.exit, ended.stderr), (130, ""))
    tap.equal([(finding["reason"], finding["errors"][0]["code"]) for finding in ended.findings],
              [("unreachable", "interrupted")])


def test_interrupt_waits_for_no_silent_registry():
    with StubRegistry() as stub:
        stub.script("/v2/a/b/manifests/1", Reply(200, {}, IMAGE.document, delay=600))
        with Running("--index", INDEX, "check") as run:
            run.send(f"{stub.address}/a/b:1\n")
            run.wait_for(lambda: stub.requests, "a request")
            run.signal(signal.SIGINT)
            ended = run.wait(timeout=25)
    tap.equal((ended.exit, ended.stderr), (130, ""))
    tap.equal([(finding["reason"], finding["errors"]) for finding in ended.findings], [
        ("unreachable", [{"code": "interrupted", "message":
                          f"{stub.address}: interrupted while an answer was awaited"}])])


def test_findings_come_at_once():
    with StubRegistry() as stub:
        stub.put_image("a/b", "1", IMAGE)
        with Running("--index", INDEX, "check") as run:
            for count in (1, 2, 3):
                run.send(f"{stub.address}/a/b:1\n")
                run.wait_for_lines(count, seconds=20)
            tap.equal(run.finish().exit, 0)


def test_reader_that_goes_ends_the_run_in_silence():
    with StubRegistry() as stub:
        stub.put_image("a/b", "1", IMAGE)
        code, output, errors = shell(
            'yes "$REF" | head -n 20000 | $CHECK | head -n 1; echo "${PIPESTATUS[2]}"',
            REF=f"{stub.address}/a/b:1")
        asked = len(stub.requests)
    lines = output.splitlines()
    tap.equal((code, errors, lines[1:]), (0, "", [str(128 + signal.SIGPIPE)]))
    tap.equal(json.loads(lines[0])["reason"], "no_match")
    assert asked < 20_000, asked


def test_full_disk_stops_the_run():
    for arguments in ("", "--ordered", "--format table"):
        code, output, errors = shell(f"yes 'no reference!' | head -n 1000 | $CHECK {arguments} >/dev/full")
        tap.equal((code, output, errors),
                  (2, "", "layerproof: standard output: No space left on device\n"), arguments)


def test_full_disk_stops_other_commands():
    code, _, errors = shell("$INSPECT >/dev/full", INSPECT=f"{program_path()} --index {INDEX} index stat")
    tap.equal((code, errors), (2, "layerproof: standard output: No space left on device\n"))


def test_closed_input():
    code, output, errors = shell("timeout 20 $CHECK <&-")
    tap.equal((code, output, errors), (2, "", "layerproof: standard input: Bad file descriptor\n"))


def test_closed_output_harms_no_index():
    data = {path: path.read_bytes() for path in INDEX.iterdir() if "lock" not in path.name}
    code, output, errors = shell("echo 'no reference!' | timeout 20 $CHECK >&-")
    tap.equal((code, output, errors), (2, "", "layerproof: standard output: Bad file descriptor\n"))
    tap.equal({path: path.read_bytes() == held for path, held in data.items()},
              dict.fromkeys(data, True), "files of the index")


def test_everything_closed():
    code, output, _ = shell("timeout 20 $CHECK 'no reference!' <&- >&- 2>&-")
    tap.equal((code, output), (2, ""))


def test_empty_input():
    for text in ("", "\n", "\n\n  \n# a comment\n\t# another\n"):
        ended = check(stdin=text)
        tap.equal((ended.exit, ended.stdout, ended.stderr), (0, "", ""), repr(text))


def test_last_line_without_its_end_counts():
    ended = check("--ordered", stdin="no reference!\nnor this!")
    tap.equal([finding["input"] for finding in ended.findings], ["no reference!", "nor this!"])


def bad_references(*lines):
    """The findings of lines that are no candidates."""
    ended = check("--ordered", stdin=b"\n".join(lines) + b"\n")
    tap.equal((ended.exit, ended.stderr), (3, ""))
    tap.equal([(finding["verdict"], finding["reason"]) for finding in ended.findings],
              [("needs_review", "bad_reference")] * len(lines))
    return ended.findings


def test_very_long_lines():
    limit = 64 * 1024
    longest, over, far_over = b"a" * limit, b"b" * (limit + 1), b"c" * 5_000_000
    findings = bad_references(longest, over, far_over, b"short!")
    tap.equal([finding["errors"][0]["message"] for finding in findings[1:3]],
              [f"longer than {limit} bytes"] * 2)
    tap.equal([len(finding["input"]) for finding in findings], [limit, limit, limit, 6])
    tap.equal(findings[3]["input"], "short!")


def test_lines_of_garbage():
    chance = random.Random(7)
    lines = [chance.randbytes(chance.randrange(1, 200)).replace(b"\n", b"").replace(b"\r", b"")
             for _ in range(500)]
    lines = [b"!" + line + b"!" for line in lines]
    findings = bad_references(*lines)
    tap.equal(len(findings), len(lines))


def test_lines_that_are_almost_candidates():
    lines = [b"{}", b'{"ref": 7}', b'{"ref": ""}', b'{"ref": null}', b'{"reference": "a/b:1"}', b"{",
             b'{"ref": "a/b:1", "ref": "c/d:2"}', b"[" * 1000, b'{"ref":' * 100, b'"a/b:1"',
             b"http://127.0.0.1/a/b:1", b"127.0.0.1:1/A/B:1", b"127.0.0.1:1/a:1@sha256:12",
             b"docker-archive:", b"oci:", b"-", b"--help", b"a b", b"../../etc/passwd:1",
             b'{"ref": "127.0.0.1:1/a/b:1\\u0000"}', b"127.0.0.1:1/a/b:1\0"]
    findings = bad_references(*lines)
    tap.equal([finding["input"] for finding in findings[:1]], ["{}"])
    tap.equal(findings[0]["errors"], [{"code": "bad_reference", "message":
              'candidate: neither "ref" nor "image" is there'}])


def test_windows_line_ends_and_blanks():
    with StubRegistry() as stub:
        stub.put_image("a/b", "1", IMAGE)
        ended = check("--ordered", stdin=f"  {stub.address}/a/b:1 \r\n\t{stub.address}/a/b:1\r\n")
    tap.equal((ended.exit, [finding["input"] for finding in ended.findings]),
              (0, [f"{stub.address}/a/b:1"] * 2))


def test_what_was_discovered_comes_back_untouched():
    said = {"z": 1, "a": [True, None, 0.5, {"deep": "\u00e9\u20ac\U0001f600"}], "image": "kept",
            "big": 9007199254740993, "text": "\u0007\u2028 quoted \"\\"}
    line = json.dumps({"ref": "127.0.0.1:1/a/b:1", **said})
    finding = check(stdin=line + "\n").findings[0]
    tap.equal((finding["discovery"], finding["input"]), (said, line))
    tap.equal(list(finding["discovery"]), list(said), "order of the members")


with tempfile.TemporaryDirectory() as folder:
    INDEX = import_images(folder)
    tap.main(globals())
