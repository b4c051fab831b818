#!/usr/bin/python3
"""`check --stats FILE`: the figures of a run, however it ended, and the file that they stand in."""

import json
import os
import signal
import tempfile
from pathlib import Path

from exports import import_images
from harness import (FIXTURES, Reply, StubRegistry, build_image, error_reply, program_path,
                     run_layerproof, run_program)
from running import Running

import schema
import tap

IMAGE = build_image([{"theirs.txt": b"theirs\n"}])
OTHER = build_image([{"others.txt": b"others\n"}])
BUSY = error_reply(503, "UNAVAILABLE")


def read_stats(path):
    """The record, which is one line, follows its schema, and has nothing beside it."""
    data = Path(path).read_bytes()
    tap.equal(schema.problems_in_record(data), [], "the record and its schema")
    tap.equal(data.count(b"\n"), 1, "lines")
    tap.equal(list(Path(path).parent.glob("*.part")), [], "what was left behind")
    return json.loads(data)


def check(references, *arguments, **how):
    """The result of a run and its figures, those of the clock apart."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "stats.json"
        ended = run_layerproof("--index", INDEX, "check", "--stats", path, *arguments,
                               stdin="".join(f"{reference}\n" for reference in references), **how)
        record = read_stats(path)
    assert 0 <= record.pop("ms") <= ended.seconds * 1000 + 1
    record.pop("started_at")
    return ended, record


def test_figures_of_a_run():
    local = f"oci:{FIXTURES}/images/public:unrelated"
    with StubRegistry() as stub, StubRegistry() as other:
        stub.put_image("a/b", "1", IMAGE)
        other.put_image("c/d", "1", OTHER)
        references = [f"{stub.address}/a/b:1", f"{other.address}/c/d:1", f"{other.address}/c/d:2", local,
                      "no reference"]
        ended, record = check(references, "--depth", "full")
        sent = {server.address: (len(server.requests), sum(finding["cost"]["bytes"]
                                                           for finding in ended.findings
                                                           if server.address in finding["input"]))
                for server in (stub, other)}
    tap.equal((ended.exit, ended.stderr), (3, ""), "exit code and messages")
    hosts = [{"host": address, "requests": requests, "bytes": size, "retries": 0, "waits": 0,
              "waited_ms": 0, "state": "open"} for address, (requests, size) in sorted(sent.items())]
    tap.equal(record, {
        "schema": "layerproof.stats.v1", "outcome": "done", "candidates": 5,
        "verdicts": {"true_positive": 0, "needs_review": 5},
        "reasons": {"no_match": 3, "not_found": 1, "bad_reference": 1}, "incomplete": 1,
        "requests": sum(requests for requests, _ in sent.values()),
        "bytes": sum(size for _, size in sent.values()), "retries": 0,
        "layer_bytes": sum(finding["coverage"]["bytes"]["fetched"] for finding in ended.findings
                           if "coverage" in finding),
        "hosts": hosts}, "figures")
    assert record["layer_bytes"] > 0 and record["requests"] == 7, record


def test_retries_and_waits_of_a_host():
    with StubRegistry() as stub:
        stub.put_image("a/b", "1", IMAGE)
        stub.script("/v2/a/b/manifests/1", BUSY, Reply(429, {"Retry-After": "1"}), None)
        ended, record = check([f"{stub.address}/a/b:1"], "--depth", "manifest")
    tap.equal((ended.exit, record["reasons"]), (0, {"no_match": 1}))
    host = record["hosts"][0]
    waited = host.pop("waited_ms")
    assert 900 <= waited <= 1000, waited
    tap.equal((host["requests"], host["retries"], host["waits"], host["state"]), (4, 2, 1, "open"))
    tap.equal((record["requests"], record["retries"]), (4, 2), "of all hosts")


def test_a_host_that_is_given_up():
    with StubRegistry() as stub:
        stub.script("/v2/a/b/manifests/1", Reply(429, {"Retry-After": "7200"}))
        ended, record = check([f"{stub.address}/a/b:1"])
    tap.equal((ended.exit, record["reasons"], record["incomplete"]), (3, {"rate_limited": 1}, 1))
    host = record["hosts"][0]
    tap.equal((host["requests"], host["retries"], host["waits"], host["state"]),
              (1, 0, 1, "given_up"))
    assert host["waited_ms"] < 60000, "only the time that has passed"
    assert host["opens_at"] > ended.findings[0]["checked_at"]


def test_a_run_that_a_signal_ends():
    with tempfile.TemporaryDirectory() as folder, StubRegistry() as stub, \
            Running("--index", INDEX, "check", "--stats", Path(folder) / "stats.json") as run:
        stub.put_image("a/b", "1", IMAGE)
        run.send(f"{stub.address}/a/b:1\n")
        run.wait_for_lines(1)
        assert not os.listdir(folder), "nothing is written before the end"
        run.signal(signal.SIGTERM)
        ended = run.wait()
        record = read_stats(Path(folder) / "stats.json")
    tap.equal(ended.exit, 143)
    tap.equal((record["outcome"], record["candidates"], "error" in record), ("interrupted", 1, False))


def test_a_run_whose_output_fails():
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "stats.json"
        reference = f"oci:{FIXTURES}/images/public:unrelated"
        ended = run_program(["sh", "-c", f"{program_path()} --index {INDEX} check --stats {path} "
                             f"{reference} > /dev/full"])
        record = read_stats(path)
        tap.equal((ended.exit, ended.stderr, record["outcome"], record["error"]),
                  (2, b"layerproof: standard output: No space left on device\n", "failed",
                   "standard output: No space left on device"))
        ended = run_program(["bash", "-c", f"for i in 1 2 3 4 5 6; do cat list; done | {program_path()} "
                             f"--index {INDEX} check --stats {path} | true; echo ${{PIPESTATUS[1]}}"],
                            cwd=write_list(folder, reference))
        record = read_stats(path)
    tap.equal((ended.stdout, ended.stderr), (b"141\n", b""))
    tap.equal((record["outcome"], record["error"]), ("failed", "standard output: Broken pipe"))


def write_list(folder, reference):
    (Path(folder) / "list").write_text(f"{reference}\n" * 1000)
    return folder


def test_the_file_of_an_earlier_run_is_replaced():
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "stats.json"
        path.write_text("from before")
        before = path.stat().st_ino
        held = path.open()
        run_layerproof("--index", INDEX, "check", "--stats", path, stdin="")
        tap.equal(read_stats(path)["candidates"], 0)
        tap.equal(held.read(), "from before", "who reads the old file reads all of it")
        held.close()
        assert path.stat().st_ino != before


def refuse(path, exit_code, message):
    ended = run_layerproof("--index", INDEX, "check", "--stats", path, stdin="no reference\n")
    tap.equal((ended.exit, ended.stdout, ended.stderr), (exit_code, "", f"layerproof: {message}\n"))


def test_what_is_no_place_for_a_file():
    with tempfile.TemporaryDirectory() as folder:
        hint = "(see layerproof check --help)"
        for nothing in ("-", ""):
            refuse(nothing, 2, f"check: --stats is a file: standard output is for the findings {hint}")
        pipe = f"{folder}/pipe"
        os.mkfifo(pipe)
        for path in (folder, pipe, "/dev/null"):
            refuse(path, 2, f"check: --stats is a file, and {path} is something else {hint}")
        refuse(f"{folder}/no/stats", 2, f"--stats {folder}/no/stats: No such file or directory")


def test_a_file_that_cannot_be_written_at_the_end():
    with tempfile.TemporaryDirectory() as folder:
        gone = Path(folder) / "gone"
        gone.mkdir()
        with Running("--index", INDEX, "check", "--stats", gone / "stats.json") as run:
            run.send("no reference\n")
            run.wait_for_lines(1)
            gone.rmdir()
            ended = run.finish()
    tap.equal((ended.exit, len(ended.findings), ended.stderr),
              (2, 1, f"layerproof: --stats {gone}/stats.json: No such file or directory\n"))


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as index_folder:
        INDEX = import_images(index_folder)
        tap.main(globals())
