#!/usr/bin/python3
"""Many candidates of twenty registries, five of which misbehave, each in its own way: one finding
each, in bounded memory, and nobody waits for a registry but its own candidates."""

import json
import os
import subprocess
import tempfile
import threading
import time
from collections import Counter
from pathlib import Path

from exports import import_images
from harness import (Recorder, Reply, Server, build_image, clean_environment, free_port,
                     nginx_command, program_path)
from resolver import sanitizer_libraries
from silence import Silence

import tap

IMAGE = build_image([{"theirs.txt": b"theirs\n"}])
CONFIG = IMAGE.blobs[IMAGE.parsed["config"]["digest"]]
HEALTHY = 15
IS_SANITIZED = bool(sanitizer_libraries(program_path()))
CANDIDATES = 5_000 if IS_SANITIZED else 100_000  # a sanitizer is no less slow than that
MEMORY_KIB = 96 * 1024
IDLE_SECONDS = 6  # the servers of the tests may be slow on a busy machine, and are not silent

HTTP = "access_log off; keepalive_requests 1000000; open_file_cache max=16;"
SERVER = """
    {listen}
    location ~ ^/v2/.*/manifests/ {{
        default_type {media_type};
        alias {directory}/manifest;
    }}
    location ~ ^/v2/.*/blobs/ {{ alias {directory}/config; }}
"""


class StaticRegistries(Server):
    """nginx on many ports: whatever is asked for is the same image."""

    def command(self):
        self.ports = [self.port] + [free_port() for _ in range(HEALTHY - 1)]
        (self.directory / "manifest").write_bytes(IMAGE.document)
        (self.directory / "config").write_bytes(CONFIG)
        listen = "".join(f"listen 127.0.0.1:{port};" for port in self.ports)
        return nginx_command(self.directory, SERVER.format(
            directory=self.directory, media_type=IMAGE.media_type, listen=listen), HTTP)


class Always(Recorder):
    """Gives the same answer to everything."""

    def __init__(self, reply):
        super().__init__()
        self.reply = reply

    def answer(self, _request):
        return self.reply


def run_check(folder, references):
    """(exit code, findings, seconds until each came, peak memory in KiB)."""
    index = import_images(folder)
    config = Path(folder) / "layerproof.conf"
    config.write_text(f"[network]\nidle_seconds = {IDLE_SECONDS}\nconnect_seconds = 5\n")
    source = Path(folder) / "candidates"
    source.write_text("".join(f"{reference}\n" for reference in references))
    findings, begun = [], time.monotonic()
    with open(source, "rb") as candidates:
        process = subprocess.Popen(
            [program_path(), "--index", index, "--config", config, "check", "--depth", "manifest"],
            stdin=candidates, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            env=clean_environment(folder))
    errors = []
    reader = threading.Thread(target=lambda: errors.append(process.stderr.read()))
    reader.start()
    for line in process.stdout:
        finding = json.loads(line)
        findings.append((finding["input"], finding["reason"], time.monotonic() - begun))
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    reader.join()
    process.stdout.close()
    process.stderr.close()
    tap.equal(errors, [b""], "messages")
    return process.returncode, findings, time.monotonic() - begun, usage.ru_maxrss


def test_twenty_registries_of_which_five_misbehave():
    with tempfile.TemporaryDirectory() as folder, StaticRegistries() as healthy, \
            Always(Reply(429, {"Retry-After": "3600"})) as quota, Always(Reply(503)) as ill, \
            Always(Reply(200, {}, IMAGE.document, cut=10, reset=True)) as broken, \
            Silence() as silent:
        closed = f"127.0.0.1:{free_port()}"
        bad = {quota.address: "rate_limited", ill.address: "unreachable",
               broken.address: "unreachable", silent.address: "unreachable", closed: "unreachable"}
        hosts = [f"127.0.0.1:{port}" for port in healthy.ports] + list(bad)
        references = [f"{hosts[number % len(hosts)]}/team{number % 50}/app:{number}"
                      for number in range(CANDIDATES)]
        code, findings, seconds, peak = run_check(folder, references)
        asked = {server.address: len(server.requests) for server in (quota, ill, broken)}
        asked[silent.address] = silent.connections()
    tap.equal(code, 3, "exit code")
    tap.equal(Counter(reference for reference, _, _ in findings), Counter(references), "findings")
    expected = Counter(bad.get(reference.split("/")[0], "no_match") for reference in references)
    tap.equal(Counter(reason for _, reason, _ in findings), expected, "reasons")
    well = max(moment for _, reason, moment in findings if reason == "no_match")
    tap.comment(f"{CANDIDATES} candidates: {seconds:.1f} s, the healthy done after {well:.1f} s, peak "
                f"{peak / 1024:.0f} MiB, requests to the bad and connections to the silent {asked}")
    assert all(count <= 120 for count in asked.values()), asked
    assert IS_SANITIZED or peak <= MEMORY_KIB, f"{peak} KiB"


def test_candidates_of_one_registry_in_a_row_hold_up_nobody():
    """The silent one's come first, all of them."""
    with tempfile.TemporaryDirectory() as folder, StaticRegistries() as healthy, \
            Silence() as silent:
        references = [f"{silent.address}/a/b:{number}" for number in range(2000)]
        references += [f"127.0.0.1:{healthy.ports[0]}/a/b:{number}" for number in range(200)]
        code, findings, _, _ = run_check(folder, references)
    tap.equal((code, Counter(reason for _, reason, _ in findings)),
              (3, Counter(unreachable=2000, no_match=200)))
    first = min(moment for _, reason, moment in findings if reason == "unreachable")
    last = max(moment for _, reason, moment in findings if reason == "no_match")
    assert last < first, f"the last of the healthy after {last:.1f} s, the first silent {first:.1f} s"


tap.main(globals())
